/* The study loop on real, small networks: what is run, in which order, and when it ends. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mat.h"
#include "data/synth.h"
#include "tuner/study/study.h"
#include "tuner/trial/networks.h"

/* One study in a temporary folder; what a test changes stands in the options. */
typedef struct {
    Arena *arena;
    char folder[64];
    Table *table;
    Split *split;
    Settings settings;
    Space *space;
    Objective *objective;
    Store *store;
    StudyInfo info;
    StudyOptions options;
    atomic_int stop;
    int n_started, n_ended, last_started;
    int stop_after; /* trials ended before `stop` is raised; 0: never */
    int n_repeated, stop_after_repeats;
} Fixture;

static void on_event(void *context, const StudyEvent *event)
{
    Fixture *f = context;
    if (event->kind == EVENT_TRIAL_START) {
        assert_true(f->n_started == 0 || event->number > f->last_started);
        f->last_started = event->number;
        f->n_started++;
    }
    if (event->kind == EVENT_TRIAL_END && ++f->n_ended == f->stop_after) atomic_store(&f->stop, 1);
    if (event->kind == EVENT_REPEAT_END && ++f->n_repeated == f->stop_after_repeats) atomic_store(&f->stop, 1);
}

static void open_store(Fixture *f)
{
    Error err = {0};
    StudyStart start;
    char *db = path_join(f->arena, f->folder, "trials.db");
    if (!store_open(db, STORE_WRITE, &f->store, &err)
        || !store_study_begin(f->store, &f->info, f->space, &start, &err))
        fail_msg("%s", err.message);
    f->options.store = f->store;
}

