#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/store_checks.h"

static Store *begin(const char *name, StudyInfo *info, StudyStart *start)
{
    Store *store;
    OK(store_open(path, STORE_WRITE, &store, &err));
    *info = fixture_study(name);
    OK(store_study_begin(store, info, &fixture_space, start, &err));
    return store;
}

static void add_trial(Store *store, int64_t study_id, int number, TrialState state, double value,
                      int64_t n_params)
{
    FixtureTrial t;
    fixture_trial(&t, number);
    OK(store_trial_begin(store, study_id, &t.row, &err));
    fixture_end(&t.row, value);
    t.row.state = state;
    t.row.n_params = n_params;
    if (state == TRIAL_FAILED) {
        t.row.fail_code = number % 2 ? "DIVERGED" : "OOM";
        t.row.fail_text = "epoch 3: loss is nan";
    }
    OK(store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, &err));
}

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void run_sql(const char *name, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

/* ---- opening --------------------------------------------------------------------------------------- */

static void refuses_what_is_no_database(void **state)
{
    (void)state;
    Store *store = NULL;
    char name[200];
    REFUSED(store_open(path, STORE_READ, &store, &err), "there is no such database");
    REFUSED(store_open("", STORE_READ, &store, &err), "no database was named");
    REFUSED(store_open(folder, STORE_READ, &store, &err), "a folder, not a database");
    REFUSED(store_open(folder, STORE_WRITE, &store, &err), "a folder, not a database");
    snprintf(name, sizeof name, "%s/none/trials.db", folder);
    REFUSED(store_open(name, STORE_WRITE, &store, &err), "does not exist");
    write_file(path, "", 0);
    REFUSED(store_open(path, STORE_READ, &store, &err), "empty");
    snprintf(name, sizeof name, "%s/trials.db/x.db", folder);
    REFUSED(store_open(name, STORE_WRITE, &store, &err), "Not a directory");
    snprintf(name, sizeof name, "%s/pipe", folder);
    assert_int_equal(mkfifo(name, 0600), 0);
    REFUSED(store_open(name, STORE_READ, &store, &err), "not a regular file");
    write_file(path, "trial,value\n1,0.5\n2,0.7\n", 24);
    REFUSED(store_open(path, STORE_READ, &store, &err), "not a database");
    REFUSED(store_open(path, STORE_WRITE, &store, &err), "not a database");
    assert_int_equal(err.code, ERR_STORE);
    assert_null(store);
}

static void refuses_databases_of_others_and_of_the_future(void **state)
{
    (void)state;
    Store *store = NULL;
    run_sql(path, "CREATE TABLE studies (study_id INTEGER); PRAGMA user_version = 1");
    REFUSED(store_open(path, STORE_READ, &store, &err), "another program");
    REFUSED(store_open(path, STORE_WRITE, &store, &err), "another program");
    folder_empty();
    run_sql(path, "PRAGMA application_id = 0x434E5352; PRAGMA user_version = 99; CREATE TABLE x (a)");
    REFUSED(store_open(path, STORE_READ, &store, &err), "newer Consort (schema 99, this one knows");
    REFUSED(store_open(path, STORE_WRITE, &store, &err), "newer");
    folder_empty();
    run_sql(path, "PRAGMA application_id = 0x434E5352; CREATE TABLE x (a)");
    REFUSED(store_open(path, STORE_READ, &store, &err), "never existed");
    folder_empty();
    run_sql(path, "CREATE TABLE x (a); DROP TABLE x"); /* nothing in it: may become ours */
    REFUSED(store_open(path, STORE_READ, &store, &err), "an empty database");
    OK(store_open(path, STORE_WRITE, &store, &err));
    OK(store_close(store, &err));
    OK(store_open(path, STORE_READ, &store, &err));
    OK(store_close(store, &err));
}

static void refuses_where_it_may_not_write(void **state)
{
    (void)state;
    Store *store = NULL;
    OK(store_open(path, STORE_WRITE, &store, &err));
    OK(store_close(store, &err));
    bool root = geteuid() == 0;
    if (root) assert_int_equal(seteuid(65534), 0);
    else chmod(folder, 0555);
    Error of_file = {0}, of_folder = {0}, new_file = {0};
    bool opened = store_open(path, STORE_WRITE, &store, &of_file);
    bool reads = store_open(path, STORE_READ, &store, &err) && store_close(store, &err);
    unlink(path); /* cannot */
    char other[200];
    snprintf(other, sizeof other, "%s/other.db", folder);
    bool made = store_open(other, STORE_WRITE, &store, &new_file);
    if (root) {
        assert_int_equal(seteuid(0), 0);
        chmod(path, 0666);
        assert_int_equal(seteuid(65534), 0);
    }
    bool opened_too = store_open(path, STORE_WRITE, &store, &of_folder);
    if (root) assert_int_equal(seteuid(0), 0);
    chmod(folder, 0755);
    assert_false(opened || opened_too || made);
    assert_true(reads);
    assert_non_null(strstr(new_file.message, "cannot make a file"));
    assert_non_null(strstr(of_folder.message, "the folder"));
    assert_non_null(strstr(of_file.message, "cannot be written"));
}

static void is_one_plain_file_at_rest(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    char side[200];
    Store *store = begin("a", &info, &start);
    add_trial(store, info.id, 0, TRIAL_COMPLETE, 0.5, 10);
    snprintf(side, sizeof side, "%s-wal", path);
    assert_true(file_exists(side));
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    assert_false(file_exists(side));
    snprintf(side, sizeof side, "%s-shm", path);
    assert_false(file_exists(side));
    Bytes bytes;
    OK(file_read(path, 0, &bytes, &err));
    assert_int_equal(bytes.bytes[18], 1); /* 2 would be WAL: not readable without shared memory */
    assert_int_equal(bytes.bytes[19], 1);
    assert_memory_equal(bytes.bytes + 68, "CNSR", 4);
    bytes_free(&bytes);
    Doc *health = store_health(path);
    assert_string_equal(doc_to_text(doc_get(health, "integrity_check"), ""), "ok");
    assert_string_equal(doc_to_text(doc_get(health, "journal_mode"), ""), "delete");
    assert_true(doc_to_bool(doc_get(health, "ok"), false));
    doc_free(health);
    health = store_health("/nowhere/x.db");
    assert_non_null(strstr(doc_to_text(doc_get(health, "error"), ""), "no such database"));
    assert_false(doc_to_bool(doc_get(health, "ok"), true));
    doc_free(health);
}

/* ---- studies ------------------------------------------------------------------------------------------ */

static void a_study_goes_on_only_if_it_is_the_same(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin("digits", &info, &start);
    assert_false(start.resumed);
    assert_int_equal(start.n_trials, 0);
    assert_non_null(info.created_utc);
    char created[32];
    snprintf(created, sizeof created, "%s", info.created_utc);
    add_trial(store, info.id, 0, TRIAL_COMPLETE, 0.5, 10);
    OK(store_study_end(store, info.id, "STOPPED", &err));
    struct { const char **field, *word; } changes[] = {
        {&info.config_sha256, "configuration"}, {&info.data_sha256, "data"}, {&info.split_sha256, "split"}};
    for (int i = 0; i < 3; i++) {
        const char *was = *changes[i].field;
        *changes[i].field = "other";
        REFUSED(store_study_begin(store, &info, &fixture_space, &start, &err), changes[i].word);
        assert_int_equal(err.code, i == 0 ? ERR_CONFIG : ERR_DATA);
        assert_non_null(strstr(err.message, "--fresh"));
        *changes[i].field = was;
    }
    info.run_cap = 80;
    int64_t id = info.id;
    OK(store_study_begin(store, &info, &fixture_space, &start, &err));
    assert_true(start.resumed);
    assert_int_equal(start.n_trials, 1);
    assert_int_equal(start.n_recovered, 0);
    assert_int_equal(info.id, id);
    assert_string_equal(info.created_utc, created);
    check_query(store, "SELECT state, run_cap FROM study", "OPEN|80");
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    OK(store_open(path, STORE_READ, &store, &err));
    REFUSED(store_study_begin(store, &info, &fixture_space, &start, &err), "opened for reading");
    REFUSED(store_epoch(store, 1, &(EpochRow){0}, &err), "opened for reading");
    OK(store_close(store, &err));
}

static void studies_come_back_whole_and_are_found(void **state)
{
    (void)state;
    StudyInfo info, found;
    StudyStart start;
    Arena *arena = arena_create(0);
    Store *store;
    OK(store_open(path, STORE_WRITE, &store, &err));
    REFUSED(store_study_find(store, NULL, arena, &found, &err), "no study in it yet");
    assert_int_equal(err.code, ERR_INVALID);
    info = fixture_study("one");
    info.seed = UINT64_C(0xFFFFFFFFFFFFFFF0);
    info.target = 0.99;
    info.notes = "for the \"paper\"";
    info.time_cap_s = 600;
    OK(store_study_begin(store, &info, &fixture_space, &start, &err));
    OK(store_study_find(store, NULL, arena, &found, &err));
    assert_string_equal(found.name, "one");
    info.name = "two";
    info.maximize = false;
    info.target = NAN;
    OK(store_study_begin(store, &info, &fixture_space, &start, &err));
    REFUSED(store_study_find(store, NULL, arena, &found, &err), "2 studies (one, two)");
    REFUSED(store_study_find(store, "three", arena, &found, &err), "no study \"three\"");
    OK(store_study_find(store, "one", arena, &found, &err));
    assert_true(found.seed == UINT64_C(0xFFFFFFFFFFFFFFF0));
    assert_true(found.target == 0.99 && found.time_cap_s == 600 && found.run_cap == 50);
    assert_true(found.maximize);
    assert_string_equal(found.notes, "for the \"paper\"");
    assert_string_equal(found.config_yaml, "a: 1\n");
    assert_string_equal(found.split_sha256, "s0");
    assert_int_equal(found.n_classes, 3);
    assert_string_equal(found.classes[2], "two");
    OK(store_study_find(store, "two", arena, &found, &err));
    assert_true(isnan(found.target));
    assert_false(found.maximize);
    OK(store_close(store, &err));
    arena_destroy(arena);
}

static void names_can_be_typed_in_sql(void **state)
{
    (void)state;
    static const struct { const char *study, *view; } cases[] = {
        {"mnist-mlp", "mnist_mlp"}, {"mnist.mlp", "study_mnist_mlp"}, {"MNIST mlp", "study_MNIST_mlp_2"},
        {"2024 run", "study_2024_run"}, {"select", "study_select"}, {"trial", "study_trial"},
        {"leaderboard", "study_leaderboard"}, {"sqlite_x", "study_sqlite_x"}, {"_", "study__"},
        {"a\"b'); DROP TABLE trial; --", "a_b____DROP_TABLE_trial____"}, {"größe", "größe"},
    };
    Store *store;
    StudyStart start;
    OK(store_open(path, STORE_WRITE, &store, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        StudyInfo info = fixture_study(cases[i].study);
        OK(store_study_begin(store, &info, &fixture_space, &start, &err));
        add_trial(store, info.id, 0, TRIAL_COMPLETE, (double)i, 10);
        char sql[200], want[40];
        snprintf(sql, sizeof sql, "SELECT value FROM %s", cases[i].view);
        snprintf(want, sizeof want, "%zu", i);
        check_query(store, sql, want);
    }
    check_query(store, "SELECT name, column_name FROM param_def WHERE study_id = 1 ORDER BY ord",
                "learning_rate|learning_rate;width_1|width_1;optimizer|optimizer;batch_size|batch_size;"
                "augment.rotate-deg|augment_rotate_deg;epochs|param_epochs;order|param_order");
    check_query(store, "SELECT * FROM mnist_mlp",
                "0|COMPLETE|0|0.001|32|adam|16|0.5|20|-0.25|3|4|10|0.5|1");
    check_query(store, "SELECT typeof(width_1), typeof(batch_size), typeof(learning_rate), typeof(optimizer),"
                " typeof(param_order) FROM mnist_mlp", "integer|integer|real|text|real");
    OK(store_close(store, &err));
}

/* A parameter may be called like another but for its signs, or like a column the view has anyway. */
static void every_kind_of_parameter_has_its_column(void **state)
{
    (void)state;
    static const Value flags[] = {{VALUE_BOOL, 0, NULL}, {VALUE_BOOL, 1, NULL}};
    static const Value lists[] = {{VALUE_LIST, 0, "[256,128]"}, {VALUE_LIST, 0, "[64]"}};
    static const Value mixed[] = {{VALUE_TEXT, 0, "auto"}, {VALUE_INT, 64, NULL}};
    static const Value half[] = {{VALUE_REAL, 0.5, NULL}, {VALUE_INT, 1, NULL}};
    static const double odds[] = {0.25, 0.75};
    static const Param params[] = {
        {.name = "nesterov", .distribution = DIST_CATEGORICAL, .n_choices = 2, .choices = flags},
        {.name = "hidden", .distribution = DIST_CATEGORICAL_P, .n_choices = 2, .choices = lists,
         .probabilities = odds},
        {.name = "value", .distribution = DIST_CATEGORICAL, .n_choices = 2, .choices = mixed},
        {.name = "a.b", .distribution = DIST_CATEGORICAL, .n_choices = 2, .choices = half},
        {.name = "A_b", .distribution = DIST_Q_UNIFORM, .low = 0, .high = 64, .q = 8},
        {.name = "a-b", .distribution = DIST_DERIVED, .derived_text = "A_b / 2"},
    };
    const Space space = {.n_params = 6, .params = params};
    Store *store;
    StudyStart start;
    OK(store_open(path, STORE_WRITE, &store, &err));
    StudyInfo info = fixture_study("s");
    OK(store_study_begin(store, &info, &space, &start, &err));
    TrialRow row = {.number = 0, .state = TRIAL_RUNNING, .params_hash = "h", .params =
        "{\"A_b\":16,\"a-b\":8.5,\"a.b\":1,\"hidden\":[256,128],\"nesterov\":true,\"value\":\"auto\"}"};
    OK(store_trial_begin(store, info.id, &row, &err));
    row = (TrialRow){.number = 1, .state = TRIAL_RUNNING, .params_hash = "i",
                     .params = "{\"nesterov\":false,\"value\":64}"};
    OK(store_trial_begin(store, info.id, &row, &err));
    check_query(store, "SELECT nesterov, hidden, param_value, a_b, param_A_b, param_a_b_2 FROM s",
                "1|[256,128]|auto|1|16|8.5;0|null|64|null|null|null");
    check_query(store, "SELECT typeof(a_b), typeof(param_A_b), typeof(nesterov) FROM s LIMIT 1",
                "real|integer|integer");
    check_query(store, "SELECT choices, probabilities, expr FROM param_def WHERE name IN ('hidden', 'a-b')",
                "null|null|A_b / 2;[[256,128],[64]]|[0.25,0.75]|null");
    check_query(store, "SELECT name, num, txt FROM param WHERE trial_id = 2", "nesterov|0|false;value|64|null");
    row = (TrialRow){.number = 2, .state = TRIAL_RUNNING, .params_hash = "j", .params = "{\"a\":"};
    REFUSED(store_trial_begin(store, info.id, &row, &err), "trial 2: parameters");
    OK(store_close(store, &err));
}

/* ---- trials -------------------------------------------------------------------------------------------- */

/* A paused trial waits as QUEUED with all it has, across a restart, and goes on in its own row. */
static void a_paused_trial_goes_on(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    FixtureTrial t[2];
    TrialRow *row = NULL;
    Store *store = begin("a", &info, &start);
    for (int i = 0; i < 2; i++) {
        row = fixture_trial(&t[i], i);
        OK(store_trial_begin(store, info.id, row, &err));
        EpochRow epoch = fixture_epoch(i, 1);
        OK(store_epoch(store, row->id, &epoch, &err));
        row->state = TRIAL_QUEUED;
        row->value = 0.5;
        row->epochs = 1;
        row->rung = 1;
        OK(store_trial_end(store, row, NULL, 0, NULL, 0, NULL, 0, &err));
    }
    check_query(store, "SELECT number, state, value, epochs, rung FROM trial", "0|QUEUED|0.5|1|1;1|QUEUED|0.5|1|1");
    row->state = TRIAL_RUNNING; /* trial 1 goes on in this process */
    OK(store_trial_begin(store, info.id, row, &err));
    assert_int_equal(row->attempt, 1);
    fixture_end(row, 0.9);
    row->rung = 2;
    OK(store_trial_end(store, row, NULL, 0, NULL, 0, NULL, 0, &err));
    OK(store_study_end(store, info.id, "STOPPED", &err));
    OK(store_close(store, &err));
    store = begin("a", &info, &start); /* and trial 0 in the next */
    assert_int_equal(start.n_recovered, 0);
    row = fixture_trial(&t[0], 0);
    OK(store_trial_begin(store, info.id, row, &err));
    assert_int_equal(row->id, 1);
    check_query(store, "SELECT number, state, attempt, rung FROM trial", "0|RUNNING|1|1;1|COMPLETE|1|2");
    check_query(store, "SELECT count(*) FROM epoch", "2");
    OK(store_close(store, &err));
    store = begin("a", &info, &start); /* killed while it went on: its epochs are told again */
    assert_int_equal(start.n_recovered, 1);
    check_query(store, "SELECT number, state, attempt, rung FROM trial", "0|QUEUED|2|null;1|COMPLETE|1|2");
    check_query(store, "SELECT count(*) FROM epoch WHERE trial_id = 1", "0");
    OK(store_close(store, &err));
}

static void rows_come_back_as_they_were(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Arena *arena = arena_create(0);
    Store *store = begin("a", &info, &start);
    FixtureTrial t;
    TrialRow *row = fixture_trial(&t, 0);
    row->id = 99;
    OK(store_trial_begin(store, info.id, row, &err));
    assert_int_equal(row->id, 1);
    assert_int_equal(row->attempt, 1);
    for (int fold = 1; fold >= 0; fold--)
        for (int k = 5; k > 0; k--) {
            EpochRow epoch = fixture_epoch(0, k);
            epoch.fold = fold;
            if (k == 5) epoch.train_loss = NAN, epoch.val_loss = INFINITY;
            OK(store_epoch(store, row->id, &epoch, &err));
        }
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    fixture_end(row, 0.9);
    row->value_sd = 0.01;
    int64_t counts[9] = {10, 1, 0, 2, 7, 0, 0, 0, 0}, none[4] = {0};
    MetricRow metrics[] = {{"val", -1, "f1_macro", 0.9, 0.85, 0.95}, {"val", 0, "f1_macro", 0.91, NAN, NAN},
                           {"test", -1, "mcc", NAN, NAN, NAN}};
    ConfusionRow confusions[] = {{"val", 3, counts}, {"test", 2, none}};
    ArtifactRow artifacts[] = {{"weights", "artifacts/trial-000000.consort", 4000, "ab"},
                               {"proba", "artifacts/trial-000000.proba", 800, "cd"}};
    OK(store_trial_end(store, row, metrics, 3, confusions, 2, artifacts, 2, &err));
    OK(store_artifact_drop(store, row->id, "weights", &err));
    OK(store_event(store, info.id, row->id, "TEST_LOOK", "evaluate", &err));
    OK(store_event(store, info.id, 0, "TEST_LOOK", NULL, &err));
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));

    OK(store_open(path, STORE_READ, &store, &err));
    assert_string_equal(store_path(store), path);
    TrialRow *trials;
    int n;
    OK(store_trials(store, info.id, arena, &trials, &n, &err));
    assert_int_equal(n, 1);
    const TrialRow *got = &trials[0];
    assert_int_equal(got->state, TRIAL_COMPLETE);
    assert_string_equal(got->params, row->params);
    assert_string_equal(got->params_hash, row->params_hash);
    assert_string_equal(got->trace, row->trace);
    assert_string_equal(got->source, "tuner");
    assert_true(got->seed == row->seed && got->value == 0.9 && got->value_sd == 0.01);
    assert_int_equal(got->best_epoch, 3);
    assert_int_equal(got->epochs, 4);
    assert_int_equal(got->n_params, row->n_params);
    assert_int_equal(got->model_bytes, row->model_bytes);
    assert_int_equal(got->threads, 1);
    assert_true(got->seconds == 0.5 && got->cpu_s == 0.25 && got->peak_bytes == 4096);
    assert_int_equal(got->pid, getpid());
    assert_null(got->fail_code);
    assert_non_null(got->host);
    assert_int_equal(strlen(got->end_utc), strlen("2026-11-23T22:12:00.123Z"));
    assert_true(strcmp(got->start_utc, got->end_utc) < 0); /* written together, and 5 ms apart */
    EpochRow *epochs;
    OK(store_epochs(store, got->id, arena, &epochs, &n, &err));
    assert_int_equal(n, 10);
    for (int i = 0; i < n; i++) {
        assert_int_equal(epochs[i].fold, i / 5);
        assert_int_equal(epochs[i].epoch, i % 5 + 1);
    }
    assert_true(epochs[0].train_loss == 0.5 && epochs[0].learning_rate == 0.01);
    assert_true(isnan(epochs[4].train_loss) && isinf(epochs[4].val_loss));
    MetricRow *m;
    OK(store_metrics(store, got->id, arena, &m, &n, &err));
    assert_int_equal(n, 3);
    assert_true(isnan(m[0].value) && m[1].value == 0.9 && m[1].high95 == 0.95 && isnan(m[2].low95));
    ConfusionRow confusion;
    OK(store_confusion(store, got->id, "val", arena, &confusion, &err));
    assert_int_equal(confusion.n_classes, 3);
    assert_memory_equal(confusion.count, counts, sizeof counts);
    OK(store_confusion(store, got->id, "test", arena, &confusion, &err));
    assert_int_equal(confusion.n_classes, 0);
    ArtifactRow *a;
    OK(store_artifacts(store, got->id, arena, &a, &n, &err));
    assert_int_equal(n, 1);
    assert_string_equal(a[0].kind, "proba");
    assert_int_equal(a[0].bytes, 800);
    OK(store_count_events(store, info.id, "TEST_LOOK", &n, &err));
    assert_int_equal(n, 2);
    OK(store_trials(store, 77, arena, &trials, &n, &err));
    assert_int_equal(n, 0);
    OK(store_close(store, &err));
    arena_destroy(arena);
}

