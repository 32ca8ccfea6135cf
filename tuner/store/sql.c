/* SQL for the rest of the room: what SQLite says in words that help, statements that are prepared once,
 * transactions, and the settings of a connection. */
#include "tuner/store/sql.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ------------------------------------------------------------------------------------ */

/* SQLite forgets the system's reason when a commit fails; errno still has it. */
static int system_error(sqlite3 *db, int saved)
{
    int e = sqlite3_system_errno(db);
    return e ? e : saved;
}

/* The disk's fault, not the database's: ERR_IO, which is another exit code. */
static bool disk_error(const char *path, const char *doing, int reason, Error *err)
{
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
        return error_set(err, ERR_IO, "%s: %s: the disk is full%s; free some space and run the same command "
                         "again, everything acknowledged is saved", path, doing,
                         reason == EFBIG ? " or a limit on the size of files is reached" :
                         reason == EDQUOT ? " up to your quota" : "");
    return error_set(err, ERR_IO, "%s: %s: the file cannot be read or written (%s); everything acknowledged "
                     "is saved: look after the disk and run the same command again", path, doing,
                     strerror(reason ? reason : EIO));
}

bool store_sql_error(Store *store, int rc, Error *err, const char *doing)
{
    const char *path = store->path;
    int reason = system_error(store->db, errno);
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return error_memory(err);
    case SQLITE_INTERRUPT:
        return error_set(err, ERR_STORE, "%s: %s: not done after %d s; the file is damaged, or was made to keep"
                         " readers busy", path, doing, store->read_most_s);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERR_STORE, "%s: %s: another program keeps the database locked; close it "
                         "(a SQL browser with unsaved changes?) and try again", path, doing);
    case SQLITE_FULL:
        return disk_error(path, doing, ENOSPC, err);
    case SQLITE_IOERR:
        return disk_error(path, doing, reason, err);
    case SQLITE_CORRUPT:
        return error_set(err, ERR_STORE, "%s: %s: the database is damaged (cut off or overwritten); "
                         "restore a copy, or save what can be read with: sqlite3 '%s' .recover",
                         path, doing, path);
    case SQLITE_NOTADB:
        return error_set(err, ERR_STORE, "%s: not a database: the file is something else, or its "
                         "beginning was overwritten", path);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        if (reason == EMFILE || reason == ENFILE)
            return error_set(err, ERR_IO, "%s: %s: %s; raise the limit (ulimit -n)", path, doing,
                             strerror(reason));
        if (store->mode == STORE_READ)
            return error_set(err, ERR_STORE, "%s: %s: the run that wrote it was killed, and reading what "
                             "it left in the files beside it needs permission to write in that folder; "
                             "continue that run, or copy the database with its -wal or -journal file "
                             "to a folder of your own", path, doing);
        if (reason == ENOSPC || reason == EDQUOT || reason == EIO) return disk_error(path, doing, reason, err);
        return error_set(err, ERR_IO, "%s: %s: %s; check the permissions of the file and its folder",
                         path, doing, sqlite3_errmsg(store->db));
    default:
        return error_set(err, ERR_STORE, "%s: %s: %s", path, doing, sqlite3_errmsg(store->db));
    }
}

/* ---- statements -------------------------------------------------------------------------------- */

bool store_exec(Store *store, const char *sql, Error *err)
{
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || store_sql_error(store, rc, err, "setting up");
}

