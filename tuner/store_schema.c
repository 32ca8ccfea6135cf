/* The tables and views. docs/database.md explains each to the people who query them: a change here
 * needs a change there, a new STORE_SCHEMA, and a step that migrates older files. */
#include "tuner/store_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables whose rows several workers write have natural keys and no rowid: what they hold, and in
 * which order, does not depend on who came first. */
static const char tables[] =
    "CREATE TABLE study (study_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " state TEXT NOT NULL CHECK (state IN ('OPEN', 'DONE', 'STOPPED')),"
    " method TEXT NOT NULL, metric TEXT NOT NULL,"
    " goal TEXT NOT NULL CHECK (goal IN ('maximize', 'minimize')), target REAL,"
    " seed INTEGER NOT NULL, run_cap INTEGER, time_cap_s REAL,"
    " config_yaml TEXT, config_sha256 TEXT, data_sha256 TEXT, split_sha256 TEXT,"
    " view_name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " consort_version TEXT, created_utc TEXT NOT NULL, notes TEXT) STRICT;"

    "CREATE TABLE class_label (study_id INTEGER NOT NULL REFERENCES study, class_id INTEGER NOT NULL,"
    " label TEXT NOT NULL, PRIMARY KEY (study_id, class_id)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE param_def (study_id INTEGER NOT NULL REFERENCES study, name TEXT NOT NULL,"
    " ord INTEGER NOT NULL, column_name TEXT, distribution TEXT NOT NULL,"
    " lo REAL, hi REAL, q REAL, mu REAL, sigma REAL, a REAL, b REAL, zero_prob REAL,"
    " choices TEXT, probabilities TEXT, cond TEXT, expr TEXT,"
    " PRIMARY KEY (study_id, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE trial (trial_id INTEGER PRIMARY KEY, study_id INTEGER NOT NULL REFERENCES study,"
    " number INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED',"
    " 'INFEASIBLE', 'INTERRUPTED', 'EXCLUDED')), state_before TEXT,"
    " source TEXT NOT NULL, params_hash TEXT NOT NULL, params TEXT NOT NULL, trace TEXT,"
    " seed INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 1, crashes INTEGER NOT NULL DEFAULT 0,"
    " value REAL, value_sd REAL, best_epoch INTEGER, epochs INTEGER NOT NULL DEFAULT 0,"
    " n_params INTEGER, model_bytes INTEGER, fail_code TEXT, fail_text TEXT, secs REAL,"
    " threads INTEGER, queued_utc TEXT, start_utc TEXT, end_utc TEXT, heartbeat_utc TEXT,"
    " host TEXT, pid INTEGER, boot_id TEXT,"
    " UNIQUE (study_id, number), UNIQUE (study_id, params_hash, seed)) STRICT;"

    "CREATE TABLE param (trial_id INTEGER NOT NULL REFERENCES trial, name TEXT NOT NULL, num REAL,"
    " txt TEXT, PRIMARY KEY (trial_id, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE epoch (trial_id INTEGER NOT NULL REFERENCES trial, fold INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, lr REAL, train_loss REAL, val_loss REAL, val_metric REAL,"
    " grad_norm REAL, secs REAL, PRIMARY KEY (trial_id, fold, epoch)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE metric (trial_id INTEGER NOT NULL REFERENCES trial, split TEXT NOT NULL,"
    " fold INTEGER NOT NULL, name TEXT NOT NULL, value REAL, lo95 REAL, hi95 REAL,"
    " PRIMARY KEY (trial_id, split, fold, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE confusion (trial_id INTEGER NOT NULL REFERENCES trial, split TEXT NOT NULL,"
    " truth INTEGER NOT NULL, pred INTEGER NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (trial_id, split, truth, pred)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE artifact (trial_id INTEGER NOT NULL REFERENCES trial, kind TEXT NOT NULL,"
    " path TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT,"
    " PRIMARY KEY (trial_id, kind, path)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE ensemble (ensemble_id INTEGER PRIMARY KEY,"
    " study_id INTEGER NOT NULL REFERENCES study, method TEXT NOT NULL, metric TEXT NOT NULL,"
    " value REAL, config TEXT, path TEXT, bytes INTEGER, sha256 TEXT, created_utc TEXT NOT NULL)"
    " STRICT;"

    "CREATE TABLE ensemble_member (ensemble_id INTEGER NOT NULL REFERENCES ensemble,"
    " ord INTEGER NOT NULL, trial_id INTEGER NOT NULL REFERENCES trial, weight REAL NOT NULL,"
    " PRIMARY KEY (ensemble_id, ord)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE event (event_id INTEGER PRIMARY KEY, utc TEXT NOT NULL,"
    " study_id INTEGER REFERENCES study, trial_id INTEGER REFERENCES trial, code TEXT NOT NULL,"
    " text TEXT) STRICT;"

    "CREATE TABLE lease (study_id INTEGER PRIMARY KEY REFERENCES study, host TEXT NOT NULL,"
    " boot_id TEXT NOT NULL, pid INTEGER NOT NULL, pid_space INTEGER NOT NULL,"
    " started INTEGER NOT NULL, since_utc TEXT NOT NULL, heartbeat_utc TEXT NOT NULL) STRICT;";

