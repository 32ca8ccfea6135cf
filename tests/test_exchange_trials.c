/* Trials to and from other tools. Whether Optuna itself reads the file: tests/cli_optuna.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/store_checks.h"
#include "tuner/exchange/exchange.h"

static Arena *arena;
static char exported[160];

static Space *space_of(const char *yaml)
{
    Conf *conf;
    Space *space = NULL;
    OK(conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err));
    OK(space_read(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"),
                  (const char *const[]){"n_params", NULL}, arena, &space, &err));
    return space;
}

static const char every_kind[] =
    "parameters:\n"
    "  fixed: {value: relu}\n"
    "  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  drop: {min: 0.0, max: 0.5}\n"
    "  layers: {min: 1, max: 4}\n"
    "  width: {distribution: q_log_uniform_values, min: 32, max: 256, q: 32}\n"
    "  step: {distribution: q_uniform, min: 0, max: 1, q: 0.25}\n"
    "  noise: {distribution: normal, mu: 0, sigma: 1}\n"
    "  scale: {distribution: log_normal, mu: 0, sigma: 1}\n"
    "  decay: {distribution: log_uniform_values, min: 1e-6, max: 0.01, zero_prob: 0.5}\n"
    "  hidden: {values: [[256, 128], [64], [\"a b\"]]}\n"
    "  opt: {values: [adam, sgd], probabilities: [0.3, 0.7]}\n"
    "  flag: {values: [true, false]}\n"
    "  momentum: {min: 0.5, max: 0.9, when: \"opt == 'sgd'\"}\n"
    "  half: {expr: \"width / 2\"}\n"
    "constraints: [\"n_params < 10\", \"layers < 9\"]\n";

/* Trial `number` of the study below, as a point of the space. */
static TrialRow *trial_at(const Space *space, int number, TrialRow *row)
{
    double u[32];
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    Text json = {0};
    char *hash = ARENA_NEW(arena, char, 65);
    for (int d = 0; d < space->n_dims; d++) u[d] = fmod(0.137 * (number + 1) * (d + 1), 1);
    space_decode(space, u, values);
    assert_true(space_json(space, values, &json));
    space_hash(space, values, hash);
    *row = (TrialRow){.number = number, .state = TRIAL_RUNNING, .source = "tuner",
                      .params = arena_copy(arena, json.bytes), .params_hash = hash, .trace = "{}",
                      .seed = 7, .value = NAN, .value_sd = NAN};
    text_free(&json);
    return row;
}

/* One trial in each state, with what may be odd about it. */
static const char *const unnamed[] = {NULL};

static void make_study(const Space *space)
{
    static const TrialState ends[] = {TRIAL_COMPLETE, TRIAL_PRUNED, TRIAL_FAILED, TRIAL_INFEASIBLE,
        TRIAL_INTERRUPTED, TRIAL_COMPLETE, TRIAL_PRUNED, TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_RUNNING};
    Store *store;
    StudyStart start;
    StudyInfo study = fixture_study("night-1");
    OK(store_open(path, STORE_WRITE, &store, &err));
    OK(store_study_begin(store, &study, space, &start, &err));
    for (int i = 0; i < 10; i++) {
        TrialRow row;
        trial_at(space, i, &row);
        if (ends[i] == TRIAL_INFEASIBLE) {
            row.state = TRIAL_INFEASIBLE;
            row.fail_code = "CONSTRAINT";
            row.fail_text = "layers < 9";
        }
        OK(store_trial_begin(store, study.id, &row, &err));
        if (row.state != TRIAL_RUNNING || ends[i] == TRIAL_RUNNING) continue;
        for (int e = 1; e <= 3; e++) {
            EpochRow epoch = fixture_epoch(i, e);
            if (i == 2 || (i == 6 && e == 3)) epoch.val_metric = NAN;
            OK(store_epoch(store, row.id, &epoch, &err));
            epoch.fold = 1;
            OK(store_epoch(store, row.id, &epoch, &err));
        }
        fixture_end(&row, i == 5 ? NAN : 0.1 * i + 0.05);
        row.state = ends[i];
        if (i == 2) row.fail_code = "DIVERGED", row.fail_text = "epoch 2: \"nan\"";
        const int64_t counts[9] = {5, 1, 0, 2, 7, 0, 0, 0, 9};
        MetricRow metric = {"val", -1, "f1_macro", row.value, 0.01, NAN};
        ConfusionRow confusion = {"val", 3, counts};
        OK(store_trial_end(store, &row, &metric, 1, &confusion, i == 0, NULL, 0, &err));
    }
    OK(store_study_end(store, study.id, "STOPPED", &err)); /* 9 is still RUNNING */
    OK(curate_exclude(store, study.id, (const int[]){7}, 1, true, &err));
    OK(store_close(store, &err));
}

