#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mat.h"
#include "ensemble/build.h"
#include "tests/model_maker.h"
#include "tests/store_fixture.h"

enum { N_TABLE = 600, N_TRIALS = 7, K = 3 };

/* A study whose trials are made-up models of one table; every second row was held out. The truth
 * is what all the models together say, plus noise, so that no single one knows it. */
typedef struct {
    Arena *arena;
    Table *table;
    Store *store;
    StudyInfo study;
    EnsembleOptions options;
    char out[160];
} World;

static Error err;

static void ok(bool fine)
{
    if (!fine) fail_msg("%s", err.message);
}

static void add_trial(World *w, int number, const Model *model, const float *proba, double value)
{
    FixtureTrial t;
    char name[2][64], file[200];
    int32_t row[N_TABLE];
    float held[N_TABLE * K];
    int n = 0;
    for (int i = 1; i < N_TABLE; i += 2) {
        memcpy(held + n * K, proba + i * K, K * sizeof(float));
        row[n++] = i;
    }
    fixture_trial(&t, number);
    ok(store_trial_begin(w->store, w->study.id, &t.row, &err));
    fixture_end(&t.row, value);
    t.row.model_bytes = (int64_t)model_bytes(model);
    snprintf(name[0], 64, "artifacts/trial-%06d.consort", number);
    snprintf(name[1], 64, "artifacts/trial-%06d.proba", number);
    snprintf(file, sizeof file, "%s/artifacts", folder);
    ok(file_make_folder(file, &err));
    snprintf(file, sizeof file, "%s/%s", folder, name[0]);
    ok(model_save(model, file, &err));
    snprintf(file, sizeof file, "%s/%s", folder, name[1]);
    ok(predictions_save(&(Predictions){n, K, row, held, false}, file, &err));
    const ArtifactRow artifacts[2] = {{"weights", name[0], 1, "x"}, {"proba", name[1], 1, "x"}};
    ok(store_trial_end(w->store, &t.row, NULL, 0, NULL, 0, artifacts, 2, &err));
}

/* `shy` > 1: the models name class 2 too seldom; 0: the truth is what most of them say. */
static void world_make(World *w, int n_trials, double shy)
{
    StudyStart start;
    static float proba[N_TRIALS][N_TABLE * K];
    const Model *models[N_TRIALS] = {0};
    Rng rng = rng_stream(4, 4, RNG_TEST);
    folder_empty();
    *w = (World){.arena = arena_create(0), .study = fixture_study("orchard")};
    snprintf(w->out, sizeof w->out, "%s/ensemble.consort", folder);
    ok(field_defaults(&ensemble_fields, &w->options, w->arena, &err));
    w->table = make_table(MAKE_MIXED, N_TABLE, K, 5, w->arena);
    w->study.classes = w->table->classes;
    ok(store_open(path, STORE_WRITE, &w->store, &err));
    ok(store_study_begin(w->store, &w->study, &fixture_space, &start, &err));
    for (int m = 0; m < n_trials; m++) {
        Model *model = make_model(w->table, 1, m % ACTIVATION_COUNT, 30 + (uint64_t)m, w->arena, NULL);
        ModelMember *member = ARENA_NEW(w->arena, ModelMember, 1);
        *member = model->members[0];
        member->name = make_name(w->arena, "trial ", m);
        model->members = member;
        models[m] = model;
        ok(model_predict(model, w->table, w->arena, proba[m], &err));
    }
    for (int i = 0; i < N_TABLE && n_trials; i++) {
        double sum[K] = {0};
        int top = 0;
        for (int c = 0; c < K; c++) {
            for (int m = 0; m < n_trials; m++) {
                const float *p = proba[m] + i * K;
                bool says = p[c] >= p[0] && p[c] >= p[1] && p[c] >= p[2];
                sum[c] += shy == 0 ? says : p[c];
            }
            sum[c] += (shy == 0 ? 0.1 : 0.6) * rng_normal(&rng);
            if (c == 2 && shy > 0) sum[c] *= shy;
            top = sum[c] > sum[top] ? c : top;
        }
        w->table->labels[i] = top;
    }
    for (int m = 0; m < n_trials; m++) add_trial(w, m, models[m], proba[m], 0.5 + 0.01 * m);
}