static void setup(Fixture *f, const char *yaml)
{
    Error err = {0};
    Conf *conf;
    *f = (Fixture){.arena = arena_create(0)};
    snprintf(f->folder, sizeof f->folder, "/tmp/consort-study-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    SplitOptions split = {.type = SPLIT_HOLDOUT, .val_fraction = 0.25, .stratify = true, .seed = 1};
    bool ok = file_make_folder(path_join(f->arena, f->folder, "artifacts"), &err)
           && table_synth_digits(120, 5, 0, 1, f->arena, &f->table, &err)
           && split_make(&split, f->table->labels, f->table->n_rows, f->table->n_classes, f->arena,
                         &f->split, &err)
           && field_defaults(&train_fields, &f->settings.train, f->arena, &err)
           && field_defaults(&prep_fields, &f->settings.prep, f->arena, &err)
           && conf_read_text("space", yaml, strlen(yaml), f->arena, &conf, &err)
           && space_read(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"),
                         objective_extras, f->arena, &f->space, &err)
           && settings_check_space(f->space, f->arena, &err);
    if (!ok) fail_msg("%s", err.message);
    f->settings.train.epochs = 2;
    f->settings.train.hidden = (IntList){1, {8}};
    f->info = (StudyInfo){.name = "test", .method = "random", .metric = "val_accuracy",
                          .maximize = true, .target = NAN, .seed = 3, .config_yaml = "",
                          .config_sha256 = "c", .data_sha256 = "d", .split_sha256 = "s",
                          .version = "0", .n_classes = f->table->n_classes,
                          .classes = f->table->classes};
    ObjectiveOptions objective = {.table = f->table, .split = f->split, .settings = &f->settings,
                                  .space = f->space, .metric = METRIC_ACCURACY, .positive = -1,
                                  .seed = 3, .name = "test", .folder = f->folder};
    if (!objective_create(&objective, &f->objective, &err)) fail_msg("%s", err.message);
    f->options = (StudyOptions){.space = f->space, .sampler = &sampler_random,
                                .runner = objective_runner(f->objective), .info = &f->info, .folder = f->folder,
                                .maximize = true, .jobs = 2, .lookback = 4, .run_cap = 8,
                                .keep_models = 3, .stop = &f->stop,
                                .on_event = on_event, .context = f};
    open_store(f);
}

static StudySummary run(Fixture *f)
{
    Error err = {0};
    StudySummary summary;
    if (!study_run(&f->options, &summary, &err)) fail_msg("%s", err.message);
    return summary;
}

static TrialRow *rows_of(Fixture *f, int *n)
{
    Error err = {0};
    Store *reader;
    TrialRow *rows;
    if (!store_close(f->store, &err)) fail_msg("%s", err.message);
    f->store = NULL;
    if (!store_open(path_join(f->arena, f->folder, "trials.db"), STORE_READ, &reader, &err)
        || !store_trials(reader, f->info.id, f->arena, &rows, n, &err)
        || !store_close(reader, &err))
        fail_msg("%s", err.message);
    return rows;
}

static void teardown(Fixture *f)
{
    char command[128];
    if (f->store) store_close(f->store, NULL);
    objective_destroy(f->objective);
    arena_destroy(f->arena);
    snprintf(command, sizeof command, "rm -rf %s", f->folder);
    assert_int_equal(system(command), 0);
}

static const char two_numbers[] =
    "parameters:\n"
    "  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  dropout: {min: 0.0, max: 0.5}\n";

static void runs_exactly_the_cap_and_keeps_the_best(void **state)
{
    (void)state;
    Fixture f;
    int n;
    setup(&f, two_numbers);
    StudySummary summary = run(&f);
    assert_int_equal(summary.end, STUDY_DONE_CAP);
    assert_int_equal(summary.n_trials, 8);
    assert_int_equal(f.n_started, 8);
    TrialRow *rows = rows_of(&f, &n);
    assert_int_equal(n, 8);
    double best = -1;
    for (int i = 0; i < n; i++) {
        assert_int_equal(rows[i].number, i);
        assert_int_equal(rows[i].state, TRIAL_COMPLETE);
        assert_int_equal(rows[i].epochs, 2);
        if (rows[i].value > best) best = rows[i].value;
    }
    assert_true(summary.best_value == best);
    int files = 0;
    for (int i = 0; i < n; i++) {
        char *path = arena_print(f.arena, "%s/artifacts/trial-%06d.consort", f.folder, i);
        files += file_exists(path);
    }
    assert_int_equal(files, 3);
    teardown(&f);
}

static void runs_what_is_enqueued_first(void **state)
{
    (void)state;
    Fixture f;
    int n;
    setup(&f, two_numbers);
    Value given[2] = {value_real(0.02), value_real(0.25)};
    const Value *enqueued[] = {given};
    const char *source[] = {"user"};
    f.options.n_enqueued = 1;
    f.options.enqueued = enqueued;
    f.options.enqueued_source = source;
    f.options.run_cap = 2;
    run(&f);
    TrialRow *rows = rows_of(&f, &n);
    assert_string_equal(rows[0].source, "user");
    assert_string_equal(rows[0].params, "{\"dropout\":0.25,\"learning_rate\":0.02}");
    assert_string_equal(rows[1].source, "tuner");
    teardown(&f);
}

static void never_trains_a_configuration_twice(void **state)
{
    (void)state;
    Fixture f;
    int n;
    setup(&f, "parameters: {activation: {values: [relu, tanh, selu]}, batch_size: {values: [16, 32]}}");
    f.options.run_cap = 100;
    StudySummary summary = run(&f);
    assert_int_equal(summary.end, STUDY_DONE_EXHAUSTED);
    TrialRow *rows = rows_of(&f, &n);
    assert_int_equal(n, 6);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) assert_string_not_equal(rows[i].params_hash, rows[j].params_hash);
    teardown(&f);
}

static void refuses_what_breaks_a_constraint(void **state)
{
    (void)state;
    Fixture f;
    int n;
    setup(&f, "parameters: {hidden: {values: [[4], [8], [512, 512]]}}\n"
              "constraints: [\"n_params <= 20000\"]\n");
    Value large = value_list("[512,512]");
    const Value *enqueued[] = {&large};
    const char *source[] = {"user"};
    f.options.n_enqueued = 1;
    f.options.enqueued = enqueued;
    f.options.enqueued_source = source;
    StudySummary summary = run(&f);
    assert_int_equal(summary.n_infeasible, 1);
    assert_int_equal(summary.n_complete, 2);
    TrialRow *rows = rows_of(&f, &n);
    assert_int_equal(rows[0].state, TRIAL_INFEASIBLE);
    assert_string_equal(rows[0].fail_code, "CONSTRAINT");
    assert_string_equal(rows[0].fail_text, "n_params <= 20000");
    teardown(&f);
}

