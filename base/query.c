/* One SELECT on a database that is only read. */
#include "base/query.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

struct Query {
    const char *path;
    sqlite3 *db;
    sqlite3_stmt *statement;
    int n_steps; /* of so many instructions each, since the last row */
};

enum { STEP = 1000000, MOST_STEPS = 5000, LONGEST_CELL = 1 << 28, MOST_COLUMNS = 32767 };

/* ---- what a statement may do --------------------------------------------------------------------- */

static int permit(void *nothing, int action, const char *one, const char *two, const char *database,
                  const char *view)
{
    (void)nothing, (void)one, (void)database, (void)view;
    if (action == SQLITE_FUNCTION)
        return two && strcmp(two, "load_extension") != 0 && strcmp(two, "fts3_tokenizer") != 0 ? SQLITE_OK
            : SQLITE_DENY;
    return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE ? SQLITE_OK
        : SQLITE_DENY;
}

static int count_steps(void *query)
{
    return ++((Query *)query)->n_steps > MOST_STEPS;
}

/* What SQLite said, as an error of ours. */
static bool refused(const Query *q, const char *sql, Error *err)
{
    int rc = sqlite3_errcode(q->db) & 0xFF;
    const char *why = sqlite3_errmsg(q->db);
    if (rc == SQLITE_NOMEM) return error_memory(err);
    if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT || rc == SQLITE_FORMAT)
        return error_set(err, ERR_DATA, "%s: not an SQLite database, or a damaged one: %.300s", q->path, why);
    if (rc == SQLITE_INTERRUPT)
        return error_set(err, ERR_CONFIG,
                         "%s: the query has no end, or works for minutes without a row: %.200s",
                         q->path, sql);
    if (rc == SQLITE_AUTH)
        return error_set(err, ERR_CONFIG, "%s: a query may only read (SELECT ...): %.200s", q->path, sql);
    if (rc == SQLITE_ERROR) return error_set(err, ERR_CONFIG, "%s: %.300s, in the query: %.300s", q->path,
                                             why, sql);
    return error_set(err, ERR_DATA, "%s: %.300s", q->path, why);
}

/* ---- opening ------------------------------------------------------------------------------------- */