static void world_end(World *w)
{
    ok(store_close(w->store, &err));
    arena_destroy(w->arena);
}

static BuildInput input_of(World *w)
{
    return (BuildInput){.store = w->store, .record = true, .study = &w->study, .folder = folder,
                        .labels = w->table->labels, .n_rows = N_TABLE, .positive = -1,
                        .out_path = w->out, .options = &w->options};
}

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), NAN);
}

/* A metric of the model file on the rows that were held out. */
static double score_file(World *w, MetricId metric, Model **model)
{
    Metrics metrics;
    float *proba = ARENA_NEW(w->arena, float, N_TABLE * K);
    int32_t labels[N_TABLE], predicted[N_TABLE];
    ok(model_load(w->out, w->arena, model, &err));
    ok(model_predict(*model, w->table, w->arena, proba, &err));
    for (int i = 0; i < N_TABLE; i++) {
        labels[i] = i % 2 ? w->table->labels[i] : -1;
        predicted[i] = model_decide(*model, proba + i * K);
    }
    assert_true(metrics_create(K, w->arena, &metrics, &err));
    if (metric == METRIC_LOG_LOSS)
        metrics_compute(N_TABLE, proba, K, labels, -1, 1u << metric, NULL, &metrics);
    else metrics_from_predictions(N_TABLE, predicted, labels, &metrics);
    return metrics.value[metric];
}

static void builds_a_file_that_scores_what_it_says(void **state)
{
    (void)state;
    World w;
    Ensemble built, again;
    Model *model = NULL;
    EnsembleRow *rows = NULL;
    Bytes first, second;
    int n = 0;
    char hex[65];
    world_make(&w, N_TRIALS, 1);
    BuildInput input = input_of(&w);
    ok(ensemble_build(&input, w.arena, &built, &err));
    const EnsembleMember *member = built.member;
    assert_int_equal(built.metric, METRIC_F1_MACRO);
    double score = built.score;
    assert_true(score > built.best_single_score && built.n_members > 1);
    assert_true(fabs(score_file(&w, METRIC_F1_MACRO, &model) - score) < 1e-9);
    assert_int_equal(model->n_members, built.n_members);
    assert_string_equal(model->name, "orchard");
    assert_non_null(strstr(model->provenance, "\"data_sha256\":\"d0\""));
    assert_true(built.n_params == model_n_params(model));
    Model *single = NULL;
    ok(model_load(built.best_single_path, w.arena, &single, &err));
    assert_string_equal(single->members[0].name, make_name(w.arena, "trial ", built.best_single->number));

    double sum = 0;
    const int n_members = built.n_members;
    for (int m = 0; m < n_members; m++) {
        sum += member[m].weight;
        if (m) assert_true(member[m].weight <= member[m - 1].weight);
        assert_true(member[m].score <= built.best_single_score);
        assert_non_null(strstr(member[m].trial->params, "learning_rate"));
        for (int k = 0; k < n_members; k++) {
            double d = built.disagreement[m * n_members + k];
            assert_true(m == k ? d == 0 : d > 0 && d <= 1);
        }
    }
    assert_true(fabs(sum - 1) < 1e-12);

    /* The temperature is in the file, and the losses are the file's. */
    const CalibrationChoice *how = &built.calibration;
    assert_true(how->calibration ? model->calibration->bias[0] == how->calibration->bias[0]
                                 : how->temperature == model->temperature && how->temperature != 1);
    assert_memory_equal(built.rule, "decides the class with the largest p x weight (", 47);
    assert_true(built.log_loss.after < built.log_loss.before);
    assert_true(fabs(score_file(&w, METRIC_LOG_LOSS, &model) - built.log_loss.after) < 1e-6);
    const Doc *validation = built.validation;
    assert_true(number(validation, "rows") == N_TABLE / 2);
    double row = number(doc_at(doc_get(validation, "mistakes"), 0), "row");
    assert_true((int)row % 2 == 1); /* a row of the table */

    /* Recorded, and the same again, byte for byte. */
    ok(store_ensembles(w.store, w.study.id, w.arena, &rows, &n, &err));
    assert_int_equal(n, 1);
    assert_true(rows[0].value == score && rows[0].n_members == model->n_members);
    assert_string_equal(rows[0].path, "ensemble.consort");
    ok(file_read(w.out, 0, &first, &err));
    sha256_of(first.bytes, first.n, hex);
    assert_string_equal(rows[0].sha256, hex);
    assert_string_equal(built.sha256, hex);
    assert_true(built.bytes == first.n);
    unlink(w.out);
    ok(ensemble_build(&input, w.arena, &again, &err));
    ok(file_read(w.out, 0, &second, &err));
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.bytes, second.bytes, first.n);
    bytes_free(&first);
    bytes_free(&second);
    doc_free(built.validation);
    doc_free(again.validation);
    world_end(&w);
}