static void reading_survives_failed_allocations(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin("a", &info, &start);
    for (int i = 0; i < 40; i++) add_trial(store, info.id, i, TRIAL_COMPLETE, i, 10);
    int64_t counts[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    FixtureTrial t;
    fixture_trial(&t, 40);
    OK(store_trial_begin(store, info.id, &t.row, &err));
    fixture_end(&t.row, 1);
    OK(store_trial_end(store, &t.row, NULL, 0, &(ConfusionRow){"val", 3, counts}, 1, NULL, 0, &err));
    Arena *arena = arena_create(0);
    for (int what = 0; what < 3; what++) {
        long n_tries = 0;
        for (;; n_tries++) {
            TrialRow *rows = (void *)&n_tries;
            StudyInfo *studies = (void *)&n_tries;
            ConfusionRow confusion = {"untouched", 0, NULL};
            int n = -7;
            arena_reset(arena);
            arena_fail_after(arena, n_tries);
            bool ok = what == 0 ? store_trials(store, info.id, arena, &rows, &n, &err)
                    : what == 1 ? store_studies(store, arena, &studies, &n, &err)
                                : store_confusion(store, t.row.id, "val", arena, &confusion, &err);
            if (ok) {
                for (int i = 0; what == 0 && i < n; i++)
                    assert_true(rows[i].params[1] && rows[i].params_hash[0] && rows[i].end_utc);
                break;
            }
            assert_int_equal(err.code, ERR_MEMORY);
            assert_ptr_equal(rows, &n_tries);
            assert_ptr_equal(studies, &n_tries);
            assert_string_equal(confusion.split, "untouched");
            assert_int_equal(n, -7);
        }
        assert_true(n_tries > 2);
    }
    arena_destroy(arena);
    OK(store_close(store, &err));
}

static void numbers_come_in_order_and_nothing_runs_twice(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    FixtureTrial t;
    Store *store = begin("a", &info, &start);
    REFUSED(store_trial_begin(store, 99, fixture_trial(&t, 0), &err), "not begun with this store");
    t.row.state = TRIAL_COMPLETE;
    REFUSED(store_trial_begin(store, info.id, &t.row, &err), "begins as RUNNING");
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 3), &err));
    REFUSED(store_trial_begin(store, info.id, fixture_trial(&t, 2), &err), "trial 2 begun after trial 3");
    REFUSED(store_trial_begin(store, info.id, fixture_trial(&t, 3), &err), "numbers come in order");
    t.row.state = TRIAL_RUNNING;
    REFUSED(store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, &err), "cannot end as RUNNING");
    t.row.number = 4; /* the configuration and seed of 3 */
    OK(store_trial_begin(store, info.id, &t.row, &err));
    REFUSED(store_event(store, info.id, 0, "X", NULL, &err) && store_flush(store, &err),
            "already in the study");
    /* ... and that error stays */
    REFUSED(store_trial_begin(store, info.id, fixture_trial(&t, 5), &err), "already in the study");
    REFUSED(store_study_end(store, info.id, "DONE", &err), "already in the study");
    REFUSED(store_close(store, &err), "already in the study");
}