static void keeps_failures_with_their_place(void **state)
{
    (void)state;
    Fixture f;
    int n;
    setup(&f, "parameters: {learning_rate: {distribution: log_uniform_values, min: 50, max: 100}}");
    f.settings.train.hidden = (IntList){3, {32, 32, 32}};
    f.settings.train.batch_size = 8;
    f.settings.train.activation = ACT_LEAKY_RELU; /* relu units would die instead of diverging */
    field_assign(&train_fields, "optimizer", &(Value){VALUE_TEXT, 0, "sgd"}, &f.settings.train,
                 f.arena, NULL);
    objective_destroy(f.objective);
    ObjectiveOptions objective = {.table = f.table, .split = f.split, .settings = &f.settings,
                                  .space = f.space, .metric = METRIC_ACCURACY, .positive = -1,
                                  .seed = 3, .name = "test", .folder = f.folder};
    assert_true(objective_create(&objective, &f.objective, NULL));
    f.options.runner = objective_runner(f.objective);
    f.options.max_failed = 2;
    f.options.run_cap = 50;
    StudySummary summary = run(&f);
    assert_int_equal(summary.end, STUDY_DONE_FAILED);
    assert_int_equal(summary.n_complete, 0);
    assert_int_equal(summary.best_number, -1);
    TrialRow *rows = rows_of(&f, &n);
    assert_true(n == 2 || n == 1 + f.options.jobs); /* what was running beside the second ends as well */
    assert_string_equal(rows[0].fail_code, "DIVERGED");
    assert_non_null(strstr(rows[0].fail_text, "epoch 1"));
    assert_true(isnan(rows[0].value));
    teardown(&f);
}

/* Nothing new starts once it is reached, whatever the lookback; until there it is the same study. */
static void stops_once_the_target_is_reached(void **state)
{
    (void)state;
    int trials[2], best[2];
    for (int jobs = 1; jobs <= 2; jobs++) {
        Fixture f;
        setup(&f, two_numbers);
        f.info.target = 0.2; /* within reach of tiny networks */
        f.options.jobs = jobs;
        f.options.run_cap = 200;
        StudySummary summary = run(&f);
        assert_int_equal(summary.end, STUDY_DONE_TARGET);
        trials[jobs - 1] = summary.n_trials;
        best[jobs - 1] = summary.best_number;
        if (jobs == 1) assert_int_equal(summary.best_number, summary.n_trials - 1);
        teardown(&f);
    }
    assert_true(trials[1] == trials[0] || trials[1] == trials[0] + 1);
    assert_true(best[1] == best[0] || best[1] == best[0] + 1); /* the other one that was running */
}

static void goes_on_where_it_was_interrupted(void **state)
{
    (void)state;
    Fixture whole, cut;
    int n_whole, n_cut;
    setup(&whole, two_numbers);
    run(&whole);
    setup(&cut, two_numbers);
    cut.stop_after = 3;
    StudySummary first = run(&cut);
    assert_int_equal(first.end, STUDY_INTERRUPTED);
    assert_true(first.n_trials >= 2 && first.n_trials < 8);
    assert_true(store_close(cut.store, NULL));
    atomic_store(&cut.stop, 0);
    cut.stop_after = 0;
    cut.n_started = 0; /* a trial that was cut short starts again, before those never started */
    open_store(&cut);
    StudySummary second = run(&cut);
    assert_int_equal(second.end, STUDY_DONE_CAP);
    TrialRow *a = rows_of(&whole, &n_whole), *b = rows_of(&cut, &n_cut);
    assert_int_equal(n_whole, n_cut);
    for (int i = 0; i < n_whole; i++) {
        assert_string_equal(a[i].params, b[i].params);
        assert_true(a[i].value == b[i].value);
        assert_int_equal(b[i].state, TRIAL_COMPLETE);
    }
    teardown(&whole);
    teardown(&cut);
}