static void votes_and_thresholds(void **state)
{
    (void)state;
    World w;
    ConfNode *asked;
    Ensemble built = {0};
    Model *model = NULL;
    world_make(&w, N_TRIALS, 2.5);
    BuildInput input = input_of(&w);
    input.record = false;
    ok(conf_read_value(NULL, "balanced_accuracy", w.arena, &asked, &err));
    w.options.thresholds = asked;
    ok(ensemble_build(&input, w.arena, &built, &err));
    double now = score_file(&w, METRIC_BALANCED_ACCURACY, &model);
    assert_non_null(model->decision);
    for (int c = 0; c < K; c++) assert_true(built.decision.weight[c] == model->decision[c]);
    const Doc *metrics = doc_get(built.validation, "metrics");
    assert_true(fabs(number(doc_get(metrics, "balanced_accuracy"), "value") - now) < 1e-9);
    doc_free(built.validation);
    world_end(&w);

    world_make(&w, N_TRIALS, 0);
    input = input_of(&w);
    input.record = false;
    w.options.method = SELECT_VOTE;
    w.options.size = N_TRIALS;
    w.options.metric = "accuracy";
    ok(ensemble_build(&input, w.arena, &built, &err));
    assert_true(fabs(score_file(&w, METRIC_ACCURACY, &model) - built.score) < 1e-9);
    assert_int_equal(built.method, SELECT_VOTE);
    assert_int_equal(built.n_members, N_TRIALS);
    assert_int_equal(model->combine, COMBINE_VOTE);
    assert_true(built.calibration.temperature == 1 && !built.calibration.calibration);
    doc_free(built.validation);
    world_end(&w);
}

static void damage(const char *name, bool remove)
{
    char file[200];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    if (remove) {
        unlink(file);
        return;
    }
    FILE *out = fopen(file, "r+b");
    assert_non_null(out);
    fseek(out, 100, SEEK_SET);
    fputs("damaged", out);
    fclose(out);
}

static void lost_files_cost_their_trial_only(void **state)
{
    (void)state;
    World w;
    Ensemble built = {0};
    char name[64];
    world_make(&w, N_TRIALS, 1);
    damage("artifacts/trial-000002.proba", true);
    damage("artifacts/trial-000005.proba", false);
    BuildInput input = input_of(&w);
    ok(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(built.n_skipped, 2);
    assert_true(built.skipped[0].trial == 2 && built.skipped[1].trial == 5);
    assert_non_null(strstr(built.skipped[1].why, "trial-000005.proba"));
    doc_free(built.validation);
    built = (Ensemble){0};
    /* A member's weights are needed: an error that names the trial and the file. */
    for (int m = 0; m < N_TRIALS; m++) {
        snprintf(name, sizeof name, "artifacts/trial-%06d.consort", m);
        damage(name, false);
    }
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, ".consort"));
    for (int m = 0; m < N_TRIALS; m++) {
        snprintf(name, sizeof name, "artifacts/trial-%06d.proba", m);
        damage(name, true);
    }
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "trial 0"));
    assert_null(built.validation);
    world_end(&w);
}