/* A statement's text with the names of the columns in it (sql.h). */
static void expand(const char *sql, const RowTable *table, unsigned when, Text *out)
{
    static const char *const words[] = {"@names", "@marks", "@sets", "@forgets", "@table", "@owner"};
    enum { NAMES, MARKS, SETS, FORGETS, TABLE, OWNER, WORDS };
    while (*sql) {
        size_t n = strcspn(sql, "@");
        text_add_n(out, sql, n);
        sql += n;
        int word = 0;
        while (word < WORDS && strncmp(sql, words[word], strlen(words[word])) != 0) word++;
        assert(word < WORDS || !*sql);
        if (word == WORDS) return;
        sql += strlen(words[word]);
        if (word == TABLE) text_add(out, table->name);
        if (word == OWNER) text_add(out, table->owner);
        for (int i = 0, shown = 0; word <= FORGETS && i < table->n; i++) {
            const RowColumn *column = &table->columns[i];
            const char *name = column->name;
            if (!column_in(column, when)) continue;
            if (shown++) text_add(out, ", ");
            if (word == NAMES) text_add(out, name);
            if (word == MARKS) text_print(out, ":%s", name);
            if (word == SETS && column->stays) text_print(out, "%s = coalesce(%s, :%s)", name, name, name);
            else if (word == SETS && column->lasts) text_print(out, "%s = coalesce(:%s, %s)", name, name, name);
            else if (word == SETS) text_print(out, "%s = :%s", name, name);
            bool counts = column->type == COLUMN_INTEGER && !column->zero_is_null; /* and is never NULL */
            if (word == FORGETS) text_print(out, "%s = %s", name, counts ? "0" : "NULL");
        }
    }
}

/* Which column is behind each result; of a statement without results, behind each parameter. */
static bool find_columns(Statement *s)
{
    bool asks = sqlite3_column_count(s->statement) > 0;
    s->n = asks ? sqlite3_column_count(s->statement) : sqlite3_bind_parameter_count(s->statement);
    s->columns = calloc((size_t)s->n + 1, sizeof *s->columns);
    for (int i = 0; s->columns && i < s->n; i++) {
        const char *name = asks ? sqlite3_column_name(s->statement, i)
                                : sqlite3_bind_parameter_name(s->statement, i + 1);
        int column = name ? column_index(s->table, name + !asks) : -1;
        s->columns[i] = column < 0 ? NULL : &s->table->columns[column];
    }
    return s->columns != NULL;
}

static Statement *prepare(Store *store, const char *sql, const RowTable *table, unsigned when, Error *err)
{
    for (int i = 0; i < store->n_statements; i++) {
        Statement *s = &store->statements[i];
        if (s->sql == sql && s->table == table && s->when == when) return s;
    }
    assert(store->n_statements < STATEMENT_ROOM);
    Statement *s = &store->statements[store->n_statements];
    Text text = {0};
    *s = (Statement){.sql = sql, .table = table, .when = when};
    if (table) expand(sql, table, when, &text);
    int rc = text_ok(&text) ? sqlite3_prepare_v3(store->db, table ? text.bytes : sql, -1,
                                                 SQLITE_PREPARE_PERSISTENT, &s->statement, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_OK && table && !find_columns(s)) rc = SQLITE_NOMEM;
    text_free(&text);
    if (rc != SQLITE_OK) {
        store_sql_error(store, rc, err, "reading the tables");
        sqlite3_finalize(s->statement);
        return NULL;
    }
    store->n_statements++;
    return s;
}

void store_forget_statements(Store *store)
{
    for (int i = 0; i < store->n_statements; i++) {
        sqlite3_finalize(store->statements[i].statement);
        free(store->statements[i].columns);
    }
    store->n_statements = 0;
}

static int bind_cell(sqlite3_stmt *statement, int place, const RowCell *v)
{
    switch (v->kind) {
    case CELL_INTEGER: return sqlite3_bind_int64(statement, place, v->i);
    case CELL_TEXT: return sqlite3_bind_text(statement, place, v->t, -1, SQLITE_STATIC);
    case CELL_REAL: if (!isnan(v->d)) return sqlite3_bind_double(statement, place, v->d); /* fall through */
    default: return sqlite3_bind_null(statement, place);
    }
}

static bool bound(Store *store, sqlite3_stmt *statement, int rc, Error *err)
{
    if (rc == SQLITE_OK) return true;
    store_sql_error(store, rc, err, "binding a value");
    sqlite3_clear_bindings(statement);
    return false;
}