static void what_has_no_value_never_wins(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin("a", &info, &start);
    static const struct { TrialState state; double value; int64_t n_params; } trials[] = {
        {TRIAL_COMPLETE, 0.5, 100}, {TRIAL_COMPLETE, NAN, 1}, {TRIAL_COMPLETE, INFINITY, 1},
        {TRIAL_FAILED, NAN, 1}, {TRIAL_COMPLETE, 0.8, 300}, {TRIAL_PRUNED, 0.9, 10},
        {TRIAL_COMPLETE, 0.8, 300}, {TRIAL_COMPLETE, 0.7, 400}, {TRIAL_COMPLETE, 0.6, 100},
        {TRIAL_FAILED, NAN, 1}, {TRIAL_FAILED, 5.0, 1},
    };
    int n = (int)(sizeof trials / sizeof *trials);
    for (int i = 0; i < n; i++)
        add_trial(store, info.id, i, trials[i].state, trials[i].value, trials[i].n_params);
    check_query(store, "SELECT rank, trial, value FROM leaderboard WHERE study = 'a'",
                "1|4|0.8;2|6|0.8;3|7|0.7;4|8|0.6;5|0|0.5");
    check_query(store, "SELECT trial, value FROM best", "4|0.8");
    check_query(store, "SELECT trial, value, n_params FROM pareto", "8|0.6|100;4|0.8|300");
    check_query(store, "SELECT trial, best_so_far, is_best FROM history",
                "0|0.5|1;4|0.8|1;6|0.8|0;7|0.8|0;8|0.8|0");
    check_query(store, "SELECT code, n, example_trial, example FROM failures",
                "DIVERGED|2|3|epoch 3: loss is nan;OOM|1|10|epoch 3: loss is nan");
    check_query(store, "SELECT trials, complete, pruned, failed, best_value FROM progress", "11|7|1|3|0.8");

    StudyInfo down = fixture_study("down");
    down.maximize = false;
    OK(store_study_begin(store, &down, &fixture_space, &start, &err));
    for (int i = 0; i < n; i++)
        add_trial(store, down.id, i, trials[i].state, -trials[i].value, trials[i].n_params);
    check_query(store, "SELECT rank, trial, value FROM leaderboard WHERE study = 'down'",
                "1|4|-0.8;2|6|-0.8;3|7|-0.7;4|8|-0.6;5|0|-0.5");
    check_query(store, "SELECT trial FROM pareto WHERE study = 'down'", "8;4");
    check_query(store, "SELECT study, trial FROM best ORDER BY study", "a|4;down|4");
    check_query(store, "SELECT best_value FROM progress WHERE study = 'down'", "-0.8");
    OK(store_close(store, &err));
}

