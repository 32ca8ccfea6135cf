/* One study's own view: a row a trial, a column a parameter, with names that can be typed in SQL without
 * quotes; and its param_def rows. */
#include "tuner/store/view.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
                                   " view_name = ?1)", (const RowCell[]){TEXT(name)}, 1, 0, &n, names->err);
    return !names->failed && n > 0;
}

bool store_view_name(Store *store, const char *study, char **out, Error *err)
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
    Text text = {0};
    value_plain(value, &text);
    if (text_ok(&text)) sqlite3_str_append(out, text.bytes, (int)text.n);
    text_free(&text);
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
bool store_view_replace(Store *store, const char *name, const char *select, Error *err)
{
    char *create = sqlite3_mprintf("CREATE VIEW \"%w\" AS %s", name, select);
    char *drop = sqlite3_mprintf("DROP VIEW IF EXISTS \"%w\"", name);
    int64_t same = 0;
    bool ok = create && drop ? store_get_int(store, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"
                                             " AND name = ?1 AND sql = ?2",
                                             (const RowCell[]){TEXT(name), TEXT(create)}, 2, 0, &same, err)
                             : error_memory(err);
    if (ok && !same) ok = store_exec(store, drop, err) && store_exec(store, create, err);
    sqlite3_free(create);
    sqlite3_free(drop);
    return ok;
}

bool store_view_study(Store *store, int64_t study_id, const Space *space, Error *err)
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
    sqlite3_str_appendall(sql, "SELECT t.number AS trial, t.state, t.value");
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
    if (ok) ok = bad ? error_memory(err) : store_view_replace(store, view, text, err);
    sqlite3_free(text);
    for (int i = 0; columns && i < columns->n; i++) sqlite3_free(columns->names[i]);
    free(columns);
    sqlite3_free(view);
    return ok;
}