/* A NaN is kept as NULL, and NULL sorts before every number: whatever ranks says "IS NOT NULL". `better`
 * is the value with the sign that makes smaller better. */
#define BETTER "(CASE s.goal WHEN 'maximize' THEN -t.value ELSE t.value END)"

static const char views[] =
    "CREATE VIEW leaderboard AS SELECT s.name AS study,"
    " row_number() OVER (PARTITION BY s.name ORDER BY " BETTER ", t.number) AS rank,"
    " t.number AS trial, t.value, t.value_sd, t.epochs, t.best_epoch, t.n_params, t.secs, t.source,"
    " t.params, t.trial_id"
    " FROM trial t JOIN study s USING (study_id) WHERE t.state = 'COMPLETE' AND t.value IS NOT NULL"
    " ORDER BY study, rank;"

    "CREATE VIEW best AS SELECT study, trial, value, value_sd, epochs, best_epoch, n_params, secs,"
    " source, params, trial_id FROM leaderboard WHERE rank = 1;"

    "CREATE VIEW progress AS SELECT s.name AS study, s.state, s.run_cap,"
    " count(t.trial_id) AS trials,"
    " count(*) FILTER (WHERE t.state = 'QUEUED') AS queued,"
    " count(*) FILTER (WHERE t.state = 'RUNNING') AS running,"
    " count(*) FILTER (WHERE t.state = 'COMPLETE') AS complete,"
    " count(*) FILTER (WHERE t.state = 'PRUNED') AS pruned,"
    " count(*) FILTER (WHERE t.state = 'FAILED') AS failed,"
    " count(*) FILTER (WHERE t.state = 'INFEASIBLE') AS infeasible,"
    " count(*) FILTER (WHERE t.state = 'INTERRUPTED') AS interrupted,"
    " count(*) FILTER (WHERE t.state = 'EXCLUDED') AS excluded,"
    " CASE s.goal WHEN 'maximize' THEN max(t.value) FILTER (WHERE t.state = 'COMPLETE')"
    " ELSE min(t.value) FILTER (WHERE t.state = 'COMPLETE') END AS best_value,"
    " coalesce(sum(t.secs), 0) AS trial_secs, min(t.start_utc) AS first_start_utc,"
    " max(t.end_utc) AS last_end_utc"
    " FROM study s LEFT JOIN trial t USING (study_id) GROUP BY s.study_id;"

    "CREATE VIEW running AS SELECT s.name AS study, t.number AS trial, t.attempt,"
    " (SELECT count(*) FROM epoch e WHERE e.trial_id = t.trial_id) AS epochs,"
    " (SELECT e.val_metric FROM epoch e WHERE e.trial_id = t.trial_id"
    " ORDER BY e.fold DESC, e.epoch DESC LIMIT 1) AS last_val_metric,"
    " round((julianday('now') - julianday(t.start_utc)) * 86400, 1) AS elapsed_s,"
    " round((julianday('now') - julianday(t.heartbeat_utc)) * 86400, 1) AS heartbeat_age_s,"
    " t.host, t.pid, t.params"
    " FROM trial t JOIN study s USING (study_id) WHERE t.state = 'RUNNING';"

    /* with min(), the bare columns come from the row that has the minimum */
    "CREATE VIEW failures AS SELECT s.name AS study, t.fail_code AS code, count(*) AS n,"
    " min(t.number) AS example_trial, t.fail_text AS example, t.params AS example_params"
    " FROM trial t JOIN study s USING (study_id) WHERE t.state IN ('FAILED', 'INFEASIBLE')"
    " GROUP BY s.study_id, t.fail_code ORDER BY s.study_id, n DESC, code;"

    "CREATE VIEW per_class AS WITH cell AS ("
    " SELECT trial_id, split, truth AS class_id, n AS support, 0 AS predicted,"
    " CASE WHEN truth = pred THEN n ELSE 0 END AS hit FROM confusion"
    " UNION ALL SELECT trial_id, split, pred, 0, n, 0 FROM confusion),"
    " total AS (SELECT trial_id, split, class_id, sum(support) AS support,"
    " sum(predicted) AS predicted, sum(hit) AS hit FROM cell GROUP BY trial_id, split, class_id)"
    " SELECT s.name AS study, t.number AS trial, c.split, c.class_id,"
    " coalesce(l.label, c.class_id) AS label,"
    " 1.0 * c.hit / nullif(c.predicted, 0) AS precision,"
    " 1.0 * c.hit / nullif(c.support, 0) AS recall,"
    " CASE WHEN c.predicted > 0 AND c.support > 0"
    " THEN 2.0 * c.hit / (c.predicted + c.support) END AS f1,"
    " c.support, c.predicted"
    " FROM total c JOIN trial t USING (trial_id) JOIN study s USING (study_id)"
    " LEFT JOIN class_label l ON l.study_id = t.study_id AND l.class_id = c.class_id;"

    "CREATE VIEW confused_pairs AS SELECT s.name AS study, t.number AS trial, c.split,"
    " coalesce(a.label, c.truth) AS truth, coalesce(b.label, c.pred) AS predicted, c.n,"
    " 1.0 * c.n / (SELECT sum(r.n) FROM confusion r WHERE r.trial_id = c.trial_id"
    " AND r.split = c.split AND r.truth = c.truth) AS share_of_truth"
    " FROM confusion c JOIN trial t USING (trial_id) JOIN study s USING (study_id)"
    " LEFT JOIN class_label a ON a.study_id = t.study_id AND a.class_id = c.truth"
    " LEFT JOIN class_label b ON b.study_id = t.study_id AND b.class_id = c.pred"
    " WHERE c.truth <> c.pred AND c.n > 0;"

    /* smallest first; who is better than everything smaller is on the front */
    "CREATE VIEW pareto AS SELECT study, trial, value, n_params, params, trial_id FROM ("
    " SELECT s.name AS study, t.number AS trial, t.value, t.n_params, t.params, t.trial_id,"
    " " BETTER " AS better,"
    " min(" BETTER ") OVER (PARTITION BY s.name ORDER BY t.n_params, " BETTER ", t.number"
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best_smaller"
    " FROM trial t JOIN study s USING (study_id)"
    " WHERE t.state = 'COMPLETE' AND t.value IS NOT NULL AND t.n_params IS NOT NULL)"
    " WHERE best_smaller IS NULL OR better < best_smaller ORDER BY study, n_params;"

    "CREATE VIEW history AS SELECT study, trial, value, best_so_far, value = best_so_far AND"
    " (before IS NULL OR before <> best_so_far) AS is_best FROM ("
    " SELECT s.name AS study, t.number AS trial, t.value,"
    " CASE s.goal WHEN 'maximize' THEN max(t.value) OVER w ELSE min(t.value) OVER w END"
    " AS best_so_far,"
    " CASE s.goal WHEN 'maximize' THEN max(t.value) OVER b ELSE min(t.value) OVER b END AS before"
    " FROM trial t JOIN study s USING (study_id)"
    " WHERE t.state = 'COMPLETE' AND t.value IS NOT NULL"
    " WINDOW w AS (PARTITION BY s.name ORDER BY t.number),"
    " b AS (PARTITION BY s.name ORDER BY t.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))"
    " ORDER BY study, trial;";