/* By hand from the matrix: rows truth, columns predicted; class two has rows but is never predicted. */
static void classes_are_judged_by_the_one_rule(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin("a", &info, &start);
    FixtureTrial t;
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 0), &err));
    fixture_end(&t.row, 0.5);
    int64_t val[9] = {6, 2, 0, 1, 3, 0, 3, 1, 0};
    OK(store_trial_end(store, &t.row, NULL, 0, &(ConfusionRow){"val", 3, val}, 1, NULL, 0, &err));
    check_query(store, "SELECT label, precision, recall, f1, support, predicted FROM per_class WHERE trial = 0",
                "zero|0.6|0.75|0.666667|8|10;one|0.5|0.75|0.6|4|6;two|null|0|null|4|0");
    check_query(store, "SELECT truth, predicted, n, share_of_truth FROM confused_pairs ORDER BY n DESC, 1",
                "two|zero|3|0.75;zero|one|2|0.25;one|zero|1|0.25;two|one|1|0.25");
    OK(store_close(store, &err));
}

static void trials_are_set_aside_and_taken_back(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin("a", &info, &start);
    add_trial(store, info.id, 0, TRIAL_COMPLETE, 0.5, 10);
    add_trial(store, info.id, 1, TRIAL_PRUNED, 0.9, 10);
    FixtureTrial t;
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 2), &err));
    REFUSED(curate_exclude(store, info.id, (const int[]){0}, 1, true, &err), "being run by this very process");
    OK(store_study_end(store, info.id, "STOPPED", &err));
    OK(curate_exclude(store, info.id, (const int[]){0}, 1, true, &err));
    OK(curate_exclude(store, info.id, (const int[]){0}, 1, true, &err)); /* again: nothing to do */
    OK(curate_exclude(store, info.id, (const int[]){1}, 1, true, &err));
    check_query(store, "SELECT state, state_before FROM trial WHERE number < 2",
                "EXCLUDED|COMPLETE;EXCLUDED|PRUNED");
    check_query(store, "SELECT count(*) FROM leaderboard", "0");
    OK(curate_exclude(store, info.id, (const int[]){1}, 1, false, &err));
    OK(curate_exclude(store, info.id, (const int[]){1}, 1, false, &err));
    check_query(store, "SELECT state FROM trial", "EXCLUDED;PRUNED;RUNNING");
    REFUSED(curate_exclude(store, info.id, (const int[]){0, 2}, 2, true, &err), "trial 2 is RUNNING");
    check_query(store, "SELECT state FROM trial", "EXCLUDED;PRUNED;RUNNING");
    REFUSED(curate_exclude(store, info.id, (const int[]){77}, 1, true, &err), "no trial 77");
    info = fixture_study("a");
    OK(store_study_begin(store, &info, &fixture_space, &start, &err)); /* none of these errors stays */
    OK(store_close(store, &err));
}

