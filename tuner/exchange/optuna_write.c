/* A study as an SQLite file of Optuna's. The tables are those that Optuna's RDBStorage makes, schema 12,
 * head revision v3.2.0.a, the same from 3.2 to 5.0; a test compares them with a file Optuna wrote. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tuner/exchange/exchange.h"
#include "tuner/exchange/optuna_space.h"
#include "tuner/store/sql.h"

static const char schema[] =
    "CREATE TABLE studies (\n\tstudy_id INTEGER NOT NULL, \n\tstudy_name VARCHAR(512) NOT NULL, \n"
    "\tPRIMARY KEY (study_id)\n);"
    "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);"
    "CREATE TABLE version_info (\n\tversion_info_id INTEGER NOT NULL, \n\tschema_version INTEGER, \n"
    "\tlibrary_version VARCHAR(256), \n\tPRIMARY KEY (version_info_id), \n\tCHECK (version_info_id=1)\n);"
    "CREATE TABLE study_directions (\n\tstudy_direction_id INTEGER NOT NULL, \n"
    "\tdirection VARCHAR(8) NOT NULL, \n\tstudy_id INTEGER NOT NULL, \n\tobjective INTEGER NOT NULL, \n"
    "\tPRIMARY KEY (study_direction_id), \n\tUNIQUE (study_id, objective), \n"
    "\tFOREIGN KEY(study_id) REFERENCES studies (study_id)\n);"
    "CREATE TABLE study_user_attributes (\n\tstudy_user_attribute_id INTEGER NOT NULL, \n"
    "\tstudy_id INTEGER, \n\t\"key\" VARCHAR(512), \n\tvalue_json TEXT, \n"
    "\tPRIMARY KEY (study_user_attribute_id), \n\tUNIQUE (study_id, \"key\"), \n"
    "\tFOREIGN KEY(study_id) REFERENCES studies (study_id)\n);"
    "CREATE TABLE study_system_attributes (\n\tstudy_system_attribute_id INTEGER NOT NULL, \n"
    "\tstudy_id INTEGER, \n\t\"key\" VARCHAR(512), \n\tvalue_json TEXT, \n"
    "\tPRIMARY KEY (study_system_attribute_id), \n\tUNIQUE (study_id, \"key\"), \n"
    "\tFOREIGN KEY(study_id) REFERENCES studies (study_id)\n);"
    "CREATE TABLE trials (\n\ttrial_id INTEGER NOT NULL, \n\tnumber INTEGER, \n\tstudy_id INTEGER, \n"
    "\tstate VARCHAR(8) NOT NULL, \n\tdatetime_start DATETIME, \n\tdatetime_complete DATETIME, \n"
    "\tPRIMARY KEY (trial_id), \n\tFOREIGN KEY(study_id) REFERENCES studies (study_id)\n);"
    "CREATE INDEX ix_trials_study_id ON trials (study_id);"
    "CREATE TABLE trial_user_attributes (\n\ttrial_user_attribute_id INTEGER NOT NULL, \n"
    "\ttrial_id INTEGER, \n\t\"key\" VARCHAR(512), \n\tvalue_json TEXT, \n"
    "\tPRIMARY KEY (trial_user_attribute_id), \n\tUNIQUE (trial_id, \"key\"), \n"
    "\tFOREIGN KEY(trial_id) REFERENCES trials (trial_id)\n);"
    "CREATE TABLE trial_system_attributes (\n\ttrial_system_attribute_id INTEGER NOT NULL, \n"
    "\ttrial_id INTEGER, \n\t\"key\" VARCHAR(512), \n\tvalue_json TEXT, \n"
    "\tPRIMARY KEY (trial_system_attribute_id), \n\tUNIQUE (trial_id, \"key\"), \n"
    "\tFOREIGN KEY(trial_id) REFERENCES trials (trial_id)\n);"
    "CREATE TABLE trial_params (\n\tparam_id INTEGER NOT NULL, \n\ttrial_id INTEGER, \n"
    "\tparam_name VARCHAR(512), \n\tparam_value FLOAT, \n\tdistribution_json TEXT, \n"
    "\tPRIMARY KEY (param_id), \n\tUNIQUE (trial_id, param_name), \n"
    "\tFOREIGN KEY(trial_id) REFERENCES trials (trial_id)\n);"
    "CREATE TABLE trial_values (\n\ttrial_value_id INTEGER NOT NULL, \n\ttrial_id INTEGER NOT NULL, \n"
    "\tobjective INTEGER NOT NULL, \n\tvalue FLOAT, \n\tvalue_type VARCHAR(7) NOT NULL, \n"
    "\tPRIMARY KEY (trial_value_id), \n\tUNIQUE (trial_id, objective), \n"
    "\tFOREIGN KEY(trial_id) REFERENCES trials (trial_id)\n);"
    "CREATE TABLE trial_intermediate_values (\n\ttrial_intermediate_value_id INTEGER NOT NULL, \n"
    "\ttrial_id INTEGER NOT NULL, \n\tstep INTEGER NOT NULL, \n\tintermediate_value FLOAT, \n"
    "\tintermediate_value_type VARCHAR(7) NOT NULL, \n\tPRIMARY KEY (trial_intermediate_value_id), \n"
    "\tUNIQUE (trial_id, step), \n\tFOREIGN KEY(trial_id) REFERENCES trials (trial_id)\n);"
    "CREATE TABLE trial_heartbeats (\n\ttrial_heartbeat_id INTEGER NOT NULL, \n"
    "\ttrial_id INTEGER NOT NULL, \n\theartbeat DATETIME NOT NULL, \n\tPRIMARY KEY (trial_heartbeat_id), \n"
    "\tUNIQUE (trial_id), \n\tFOREIGN KEY(trial_id) REFERENCES trials (trial_id)\n);"
    "CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL, \n"
    "\tCONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n);"
    "INSERT INTO alembic_version VALUES ('v3.2.0.a');"
    "INSERT INTO version_info VALUES (1, 12, '4.9.0');";

typedef struct {
    Store *from, *to; /* `to` is only a connection: no writer, no lease */
    const StudyInfo *study;
    const Space *space;
    const OptunaOptions *options;
    Arena *arena;
    TrialRow *rows;
    int n_rows;
    ForeignParam *params;
    int n_params;
    const Goals *several; /* NULL: one objective */
    int n_objectives;
} Export;