/* ---- opening ------------------------------------------------------------------------------------- */

static bool create(Store *store, Error *err)
{
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION, STORE_SCHEMA);
    if (!store_begin(store, err)) return false;
    /* Another process may have been faster: then there is nothing left to do here. */
    int64_t n = 0;
    bool ok = store_get_int(store, "SELECT count(*) FROM sqlite_schema ", NULL, 0, 0, &n, err);
    if (ok && n == 0)
        ok = store_exec(store, tables, err) && store_exec(store, views, err) &&
             store_exec(store, pragmas, err);
    return store_commit(store, ok, err);
}

bool store_schema_open(Store *store, Error *err)
{
    int64_t application, version, n;
    if (!store_get_int(store, "PRAGMA application_id", NULL, 0, 0, &application, err) ||
        !store_get_int(store, "PRAGMA user_version", NULL, 0, 0, &version, err) ||
        !store_get_int(store, "SELECT count(*) FROM sqlite_schema", NULL, 0, 0, &n, err))
        return false;
    if (application == 0 && version == 0 && n == 0) {
        if (store->mode == STORE_READ)
            return error_set(err, ERR_STORE, "%s: an empty database; no study was written to it yet",
                             store->path);
        return create(store, err);
    }
    if (application != STORE_APPLICATION)
        return error_set(err, ERR_STORE, "%s: a database of another program (application_id %" PRId64
                         "), not one of Consort's", store->path, application);
    if (version > STORE_SCHEMA)
        return error_set(err, ERR_STORE, "%s: written by a newer Consort (schema %" PRId64 ", this one "
                         "knows %d); update Consort", store->path, version, STORE_SCHEMA);
    if (version < 1)
        return error_set(err, ERR_STORE, "%s: schema %" PRId64 " never existed; the file is damaged",
                         store->path, version);
    return true; /* schema 1 is the first: there is nothing to migrate yet */
}

