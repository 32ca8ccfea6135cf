/* api/consort.h from C: what is predicted is what the program predicts, from whatever rows, by many threads at once; a
 * study from rows in memory, told, stopped, continued; what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/consort.h"

enum { N = 240, THREADS = 8, TIMES = 25 };

static char folder[] = "/tmp/consort-api-XXXXXX";
static double size[N], shade[N], weight[N];
static const char *town[N], *word[N], *cells[N * 3];
static char text[N * 3][32];
static int32_t fat[N];
static const char *const slim_fat[] = {"slim", "fat"}, *const names[] = {"size", "shade", "town"};
static const char *const quick[] = {"run_cap=2", "train.epochs=6", "ensemble.intervals=[0.8, 0.9]",
                                    "data.test={fraction: 0.2}"};

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0) return -1;
    for (int i = 0; i < N; i++) {
        size[i] = i % 37 == 5 ? NAN : floor(fmod(i * 0.618034, 1) * 1000) / 1000;
        shade[i] = floor(fmod(i * 0.414214, 1) * 1000) / 1000;
        town[i] = i % 41 == 7 ? NULL : i % 3 ? "Ulm" : "Bonn";
        fat[i] = (isnan(size[i]) ? 0.5 : size[i]) + 0.2 * (i % 3 == 0) > 0.55;
        word[i] = slim_fat[fat[i]];
        weight[i] = 3 * (isnan(size[i]) ? 0.5 : size[i]) + shade[i];
        if (!isnan(size[i])) snprintf(text[3 * i], 32, "%.3f", size[i]);
        snprintf(text[3 * i + 1], 32, "%.3f", shade[i]);
        cells[3 * i] = isnan(size[i]) ? NULL : text[3 * i];
        cells[3 * i + 1] = text[3 * i + 1];
        cells[3 * i + 2] = town[i];
    }
    return 0;
}

static int clean(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") != 0 || system(command) != 0;
}

static consort_rows rows_of(consort_column columns[4], bool numbers, int n_columns)
{
    consort_rows rows = CONSORT_INIT(consort_rows);
    for (int i = 0; i < 4; i++) columns[i] = (consort_column){.size = sizeof *columns, .name = i < 3 ? names[i] : "y"};
    columns[0].numbers = size;
    columns[1].numbers = shade;
    columns[2].words = town;
    if (numbers) columns[3].numbers = weight;
    else columns[3].words = word;
    rows.n_rows = N;
    rows.n_columns = n_columns;
    rows.columns = columns;
    return rows;
}

static consort_study_options options_of(const consort_rows *train, const char *dir)
{
    consort_study_options o = CONSORT_INIT(consort_study_options);
    o.train = train;
    o.label = "y";
    o.dir = dir;
    o.set = quick;
    o.n_set = (int)(sizeof quick / sizeof *quick);
    o.jobs = 1;
    return o;
}

#define GOES(call)                                                     \
    do {                                                               \
        consort_error error = {0};                                     \
        if ((call) != CONSORT_OK) fail_msg("%s: %s", #call, error.message); \
    } while (0)
#define REFUSED(call, wanted, want)                                                                   \
    do {                                                                                              \
        consort_error error = {0};                                                                    \
        const int got = (call);                                                                       \
        if (got != (wanted) || error.code != got || !strstr(error.message, want))                     \
            fail_msg("%s: %d %s, not %d %s", #call, got, error.message, wanted, want);                \
        assert_null(strchr(error.message, '\n'));                                                     \
    } while (0)

static consort_model *model_of(bool numbers, const char *dir)
{
    consort_column columns[4];
    const consort_rows rows = rows_of(columns, numbers, 4);
    consort_study_options o = options_of(&rows, dir);
    consort_study *study;
    consort_model *model;
    GOES(consort_sweep(&o, &study, &error));
    GOES(consort_study_ensemble(study, &model, &error));
    consort_study_close(study);
    return model;
}

static void same(const consort_predictions *a, const consort_predictions *b)
{
    const size_t n = (size_t)N * (size_t)consort_predictions_n_values(a);
    assert_int_equal(consort_predictions_n_rows(b), N);
    assert_memory_equal(consort_predictions_values(a), consort_predictions_values(b), n * sizeof(float));
}

static void one_way_is_the_other(void **state)
{
    (void)state;
    consort_model *model = model_of(false, "classes");
    consort_column columns[4];
    consort_rows rows = rows_of(columns, false, 3), others = CONSORT_INIT(consort_rows);
    consort_predictions *a, *b;
    GOES(consort_predict(model, &rows, NULL, &a, &error));
    rows.n_columns = 4; /* the label is not looked at */
    for (int i = 0; i < 4; i++) columns[i].size = sizeof *columns;
    GOES(consort_predict(model, &rows, NULL, &b, &error));
    same(a, b);
    consort_predictions_close(b);
    others.n_rows = N;
    others.n_columns = 3;
    others.cells = cells;
    others.names = names;
    GOES(consort_predict(model, &others, NULL, &b, &error));
    same(a, b);
    consort_predictions_close(b);
    others.names = NULL; /* as many as the model has: its order */
    GOES(consort_predict(model, &others, NULL, &b, &error));
    same(a, b);
    consort_predictions_close(b);
    FILE *file = fopen("rows.csv", "w");
    fprintf(file, "town,shade,size\n");
    for (int i = 0; i < N; i++)
        fprintf(file, "%s,%s,%s\n", town[i] ? town[i] : "", cells[3 * i + 1], cells[3 * i] ? cells[3 * i] : "");
    fclose(file);
    others = (consort_rows)CONSORT_INIT(consort_rows);
    others.file = "rows.csv";
    GOES(consort_predict(model, &others, NULL, &b, &error));
    same(a, b);
    consort_predictions_close(b);
    const int32_t *decided = consort_predictions_classes(a);
    assert_null(consort_predictions_numbers(a));
    int right = 0;
    for (int i = 0; i < N; i++) right += strcmp(consort_model_class(model, decided[i]), word[i]) == 0;
    if (right < N * 7 / 10) fail_msg("%d of %d right", right, N);
    unsigned char inside[2 * N];
    GOES(consort_predictions_set(a, 0.9, inside, &error));
    for (int i = 0; i < 2 * N; i++) assert_true(inside[i] <= 1);
    REFUSED(consort_predictions_set(a, 0.7, inside, &error), CONSORT_INVALID, "level 0.7: the model has 0.8, 0.9");
    REFUSED(consort_predictions_interval(a, 0.9, 0, NULL, NULL, &error), CONSORT_INVALID, "intervals are of numbers");
    consort_predictions_close(a);
    consort_model_close(model);
}