static void export_it(const Space *space, const OptunaOptions *options, int want)
{
    Store *store;
    StudyInfo study;
    int n = -1;
    snprintf(exported, sizeof exported, "%s/optuna.db", folder);
    unlink(exported);
    OK(store_open(path, STORE_READ, &store, &err));
    OK(store_study_find(store, NULL, arena, &study, &err));
    OK(exchange_to_optuna(store, &study, space, options, exported, &n, &err));
    assert_int_equal(n, want);
    OK(store_close(store, &err));
}

static sqlite3 *db;

static void check(const char *sql, const char *want)
{
    sqlite3_stmt *s;
    Text got = {0};
    text_add(&got, "");
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(s) == SQLITE_ROW) {
        if (got.n) text_add(&got, ";");
        for (int c = 0; c < sqlite3_column_count(s); c++) {
            const char *cell = (const char *)sqlite3_column_text(s, c);
            text_print(&got, "%s%s", c ? "|" : "", cell ? cell : "null");
        }
    }
    sqlite3_finalize(s);
    const char *is = got.bytes ? got.bytes : "";
    if (strcmp(is, want) != 0) fail_msg("%s\n  gives %s\n  not   %s", sql, is, want);
    text_free(&got);
}

static void opened(void)
{
    assert_int_equal(sqlite3_open_v2(exported, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
}

static void closed(void)
{
    sqlite3_close(db);
    db = NULL;
}

static void optuna_file_is_what_optuna_makes(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    export_it(space, &(OptunaOptions){.utc = true}, 9);
    opened();
    Bytes want;
    OK(file_read("tests/golden/optuna_schema.txt", 0, &want, &err));
    Text got = {0};
    sqlite3_stmt *s;
    sqlite3_prepare_v2(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name", -1, &s, NULL);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(s, 3);
        text_print(&got, "%s %s %s\n%s\n\n", sqlite3_column_text(s, 0), sqlite3_column_text(s, 1),
                   sqlite3_column_text(s, 2), sql ? sql : "None");
    }
    sqlite3_finalize(s);
    sqlite3_prepare_v2(db, "SELECT version_num, schema_version FROM alembic_version, version_info", -1, &s, NULL);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    text_print(&got, "%s %s\n", sqlite3_column_text(s, 0), sqlite3_column_text(s, 1));
    sqlite3_finalize(s);
    assert_string_equal(got.bytes, want.bytes);
    text_free(&got);
    bytes_free(&want);

    check("PRAGMA integrity_check", "ok");
    check("PRAGMA foreign_key_check", "");
    closed();
    OK(file_read(exported, 0, &want, &err)); /* a file in WAL mode cannot be read by the browser */
    assert_int_equal(want.bytes[18], 1);
    assert_int_equal(want.bytes[19], 1);
    bytes_free(&want);
}

/* What optuna-dashboard's reader in the browser asks, and what it must hear. */
static void browser_reads_it(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    export_it(space, &(OptunaOptions){.utc = true}, 9);
    opened();
    check("SELECT version_num FROM alembic_version LIMIT 1", "v3.2.0.a");
    check("SELECT s.study_id, s.study_name, sd.direction, sd.objective FROM studies AS s INNER JOIN"
          " study_directions AS sd ON s.study_id = sd.study_id ORDER BY sd.study_direction_id",
          "1|night-1|MAXIMIZE|0");
    check("SELECT key, value_json FROM study_system_attributes WHERE study_id = 1"
          " AND key = 'dashboard:objective_names'", "dashboard:objective_names|[\"val_f1_macro\"]");
    check("SELECT value_json FROM study_system_attributes WHERE key = 'study:metric_names'",
          "[\"val_f1_macro\"]");
    /* 7 is EXCLUDED and left out; a complete trial with nan has failed */
    check("SELECT number, state FROM trials WHERE study_id = 1 ORDER BY number",
          "0|COMPLETE;1|PRUNED;2|FAIL;3|FAIL;4|FAIL;5|FAIL;6|PRUNED;7|COMPLETE;8|RUNNING");
    check("SELECT value_json FROM trial_user_attributes WHERE key = 'consort_trial' AND trial_id IN (8, 9)",
          "8;9");
    check("SELECT value, value_type FROM trial_values WHERE trial_id = 1 ORDER BY objective", "0.05|FINITE");
    /* pruned: the last value it had, and no row when that was nan */
    check("SELECT v.value = i.intermediate_value FROM trial_values v JOIN trial_intermediate_values i"
          " USING (trial_id) WHERE trial_id = 2 AND step = 2", "1");
    check("SELECT count(*) FROM trial_values WHERE trial_id IN (3, 4, 5, 6, 7, 9)", "0");
    check("SELECT step, round(intermediate_value, 4), intermediate_value_type FROM trial_intermediate_values"
          " WHERE trial_id = 7 ORDER BY step", "0|0.875|FINITE;1|0.8889|FINITE;2|null|NAN");
    check("SELECT trial_id, value_json FROM trial_system_attributes WHERE key = 'constraints' ORDER BY 1",
          "1|[0,0];2|[0,0];4|[0,1];6|[0,0];7|[0,0];8|[0,0]");
    check("SELECT value_json FROM trial_user_attributes WHERE trial_id = 1 AND key = 'val_f1_by_class'",
          "{\"zero\":0.7692307692307693,\"one\":0.8235294117647058,\"two\":1}");
    check("SELECT count(*) FROM trial_user_attributes WHERE json_valid(value_json) = 0", "0");
    check("SELECT count(*) FROM trials WHERE datetime_start NOT GLOB"
          " '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]000'",
          "0");
    check("SELECT number FROM trials WHERE datetime_complete IS NULL", "8");
    closed();
}

static void every_distribution_is_one_of_optunas(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    export_it(space, &(OptunaOptions){.utc = true}, 9);
    opened();
#define FLOAT(step, low, high, log) "{\"name\":\"FloatDistribution\",\"attributes\":{\"step\":" step \
    ",\"low\":" low ",\"high\":" high ",\"log\":" log "}}"
#define INTEGER(log, step, low, high) "{\"name\":\"IntDistribution\",\"attributes\":{\"log\":" log \
    ",\"step\":" step ",\"low\":" low ",\"high\":" high "}}"
#define CHOICES(list) "{\"name\":\"CategoricalDistribution\",\"attributes\":{\"choices\":" list "}}"
    check("SELECT param_name, distribution_json FROM trial_params WHERE param_name NOT IN ('noise', 'scale')"
          " GROUP BY param_name ORDER BY param_name",
          "decay|" FLOAT("null", "1e-06", "0.01", "true") ";decay_on|" CHOICES("[false,true]")
          ";drop|" FLOAT("null", "0", "0.5", "false") ";fixed|" CHOICES("[\"relu\"]")
          ";flag|" CHOICES("[true,false]") ";hidden|" CHOICES("[\"256-128\",\"64\",\"a b\"]")
          ";layers|" INTEGER("false", "1", "1", "4") ";lr|" FLOAT("null", "0.001", "0.1", "true")
          ";momentum|" FLOAT("null", "0.5", "0.9", "false") ";opt|" CHOICES("[\"adam\",\"sgd\"]")
          ";step|" FLOAT("0.25", "0", "1", "false") ";width|" INTEGER("true", "1", "32", "256"));
    /* one distribution a parameter, or Optuna would see two spaces */
    check("SELECT count(DISTINCT param_name), count(DISTINCT param_name || distribution_json) FROM trial_params",
          "14|14");
    /* unbounded ones: over what was drawn */
    check("SELECT count(*) FROM (SELECT param_name, min(param_value) = json_extract(distribution_json,"
          " '$.attributes.low') AND max(param_value) = json_extract(distribution_json, '$.attributes.high')"
          " AS tight FROM trial_params WHERE param_name IN ('noise', 'scale') GROUP BY 1) WHERE tight", "2");
    check("SELECT DISTINCT json_extract(distribution_json, '$.attributes.log') FROM trial_params"
          " WHERE param_name = 'scale'", "1");
    /* the number is where the choice stands; decay is there exactly where decay_on is */
    check("SELECT count(*) FROM trial_params WHERE distribution_json LIKE '%Categorical%' AND (param_value < 0"
          " OR param_value >= json_array_length(distribution_json, '$.attributes.choices'))", "0");
    check("SELECT count(*) FROM trial_params a LEFT JOIN trial_params b ON b.trial_id = a.trial_id AND"
          " b.param_name = 'decay' WHERE a.param_name = 'decay_on' AND a.param_value <> (b.param_id IS NOT NULL)",
          "0");
    check("SELECT count(*) FROM trial_params a LEFT JOIN trial_params b ON b.trial_id = a.trial_id AND"
          " b.param_name = 'momentum' WHERE a.param_name = 'opt' AND a.param_value <> (b.param_id IS NOT NULL)",
          "0");
    check("SELECT count(*) FROM trial_user_attributes WHERE key = 'derived:half'", "9");
    closed();
}

static void waiting_trials_carry_their_configuration(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    Store *store;
    StudyStart start;
    StudyInfo study = fixture_study("night-1");
    OK(store_open(path, STORE_WRITE, &store, &err)); /* beginning again queues what was cut off: 4 and 9 */
    OK(store_study_begin(store, &study, space, &start, &err));
    OK(store_study_end(store, study.id, "STOPPED", &err));
    OK(store_close(store, &err));
    export_it(space, &(OptunaOptions){.utc = true}, 9);
    opened();
    check("SELECT number, state, datetime_start FROM trials WHERE state = 'WAITING'", "4|WAITING|null;8|WAITING|null");
    check("SELECT count(*) FROM trial_params WHERE trial_id IN (5, 9)", "0");
    check("SELECT json_extract(value_json, '$.fixed'), json_type(value_json, '$.flag') IN ('true', 'false'),"
          " json_type(value_json, '$.half') FROM trial_system_attributes WHERE key = 'fixed_params'",
          "relu|1|null;relu|1|null");
    closed();
}

static void the_best_few(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    export_it(space, &(OptunaOptions){.utc = true, .top = 2}, 2);
    opened();
    check("SELECT t.number, value_json FROM trials t JOIN trial_user_attributes USING (trial_id)"
          " WHERE key = 'consort_trial'", "0|0;1|8");
    closed();
}

static void a_file_that_is_there_is_left_alone(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    snprintf(exported, sizeof exported, "%s/optuna.db", folder);
    OK(file_write(exported, "mine", 4, &err));
    Store *store;
    StudyInfo study;
    int n = -1;
    OK(store_open(path, STORE_READ, &store, &err));
    OK(store_study_find(store, NULL, arena, &study, &err));
    REFUSED(exchange_to_optuna(store, &study, space, &(OptunaOptions){0}, exported, &n, &err), "is there already");
    Bytes kept;
    OK(file_read(exported, 0, &kept, &err));
    assert_string_equal(kept.bytes, "mine");
    bytes_free(&kept);
    REFUSED(exchange_to_optuna(store, &study, space, &(OptunaOptions){0}, "/nowhere/x.db", &n, &err), "/nowhere/x.db");
    assert_int_equal(n, -1);
    OK(store_close(store, &err));
}

/* Times of the summer and the winter, and a leap day: as `date` says them. */
static void local_times(void **state)
{
    (void)state;
    const Space *space = space_of("parameters: {x: {min: 0.0, max: 1.0}}\n");
    make_study(space);
    static const char *const zones[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3"};
    static const char *const want[] = {
        "2024-02-29 23:59:59.123000|2024-07-01 00:00:00.000000", "2024-03-01 00:59:59.123000|2024-07-01 02:00:00.000000"};
    sqlite3 *mine;
    assert_int_equal(sqlite3_open(path, &mine), SQLITE_OK);
    assert_int_equal(sqlite3_exec(mine, "UPDATE trial SET start_utc = '2024-02-29T23:59:59.123Z',"
                                  " end_utc = '2024-07-01T00:00:00.000Z'", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(mine);
    for (int i = 0; i < 2; i++) {
        setenv("TZ", zones[i], 1);
        tzset();
        export_it(space, &(OptunaOptions){.utc = false}, 9);
        opened();
        check("SELECT datetime_start, datetime_complete FROM trials WHERE number = 0", want[i]);
        closed();
    }
}

/* ---- in --------------------------------------------------------------------------------------- */

/* Every finished trial of the exported study is the same configuration again. */
static void what_goes_out_comes_back(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    export_it(space, &(OptunaOptions){.utc = true}, 9);
    ForeignStudy foreign;
    OK(foreign_read_optuna(exported, NULL, NULL, unnamed, arena, &foreign, &err));
    assert_int_equal(foreign.n, 9);
    assert_int_equal(foreign.goal, 1);
    assert_string_equal(foreign.metric, "val_f1_macro");
    static const char *const useless[] = {NULL, "PRUNED", "FAIL", "FAIL", "FAIL", "FAIL", "PRUNED", NULL, "RUNNING"};
    static const int number[] = {0, 1, 2, 3, 4, 5, 6, 8, 9};
    for (int i = 0; i < 9; i++) {
        TrialRow row;
        Value *values = ARENA_NEW(arena, Value, space->n_params);
        char hash[65];
        OK(foreign_match(space, &foreign, i, NULL, 0, arena, values, &err));
        space_hash(space, values, hash);
        assert_string_equal(hash, trial_at(space, number[i], &row)->params_hash);
        if (useless[i]) assert_string_equal(foreign.trials[i].useless, useless[i]);
        else assert_null(foreign.trials[i].useless);
    }
    assert_float_equal(foreign.trials[7].score, 0.85, 1e-12);
    REFUSED(foreign_read_optuna(exported, "other", NULL, unnamed, arena, &foreign, &err), "no study `other` in it; there is night-1");
    REFUSED(foreign_read_optuna(exported, NULL, "val_loss", unnamed, arena, &foreign, &err), "no objective `val_loss`");
    REFUSED(foreign_read_optuna(path, NULL, NULL, unnamed, arena, &foreign, &err), "not a database of Optuna's");
    REFUSED(foreign_read_optuna("/nowhere.db", NULL, NULL, unnamed, arena, &foreign, &err), "no such file");
    assert_int_equal(err.code, ERR_DATA);
}

/* A file cut anywhere is refused or read, and never worse. */
static void a_cut_optuna_file(void **state)
{
    (void)state;
    const Space *space = space_of(every_kind);
    make_study(space);
    export_it(space, &(OptunaOptions){.utc = true}, 9);
    Bytes whole;
    OK(file_read(exported, 0, &whole, &err));
    char cut[200];
    snprintf(cut, sizeof cut, "%s/cut.db", folder);
    for (size_t n = 0; n < whole.n; n += 997) {
        ForeignStudy foreign;
        OK(file_write(cut, whole.bytes, n, &err));
        err.message[0] = '\0';
        if (!foreign_read_optuna(cut, NULL, NULL, unnamed, arena, &foreign, &err)) {
            assert_int_equal(err.code, ERR_DATA);
            assert_non_null(strstr(err.message, "cut.db"));
        }
        arena_reset(arena);
    }
    bytes_free(&whole);
}

static const char *const score_names[] = {"val_f1", "f1", "value", NULL};

static bool read_csv_text(const char *text, bool wandb, const char *metric, ForeignStudy *out)
{
    char csv[200];
    snprintf(csv, sizeof csv, "%s/t.csv", folder);
    OK(file_write(csv, text, strlen(text), &err));
    return foreign_read_csv(csv, wandb, metric, score_names, arena, out, &err);
}

static void tables(void **state)
{
    (void)state;
    ForeignStudy f;
    OK(read_csv_text("\xEF\xBB\xBFNumber,value,params_x,state\r\n0,0.5,\"a,\"\"b\"\"\",COMPLETE\r\n"
                     "1,,2,COMPLETE\r\n2,0.25,-1e-3,FAIL\r\n", false, NULL, &f));
    assert_int_equal(f.n, 3);
    assert_string_equal(f.metric, "value");
    assert_string_equal(f.trials[0].values[2].text, "a,\"b\"");
    assert_string_equal(f.trials[1].useless, "no score");
    assert_string_equal(f.trials[2].useless, "FAIL");
    assert_true(f.trials[2].values[2].number == -1e-3);
    OK(read_csv_text("\"Name\",\"State\",\"lr\",\"f1\"\n\"a\nb\",finished,0.1,0.9\n\nc,crashed,0.2,0.1\nd,running,,\n",
                     true, NULL, &f));
    assert_int_equal(f.n, 3);
    assert_string_equal(f.trials[1].where, "line 5");
    assert_null(f.trials[0].useless);
    assert_string_equal(f.trials[1].useless, "crashed");
    REFUSED(read_csv_text("", false, NULL, &f), "empty");
    REFUSED(read_csv_text("a,b\n1,2\n", false, "c", &f), "no column `c`");
    REFUSED(read_csv_text("value,val_f1_\n1,2\n", false, "val_f1", &f), "did you mean `val_f1_`");
    REFUSED(read_csv_text("value,x\n1\n", false, NULL, &f), "t.csv:2: 1 cells, but the line of names has 2");
    REFUSED(read_csv_text("value,x\n1,2\n3,\"4\n", false, NULL, &f), "t.csv:3: a quote that does not end");
    OK(read_csv_text("value,x\n1,2", false, NULL, &f)); /* no newline at the end */
    assert_int_equal(f.n, 1);
}

/* One row against the space: NULL when it fits, else why not. */
static const char *row_error(const Space *space, bool only_params, int n, const char **names, Value *values,
                             const Rename *rename)
{
    ForeignTrial trial = {.where = "line 2", .n = n, .names = names, .values = values, .score = 1};
    ForeignStudy study = {.n = 1, .trials = &trial, .only_params = only_params};
    Value *out = ARENA_NEW(arena, Value, space->n_params);
    err.message[0] = '\0';
    return foreign_match(space, &study, 0, rename, rename ? 1 : 0, arena, out, &err) ? NULL : err.message;
}

static void rows_that_fit_and_rows_that_do_not(void **state)
{
    (void)state;
    const Space *space = space_of("parameters:\n  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
        "  width: {distribution: q_uniform, min: 32, max: 128, q: 32}\n  opt: {values: [adam, sgd]}\n"
        "  momentum: {min: 0.5, max: 0.9, when: \"opt == 'sgd'\"}\n  act: {value: relu}\n"
        "  a: {parameters: {deg: {values: [0, 5, true]}}}\n");
    const char *names[] = {"lr", "width", "opt", "momentum", "a_deg", "noise"};
    Value v[] = {value_real(0.0123456789), value_int(64), value_text("adam"), value_none(), value_int(5),
                 value_text("x")};
#define FITS() assert_null(row_error(space, false, 6, names, v, NULL))
#define UNFIT(words)                                                                                  \
    do {                                                                                              \
        const char *why = row_error(space, false, 6, names, v, NULL);                                 \
        if (!why || !strstr(why, words)) fail_msg("\"%s\" is not in \"%s\"", words, why ? why : "");  \
    } while (0)
    FITS(); /* more digits than we keep, a column nobody knows, a name with its dot as an underscore */
    v[0] = value_real(0.5);
    UNFIT("lr is 0.5, outside of 0.001 to 0.1");
    v[0] = value_none();
    UNFIT("lr is missing");
    v[0] = value_text("fast");
    UNFIT("lr is `fast`, not a number");
    v[0] = value_real(0.01);
    v[1] = value_int(65);
    UNFIT("width is 65; the nearest the space can propose is 64");
    v[1] = value_int(64);
    v[2] = value_text("lion");
    UNFIT("opt is `lion`, which is not among its values");
    v[2] = value_text("sgd");
    UNFIT("momentum is missing");
    v[3] = value_real(0.5);
    FITS();
    v[2] = value_text("adam"); /* a parameter that does not apply may have any value */
    v[3] = value_real(7);
    FITS();
    v[4] = value_text("True");
    FITS();
    names[1] = "params_width";
    names[5] = "act";
    v[5] = value_text("relu");
    FITS();
    v[5] = value_text("gelu");
    UNFIT("act is `gelu`");
    v[5] = value_text("relu");
    names[0] = "learn_rate";
    UNFIT("lr is missing");
    assert_null(row_error(space, false, 6, names, v, &(Rename){"learn_rate", "lr"}));
    assert_non_null(strstr(row_error(space, true, 6, names, v, NULL), "`learn_rate` is not a parameter"));
    names[0] = "lr";
    names[1] = "width";
    assert_null(row_error(space, true, 6, names, v, NULL));
    names[3] = "epochs";
    assert_non_null(strstr(row_error(space, true, 6, names, v, NULL), "--map epochs="));
    assert_null(row_error(space, true, 6, names, v, &(Rename){"epochs", ""}));
}

static int fresh(void **state)
{
    folder_empty();
    arena_reset(arena);
    (void)state;
    return 0;
}

static int group_start(void **state)
{
    arena = arena_create(0);
    return folder_make(state);
}

static int group_end(void **state)
{
    arena_destroy(arena);
    return folder_drop(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(optuna_file_is_what_optuna_makes, fresh),
        cmocka_unit_test_setup(browser_reads_it, fresh),
        cmocka_unit_test_setup(every_distribution_is_one_of_optunas, fresh),
        cmocka_unit_test_setup(waiting_trials_carry_their_configuration, fresh),
        cmocka_unit_test_setup(the_best_few, fresh),
        cmocka_unit_test_setup(a_file_that_is_there_is_left_alone, fresh),
        cmocka_unit_test_setup(local_times, fresh),
        cmocka_unit_test_setup(what_goes_out_comes_back, fresh),
        cmocka_unit_test_setup(a_cut_optuna_file, fresh),
        cmocka_unit_test_setup(tables, fresh),
        cmocka_unit_test_setup(rows_that_fit_and_rows_that_do_not, fresh),
    };
    return cmocka_run_group_tests_name("tuner/exchange", tests, group_start, group_end);
}