/* ---- names --------------------------------------------------------------------------------------- */

/* A name that can be typed in SQL without quotes. What it may not be (a keyword, a digit in front,
 * one of `taken`) gets a prefix, then a number. Letters beyond ASCII are letters to SQLite, too. */
static char *plain_name(const char *name, const char *prefix,
                        bool (*taken)(void *context, const char *name), void *context)
{
    size_t n = strlen(name);
    char *plain = sqlite3_malloc64(n + 1);
    if (!plain) return NULL;
    for (size_t i = 0; i <= n; i++) {
        unsigned char c = (unsigned char)name[i];
        plain[i] = c == 0 || isalnum(c) || c == '_' || c >= 0x80 ? (char)c : '_';
    }
    if (isalpha((unsigned char)plain[0]) && sqlite3_strnicmp(plain, "sqlite_", 7) != 0 &&
        !sqlite3_keyword_check(plain, (int)n) && !taken(context, plain))
        return plain;
    char *found = NULL;
    for (int i = 1; !found; i++) {
        found = i == 1 ? sqlite3_mprintf("%s%s", prefix, plain)
                       : sqlite3_mprintf("%s%s_%d", prefix, plain, i);
        if (!found) break;
        if (taken(context, found)) {
            sqlite3_free(found);
            found = NULL;
        }
    }
    sqlite3_free(plain);
    return found;
}

typedef struct {
    Store *store;
    Error *err;
    bool failed;
} ViewNames;

static bool view_taken(void *context, const char *name)
{
    ViewNames *names = context;
    int64_t n = 0;
    if (names->failed) return false;
    names->failed = !store_get_int(names->store, "SELECT (SELECT count(*) FROM sqlite_schema WHERE"
                                   " name = ?1 COLLATE NOCASE) + (SELECT count(*) FROM study WHERE"
                                   " view_name = ?1)", (const Bind[]){TEXT(name)}, 1, 0, &n, names->err);
    return !names->failed && n > 0;
}