static bool bind_values(Store *store, sqlite3_stmt *statement, const RowCell *values, int n, Error *err)
{
    int rc = SQLITE_OK;
    assert(sqlite3_bind_parameter_count(statement) == n);
    sqlite3_reset(statement);
    if (store->mode == STORE_READ) {
        clock_gettime(CLOCK_MONOTONIC, &store->read_until);
        store->read_until.tv_sec += store->read_most_s;
    }
    for (int i = 0; i < n && rc == SQLITE_OK; i++) rc = bind_cell(statement, i + 1, &values[i]);
    return bound(store, statement, rc, err);
}

sqlite3_stmt *store_bind(Store *store, const char *sql, const RowCell *values, int n, Error *err)
{
    Statement *s = prepare(store, sql, NULL, 0, err);
    return s && bind_values(store, s->statement, values, n, err) ? s->statement : NULL;
}

Statement *store_row_bind(Store *store, const char *sql, const RowTable *table, unsigned when,
                          const RowCell *values, int n, Error *err)
{
    Statement *s = prepare(store, sql, table, when, err);
    return s && bind_values(store, s->statement, values, n, err) ? s : NULL;
}

static void done(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement); /* the texts are about to go */
}

bool store_step(Store *store, sqlite3_stmt *statement, bool *row, const char *doing, Error *err)
{
    int rc = sqlite3_step(statement);
    *row = rc == SQLITE_ROW;
    if (*row) return true;
    bool ok = rc == SQLITE_DONE || store_sql_error(store, rc, err, doing);
    done(statement);
    return ok;
}

static bool run(Store *store, sqlite3_stmt *statement, Error *err)
{
    bool row;
    if (!store_step(store, statement, &row, "writing", err)) return false;
    if (row) done(statement);
    return true;
}

bool store_do(Store *store, const char *sql, const RowCell *values, int n, Error *err)
{
    sqlite3_stmt *statement = store_bind(store, sql, values, n, err);
    return statement && run(store, statement, err);
}

bool store_row_do(Store *store, const char *sql, const RowTable *table, unsigned when, const RowCell *values,
                  int n, Error *err)
{
    Statement *s = store_row_bind(store, sql, table, when, values, n, err);
    return s && run(store, s->statement, err);
}

const char insert_row[] = "INSERT INTO @table (@names) VALUES (@marks)";
const char insert_owned[] = "INSERT INTO @table (@owner, @names) VALUES (:owner, @marks)";
const char replace_owned[] = "INSERT OR REPLACE INTO @table (@owner, @names) VALUES (:owner, @marks)";

bool store_row_put(Store *store, const char *sql, const RowTable *table, unsigned when, int64_t owner,
                   const void *row, Error *err)
{
    Statement *s = prepare(store, sql, table, when, err);
    int rc = SQLITE_OK;
    if (!s) return false;
    sqlite3_reset(s->statement);
    for (int i = 0; i < s->n && rc == SQLITE_OK; i++) {
        RowCell cell = s->columns[i] ? column_get(s->columns[i], row) : (RowCell)INT(owner);
        rc = bind_cell(s->statement, i + 1, &cell);
    }
    return bound(store, s->statement, rc, err) && run(store, s->statement, err);
}

RowCell store_cell(sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return (RowCell)INT(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return (RowCell)REAL(sqlite3_column_double(statement, column));
    case SQLITE_NULL: return (RowCell){.kind = CELL_NULL};
    default: return (RowCell)TEXT((const char *)sqlite3_column_text(statement, column));
    }
}