static bool connect_to(Query *q, const char *name, int flags, Error *err)
{
    int rc = sqlite3_open_v2(name, &q->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | flags, NULL);
    if (rc != SQLITE_OK) return q->db ? refused(q, "", err) : error_memory(err);
    sqlite3_busy_timeout(q->db, 10000);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_limit(q->db, SQLITE_LIMIT_LENGTH, LONGEST_CELL);
    sqlite3_limit(q->db, SQLITE_LIMIT_COLUMN, MOST_COLUMNS);
    sqlite3_limit(q->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_progress_handler(q->db, STEP, count_steps, q);
    return sqlite3_exec(q->db,
                        "PRAGMA cell_size_check = ON; PRAGMA query_only = ON; SELECT 1 FROM sqlite_schema",
                        NULL, NULL, NULL) == SQLITE_OK || refused(q, "", err);
}

/* "file:...?immutable=1": there is no journal to be read, so that the file alone is the database. */
static const char *as_unchanging(const char *path, Arena *arena)
{
    const char *log = arena_print(arena, "%s-wal", path), *journal = arena_print(arena, "%s-journal", path);
    if (!log || !journal || file_bytes(log) > 0 || file_bytes(journal) > 0) return NULL;
    Text uri = {0};
    text_add(&uri, path[0] == '/' ? "file:" : "file:./");
    for (const char *c = path; *c; c++) {
        if (strchr("%?#", *c)) text_print(&uri, "%%%02X", (unsigned)*c);
        else text_add_n(&uri, c, 1);
    }
    text_add(&uri, "?immutable=1");
    const char *copy = text_ok(&uri) ? arena_copy(arena, uri.bytes) : NULL;
    text_free(&uri);
    return copy;
}

static bool connect_query(Query *q, Arena *arena, Error *err)
{
    const char *name = arena_print(arena, "%s%s", q->path[0] == '/' ? "" : "./", q->path), *unchanging;
    Error first = {0};
    if (!name) return error_memory(err);
    if (!file_exists(q->path)) return error_set(err, ERR_IO, "cannot read %s: no such file", q->path);
    if (file_is_folder(q->path)) return error_set(err, ERR_IO, "cannot read %s: it is a folder", q->path);
    if (connect_to(q, name, 0, &first)) return true;
    bool read_only = q->db && ((sqlite3_errcode(q->db) & 0xFF) == SQLITE_CANTOPEN
                               || (sqlite3_errcode(q->db) & 0xFF) == SQLITE_READONLY);
    sqlite3_close(q->db);
    q->db = NULL;
    if (read_only && (unchanging = as_unchanging(q->path, arena)) != NULL)
        return connect_to(q, unchanging, SQLITE_OPEN_URI, err);
    if (err) *err = first;
    return false;
}

static const char *list_tables(Query *q, Arena *arena, int *n)
{
    sqlite3_stmt *s = NULL;
    Text list = {0};
    *n = 0;
    if (sqlite3_prepare_v2(q->db,
                           "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE"
                                  " 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid", -1, &s, NULL) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(s, 0);
            if (++*n <= 12) text_print(&list, "%s%.60s", *n > 1 ? ", " : "", name ? name : "?");
        }
    sqlite3_finalize(s);
    if (*n > 12) text_print(&list, ", ... (%d in all)", *n);
    const char *copy = text_ok(&list) && list.n ? arena_copy(arena, list.bytes) : "";
    text_free(&list);
    return copy ? copy : "";
}

/* SELECT * FROM the only table. */
static const char *only_table(Query *q, Arena *arena, Error *err)
{
    int n;
    const char *tables = list_tables(q, arena, &n);
    sqlite3_stmt *s = NULL;
    const char *sql = NULL;
    if (n == 0) error_set(err, ERR_DATA, "%s: there is no table in it", q->path);
    else if (n > 1)
        error_set(err, ERR_CONFIG, "%s has %d tables: %s; say which, and what of it:"
                  " 'sqlite:%s?SELECT * FROM ...'", q->path, n, tables, q->path);
    if (n != 1) return NULL;
    if (sqlite3_prepare_v2(q->db, "SELECT printf('SELECT * FROM \"%w\"', name) FROM sqlite_schema WHERE type IN"
                                  " ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'", -1, &s,
                                      NULL) == SQLITE_OK
        && sqlite3_step(s) == SQLITE_ROW)
        sql = arena_copy(arena, (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    if (!sql) error_memory(err);
    return sql;
}

static bool prepare(Query *q, const char *sql, Error *err)
{
    const char *rest = "";
    sqlite3_set_authorizer(q->db, permit, NULL);
    if (sqlite3_prepare_v2(q->db, sql, -1, &q->statement, &rest) != SQLITE_OK) return refused(q, sql, err);
    if (!q->statement || sqlite3_column_count(q->statement) == 0 || !sqlite3_stmt_readonly(q->statement))
        return error_set(err, ERR_CONFIG, "%s: a query begins with SELECT (or WITH, VALUES): %.200s", q->path,
                         sql);
    if (rest[strspn(rest, " \t\r\n;")])
        return error_set(err, ERR_CONFIG, "%s: one query, not several: %.200s", q->path, sql);
    return true;
}

bool query_open(const char *path, const char *sql, Arena *arena, Query **out, Error *err)
{
    Query *q = calloc(1, sizeof *q);
    if (!q) return error_memory(err);
    q->path = path;
    bool ok = connect_query(q, arena, err) && (sql || (sql = only_table(q, arena, err)) != NULL)
           && prepare(q, sql, err);
    if (ok) *out = q;
    else query_close(q);
    return ok;
}

void query_close(Query *q)
{
    if (!q) return;
    sqlite3_finalize(q->statement);
    sqlite3_close(q->db);
    free(q);
}

const char *query_tables(const char *path, Arena *arena, int *n)
{
    Query q = {.path = path};
    *n = 0;
    const char *tables = connect_query(&q, arena, NULL) ? list_tables(&q, arena, n) : "";
    sqlite3_close(q.db);
    return tables;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

int query_columns(const Query *q)
{
    return sqlite3_column_count(q->statement);
}

const char *query_name(const Query *q, int column)
{
    const char *name = sqlite3_column_name(q->statement, column);
    return name ? name : "";
}

bool query_next(Query *q, bool *row, Error *err)
{
    q->n_steps = 0;
    int rc = sqlite3_step(q->statement);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE || refused(q, sqlite3_sql(q->statement), err);
}

QueryCell query_cell(const Query *q, int column)
{
    sqlite3_stmt *s = q->statement;
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER: {
        int64_t whole = sqlite3_column_int64(s, column);
        return (QueryCell){.kind = QUERY_WHOLE, .whole = whole, .number = (double)whole};
    }
    case SQLITE_FLOAT: return (QueryCell){.kind = QUERY_REAL, .number = sqlite3_column_double(s, column)};
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(s, column);
        return (QueryCell){.kind = QUERY_TEXT, .text = text ? text : "",
                           .n = (size_t)sqlite3_column_bytes(s, column)};
    }
    case SQLITE_BLOB: return (QueryCell){.kind = QUERY_BYTES, .n = (size_t)sqlite3_column_bytes(s, column)};
    default: return (QueryCell){.kind = QUERY_NULL};
    }
}