static void numbers_have_intervals(void **state)
{
    (void)state;
    consort_model *model = model_of(true, "numbers");
    consort_column columns[4];
    const consort_rows rows = rows_of(columns, true, 4);
    consort_predictions *a;
    double low[N], high[N];
    char *json;
    assert_int_equal(consort_model_task(model), CONSORT_NUMBERS);
    assert_int_equal(consort_model_n_targets(model), 1);
    assert_string_equal(consort_model_target(model, 0), "y");
    assert_int_equal(consort_model_n_levels(model), 2);
    GOES(consort_predict(model, &rows, NULL, &a, &error));
    assert_null(consort_predictions_classes(a));
    GOES(consort_predictions_interval(a, 0.9, 0, low, high, &error));
    const double *y = consort_predictions_numbers(a);
    int in = 0;
    for (int i = 0; i < N; i++) {
        if (!(low[i] <= y[i] && y[i] <= high[i])) fail_msg("row %d: %g <= %g <= %g", i, low[i], y[i], high[i]);
        in += low[i] <= weight[i] && weight[i] <= high[i];
    }
    if (in < N * 8 / 10) fail_msg("%d of %d within", in, N);
    REFUSED(consort_predictions_interval(a, 0.9, 1, low, high, &error), CONSORT_INVALID, "target 1: the model has 1");
    REFUSED(consort_predictions_set(a, 0.9, NULL, &error), CONSORT_INVALID, "sets are of classes");
    GOES(consort_evaluate(model, &rows, NULL, &json, &error));
    assert_non_null(strstr(json, "\"metrics\""));
    consort_free(json);
    consort_predictions_close(a);
    consort_model_close(model);
}

typedef struct {
    const consort_model *model;
    const consort_rows *rows;
    const consort_predictions *want;
    int n_wrong;
} Thread;