static void ensembles_come_back_as_they_were(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Arena *arena = arena_create(0);
    Store *store = begin("a", &info, &start);
    for (int i = 0; i < 3; i++) add_trial(store, info.id, i, TRIAL_COMPLETE, i, 10);
    EnsembleMemberRow members[] = {{3, 0.5}, {1, 0.25}, {3, 0.25}};
    EnsembleRow row = {.method = "greedy", .metric = "f1_macro", .config = "{}", .value = 0.97,
                       .path = "ensemble.consort", .sha256 = "ef", .bytes = 1234, .n_members = 3,
                       .members = members}, *got;
    OK(store_ensemble_add(store, info.id, &row, &err));
    assert_int_equal(row.id, 1);
    int n;
    OK(store_ensembles(store, info.id, arena, &got, &n, &err));
    assert_int_equal(n, 1);
    assert_string_equal(got->method, "greedy");
    assert_string_equal(got->path, "ensemble.consort");
    assert_int_equal(got->bytes, 1234);
    assert_true(got->value == 0.97);
    assert_int_equal(got->n_members, 3);
    assert_memory_equal(got->members, members, sizeof members);
    members[0].trial_id = 99;
    REFUSED(store_ensemble_add(store, info.id, &row, &err), "FOREIGN KEY");
    OK(store_ensembles(store, info.id, arena, &got, &n, &err));
    assert_int_equal(n, 1); /* half an ensemble was not left behind */
    arena_destroy(arena);
    OK(store_close(store, &err));
}