static void says_what_cannot_be(void **state)
{
    (void)state;
    World w;
    ConfNode *asked;
    Ensemble built = {0};
    world_make(&w, 0, 1);
    BuildInput input = input_of(&w);
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "no finished trial"));
    w.options.metric = "f1_marco";
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.message, "did you mean `f1_macro`"));
    w.options.metric = NULL;
    ok(conf_read_value(NULL, "log_loss", w.arena, &asked, &err));
    w.options.thresholds = asked;
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    world_end(&w);

    world_make(&w, 3, 1);
    input = input_of(&w);
    input.n_rows = 100; /* another table */
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_non_null(strstr(err.message, "rows that the data do not have"));
    input = input_of(&w);
    input.out_path = "/nowhere/at/all.consort";
    assert_false(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(err.code, ERR_IO);
    world_end(&w);
}

/* Trials that were searched by log loss after calibration make an ensemble by plain log loss, as it is calibrated
 * once it is chosen; which trials come into the library their own scores say. */
static void a_study_by_calibrated_log_loss(void **state)
{
    (void)state;
    World w;
    Ensemble built, plain;
    Model *model = NULL;
    world_make(&w, N_TRIALS, 1);
    w.study.metric = "val_log_loss_calibrated";
    w.study.maximize = false; /* trial m has 0.5 + 0.01 m: the first are the best */
    BuildInput input = input_of(&w);
    ok(ensemble_build(&input, w.arena, &built, &err));
    assert_int_equal(built.metric, METRIC_LOG_LOSS);
    assert_int_equal(built.n_considered, N_TRIALS);
    assert_true(built.score <= built.best_single_score);
    assert_true(fabs(score_file(&w, METRIC_LOG_LOSS, &model) - built.log_loss.after) < 1e-6);
    w.options.metric = "log_loss";
    ok(ensemble_build(&input, w.arena, &plain, &err));
    assert_string_equal(plain.sha256, built.sha256);
    doc_free(plain.validation);
    doc_free(built.validation);
    w.options.metric = NULL;
    w.options.library = 2; /* of the study's own best four two are kept */
    ok(ensemble_build(&input, w.arena, &built, &err));
    assert_true(built.n_considered <= 4);
    for (int m = 0; m < built.n_members; m++) assert_true(built.member[m].trial->number < 4);
    doc_free(built.validation);
    world_end(&w);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    World w;
    world_make(&w, 3, 1);
    BuildInput input = input_of(&w);
    input.record = false;
    Arena *poor = arena_create(0);
    bool fine = false;
    long n = 0;
    for (; !fine; n += n < 60 ? 1 : 7) {
        Ensemble built = {0};
        arena_reset(poor);
        arena_fail_after(poor, n);
        fine = ensemble_build(&input, poor, &built, &err);
        arena_fail_after(poor, -1);
        if (!fine) assert_int_equal(err.code, ERR_MEMORY);
        if (!fine) assert_null(built.validation);
        doc_free(built.validation);
    }
    assert_true(n > 50);
    arena_destroy(poor);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_a_file_that_scores_what_it_says),
        cmocka_unit_test(votes_and_thresholds),
        cmocka_unit_test(lost_files_cost_their_trial_only),
        cmocka_unit_test(says_what_cannot_be),
        cmocka_unit_test(a_study_by_calibrated_log_loss),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    mat_init(NULL);
    return cmocka_run_group_tests_name("ensemble/build", tests, folder_make, folder_drop);
}