static void *predict_often(void *context)
{
    Thread *t = context;
    for (int i = 0; i < TIMES; i++) {
        consort_predictions *got;
        if (consort_predict(t->model, t->rows, NULL, &got, NULL) != CONSORT_OK) {
            t->n_wrong++;
            continue;
        }
        const size_t n = (size_t)N * (size_t)consort_predictions_n_values(got) * sizeof(float);
        t->n_wrong += memcmp(consort_predictions_values(got), consort_predictions_values(t->want), n) != 0;
        consort_predictions_close(got);
    }
    return NULL;
}

static void many_threads_one_model(void **state)
{
    (void)state;
    consort_model *model;
    consort_column columns[4];
    const consort_rows rows = rows_of(columns, false, 3);
    consort_predictions *want;
    pthread_t id[THREADS];
    Thread thread[THREADS];
    GOES(consort_model_open("classes", &model, &error));
    GOES(consort_predict(model, &rows, NULL, &want, &error));
    for (int i = 0; i < THREADS; i++) {
        thread[i] = (Thread){model, &rows, want, 0};
        assert_int_equal(pthread_create(&id[i], NULL, predict_often, &thread[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(id[i], NULL);
        assert_int_equal(thread[i].n_wrong, 0);
    }
    consort_predictions_close(want);
    consort_model_close(model);
}

static int count_ends(void *context, const char *event)
{
    int *n = context;
    if (!strstr(event, "\"event\":\"trial_end\"")) return 0;
    assert_non_null(strstr(event, "\"params\":{"));
    return ++*n == 1; /* and no more */
}

static void stopped_and_continued(void **state)
{
    (void)state;
    consort_column columns[4];
    const consort_rows rows = rows_of(columns, false, 4);
    consort_study_options o = options_of(&rows, "stopped");
    const char *const three[] = {"run_cap=3", "train.epochs=6", "data.test={fraction: 0.2}"};
    consort_study *study;
    consort_model *model;
    char *json;
    int n = 0;
    o.set = three;
    o.n_set = 3;
    o.on_event = count_ends;
    o.context = &n;
    GOES(consort_sweep(&o, &study, &error));
    assert_in_range(n, 1, 2); /* and what was on its way */
    GOES(consort_study_summary(study, &json, &error));
    assert_non_null(strstr(json, "\"end\":\"interrupted\""));
    consort_free(json);
    consort_study_close(study);
    o.on_event = NULL;
    o.stop = consort_stop_create();
    GOES(consort_sweep(&o, &study, &error));
    GOES(consort_study_trials_csv(study, 0, &json, &error));
    int lines = 0;
    for (const char *c = json; *c; c++) lines += *c == '\n';
    assert_int_equal(lines, 4);
    consort_free(json);
    GOES(consort_study_best(study, &json, &error));
    assert_non_null(strstr(json, "\"value\":"));
    consort_free(json);
    REFUSED(consort_study_model(study, -1, &model, &error), CONSORT_DATA, "is not there yet");
    GOES(consort_study_model(study, 0, &model, &error));
    consort_model_close(model);
    REFUSED(consort_study_model(study, 7, &model, &error), CONSORT_INVALID, "no trial 7");
    consort_study_close(study);
    /* Other rows are another study; without their rows nothing can be built of one that is only looked at. */
    fat[0] = !fat[0];
    word[0] = slim_fat[fat[0]];
    REFUSED(consort_sweep(&o, &study, &error), CONSORT_DATA, "data");
    word[0] = slim_fat[fat[0] = !fat[0]];
    GOES(consort_study_open("stopped", &study, &error));
    assert_string_equal(consort_study_folder(study), "stopped");
    GOES(consort_study_trials_json(study, 2, &json, &error));
    assert_non_null(strstr(json, "\"trials\""));
    consort_free(json);
    REFUSED(consort_study_ensemble(study, &model, &error), CONSORT_DATA, "in the memory of a program");
    consort_study_close(study);
    consort_stop_set(o.stop);
    o.fresh = 1;
    o.dir = "set";
    GOES(consort_sweep(&o, &study, &error)); /* nothing begins */
    GOES(consort_study_trials_csv(study, 0, &json, &error));
    consort_free(json);
    consort_study_close(study);
    consort_stop_close(o.stop);
}

static void from_yaml(void **state)
{
    (void)state;
    static const char yaml[] = "name: y\nmetric: {name: val_accuracy}\nparameters: {learning_rate: {min: 0.001, max: 0.1}}\n"
                               "data: {label: y}\ntrain: {hidden: [4], epochs: 4}\n";
    consort_column columns[4];
    const consort_rows rows = rows_of(columns, false, 4);
    consort_study_options o = CONSORT_INIT(consort_study_options);
    consort_study *study;
    char *json;
    o.config = yaml;
    o.train = o.test = &rows;
    o.dir = "yaml";
    GOES(consort_train(&o, &study, &error));
    consort_study_close(study);
    const char *const one[] = {"run_cap=1"};
    o.set = one;
    o.n_set = 1;
    o.dir = "made";
    GOES(consort_run(&o, &study, &json, &error));
    assert_non_null(strstr(json, "made/ensemble.consort"));
    consort_free(json);
    consort_study_close(study);
    o.config_file = "x.yaml";
    REFUSED(consort_sweep(&o, &study, &error), CONSORT_INVALID, "are both given");
    o.config = NULL;
    REFUSED(consort_sweep(&o, &study, &error), CONSORT_CONFIG, "x.yaml");
    o.config_file = NULL;
    o.config = "parameters: [\n";
    REFUSED(consort_sweep(&o, &study, &error), CONSORT_CONFIG, "config:");
    o.config = yaml;
    o.effort = "low";
    REFUSED(consort_sweep(&o, &study, &error), CONSORT_INVALID, "effort");
    o.config = NULL;
    o.train = NULL;
    REFUSED(consort_sweep(&o, &study, &error), CONSORT_INVALID, "neither a configuration nor training rows");
}

static void what_is_refused(void **state)
{
    (void)state;
    consort_model *model;
    consort_study *study;
    consort_predictions *p = (void *)&p;
    consort_column columns[4];
    consort_rows rows = rows_of(columns, false, 3);
    REFUSED(consort_model_open("none.consort", &model, &error), CONSORT_DATA, "none.consort");
    assert_null(model);
    REFUSED(consort_model_open(NULL, &model, &error), CONSORT_INVALID, "no model is named");
    REFUSED(consort_study_open("nowhere", &study, &error), CONSORT_INVALID, "nowhere");
    GOES(consort_model_open("classes", &model, &error));
    rows.size = 0;
    REFUSED(consort_predict(model, &rows, NULL, &p, &error), CONSORT_INVALID, "`size` is not set");
    assert_null(p);
    rows.size = sizeof rows;
    columns[1].size = 8;
    REFUSED(consort_predict(model, &rows, NULL, &p, &error), CONSORT_INVALID, "differ");
    columns[1].size = sizeof *columns;
    columns[1].numbers = NULL;
    REFUSED(consort_predict(model, &rows, NULL, &p, &error), CONSORT_DATA, "column 2 has neither");
    rows.n_columns = 1;
    REFUSED(consort_predict(model, &rows, NULL, &p, &error), CONSORT_DATA, "column `shade` is missing");
    REFUSED(consort_predict(model, NULL, NULL, &p, &error), CONSORT_INVALID, "no rows");
    const struct { consort_rows rows; int more; } newer = {{.size = sizeof newer, .n_rows = N}, 1};
    REFUSED(consort_predict(model, &newer.rows, NULL, &p, &error), CONSORT_INVALID, "uses more of it");
    assert_null(consort_model_input_name(model, 3));
    assert_string_equal(consort_model_input_name(model, 2), "town");
    assert_int_equal(consort_model_input_kind(model, 2), CONSORT_NOMINAL_COLUMN);
    assert_non_null(strstr(consort_model_info(model), "\"classes\":["));
    consort_model_close(model);
    consort_model_close(NULL);
    consort_study_close(NULL);
    consort_predictions_close(NULL);
    consort_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_way_is_the_other), cmocka_unit_test(numbers_have_intervals),
        cmocka_unit_test(many_threads_one_model), cmocka_unit_test(stopped_and_continued),
        cmocka_unit_test(from_yaml), cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