/* ---- small things ---------------------------------------------------------------------------- */

/* "2026-11-23T22:12:00.123Z" -> "2026-11-23 22:12:00.123000", the one form SQLAlchemy reads. */
static const char *date_time(const Export *x, const char *utc)
{
    struct tm tm = {0};
    int ms = 0;
    if (!utc || sscanf(utc, "%4d-%2d-%2dT%2d:%2d:%2d.%3d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                       &tm.tm_min, &tm.tm_sec, &ms) < 6)
        return NULL;
    if (!x->options->utc) {
        /* Days since 1970-01-01 by counting from March (Hinnant, "chrono-compatible date algorithms"). */
        int64_t y = tm.tm_year - (tm.tm_mon <= 2), era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
        int64_t doy = (153 * (tm.tm_mon + (tm.tm_mon > 2 ? -3 : 9)) + 2) / 5 + tm.tm_mday - 1;
        int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
        time_t seconds = (time_t)(days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
        if (!localtime_r(&seconds, &tm)) return NULL;
        tm.tm_year += 1900;
        tm.tm_mon += 1;
    }
    return arena_print(x->arena, "%04d-%02d-%02d %02d:%02d:%02d.%03d000", tm.tm_year, tm.tm_mon, tm.tm_mday,
                       tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
}

/* What Optuna has no infinities or NaN for, it keeps as a word beside NULL. */
static const char *type_of(double value)
{
    return isnan(value) ? "NAN" : isinf(value) ? (value > 0 ? "INF_POS" : "INF_NEG") : "FINITE";
}

/* With its values (n) in hand: Optuna knows no complete trial without them. */
static const char *state_of(const TrialRow *row, const double *value, int n)
{
    bool whole = true;
    for (int i = 0; i < n; i++) whole &= !isnan(value[i]);
    switch (row->state) {
    case TRIAL_COMPLETE: return whole ? "COMPLETE" : "FAIL";
    case TRIAL_PRUNED: return "PRUNED";
    case TRIAL_RUNNING: return "RUNNING";
    case TRIAL_QUEUED: return "WAITING";
    default: return "FAIL";
    }
}

/* A document as text, and gone. */
static bool to_text(Doc *doc, Text *out, Error *err)
{
    bool ok = doc_print(doc, 0, out);
    doc_free(doc);
    return ok || error_memory(err);
}

static bool attribute(Export *x, const char *sql, int64_t id, const char *key, Doc *value, Error *err)
{
    Text text = {0};
    bool ok = to_text(value, &text, err)
           && store_do(x->to, sql, (const RowCell[]){INT(id), TEXT(key), TEXT(text.bytes)}, 3, err);
    text_free(&text);
    return ok;
}
static const char study_user[] =
    "INSERT INTO study_user_attributes (study_id, key, value_json) VALUES (?1, ?2, ?3)";
static const char study_system[] =
    "INSERT INTO study_system_attributes (study_id, key, value_json) VALUES (?1, ?2, ?3)";
static const char trial_user[] =
    "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?1, ?2, ?3)";
static const char trial_system[] =
    "INSERT INTO trial_system_attributes (trial_id, key, value_json) VALUES (?1, ?2, ?3)";

/* ---- the study ------------------------------------------------------------------------------- */

static bool is_maximized(const Export *x, int objective)
{
    return x->several ? x->several->goal[objective].maximize : x->study->maximize;
}

static bool write_study(Export *x, Error *err)
{
    const StudyInfo *s = x->study;
    if (!STORE_DO(x->to, err, "INSERT INTO studies (study_id, study_name) VALUES (1, ?1)", TEXT(s->name)))
        return false;
    for (int i = 0; i < x->n_objectives; i++)
        if (!STORE_DO(x->to, err, "INSERT INTO study_directions (direction, study_id, objective)"
                      " VALUES (?1, 1, ?2)", TEXT(is_maximized(x, i) ? "MAXIMIZE" : "MINIMIZE"), INT(i)))
            return false;
    /* One name for Python, the other for the dashboard in the browser. */
    static const char *const names[] = {"study:metric_names", "dashboard:objective_names"};
    for (int i = 0; i < 2; i++) {
        Doc *list = doc_array();
        for (int o = 0; o < x->n_objectives; o++)
            doc_add(list, doc_text(x->several ? x->several->goal[o].name : s->metric));
        if (!attribute(x, study_system, 1, names[i], list, err)) return false;
    }
    char *note = arena_print(x->arena, "Study `%s` of Consort: %s %s by %s, seed %" PRIu64 ".%s%s", s->name,
                             s->maximize ? "maximizes" : "minimizes", s->metric, s->method, s->seed,
                             s->notes ? "\n\n" : "", s->notes ? s->notes : "");
    if (!note) return error_memory(err);
    const struct { const char *key, *text; } facts[] = {
        {"consort_version", s->version}, {"method", s->method}, {"config_sha256", s->config_sha256},
        {"data_sha256", s->data_sha256}, {"split_sha256", s->split_sha256}, {"created_utc", s->created_utc}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].text && *facts[i].text
            && !attribute(x, study_user, 1, facts[i].key, doc_text(facts[i].text), err))
            return false;
    return attribute(x, study_user, 1, "seed", doc_number((double)s->seed), err)
        && attribute(x, study_system, 1, "dashboard:note_ver", doc_number(1), err)
        && attribute(x, study_system, 1, "dashboard:note_str:0", doc_text(note), err);
}

/* ---- a trial --------------------------------------------------------------------------------- */

/* The curve of the first fold, steps from 0; `last` is its last value. */
static bool write_curve(Export *x, int64_t id, const TrialRow *row, bool *any, double *last, Error *err)
{
    sqlite3_stmt *read = STORE_BIND(x->from, err, "SELECT epoch, val_metric FROM epoch WHERE trial_id = ?1"
                                    " AND fold = 0 ORDER BY epoch", INT(row->id));
    bool more;
    if (!read || !store_step(x->from, read, &more, "reading", err)) return false;
    *any = more;
    while (more) {
        bool none = sqlite3_column_type(read, 1) == SQLITE_NULL;
        *last = none ? NAN : sqlite3_column_double(read, 1);
        if (!STORE_DO(x->to, err, "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value,"
                      " intermediate_value_type) VALUES (?1, ?2, ?3, ?4)", INT(id),
                      INT(sqlite3_column_int64(read, 0) - 1), REAL(isfinite(*last) ? *last : NAN),
                      TEXT(type_of(*last)))) {
            sqlite3_reset(read);
            return false;
        }
        if (!store_step(x->from, read, &more, "reading", err)) return false;
    }
    return true;
}

static bool write_params(Export *x, int64_t id, const TrialRow *row, const Value *values, Error *err)
{
    bool waiting = row->state == TRIAL_QUEUED;
    Doc *fixed = waiting ? doc_object() : NULL;
    bool ok = true;
    for (int i = 0; ok && i < x->n_params; i++) {
        const ForeignParam *p = &x->params[i];
        const Param *param = &x->space->params[p->param];
        double number;
        if (!foreign_number(x->space, p, values, &number)) {
            bool absent = p->kind != FOREIGN_CHOICE || values[p->param].kind == VALUE_NONE;
            if (absent) continue;
            ok = error_set(err, ERR_STORE, "%s: trial %d: %s has a value that is not among its choices",
                           x->from->path, row->number, p->name);
        } else if (!waiting) {
            ok = STORE_DO(x->to, err, "INSERT INTO trial_params (trial_id, param_name, param_value,"
                          " distribution_json) VALUES (?1, ?2, ?3, ?4)", INT(id), TEXT(p->name),
                          REAL(number), TEXT(p->json));
        } else if (p->kind == FOREIGN_CHOICE) {
            Value choice;
            ok = foreign_choice(param, (int)number, x->arena, &choice, err);
            if (ok) doc_set(fixed, p->name, doc_value(&choice));
        } else {
            doc_set(fixed, p->name, p->kind == FOREIGN_SWITCH ? doc_bool(number != 0) : doc_number(number));
        }
    }
    if (waiting && ok) return attribute(x, trial_system, id, "fixed_params", fixed, err);
    doc_free(fixed);
    if (!ok) return false;
    for (int i = 0; i < x->space->n_params; i++) {
        const Param *param = &x->space->params[i];
        if (param->distribution != DIST_DERIVED || values[i].kind == VALUE_NONE) continue;
        char *key = arena_print(x->arena, "derived:%s", param->name);
        if (!key) return error_memory(err);
        if (!attribute(x, trial_user, id, key, doc_value(&values[i]), err)) return false;
    }
    return true;
}

/* F1 of each class, from the stored confusion matrix. */
static bool write_classes(Export *x, int64_t id, const TrialRow *row, Error *err)
{
    ConfusionRow confusion;
    if (!store_confusion(x->from, row->id, "val", x->arena, &confusion, err)) return false;
    int k = confusion.n_classes;
    if (k == 0 || k > x->study->n_classes) return true;
    Doc *f1 = doc_object();
    for (int c = 0; c < k; c++) {
        double hit = (double)confusion.count[c * k + c], sum = 0;
        for (int o = 0; o < k; o++) sum += (double)(confusion.count[c * k + o] + confusion.count[o * k + c]);
        doc_set_number(f1, x->study->classes[c], sum > 0 ? 2 * hit / sum : NAN);
    }
    return attribute(x, trial_user, id, "val_f1_by_class", f1, err);
}

static bool write_facts(Export *x, int64_t id, const TrialRow *row, Error *err)
{
    const struct { const char *key; double number; } numbers[] = {
        {"consort_trial", row->number}, {"attempt", row->attempt},
        {"epochs", row->epochs > 0 ? row->epochs : NAN},
        {"best_epoch", row->best_epoch > 0 ? row->best_epoch : NAN},
        {"n_params", row->n_params > 0 ? (double)row->n_params : NAN},
        {"model_bytes", row->model_bytes > 0 ? (double)row->model_bytes : NAN},
        {"seconds", row->seconds > 0 ? row->seconds : NAN}, {"value_sd", row->value_sd}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (isfinite(numbers[i].number)
            && !attribute(x, trial_user, id, numbers[i].key, doc_number(numbers[i].number), err))
            return false;
    const struct { const char *key, *text; } texts[] = {
        {"source", row->source}, {"params_hash", row->params_hash}, {"fail_code", row->fail_code},
        {"fail_text", row->fail_text}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text && !attribute(x, trial_user, id, texts[i].key, doc_text(texts[i].text), err))
            return false;
    const char *taken[16] = {NULL};
    int n = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) taken[n++] = numbers[i].key;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) taken[n++] = texts[i].key;
    MetricRow *metrics;
    if (!store_metrics(x->from, row->id, x->arena, &metrics, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        if (metrics[i].fold != -1 || !isfinite(metrics[i].value)) continue;
        const char *key = metric_heading(&metrics[i], study_runs_program(x->study), taken, x->arena);
        if (!key) return error_memory(err);
        if (!attribute(x, trial_user, id, key, doc_number(metrics[i].value), err)) return false;
        if (!isfinite(metrics[i].low95) || !isfinite(metrics[i].high95)) continue;
        Doc *interval = doc_array();
        doc_add(interval, doc_number(metrics[i].low95));
        doc_add(interval, doc_number(metrics[i].high95));
        key = arena_print(x->arena, "%s_ci95", key);
        if (!key) doc_free(interval);
        if (!key) return error_memory(err);
        if (!attribute(x, trial_user, id, key, interval, err)) return false;
    }
    return write_classes(x, id, row, err);
}

/* Ours are true or false; Optuna's are numbers, and up to 0 is feasible. */
static bool write_constraints(Export *x, int64_t id, const TrialRow *row, Error *err)
{
    bool known = row->state == TRIAL_COMPLETE || row->state == TRIAL_PRUNED || row->state == TRIAL_INFEASIBLE;
    if (x->space->n_constraints == 0 || !known) return true;
    Doc *list = doc_array();
    for (int i = 0; i < x->space->n_constraints; i++) {
        bool violated = row->state == TRIAL_INFEASIBLE && row->fail_text
                     && strcmp(row->fail_text, x->space->constraint_texts[i]) == 0;
        doc_add(list, doc_number(violated ? 1 : 0));
    }
    return attribute(x, trial_system, id, "constraints", list, err);
}

static bool write_trial(Export *x, int number, const TrialRow *row, const Value *values, Error *err)
{
    int64_t id = number + 1;
    double values_of[PARETO_MOST] = {row->value};
    MetricRow *metrics;
    int n_metrics;
    if (x->several) {
        if (!store_metrics(x->from, row->id, x->arena, &metrics, &n_metrics, err)) return false;
        goals_values(x->several, metrics, n_metrics, values_of);
    }
    const char *state = state_of(row, values_of, x->n_objectives);
    bool waits = row->state == TRIAL_QUEUED, runs = row->state == TRIAL_RUNNING, curve = false;
    double last = NAN;
    const char *start = waits ? NULL : date_time(x, row->start_utc ? row->start_utc : row->queued_utc);
    const char *end = waits || runs ? NULL : date_time(x, row->end_utc ? row->end_utc : row->start_utc);
    if (!STORE_DO(x->to, err, "INSERT INTO trials (trial_id, number, study_id, state, datetime_start,"
                  " datetime_complete) VALUES (?1, ?2, 1, ?3, ?4, ?5)", INT(id), INT(number), TEXT(state),
                  TEXT(start), TEXT(end))
        || !write_params(x, id, row, values, err) || (!waits && !write_curve(x, id, row, &curve, &last, err))
        || !write_facts(x, id, row, err) || !write_constraints(x, id, row, err))
        return false;
    if (row->state == TRIAL_PRUNED && curve) values_of[0] = last;
    bool has_value = strcmp(state, "COMPLETE") == 0
                  || (row->state == TRIAL_PRUNED && !x->several && !isnan(values_of[0]));
    for (int i = 0; has_value && i < x->n_objectives; i++) /* Optuna has no row for a NaN */
        if (!STORE_DO(x->to, err, "INSERT INTO trial_values (trial_id, objective, value, value_type)"
                      " VALUES (?1, ?2, ?3, ?4)", INT(id), INT(i),
                      REAL(isfinite(values_of[i]) ? values_of[i] : NAN), TEXT(type_of(values_of[i]))))
            return false;
    return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void choose(Export *x)
{
    int n = 0;
    for (int i = 0; i < x->n_rows; i++)
        if (x->rows[i].state != TRIAL_EXCLUDED) x->rows[n++] = x->rows[i];
    x->n_rows = exchange_top(x->rows, n, x->options->top, x->study->maximize);
}

static bool read_values(Export *x, Value **out, Error *err)
{
    int width = x->space->n_params;
    Value *all = ARENA_NEW(x->arena, Value, (size_t)x->n_rows * (size_t)width + 1);
    double *least = ARENA_NEW(x->arena, double, width + 1), *most = ARENA_NEW(x->arena, double, width + 1);
    if (!all || !least || !most) return error_memory(err);
    for (int p = 0; p < width; p++) least[p] = most[p] = NAN;
    for (int i = 0; i < x->n_rows; i++) {
        Value *values = &all[(size_t)i * (size_t)width];
        Doc *params = doc_parse(x->rows[i].params, strlen(x->rows[i].params), err);
        bool ok = params && space_from_doc(x->space, params, x->arena, values, err);
        doc_free(params);
        if (!ok) return error_wrap(err, "%s: trial %d", x->from->path, x->rows[i].number);
        for (int p = 0; p < width; p++) {
            bool number = values[p].kind == VALUE_INT || values[p].kind == VALUE_REAL;
            if (!number || (x->space->params[p].zero_prob > 0 && values[p].number == 0)) continue;
            least[p] = fmin(least[p], values[p].number);
            most[p] = fmax(most[p], values[p].number);
        }
    }
    *out = all;
    return foreign_space(x->space, least, most, x->arena, &x->params, &x->n_params, err);
}

/* The writing half of `to`, from an empty file to the commit. */
static bool write_all(Export *x, Error *err)
{
    Value *values = NULL;
    if (!read_values(x, &values, err) || !store_begin(x->to, err)) return false;
    bool ok = store_exec(x->to, schema, err) && write_study(x, err);
    for (int i = 0; ok && i < x->n_rows; i++)
        ok = write_trial(x, i, &x->rows[i], &values[(size_t)i * (size_t)x->space->n_params], err);
    return store_commit(x->to, ok, err);
}

/* A connection that the short forms of sql.h work with. */
static bool plain_open(const char *path, Store *out, Error *err)
{
    *out = (Store){.path = (char *)path, .mode = STORE_WRITE};
    int rc = sqlite3_open_v2(path, &out->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                             | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) return out->db ? store_sql_error(out, rc, err, "making the file") : error_memory(err);
    return store_exec(out, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;"
                      " PRAGMA foreign_keys = ON", err);
}

static void plain_close(Store *store)
{
    store_forget_statements(store);
    sqlite3_close(store->db);
}

bool exchange_to_optuna(Store *store, const StudyInfo *study, const Space *space,
                        const OptunaOptions *options, const char *path, int *n_trials, Error *err)
{
    Export x = {.from = store, .study = study, .space = space, .options = options};
    Store to = {0};
    if (options->goals && options->goals->n > 0) x.several = options->goals;
    x.n_objectives = x.several ? x.several->n : 1;
    if (file_exists(path))
        return error_set(err, ERR_INVALID, "%s is there already, and may hold studies of Optuna's own; remove"
                         " it or give another name", path);
    x.arena = arena_create(0);
    char *temporary = x.arena ? arena_print(x.arena, "%s%s.%ld.tmp", path[0] == '/' ? "" : "./", path,
                                            (long)getpid()) : NULL;
    if (!temporary) {
        arena_destroy(x.arena);
        return error_memory(err);
    }
    unlink(temporary);
    bool ok = store_trials(store, study->id, x.arena, &x.rows, &x.n_rows, err);
    if (ok) choose(&x);
    ok = ok && plain_open(temporary, &to, err);
    x.to = &to;
    ok = ok && write_all(&x, err);
    plain_close(&to);
    /* Unlike rename, link never replaces a file that came meanwhile; not every file system has it. */
    if (ok && link(temporary, path) != 0 && (errno == EEXIST || rename(temporary, path) != 0))
        ok = error_set(err, ERR_IO, "cannot make %s: %s", path, strerror(errno));
    unlink(temporary);
    if (ok) *n_trials = x.n_rows;
    arena_destroy(x.arena);
    return ok;
}
