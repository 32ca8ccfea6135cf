/* An Optuna database, read as it is: trials with their parameters and values, of one study. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tuner/exchange/exchange.h"
#include "tuner/store/sql.h"

typedef struct {
    Store db; /* only a connection */
    Arena *arena;
    int64_t study_id;
    int objective;
} Reading;

/* ---- opening --------------------------------------------------------------------------------- */

/* JournalFileBackend's: a line of JSON for each operation. */
static bool is_journal(const char *path)
{
    Bytes bytes;
    if (!file_read(path, (size_t)1 << 28, &bytes, NULL)) return false;
    bool is = bytes.n > 1 && bytes.bytes[0] == '{' && strstr(bytes.bytes, "\"op_code\"");
    bytes_free(&bytes);
    return is;
}

static bool journal(const char *path, Error *err)
{
    return error_set(err, ERR_DATA, "%s: a journal of Optuna's, which is not read; in Python,"
                     " optuna.copy_study(from_study_name=...,"
                     " from_storage=JournalStorage(JournalFileBackend(\"%s\")),"
                     " to_storage=\"sqlite:///copy.db\") makes a database of it", path, path_base(path));
}

static bool open_file(const char *path, Reading *r, Error *err)
{
    if (!file_exists(path)) return error_set(err, ERR_DATA, "%s: no such file", path);
    r->db = (Store){.path = (char *)path, .mode = STORE_READ};
    char *name = arena_print(r->arena, "%s%s", path[0] == '/' ? "" : "./", path);
    if (!name) return error_memory(err);
    int rc = sqlite3_open_v2(name, &r->db.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return r->db.db ? error_set(err, ERR_DATA, "%s: %s", path, sqlite3_errmsg(r->db.db))
            : error_memory(err);
    sqlite3_busy_timeout(r->db.db, 10000);
    /* The file may come from anywhere. */
    sqlite3_db_config(r->db.db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(r->db.db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    sqlite3_db_config(r->db.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    Error why;
    int64_t tables, column;
    if (!store_exec(&r->db, "PRAGMA cell_size_check = ON; PRAGMA query_only = ON", &why)
        || !store_get_int(&r->db,
                          "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('studies',"
                          " 'trials', 'trial_params', 'trial_values', 'study_directions')", NULL, 0, 0, &tables,
                          &why)) {
        if (is_journal(path)) return journal(path, err);
        return error_set(err, ERR_DATA, "%s: not an SQLite database, or a damaged one: %.600s", path,
                         why.message);
    }
    if (tables < 5)
        return error_set(err, ERR_DATA, "%s: not a database of Optuna's (no table `trials`, `trial_values` or"
                         " another); --from says from which tool it is", path);
    if (!store_get_int(&r->db,
                       "SELECT count(*) FROM pragma_table_info('trial_values') WHERE name = 'objective'",
                       NULL, 0, 0, &column, &why) || column == 0)
        return error_set(err, ERR_DATA, "%s: a database of an old Optuna; `optuna storage upgrade` makes it one"
                         " of today's", path);
    return true;
}

static void close_file(Reading *r)
{
    store_forget_statements(&r->db);
    sqlite3_close(r->db.db);
}

static const char *copy(Reading *r, sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    return arena_copy(r->arena, text ? text : "");
}

/* ---- the study ------------------------------------------------------------------------------- */

static bool find_study(Reading *r, const char *path, const char *name, Error *err)
{
    sqlite3_stmt *s = store_bind(&r->db, "SELECT study_id, study_name FROM studies ORDER BY study_id", NULL,
                                 0, err);
    bool row, found = false;
    int n = 0;
    Text names = {0};
    if (!s || !store_step(&r->db, s, &row, "reading", err)) return false;
    while (row) {
        const char *this = (const char *)sqlite3_column_text(s, 1);
        if (n++ < 20) text_print(&names, "%s%.60s", n > 1 ? ", " : "", this ? this : "?");
        if (!name || (this && strcmp(this, name) == 0)) {
            r->study_id = sqlite3_column_int64(s, 0);
            found = true;
        }
        if (!store_step(&r->db, s, &row, "reading", err)) {
            text_free(&names);
            return false;
        }
    }
    bool ok = found && (name || n == 1);
    if (n == 0) error_set(err, ERR_DATA, "%s: there is no study in it", path);
    else if (!ok && name) error_set(err, ERR_DATA, "%s: no study `%.60s` in it; there is %s", path, name,
                                    names.bytes);
    else if (!ok)
        error_set(err, ERR_DATA, "%s: holds %d studies (%s); --study NAME chooses one", path, n, names.bytes);
    text_free(&names);
    return ok;
}

/* The objective that is asked for by name, or the only one; and where it is to go. */
static bool find_objective(Reading *r, const char *path, const char *metric, const char *const *metrics,
                           ForeignStudy *out, Error *err)
{
    int64_t n, is_max;
    sqlite3_stmt *s = STORE_BIND(&r->db, err,
                                 "SELECT value_json FROM study_system_attributes WHERE study_id = ?1"
                                 " AND key = 'study:metric_names'", INT(r->study_id));
    bool row;
    if (!s || !store_step(&r->db, s, &row, "reading", err)) return false;
    const char *json = row ? copy(r, s, 0) : "[]";
    sqlite3_reset(s);
    if (!json) return error_memory(err);
    Error ignored;
    Doc *names = doc_parse(json, strlen(json), &ignored);
    int found = -1;
    for (int m = 0; !metric && metrics[m] && doc_count(names) > 1; m++)
        for (size_t i = 0; !metric && i < doc_count(names); i++)
            if (strcmp(doc_to_text(doc_at(names, i), ""), metrics[m]) == 0) metric = metrics[m];
    for (size_t i = 0; i < doc_count(names); i++) {
        const char *name = doc_to_text(doc_at(names, i), "");
        if (i == 0 || (metric && strcmp(metric, name) == 0)) out->metric = arena_copy(r->arena, name);
        if (metric && strcmp(metric, name) == 0) found = (int)i;
    }
    bool has_names = doc_count(names) > 0;
    doc_free(names);
    for (int m = 0; !metric && !has_names && metrics[m]; m++)
        if (metrics[m][0] == '#') metric = metrics[m] + 1; /* the place says it */
    if (!store_get_int(&r->db, "SELECT count(*) FROM study_directions WHERE study_id = ?1",
                       (const RowCell[]){INT(r->study_id)}, 1, 0, &n, err))
        return false;
    double number;
    if (metric && found < 0 && text_to_number(metric, &number) && number >= 0 && number < (double)n)
        found = (int)number; /* --metric 1: the second */
    if (metric && found < 0)
        return error_set(err, ERR_DATA, "%s: no objective `%.60s`%s", path, metric,
                         has_names ? "" : "; they have no names there: --metric 0 is the first");
    if (!metric && n > 1)
        return error_set(err, ERR_DATA, "%s: a study of %" PRId64 " objectives; --metric NAME chooses one (or"
                         " --metric 0, 1, ...)", path, n);
    r->objective = found < 0 ? 0 : found;
    if (!store_get_int(&r->db, "SELECT direction = 'MAXIMIZE' FROM study_directions WHERE study_id = ?1 AND"
                       " objective = ?2", (const RowCell[]){INT(r->study_id),
                                                         INT(r->objective)}, 2, 0, &is_max, err))
        return false;
    out->goal = is_max ? 1 : -1;
    return true;
}

/* ---- trials ---------------------------------------------------------------------------------- */

static bool external(Reading *r, const char *json, double number, Value *out, Error *err)
{
    Doc *doc = doc_parse(json, strlen(json), err);
    if (!doc) return false;
    const char *name = doc_to_text(doc_get(doc, "name"), "");
    bool ok = true;
    if (strcmp(name, "CategoricalDistribution") == 0) {
        const Doc *choices = doc_get(doc_get(doc, "attributes"), "choices");
        const Doc *choice = number >= 0 && number < (double)doc_count(choices) ? doc_at(choices,
                                                                                        (size_t)number) : NULL;
        switch (doc_kind(choice)) {
        case DOC_BOOL: *out = value_bool(doc_to_bool(choice, false)); break;
        case DOC_NUMBER: *out = value_real(doc_to_number(choice, NAN)); break;
        case DOC_TEXT: *out = value_text(arena_copy(r->arena, doc_to_text(choice, ""))); break;
        default: *out = value_none(); /* None, a value there */
        }
        ok = out->kind != VALUE_TEXT || out->text || error_memory(err);
    } else {
        *out = strncmp(name, "Int", 3) == 0 ? value_int(number) : value_real(number);
    }
    doc_free(doc);
    return ok;
}

static bool read_params(Reading *r, int64_t trial_id, ForeignTrial *trial, Error *err)
{
    int64_t n;
    if (!store_get_int(&r->db, "SELECT count(*) FROM trial_params WHERE trial_id = ?1",
                       (const RowCell[]){INT(trial_id)}, 1, 0, &n, err))
        return false;
    trial->names = ARENA_NEW(r->arena, const char *, n + 1);
    trial->values = ARENA_NEW(r->arena, Value, n + 1);
    if (!trial->names || !trial->values) return error_memory(err);
    sqlite3_stmt *s = STORE_BIND(&r->db, err,
                                 "SELECT param_name, distribution_json, param_value FROM trial_params"
                                 " WHERE trial_id = ?1 ORDER BY param_id", INT(trial_id));
    bool row;
    if (!s || !store_step(&r->db, s, &row, "reading", err)) return false;
    while (row && trial->n < n) {
        const char *json = copy(r, s, 1);
        trial->names[trial->n] = copy(r, s, 0);
        if (!json || !trial->names[trial->n]
            || !external(r, json, sqlite3_column_double(s, 2), &trial->values[trial->n], err)) {
            sqlite3_reset(s);
            return json && trial->names[trial->n] ? error_wrap(err, "%s", trial->names[trial->n])
                                                  : error_memory(err);
        }
        trial->n++;
        if (!store_step(&r->db, s, &row, "reading", err)) return false;
    }
    sqlite3_reset(s);
    return true;
}

static bool read_trials(Reading *r, ForeignStudy *out, Error *err)
{
    int64_t n;
    if (!store_get_int(&r->db, "SELECT count(*) FROM trials WHERE study_id = ?1",
                       (const RowCell[]){INT(r->study_id)}, 1,
                       0, &n, err))
        return false;
    out->trials = ARENA_NEW(r->arena, ForeignTrial, n + 1);
    if (!out->trials) return error_memory(err);
    /* one statement for all, so that they are of one moment; the parameters follow */
    sqlite3_stmt *s = STORE_BIND(&r->db, err,
        "SELECT t.trial_id, t.number, t.state, v.value, v.value_type FROM trials t LEFT JOIN trial_values v"
        " ON v.trial_id = t.trial_id AND v.objective = ?2 WHERE t.study_id = ?1 ORDER BY t.number",
        INT(r->study_id), INT(r->objective));
    bool row;
    if (!s || !store_step(&r->db, s, &row, "reading", err)) return false;
    while (row && out->n < n) {
        ForeignTrial *trial = &out->trials[out->n];
        const char *state = copy(r, s, 2);
        bool finite = sqlite3_column_type(s, 3) != SQLITE_NULL;
        trial->where = arena_print(r->arena, "trial %d", sqlite3_column_int(s, 1));
        trial->score = finite ? sqlite3_column_double(s, 3) : NAN;
        bool ok = (state && trial->where) || error_memory(err);
        if (ok && strcmp(state, "COMPLETE") != 0) trial->useless = state;
        else if (ok && !finite) trial->useless = "no finite value";
        ok = ok && read_params(r, sqlite3_column_int64(s, 0), trial, err);
        if (!ok) {
            if (trial->where) error_wrap(err, "%s", trial->where);
            sqlite3_reset(s);
            return false;
        }
        out->n++;
        if (!store_step(&r->db, s, &row, "reading", err)) return false;
    }
    sqlite3_reset(s);
    return true;
}

bool foreign_read_optuna(const char *path, const char *study, const char *metric, const char *const *metrics,
                         Arena *arena, ForeignStudy *out, Error *err)
{
    Reading r = {.arena = arena};
    ForeignStudy got = {.tool = "optuna", .only_params = true};
    bool ok = open_file(path, &r, err) && find_study(&r, path, study, err)
           && find_objective(&r, path, metric, metrics, &got, err);
    if (ok && !read_trials(&r, &got, err)) ok = error_wrap(err, "%s", path);
    close_file(&r);
    if (!ok && err->code == ERR_STORE) err->code = ERR_DATA;
    if (ok) *out = got;
    return ok;
}
