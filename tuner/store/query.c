/* The user's own SQL, and the health of a database file.
 *
 * Read-only three times over: the connection, an authorizer that knows only reading, and the statement
 * itself. An endless query ends by the clock. */
#include "tuner/store/filesystem.h"
#include "tuner/store/queue.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"

/* ---- what a query may do --------------------------------------------------------------------------- */

static bool is_in(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (sqlite3_stricmp(word, *list) == 0) return true;
    return false;
}

/* With a value, these tell about a table; most others would set something. */
static const char *const about_table[] = {"table_info", "table_xinfo", "table_list", "index_list",
    "index_info", "index_xinfo", "foreign_key_list", NULL};
static const char *const about_file[] = {"application_id", "user_version", "schema_version", "page_count",
    "page_size", "freelist_count", "journal_mode", "encoding", "database_list", "compile_options",
    "function_list", "collation_list", "data_version", NULL};
static const char *const forbidden[] = {"load_extension", "fts3_tokenizer", NULL};

static int authorize(void *context, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)context, (void)c, (void)d;
    switch (action) {
    case SQLITE_SELECT: case SQLITE_READ: case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return b && is_in(b, forbidden) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return is_in(a, about_table) || (!b && is_in(a, about_file)) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_UPDATE: case SQLITE_INSERT:
        /* Asked while json_each() and its like declare their columns; a real write to that table is
         * refused by SQLite (SQLITE_DBCONFIG_DEFENSIVE). */
        return sqlite3_stricmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

typedef struct {
    struct timespec end;
    bool expired;
} Clock;

static int tick(void *context)
{
    Clock *limit = context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    limit->expired = now.tv_sec > limit->end.tv_sec ||
                     (now.tv_sec == limit->end.tv_sec && now.tv_nsec >= limit->end.tv_nsec);
    return limit->expired;
}

/* The nearest name that there is, for "no such column: vlaue" and "no such table: leaderbord". */
static Suggestion nearest_name(Store *store, const char *what)
{
    enum { MOST = 2000 };
    static const struct { const char *says, *sql; } kinds[] = {
        {"no such column: ", "SELECT DISTINCT c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
                             " WHERE m.type IN ('table', 'view')"},
        {"no such table: ", "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"}};
    const char *sql = NULL, *word = "";
    for (int i = 0; i < 2; i++)
        if (strncmp(what, kinds[i].says, strlen(kinds[i].says)) == 0) {
            word = what + strlen(kinds[i].says);
            sql = kinds[i].sql;
        }
    if (!sql) return (Suggestion){""};
    const char *dot = strchr(word, '.'); /* t.vlaue */
    Arena *arena = arena_create(0);
    const char **names = arena ? ARENA_NEW(arena, const char *, MOST + 1) : NULL;
    sqlite3_stmt *statement = NULL;
    if (names && sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK)
        for (int n = 0; n < MOST && sqlite3_step(statement) == SQLITE_ROW;) {
            const char *name = (const char *)sqlite3_column_text(statement, 0);
            names[n] = name ? arena_copy(arena, name) : NULL;
            n += names[n] != NULL;
        }
    sqlite3_finalize(statement);
    Suggestion near = {""};
    if (names) near = names_suggest_as(" (did you mean ", "?)", dot ? dot + 1 : word, names, "");
    arena_destroy(arena);
    return near;
}

/* "no such column: vlaue, at character 8: SELECT >>>vlaue FROM leaderboard", in one line */
static bool syntax_error(Store *store, const char *sql, Error *err)
{
    int at = sqlite3_error_offset(store->db);
    char what[300];
    snprintf(what, sizeof what, "%.290s", sqlite3_errmsg(store->db));
    Suggestion hint = nearest_name(store, what);
    if (at < 0) return error_set(err, ERR_INVALID, "SQL: %s%.120s", what, hint.text);
    size_t n = strlen(sql), place = (size_t)at < n ? (size_t)at : n;
    size_t from = place > 40 ? place - 40 : 0, to = n - place > 40 ? place + 40 : n;
    while (from > 0 && ((unsigned char)sql[from] & 0xC0) == 0x80) from--; /* whole characters */
    while (to < n && ((unsigned char)sql[to] & 0xC0) == 0x80) to++;
    char before[64], after[64];
    snprintf(before, sizeof before, "%.*s", (int)(place - from), sql + from);
    snprintf(after, sizeof after, "%.*s", (int)(to - place), sql + place);
    for (char *s = before; *s; s++) if ((unsigned char)*s < ' ') *s = ' ';
    for (char *s = after; *s; s++) if ((unsigned char)*s < ' ') *s = ' ';
    return error_set(err, ERR_INVALID, "SQL: %s%.120s, at character %zu: %s%s>>>%s%s%s", what, hint.text,
                     place + 1, from ? "..." : "", before, after, to < n ? "..." : "",
                     sql[place] == '-' ? " (a study's view has _ where its name has -)" : "");
}

/* Only blanks, semicolons and comments? */
static bool is_rest_empty(const char *s)
{
    for (;;) {
        if (*s == ';' || isspace((unsigned char)*s)) s++;
        else if (s[0] == '-' && s[1] == '-') s += strcspn(s, "\n");
        else if (s[0] == '/' && s[1] == '*') {
            const char *end = strstr(s + 2, "*/");
            if (!end) return true;
            s = end + 2;
        } else return *s == '\0';
    }
}

static bool prepare(Store *store, const char *sql, sqlite3_stmt **statement, Error *err)
{
    const char *rest = sql;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, statement, &rest);
    if (rc == SQLITE_AUTH)
        return error_set(err, ERR_INVALID, "SQL: queries only read; this would change something or reach "
                         "another file (%s)", sqlite3_errmsg(store->db));
    if (rc == SQLITE_ERROR) return syntax_error(store, sql, err);
    if (rc == SQLITE_TOOBIG) return error_set(err, ERR_INVALID, "SQL: the query is too long");
    if (rc != SQLITE_OK) return store_sql_error(store, rc, err, "reading the tables");
    if (!*statement) return error_set(err, ERR_INVALID, "SQL: the query is empty");
    if (!is_rest_empty(rest))
        return error_set(err, ERR_INVALID, "SQL: one statement at a time; a second begins at character %td",
                         rest - sql + 1);
    if (!sqlite3_stmt_readonly(*statement))
        return error_set(err, ERR_INVALID, "SQL: queries only read; this statement writes");
    return true;
}

