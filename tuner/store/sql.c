/* SQL for the rest of the room: what SQLite says in words that help, statements that are prepared once,
 * transactions, and the settings of a connection. */
#include "tuner/store/sql.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
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

sqlite3_stmt *store_bind(Store *store, const char *sql, const Bind *values, int n, Error *err)
{
    sqlite3_stmt *statement = NULL;
    for (int i = 0; i < store->n_statements; i++)
        if (store->statements[i].sql == sql) statement = store->statements[i].statement;
    if (!statement) {
        int rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
        if (rc != SQLITE_OK) {
            store_sql_error(store, rc, err, "reading the tables");
            return NULL;
        }
        assert(store->n_statements < STATEMENT_ROOM);
        store->statements[store->n_statements].sql = sql;
        store->statements[store->n_statements++].statement = statement;
    }
    assert(sqlite3_bind_parameter_count(statement) == n);
    sqlite3_reset(statement);
    int rc = SQLITE_OK;
    for (int i = 0; i < n && rc == SQLITE_OK; i++) {
        const Bind *v = &values[i];
        if (v->kind == BIND_INTEGER) rc = sqlite3_bind_int64(statement, i + 1, v->i);
        else if (v->kind == BIND_TEXT) rc = sqlite3_bind_text(statement, i + 1, v->t, -1, SQLITE_STATIC);
        else if (isnan(v->d)) rc = sqlite3_bind_null(statement, i + 1);
        else rc = sqlite3_bind_double(statement, i + 1, v->d);
    }
    if (rc != SQLITE_OK) {
        store_sql_error(store, rc, err, "binding a value");
        sqlite3_clear_bindings(statement);
        return NULL;
    }
    return statement;
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

bool store_do(Store *store, const char *sql, const Bind *values, int n, Error *err)
{
    sqlite3_stmt *statement = store_bind(store, sql, values, n, err);
    bool row;
    if (!statement || !store_step(store, statement, &row, "writing", err)) return false;
    if (row) done(statement);
    return true;
}

bool store_get_int(Store *store, const char *sql, const Bind *values, int n, int64_t otherwise,
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