/* ---- asking ---------------------------------------------------------------------------------------------- */

static bool first_only(void *context, int n, const char *const *columns, const Value *cells)
{
    (void)n, (void)columns, (void)cells;
    ++*(int *)context;
    return false;
}

static void queries_only_read(void **state)
{
    (void)state;
    static const struct { const char *sql, *words; ErrorCode code; } cases[] = {
        {"", "empty", ERR_INVALID},
        {" -- nothing\n ;", "empty", ERR_INVALID},
        {"SELECT 1; SELECT 2", "one statement at a time; a second begins at character 10", ERR_INVALID},
        {"SELECT 1; DROP TABLE trial", "one statement", ERR_INVALID},
        {"SELECT vlaue FROM trial", "no such column: vlaue (did you mean value?), at character 8: SELECT >>>vlaue FROM", ERR_INVALID},
        {"SELECT\n1 +", "incomplete input", ERR_INVALID},
        {"SELECT * FROM mnist-mlp", "view has _", ERR_INVALID},
        {"SELEC 1", "at character 1: >>>SELEC 1", ERR_INVALID},
        {"SELECT abs(-9223372036854775808)", "integer overflow", ERR_INVALID},
        {"DELETE FROM trial", "queries only read", ERR_INVALID},
        {"UPDATE trial SET value = 1", "queries only read", ERR_INVALID},
        {"INSERT INTO event (utc, code) VALUES ('', '')", "queries only read", ERR_INVALID},
        {"CREATE TEMP TABLE x (a)", "queries only read", ERR_INVALID},
        {"DROP VIEW best", "queries only read", ERR_INVALID},
        {"ATTACH '/tmp/consort-other.db' AS x", "queries only read", ERR_INVALID},
        {"VACUUM", "queries only read", ERR_INVALID},
        {"VACUUM INTO '/tmp/consort-copy.db'", "queries only read", ERR_INVALID},
        {"BEGIN IMMEDIATE", "queries only read", ERR_INVALID},
        {"SAVEPOINT x", "queries only read", ERR_INVALID},
        {"PRAGMA journal_mode = DELETE", "would change something", ERR_INVALID},
        {"PRAGMA user_version = 7", "would change something", ERR_INVALID},
        {"PRAGMA query_only = 0", "queries only read", ERR_INVALID},
        {"PRAGMA writable_schema = 1", "queries only read", ERR_INVALID},
        {"UPDATE sqlite_schema SET sql = ''", "may not be modified", ERR_INVALID},
        {"SELECT load_extension('x')", "not authorized", ERR_INVALID},
        {"SELECT length(zeroblob(1000000000))", "too big", ERR_INVALID},
        {"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c",
         "stopped after 0.05 s", ERR_STOPPED},
    };
    StudyInfo info;
    StudyStart start;
    Store *writer = begin("mnist-mlp", &info, &start), *reader;
    add_trial(writer, info.id, 0, TRIAL_COMPLETE, 0.5, 10);
    OK(store_open(path, STORE_READ, &reader, &err));
    for (int who = 0; who < 2; who++) {
        Store *store = who ? writer : reader;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            err.message[0] = '\0';
            Text out = {0};
            QuerySink sink = {.row = join, .context = &out};
            if (store_query(store, cases[i].sql, 0.05, &sink, &err)) fail_msg("%s ran", cases[i].sql);
            if (!strstr(err.message, cases[i].words) || err.code != cases[i].code ||
                strchr(err.message, '\n'))
                fail_msg("%s: %s: %s", cases[i].sql, error_name(err.code), err.message);
            text_free(&out);
        }
        check_query(store, "SELECT key, j.value FROM trial, json_each(params) j WHERE key LIKE 'w%'", "width_1|32");
        check_query(store, "SELECT count(*) > 20 FROM pragma_table_info('trial')", "1");
        check_query(store, "PRAGMA application_id;  -- and a comment", "1129206610");
        check_query(store, "SELECT 9007199254740992, 9007199254740993, 1.5, NULL, x'0aff', 'it''s'",
                    "9007199254740992|9007199254740993|1.5|null|x'0aff'|it's");
        int n = 0;
        OK(store_query(store, "SELECT * FROM param", 10, &(QuerySink){.row = first_only, .context = &n}, &err));
        assert_int_equal(n, 1); /* the sink may stop it */
        check_query(store, "SELECT value FROM trial", "0.5");
    }
    OK(store_close(reader, &err));
    OK(store_close(writer, &err));
}