bool store_schema_view_name(Store *store, const char *study, char **out, Error *err)
{
    ViewNames names = {store, err, false};
    char *name = plain_name(study, "study_", view_taken, &names);
    if (names.failed) {
        sqlite3_free(name);
        return false;
    }
    if (!name) return error_memory(err);
    *out = name;
    return true;
}

enum { MOST_COLUMNS = 1000 }; /* SQLite stops at 2000 */
static const char *const fixed_columns[] = {"trial", "state", "value", "best_epoch", "epochs",
                                            "n_params", "secs", "trial_id"};
typedef struct {
    int n;
    char *names[MOST_COLUMNS];
} Columns;

static bool column_taken(void *context, const char *name)
{
    const Columns *columns = context;
    for (size_t i = 0; i < sizeof fixed_columns / sizeof *fixed_columns; i++)
        if (sqlite3_stricmp(fixed_columns[i], name) == 0) return true;
    for (int i = 0; i < columns->n; i++)
        if (sqlite3_stricmp(columns->names[i], name) == 0) return true;
    return false;
}

/* ---- one study's parameters ------------------------------------------------------------------------ */

static bool whole(double x)
{
    return isfinite(x) && x == floor(x);
}

/* Are all its numbers whole? Then its column shows 64, not 64.0. */
static bool is_integer(const Param *param)
{
    switch (param->distribution) {
    case DIST_INT_UNIFORM:
        return true;
    case DIST_Q_UNIFORM:
    case DIST_Q_LOG_UNIFORM_VALUES:
        return whole(param->q) && whole(param->low) && whole(param->high);
    case DIST_Q_NORMAL:
    case DIST_Q_LOG_NORMAL:
        return whole(param->q);
    case DIST_CONSTANT:
    case DIST_CATEGORICAL:
    case DIST_CATEGORICAL_P:
        for (int i = 0; i < param->n_choices; i++)
            if (param->choices[i].kind == VALUE_REAL) return false;
        return true; /* truth values are 0 and 1; text is not touched */
    default:
        return false;
    }
}

static void add_json(sqlite3_str *out, const Value *value)
{
    char shortly[256];
    size_t n = value_json(value, shortly, sizeof shortly);
    if (n < sizeof shortly) {
        sqlite3_str_append(out, shortly, (int)n);
        return;
    }
    char *text = malloc(n + 1);
    if (text && value_json(value, text, n + 1) == n) sqlite3_str_append(out, text, (int)n);
    free(text);
}

static bool define(Store *store, int64_t study_id, int ord, const Param *param, const char *column,
                   Error *err)
{
    sqlite3_str *choices = sqlite3_str_new(store->db), *odds = sqlite3_str_new(store->db);
    bool bounds = false, spread = false, beta = false;
    switch (param->distribution) {
    case DIST_CONSTANT: case DIST_CATEGORICAL: case DIST_CATEGORICAL_P: case DIST_DERIVED: break;
    case DIST_NORMAL: case DIST_Q_NORMAL: case DIST_LOG_NORMAL: case DIST_Q_LOG_NORMAL: spread = true; break;
    case DIST_BETA: case DIST_Q_BETA: beta = true; break;
    default: bounds = true;
    }
    for (int i = 0; i < param->n_choices; i++) {
        sqlite3_str_appendall(choices, i ? "," : "[");
        add_json(choices, &param->choices[i]);
        if (param->probabilities)
            sqlite3_str_appendf(odds, "%s%!.17g", i ? "," : "[", param->probabilities[i]);
    }
    if (param->n_choices) sqlite3_str_appendall(choices, "]");
    if (param->n_choices && param->probabilities) sqlite3_str_appendall(odds, "]");
    bool bad = sqlite3_str_errcode(choices) || sqlite3_str_errcode(odds);
    char *choices_text = sqlite3_str_finish(choices), *odds_text = sqlite3_str_finish(odds);
    bool ok = bad ? error_memory(err) : STORE_DO(store, err,
        "INSERT INTO param_def (study_id, name, ord, column_name, distribution, lo, hi, q, mu, sigma, a,"
        " b, zero_prob, choices, probabilities, cond, expr) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
        " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        INT(study_id), TEXT(param->name), INT(ord), TEXT(column),
        TEXT(distribution_names[param->distribution]), REAL(bounds ? param->low : NAN),
        REAL(bounds ? param->high : NAN), REAL(param->q != 0 ? param->q : NAN),
        REAL(spread ? param->mu : NAN), REAL(spread ? param->sigma : NAN), REAL(beta ? param->a : NAN),
        REAL(beta ? param->b : NAN), REAL(param->zero_prob != 0 ? param->zero_prob : NAN),
        TEXT(choices_text), TEXT(odds_text), TEXT(param->when_text), TEXT(param->derived_text));
    sqlite3_free(choices_text);
    sqlite3_free(odds_text);
    return ok;
}