/* ---- cells ----------------------------------------------------------------------------------------- */

enum { CELL_ROOM = 192 }; /* for a number or the beginning of a blob as text */

static Value cell(sqlite3_stmt *statement, int i, char buffer[CELL_ROOM])
{
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER: {
        int64_t n = sqlite3_column_int64(statement, i);
        if (n >= -(INT64_C(1) << 53) && n <= INT64_C(1) << 53) return value_int((double)n);
        snprintf(buffer, CELL_ROOM, "%" PRId64, n); /* a seed: more digits than a double has */
        return value_text(buffer);
    }
    case SQLITE_FLOAT: return value_real(sqlite3_column_double(statement, i));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        return value_text(text ? text : "");
    }
    case SQLITE_BLOB: {
        const unsigned char *bytes = sqlite3_column_blob(statement, i);
        int n = sqlite3_column_bytes(statement, i), used = snprintf(buffer, CELL_ROOM, "x'");
        for (int k = 0; k < n && k < 80; k++)
            used += snprintf(buffer + used, (size_t)(CELL_ROOM - used), "%02x", bytes[k]);
        snprintf(buffer + used, (size_t)(CELL_ROOM - used), n > 80 ? "...'" : "'");
        return value_text(buffer);
    }
    default: return value_none();
    }
}