/* Every ```sql block of the manual. */
static void documented_queries_run(void **state)
{
    (void)state;
    Bytes manual;
    OK(file_read("docs/reference/database.md", 0, &manual, &err));
    StudyInfo info;
    StudyStart start;
    Store *store = begin("mnist-mlp", &info, &start);
    for (int i = 0; i < 20; i++)
        add_trial(store, info.id, i, i % 7 == 6 ? TRIAL_FAILED : TRIAL_COMPLETE, i % 7 == 6 ? NAN : i, 10 + i);
    int n = 0;
    for (char *at = manual.bytes; (at = strstr(at, "```sql\n"));) {
        at += strlen("```sql\n");
        char *end = strstr(at, "```");
        assert_non_null(end);
        *end = '\0';
        Text out = {0};
        if (!store_query(store, at, 10, &(QuerySink){.row = join, .context = &out}, &err))
            fail_msg("%s%s", at, err.message);
        text_free(&out);
        at = end + 1;
        n++;
    }
    bytes_free(&manual);
    assert_true(n >= 20);
    OK(store_close(store, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, empty)
        T(refuses_what_is_no_database),
        T(refuses_databases_of_others_and_of_the_future),
        T(refuses_where_it_may_not_write),
        T(is_one_plain_file_at_rest),
        T(a_study_goes_on_only_if_it_is_the_same),
        T(studies_come_back_whole_and_are_found),
        T(names_can_be_typed_in_sql),
        T(every_kind_of_parameter_has_its_column),
        T(a_paused_trial_goes_on),
        T(rows_come_back_as_they_were),
        T(reading_survives_failed_allocations),
        T(numbers_come_in_order_and_nothing_runs_twice),
        T(what_has_no_value_never_wins),
        T(classes_are_judged_by_the_one_rule),
        T(trials_are_set_aside_and_taken_back),
        T(ensembles_come_back_as_they_were),
        T(queries_only_read),
        T(documented_queries_run),
    };
    return cmocka_run_group_tests_name("tuner/store", tests, folder_make, folder_drop);
}