/* The cap starts no trial any more and stops none; the study goes on as if it had not been there. */
static void time_cap_ends_a_study_which_can_go_on(void **state)
{
    (void)state;
    Fixture f[2];
    char *hashes[2] = {"", ""};
    for (int capped = 0; capped < 2; capped++) {
        int n;
        setup(&f[capped], two_numbers);
        if (capped) {
            f[1].options.time_cap_s = 1e-9;
            StudySummary none = run(&f[1]);
            assert_int_equal(none.end, STUDY_DONE_TIME);
            assert_int_equal(none.n_trials, 0);
            f[1].options.time_cap_s = 0.02; /* however few that is, and be it all eight */
            store_close(f[1].store, NULL);
            open_store(&f[1]);
            StudySummary some = run(&f[1]);
            assert_true(some.end == STUDY_DONE_TIME || some.n_trials == 8);
            assert_int_equal(some.n_complete, f[1].n_started);
            StudyInfo info;
            if (some.end == STUDY_DONE_TIME) {
                assert_true(store_study_find(f[1].store, NULL, f[1].arena, &info, NULL));
                assert_string_equal(info.state, "STOPPED");
            }
            store_close(f[1].store, NULL);
            open_store(&f[1]);
            f[1].options.time_cap_s = 0;
        }
        assert_int_equal(run(&f[capped]).end, STUDY_DONE_CAP);
        TrialRow *rows = rows_of(&f[capped], &n);
        assert_int_equal(n, 8);
        for (int i = 0; i < n; i++) {
            assert_int_equal(rows[i].state, TRIAL_COMPLETE);
            hashes[capped] = arena_print(f[capped].arena, "%s %s %.17g", hashes[capped], rows[i].params_hash,
                                         rows[i].value);
        }
    }
    assert_string_equal(hashes[0], hashes[1]);
    teardown(&f[0]);
    teardown(&f[1]);
}

/* Trials that say that they took 100 s, or ten for each unit of work, of which the first has 10. */
static bool run_said(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    (void)arena, (void)err;
    const bool works = self;
    *out = (TrialRecord){.row = {.state = TRIAL_COMPLETE, .value = 0.5, .value_sd = NAN,
                                 .seconds = works && task->number > 0 ? 20 : 100}};
    return true;
}

static int n_weighed;
static double work_said(void *self, const Value *values)
{
    static Value first;
    (void)self;
    if (n_weighed++ == 0) first = values[0];
    return values[0].number == first.number ? 10 : 2;
}