static bool run(Store *store, sqlite3_stmt *statement, const Clock *limit, double timeout_s,
                const QuerySink *sink, Error *err)
{
    /* Where another process has just changed the schema, the first step prepares the statement anew: only then
     * are its columns known, and their names where they stay. */
    int rc = sqlite3_step(statement), n = sqlite3_column_count(statement);
    const char **names = calloc((size_t)n + 1, sizeof *names);
    Value *cells = calloc((size_t)n + 1, sizeof *cells);
    char (*buffers)[CELL_ROOM] = calloc((size_t)n + 1, sizeof *buffers);
    bool ok = names && cells && buffers, more = ok;
    if (!ok) error_memory(err);
    for (int i = 0; ok && i < n; i++) {
        names[i] = sqlite3_column_name(statement, i);
        if (!names[i]) names[i] = "";
    }
    while (more) {
        more = rc == SQLITE_ROW;
        if (more) {
            for (int i = 0; i < n; i++) cells[i] = cell(statement, i, buffers[i]);
            more = !sink || sink->row(sink->context, n, names, cells);
            if (more) rc = sqlite3_step(statement);
        } else if (rc == SQLITE_INTERRUPT || limit->expired) {
            ok = error_set(err, ERR_STOPPED, "SQL: stopped after %g s, not finished", timeout_s);
        } else if ((rc & 0xff) == SQLITE_ERROR || (rc & 0xff) == SQLITE_TOOBIG ||
                   (rc & 0xff) == SQLITE_MISMATCH) {
            ok = error_set(err, ERR_INVALID, "SQL: %s", sqlite3_errmsg(store->db));
        } else if (rc != SQLITE_DONE) {
            ok = store_sql_error(store, rc, err, "running the query");
        }
    }
    free(names);
    free(cells);
    free(buffers);
    return ok;
}

bool store_query(Store *store, const char *sql, double timeout_s, const QuerySink *sink, Error *err)
{
    sqlite3_stmt *statement = NULL;
    Clock limit = {.expired = false};
    clock_gettime(CLOCK_MONOTONIC, &limit.end);
    bool timed = timeout_s > 0 && timeout_s < 1e8;
    if (timed) {
        double whole = floor(timeout_s);
        limit.end.tv_sec += (time_t)whole;
        limit.end.tv_nsec += (long)((timeout_s - whole) * 1e9);
        if (limit.end.tv_nsec >= 1000000000) {
            limit.end.tv_nsec -= 1000000000;
            limit.end.tv_sec++;
        }
    }
    store_enter(store);
    sqlite3_progress_handler(store->db, timed ? 1000 : 0, timed ? tick : NULL, &limit);
    sqlite3_set_authorizer(store->db, authorize, NULL);
    int before = sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, 100 << 20); /* no giant texts */
    bool ok = prepare(store, sql, &statement, err) && run(store, statement, &limit, timeout_s, sink, err);
    sqlite3_finalize(statement);
    sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, before);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    store_limit_reader(store);
    store_leave(store);
    return ok;
}

/* ---- health ---------------------------------------------------------------------------------------- */

/* The first cell of a pragma's first row. */
static bool note(Store *store, const char *pragma, Doc *doc, const char *key, Error *err)
{
    bool row;
    sqlite3_stmt *statement = store_bind(store, pragma, NULL, 0, err);
    if (!statement || !store_step(store, statement, &row, "checking", err)) return false;
    if (row) doc_set_text(doc, key, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    return true;
}

Doc *store_health(const char *path)
{
    Doc *doc = doc_object();
    doc_set_text(doc, "sqlite_version", sqlite3_libversion());
    doc_set_bool(doc, "wal_reset_fix", store_library_has_wal_fix());
    if (!path) return doc;
    doc_set_text(doc, "path", path);
    const char *fs;
    bool network = store_on_network(path, &fs);
    doc_set_text(doc, "file_system", fs);
    doc_set_bool(doc, "wal_possible", !network);
    Store *store;
    Error err;
    bool ok = store_open(path, STORE_READ, &store, &err);
    if (ok) {
        int64_t version = 0;
        ok = store_get_int(store, "PRAGMA user_version", NULL, 0, 0, &version, &err) &&
             note(store, "PRAGMA journal_mode", doc, "journal_mode", &err) &&
             note(store, "PRAGMA integrity_check(1)", doc, "integrity_check", &err);
        doc_set_number(doc, "schema", (double)version);
        store_close(store, NULL);
    }
    if (!ok) doc_set_text(doc, "error", err.message);
    const char *integrity = doc_to_text(doc_get(doc, "integrity_check"), "");
    doc_set_bool(doc, "ok", ok && strcmp(integrity, "ok") == 0);
    return doc;
}