bool store_row_take(const Statement *s, void *row, Arena *arena, Error *err)
{
    for (int i = 0; i < s->n; i++) {
        const RowColumn *column = s->columns[i];
        RowCell cell = {.kind = CELL_NULL};
        if (!column) continue;
        if (sqlite3_column_type(s->statement, i) != SQLITE_NULL) { /* whatever it is, as what it should be */
            const char *text = column->type == COLUMN_TEXT ? (const char *)sqlite3_column_text(s->statement, i)
                                                           : "";
            if (!text) return error_memory(err);
            if (column->type == COLUMN_INTEGER) cell = (RowCell)INT(sqlite3_column_int64(s->statement, i));
            if (column->type == COLUMN_REAL) cell = (RowCell)REAL(sqlite3_column_double(s->statement, i));
            if (column->type == COLUMN_TEXT) cell = (RowCell)TEXT(text);
        }
        if (!column_set(column, row, &cell, arena, err)) return false;
    }
    return true;
}

bool store_get_int(Store *store, const char *sql, const RowCell *values, int n, int64_t otherwise,
                   int64_t *out, Error *err)
{
    sqlite3_stmt *statement = store_bind(store, sql, values, n, err);
    bool row;
    if (!statement || !store_step(store, statement, &row, "reading", err)) return false;
    *out = otherwise;
    if (!row) return true;
    if (sqlite3_column_type(statement, 0) != SQLITE_NULL) *out = sqlite3_column_int64(statement, 0);
    done(statement);
    return true;
}

/* ---- transactions ------------------------------------------------------------------------------ */

/* Readers of ours hold a lock for moments, but with a rollback journal somebody's long query can make
 * a commit wait past the busy timeout. Losing a sweep to a query would be absurd: ask again. */
static int patient(Store *store, const char *sql)
{
    int rc = SQLITE_BUSY;
    for (int i = 0; i < 6 && (rc & 0xff) == SQLITE_BUSY; i++)
        rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc;
}

bool store_begin(Store *store, Error *err)
{
    int rc = patient(store, "BEGIN IMMEDIATE");
    return rc == SQLITE_OK || store_sql_error(store, rc, err, "beginning to write");
}

bool store_commit(Store *store, bool ok, Error *err)
{
    if (ok) {
        int rc = patient(store, "COMMIT");
        if (rc == SQLITE_OK) return true;
        store_sql_error(store, rc, err, "saving");
    }
    if (!sqlite3_get_autocommit(store->db)) sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

char *store_utc(char out[32], bool milliseconds)
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    if (milliseconds) snprintf(out + n, 32 - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
    else snprintf(out + n, 32 - n, "Z");
    return out;
}

bool store_event_now(Store *store, int64_t study_id, int64_t trial_id, const char *code,
                     const char *text, Error *err)
{
    char now[32];
    store_utc(now, true);
    return STORE_DO(store, err, "INSERT INTO event (utc, study_id, trial_id, code, text) VALUES (?1,"
                    " coalesce(?2, (SELECT study_id FROM trial WHERE trial_id = ?3)), ?3, ?4, ?5)",
                    TEXT(now), COUNT(study_id), COUNT(trial_id), TEXT(code), TEXT(text));
}

/* ---- connections ------------------------------------------------------------------------------- */

/* The file may come from anywhere: its views must not call what is not harmless, its triggers must
 * not run, its cells are checked before they are believed. */
/* A file that was made to do harm may be a query that never ends. */
static int too_late(void *context)
{
    const Store *store = context;
    struct timespec now;
    if (store->read_until.tv_sec == 0) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > store->read_until.tv_sec;
}

void store_limit_reader(Store *store)
{
    if (store->mode == STORE_READ) sqlite3_progress_handler(store->db, 100000, too_late, store);
    else sqlite3_progress_handler(store->db, 0, NULL, NULL);
}

bool store_settings(Store *store, Error *err)
{
    sqlite3 *db = store->db;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 10000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    if (!store_exec(store, "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;"
                    "PRAGMA mmap_size = 0", err)) return false;
    store_limit_reader(store);
    if (store->mode == STORE_READ) return store_exec(store, "PRAGMA query_only = ON", err);
    return store_exec(store, "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL", err);
}

int store_copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) return sqlite3_extended_errcode(to);
    int rc = sqlite3_backup_step(backup, -1);
    int end = sqlite3_backup_finish(backup);
    return rc == SQLITE_DONE ? end : rc;
}