/* None starts that would most likely end after the cap, by what others took; the first starts in any case. */
static void time_cap_starts_no_trial_that_would_end_after_it(void **state)
{
    (void)state;
    static const struct {
        bool works;
        double cap;
        int n;
    } cases[] = {{false, 50, 1}, {false, 1000, 8}, {true, 10, 1}, {true, 50, 8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f;
        setup(&f, two_numbers);
        n_weighed = 0;
        f.options.runner = (Runner){.self = cases[i].works ? &f : NULL, .run = run_said,
                                    .work = cases[i].works ? work_said : NULL};
        f.options.jobs = f.options.lookback = 1;
        f.options.time_cap_s = cases[i].cap;
        const StudySummary some = run(&f);
        assert_int_equal(some.n_complete, cases[i].n);
        assert_int_equal(some.end, cases[i].n < 8 ? STUDY_DONE_TIME : STUDY_DONE_CAP);
        if (cases[i].n == 1) { /* nor one when it is resumed, and all of them without a cap */
            store_close(f.store, NULL);
            open_store(&f);
            assert_int_equal(run(&f).n_complete, 1);
            store_close(f.store, NULL);
            open_store(&f);
            f.options.time_cap_s = 0;
            assert_int_equal(run(&f).n_complete, 8);
        }
        teardown(&f);
    }
}

static void plateau_ends_a_study(void **state)
{
    (void)state;
    Fixture f;
    setup(&f, two_numbers);
    f.options.run_cap = 500;
    f.options.plateau_trials = 5;
    f.options.plateau_delta = 0.9; /* nothing after the first trial gains that much */
    StudySummary summary = run(&f);
    assert_int_equal(summary.end, STUDY_DONE_PLATEAU);
    assert_true(summary.n_trials == 1 + 5 || summary.n_trials == 5 + f.options.jobs);
    teardown(&f);
}

/* What the sampler was shown, as it was shown. */
static int shown_pending[8], shown_failed[8];

static bool watching_ask(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                         Error *err)
{
    if (ask->number < 8) {
        shown_pending[ask->number] = shown_failed[ask->number] = 0;
        for (int i = 0; i < ask->n_seen; i++) {
            shown_pending[ask->number] += ask->seen[i].state == SEEN_PENDING;
            shown_failed[ask->number] += ask->seen[i].state == SEEN_FAILED;
        }
    }
    return sampler_random.ask(ask, arena, u, trace, result, err);
}

/* Within the lookback nothing is known of a trial, not even that it could not be run: when that comes
 * out depends on the workers. */
static void shows_nothing_of_the_last_trials(void **state)
{
    (void)state;
    static const Sampler watching = {.name = "watching", .ask = watching_ask, .learns = true};
    Fixture f;
    setup(&f, "parameters: {hidden: {values: [[4], [8], [12], [16], [512, 512]]}}\n"
              "constraints: [\"n_params <= 20000\"]\n");
    Value large = value_list("[512,512]");
    const Value *enqueued[] = {&large};
    const char *source[] = {"user"};
    f.options.n_enqueued = 1;
    f.options.enqueued = enqueued;
    f.options.enqueued_source = source;
    f.options.sampler = &watching;
    f.options.lookback = 2;
    f.options.run_cap = 5;
    run(&f);
    assert_int_equal(shown_pending[1], 1); /* trial 0, though it was refused at once */
    assert_int_equal(shown_pending[2], 1); /* trial 1; trial 0 is known, and no evidence */
    assert_int_equal(shown_failed[2], 0);
    assert_int_equal(shown_pending[4], 1);
    teardown(&f);
}

/* ---- costs ----------------------------------------------------------------------------------------- */

static const char one_width[] =
    "parameters:\n"
    "  num_layers: {value: 1}\n"
    "  width_1: {distribution: q_log_uniform_values, min: 4, max: 4096, q: 4}\n"
    "  epochs: {min: 1, max: 2}\n";

static double work(Fixture *f, double width, double epochs)
{
    Value values[3] = {value_int(1), value_int(width), value_int(epochs)};
    return objective_work(f->objective, values);
}

static void work_follows_from_the_settings(void **state)
{
    (void)state;
    Fixture f;
    setup(&f, one_width);
    f.settings.train.hidden.n = 0;
    assert_true(work(&f, 64, 1) > 0);
    assert_true(work(&f, 64, 1) == work(&f, 64, 1));
    assert_true(work(&f, 64, 2) == 2 * work(&f, 64, 1));
    assert_true(work(&f, 4096, 1) > 20 * work(&f, 64, 1));
    f.settings.train.batch_size = 1; /* more updates */
    double small = work(&f, 64, 1);
    f.settings.train.batch_size = 64;
    assert_true(small > 1.5 * work(&f, 64, 1));
    assert_true(work(&f, 0, 1) == 0); /* no network */
    teardown(&f);
}

/* The mean of log work over the model's proposals. `digest` gets who was proposed. */
static double mean_work(uint64_t seed, int cost_trials, int jobs, char digest[2000])
{
    Fixture f;
    int n, n_model = 0;
    size_t used = 0;
    double sum = 0;
    setup(&f, one_width);
    f.settings.train.hidden.n = 0;
    f.settings.train.learning_rate = 1e-7; /* nothing is learned: no width promises more than another */
    f.options.sampler = &sampler_bayes;
    f.options.run_cap = 20;
    f.options.jobs = jobs;
    f.options.cost_trials = cost_trials;
    f.info.seed = seed;
    run(&f);
    TrialRow *rows = rows_of(&f, &n);
    assert_int_equal(n, 20);
    for (int i = 0; i < n; i++) {
        Error err = {0};
        Value values[3];
        Doc *params = doc_parse(rows[i].params, strlen(rows[i].params), &err);
        assert_true(space_from_doc(f.space, params, f.arena, values, &err));
        doc_free(params);
        used += (size_t)snprintf(digest + used, 2000 - used, "%.16s ", rows[i].params_hash);
        bool model = strstr(rows[i].trace, "\"kind\":\"gp\"") != NULL;
        assert_true((strstr(rows[i].trace, "\"cost_weight\"") != NULL) == (model && i < cost_trials));
        if (!model) continue;
        sum += log(objective_work(f.objective, values));
        n_model++;
    }
    assert_true(n_model >= 4);
    teardown(&f);
    return sum / n_model;
}

static void cost_aware_proposals_are_cheaper_and_as_repeatable(void **state)
{
    (void)state;
    char plain[2000], one[2000], four[2000], early[2000];
    double without = 0, with = 0;
    for (uint64_t seed = 3; seed >= 1; seed--) { /* one study is a matter of luck */
        without += mean_work(seed, 0, 1, plain) / 3;
        with += mean_work(seed, 100, 1, one) / 3;
    }
    if (!(with < without - 0.3)) fail_msg("log work %g with costs, %g without", with, without);
    mean_work(1, 100, 4, four);
    assert_string_equal(one, four);
    mean_work(1, 6, 1, early); /* it has cooled before the model had its say */
    assert_string_equal(plain, early);
}

/* ---- the finals ------------------------------------------------------------------------------------ */

static RepeatRow *repeats_of(Fixture *f, int *n)
{
    Error err = {0};
    RepeatRow *rows;
    if (!store_repeats(f->store, f->info.id, f->arena, &rows, n, &err)) fail_msg("%s", err.message);
    return rows;
}

static void ask_for_finals(Fixture *f)
{
    f->options.finalists = 2;
    f->options.repeats = 3;
}

static void leaders_run_again_on_fresh_seeds(void **state)
{
    (void)state;
    Fixture f;
    int n, n_rows;
    setup(&f, two_numbers);
    ask_for_finals(&f);
    StudySummary summary = run(&f);
    assert_int_equal(summary.n_trials, 8); /* they are no trials */
    assert_int_equal(f.n_started, 8);
    assert_int_equal(summary.n_finalists, 2);
    RepeatRow *repeats = repeats_of(&f, &n);
    assert_int_equal(n, 6);
    /* a repeat is what the configuration gives in a study of that seed */
    TrialTask task = {.number = repeats[0].number};
    TrialRow *rows = rows_of(&f, &n_rows);
    for (int i = 0; i < n_rows; i++) { /* nobody was better than the two */
        bool chosen = rows[i].number == repeats[0].number || rows[i].number == repeats[5].number;
        if (!chosen) assert_true(rows[i].value <= fmin(repeats[0].first, repeats[5].first));
    }
    Error err = {0};
    Value values[2];
    TrialRecord record;
    const TrialRow *row = &rows[repeats[0].number];
    Doc *params = doc_parse(row->params, strlen(row->params), &err);
    assert_true(space_from_doc(f.space, params, f.arena, values, &err));
    doc_free(params);
    task.values = values;
    task.params_hash = row->params_hash;
    for (int run = 0; run < 3; run++) {
        ObjectiveOptions o = {.table = f.table, .split = f.split, .settings = &f.settings, .space = f.space,
                              .metric = METRIC_ACCURACY, .positive = -1, .seed = repeats[run].seed,
                              .name = "test"};
        Objective *objective;
        assert_true(objective_create(&o, &objective, &err));
        assert_true(objective_run(objective, &task, f.arena, &record, &err));
        objective_destroy(objective);
        assert_int_equal(repeats[run].run, run + 1);
        assert_true(record.row.value == repeats[run].value);
        assert_true(repeats[run].seed != 3 && (run == 0 || repeats[run].seed != repeats[run - 1].seed));
    }
    for (int i = 0; i < 8; i++) /* and leaves no model over the trial's own */
        assert_false(file_exists(arena_print(f.arena, "%s/artifacts/trial-%06d.again-1.consort", f.folder, i)));
    teardown(&f);
}

static void the_finals_are_the_same_however_they_are_run(void **state)
{
    (void)state;
    RepeatRow first[6];
    for (int way = 0; way < 3; way++) {
        Fixture f;
        int n;
        setup(&f, two_numbers);
        ask_for_finals(&f);
        f.options.jobs = way == 1 ? 4 : 1;
        f.stop_after_repeats = way == 2 ? 2 : 0;
        StudySummary summary = run(&f);
        if (way == 2) { /* interrupted among the finals: the same command goes on */
            assert_int_equal(summary.end, STUDY_INTERRUPTED);
            repeats_of(&f, &n);
            assert_int_equal(n, 2);
            atomic_store(&f.stop, 0);
            store_close(f.store, NULL);
            open_store(&f);
            summary = run(&f);
            assert_int_equal(f.n_repeated, 6); /* none twice */
        }
        assert_int_equal(summary.end, STUDY_DONE_CAP);
        RepeatRow *rows = repeats_of(&f, &n);
        assert_int_equal(n, 6);
        for (int i = 0; i < 6; i++) {
            if (way == 0) first[i] = rows[i];
            assert_int_equal(rows[i].trial_id, first[i].trial_id);
            assert_int_equal(rows[i].run, first[i].run);
            assert_true(rows[i].value == first[i].value);
        }
        teardown(&f);
    }
}

/* What is proposed after a study was continued does not depend on its finals. */
static void the_search_never_sees_the_finals(void **state)
{
    (void)state;
    char *hash[2];
    Fixture f[2];
    for (int with = 0; with < 2; with++) {
        int n;
        setup(&f[with], two_numbers);
        f[with].options.sampler = &sampler_bayes;
        f[with].options.run_cap = 12;
        if (with) ask_for_finals(&f[with]);
        run(&f[with]);
        store_close(f[with].store, NULL);
        open_store(&f[with]);
        f[with].options.run_cap = 14;
        run(&f[with]);
        TrialRow *rows = rows_of(&f[with], &n);
        assert_int_equal(n, 14);
        hash[with] = arena_print(f[with].arena, "%s %s", rows[12].params_hash, rows[13].params_hash);
    }
    assert_string_equal(hash[0], hash[1]);
    teardown(&f[0]);
    teardown(&f[1]);
}

int main(void)
{
    mat_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_exactly_the_cap_and_keeps_the_best),
        cmocka_unit_test(runs_what_is_enqueued_first),
        cmocka_unit_test(never_trains_a_configuration_twice),
        cmocka_unit_test(refuses_what_breaks_a_constraint),
        cmocka_unit_test(keeps_failures_with_their_place),
        cmocka_unit_test(stops_once_the_target_is_reached),
        cmocka_unit_test(goes_on_where_it_was_interrupted),
        cmocka_unit_test(time_cap_ends_a_study_which_can_go_on),
        cmocka_unit_test(time_cap_starts_no_trial_that_would_end_after_it),
        cmocka_unit_test(plateau_ends_a_study),
        cmocka_unit_test(work_follows_from_the_settings),
        cmocka_unit_test(cost_aware_proposals_are_cheaper_and_as_repeatable),
        cmocka_unit_test(leaders_run_again_on_fresh_seeds),
        cmocka_unit_test(the_finals_are_the_same_however_they_are_run),
        cmocka_unit_test(the_search_never_sees_the_finals),
        cmocka_unit_test(shows_nothing_of_the_last_trials),
    };
    return cmocka_run_group_tests_name("tuner/study", tests, NULL, NULL);
}