/* DROP and CREATE only when something differs, so that continuing a study leaves the file's schema
 * as it was. */
static bool replace_view(Store *store, const char *name, const char *sql, Error *err)
{
    int64_t same = 0;
    if (!store_get_int(store, "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = ?1"
                       " AND sql = ?2", (const Bind[]){TEXT(name), TEXT(sql)}, 2, 0, &same, err))
        return false;
    if (same) return true;
    char *drop = sqlite3_mprintf("DROP VIEW IF EXISTS \"%w\"", name);
    bool ok = drop ? store_exec(store, drop, err) && store_exec(store, sql, err) : error_memory(err);
    sqlite3_free(drop);
    return ok;
}

bool store_schema_study(Store *store, int64_t study_id, const Space *space, Error *err)
{
    if (!STORE_DO(store, err, "DELETE FROM param_def WHERE study_id = ?1", INT(study_id))) return false;
    sqlite3_stmt *statement =
        STORE_BIND(store, err, "SELECT view_name FROM study WHERE study_id = ?1", INT(study_id));
    bool row;
    if (!statement || !store_step(store, statement, &row, "reading", err)) return false;
    char *view = row ? sqlite3_mprintf("%s", sqlite3_column_text(statement, 0)) : NULL;
    sqlite3_reset(statement);
    if (!view) return error_memory(err);

    Columns *columns = calloc(1, sizeof *columns);
    bool ok = columns != NULL;
    if (!ok) error_memory(err);
    sqlite3_str *sql = sqlite3_str_new(store->db);
    sqlite3_str_appendf(sql, "CREATE VIEW \"%w\" AS SELECT t.number AS trial, t.state, t.value", view);
    for (int i = 0; ok && space && i < space->n_params; i++) {
        const Param *param = &space->params[i];
        char *column = NULL;
        if (columns->n < MOST_COLUMNS) {
            column = plain_name(param->name, "param_", column_taken, columns);
            if (!column) {
                ok = error_memory(err);
                break;
            }
            columns->names[columns->n++] = column;
            /* %w and %Q: names have been checked by space_read, a quote could not get this far */
            sqlite3_str_appendf(sql, is_integer(param)
                ? ", (SELECT coalesce(CAST(num AS INTEGER), txt) FROM param WHERE trial_id = t.trial_id"
                  " AND name = %Q) AS \"%w\""
                : ", (SELECT coalesce(num, txt) FROM param WHERE trial_id = t.trial_id AND name = %Q)"
                  " AS \"%w\"", param->name, column);
        }
        ok = define(store, study_id, i, param, column, err);
    }
    sqlite3_str_appendf(sql, ", t.best_epoch, t.epochs, t.n_params, t.secs, t.trial_id FROM trial t"
                        " WHERE t.study_id = %lld ORDER BY t.number", (long long)study_id);
    bool bad = sqlite3_str_errcode(sql) != SQLITE_OK;
    char *text = sqlite3_str_finish(sql);
    if (ok) ok = bad ? error_memory(err) : replace_view(store, view, text, err);
    sqlite3_free(text);
    for (int i = 0; columns && i < columns->n; i++) sqlite3_free(columns->names[i]);
    free(columns);
    sqlite3_free(view);
    return ok;
}
