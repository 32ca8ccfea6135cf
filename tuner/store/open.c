/* A store is opened and closed: what can be said before SQLite looks, the journal, and a tidy file at rest. */
#include "tuner/store/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tuner/store/filesystem.h"
#include "tuner/store/guard.h"
#include "tuner/store/lease.h"
#include "tuner/store/migrate.h"
#include "tuner/store/queue.h"

/* ---- opening ----------------------------------------------------------------------------------- */

static bool allowed(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* SQLite finds what lies beside a database by its name, and writes to it as if it were its own. */
static bool beside_is_ours(const char *path, Error *err)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    char *real = realpath(path, NULL), *name = real ? malloc(strlen(real) + sizeof "-journal") : NULL;
    struct stat st;
    bool ok = true;
    for (size_t i = 0; name && ok && i < sizeof endings / sizeof *endings; i++) {
        strcpy(name, real);
        strcat(name, endings[i]);
        if (lstat(name, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_nlink > 1))
            ok = error_set(err, ERR_STORE, "%s: not a file of its own (a link, a pipe, a device), as SQLite"
                           " would have made it; remove it", name);
    }
    if (real && !name) ok = error_memory(err);
    free(name);
    free(real);
    return ok;
}

/* What can be said before SQLite looks, and better. The file itself is not opened here: closing it
 * again would drop the locks of every connection this process has on it (POSIX locks). */
static bool look_at(const char *path, StoreMode mode, Error *err)
{
    if (!path || !*path) return error_set(err, ERR_STORE, "no database was named");
    struct stat st;
    char *folder = strdup(path);
    if (!folder) return error_memory(err);
    char *slash = strrchr(folder, '/');
    if (!slash) strcpy(folder, ".");
    else if (slash == folder) folder[1] = '\0';
    else *slash = '\0';
    bool ok = false;
    const char *base = strrchr(path, '/');
    if (strcmp(base ? base + 1 : path, "trials.db") == 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
        error_set(err, ERR_STORE, "%s: a link to a database that is not this folder's; name that one", path);
    } else if (stat(path, &st) != 0) {
        if (errno != ENOENT) error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        else if (mode == STORE_READ)
            error_set(err, ERR_STORE, "%s: there is no such database; `consort sweep CONFIG` makes one",
                      path);
        else if (stat(folder, &st) != 0)
            error_set(err, ERR_IO, "%s: the folder %s does not exist", path, folder);
        else if (!S_ISDIR(st.st_mode))
            error_set(err, ERR_IO, "%s: %s is not a folder", path, folder);
        else if (!allowed(folder, W_OK | X_OK))
            error_set(err, ERR_IO, "%s: cannot make a file in the folder %s: %s", path, folder,
                      strerror(errno));
        else ok = true;
    } else if (S_ISDIR(st.st_mode)) {
        error_set(err, ERR_STORE, "%s: a folder, not a database; did you mean %s/trials.db?", path, path);
    } else if (!S_ISREG(st.st_mode)) {
        error_set(err, ERR_STORE, "%s: not a regular file", path);
    } else if (mode == STORE_READ && st.st_size == 0) {
        error_set(err, ERR_STORE, "%s: the file is empty; no study was written to it yet", path);
    } else if (!allowed(path, R_OK)) {
        error_set(err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    } else if (mode == STORE_WRITE && !allowed(path, W_OK)) {
        error_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    } else if (mode == STORE_WRITE && !allowed(folder, W_OK | X_OK)) {
        error_set(err, ERR_IO, "%s: the folder %s cannot be written, and the journal must lie in it: "
                  "%s", path, folder, strerror(errno));
    } else {
        ok = true;
    }
    free(folder);
    return ok;
}

/* What is read as a table is one: a view of that name could be a query without an end. */
static bool has_tables(Store *store, Error *err)
{
    int64_t n;
    static const char sql[] =
        "SELECT count(*) FROM sqlite_schema WHERE lower(name) IN ('study', 'trial', 'param', 'param_def',"
        " 'class_label', 'epoch', 'metric', 'confusion', 'artifact', 'ensemble', 'ensemble_member', 'event',"
        " 'lease', 'repeat') AND (type = 'view' OR sql LIKE 'CREATE VIRTUAL%')";
    if (!store_get_int(store, sql, NULL, 0, 0, &n, err)) return false;
    return n == 0 || error_set(err, ERR_STORE, "%s: a view stands where a table of trials should; the file is"
                               " damaged, or was made to do harm", store->path);
}

/* WAL lets readers read while we write, and needs shared memory that works: a local disk. */
static bool choose_journal(Store *store, bool force_rollback, Error *err)
{
    const char *fs;
    bool network = store_on_network(store->path, &fs);
    sqlite3_stmt *statement = NULL;
    const char *sql = network || force_rollback ? "PRAGMA journal_mode = TRUNCATE"
                                                : "PRAGMA journal_mode = WAL";
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(statement);
    const char *mode = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    store->wal = mode && strcmp(mode, "wal") == 0;
    sqlite3_finalize(statement);
    /* Somebody reads just now: a rollback journal does as well, with readers and us waiting for
     * each other. */
    if ((rc & 0xff) == SQLITE_BUSY) rc = SQLITE_ROW;
    if (rc != SQLITE_ROW) return store_sql_error(store, rc, err, "choosing the journal");
    if (!store->wal)
        snprintf(store->journal_note, sizeof store->journal_note,
                 "rollback journal instead of WAL (file system %s); run one process at a time", fs);
    return store_exec(store, "PRAGMA wal_autocheckpoint = 1000", err);
}

/* A killed writer without WAL leaves a journal that must be rolled back before anybody can read. */
static void roll_back_for_readers(const char *name)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(db, 10000);
        sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    }
    sqlite3_close(db);
}

static void store_free(Store *store)
{
    store_forget_statements(store);
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->connection);
    free(store->requeued);
    free(store->held);
    free(store->path);
    free(store);
}

bool store_open_with(const char *path, StoreMode mode, const StoreHooks *hooks, Store **out, Error *err)
{
    if (!look_at(path, mode, err) || !beside_is_ours(path, err)) return false;
    Store *store = calloc(1, sizeof *store);
    if (!store) return error_memory(err);
    pthread_mutex_init(&store->connection, NULL);
    store->mode = mode;
    store->beat_ms = hooks->beat_ms ? hooks->beat_ms : BEAT_S * 1000;
    store->read_most_s = hooks->read_most_s ? hooks->read_most_s : 60;
    store->path = strdup(path);
    /* "file:x" and ":memory:" mean something else to SQLite than to everybody else. */
    char *name = malloc(strlen(path) + 3);
    if (!store->path || !name) {
        error_memory(err);
        goto fail;
    }
    snprintf(name, strlen(path) + 3, "%s%s", path[0] == '/' ? "" : "./", path);
    int flags = SQLITE_OPEN_NOMUTEX | (mode == STORE_READ ? SQLITE_OPEN_READONLY
                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int rc = sqlite3_open_v2(name, &store->db, flags, NULL);
    if (rc != SQLITE_OK) {
        if (store->db) store_sql_error(store, rc, err, "opening");
        else error_memory(err);
        goto fail;
    }
    if (!store_settings(store, err)) goto fail;
    if (mode == STORE_READ) {
        rc = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
        if (rc == SQLITE_READONLY_ROLLBACK) roll_back_for_readers(name);
    }
    if (stat(sqlite3_db_filename(store->db, "main"), &store->file) != 0) {
        error_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
        goto fail;
    }
    holder_self(&store->self);
    if (!has_tables(store, err) || !store_schema_open(store, err)) goto fail;
    if (mode == STORE_WRITE) {
        if (!store_lease_watch(store, err)) goto fail;
        const char *fs; /* one process at a time, whichever study it runs */
        bool alone = !store_library_has_wal_fix() || store_on_network(store->path, &fs);
        if (alone && !store_lease_free(store, 0, err)) goto fail;
        if (!choose_journal(store, hooks->rollback_journal, err)) goto fail;
        if (hooks->max_pages) {
            char pragma[64];
            snprintf(pragma, sizeof pragma, "PRAGMA max_page_count = %d", hooks->max_pages);
            if (!store_exec(store, pragma, err)) goto fail;
        }
        store_guard_mark(store);
        if (!store_writer_start(store, err)) goto fail;
    }
    free(name);
    *out = store;
    return true;
fail:
    free(name);
    store_free(store);
    return false;
}

bool store_open(const char *path, StoreMode mode, Store **out, Error *err)
{
    return store_open_with(path, mode, &(StoreHooks){0}, out, err);
}

/* At rest the database is one file that can be mailed. That it stays in WAL mode because somebody
 * reads it is no failure: the next writer tidies up. */
static void tidy(Store *store)
{
    sqlite3_busy_timeout(store->db, 100);
    sqlite3_exec(store->db, "PRAGMA optimize", NULL, NULL, NULL);
    if (store->wal) sqlite3_exec(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    store_forget_statements(store); /* an open statement would keep the mode */
    sqlite3_exec(store->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

bool store_close(Store *store, Error *err)
{
    if (!store) return true;
    bool ok = true;
    if (store->mode == STORE_WRITE) {
        store_writer_stop(store);
        if (store->failed) {
            if (err) *err = store->failure;
            ok = false;
        }
        /* Even after a failure the lease should go; a full disk may have room again. */
        Error ignored;
        if (store->damaged) {
            sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
        } else {
            if (store->n_held > 0 && store_begin(store, &ignored))
                store_commit(store, store_lease_give(store, 0, &ignored), &ignored);
            tidy(store);
        }
        free(store->ring);
        free(store->batch);
        pthread_mutex_destroy(&store->lock);
        pthread_cond_destroy(&store->work);
        pthread_cond_destroy(&store->room);
        pthread_cond_destroy(&store->settled);
    }
    store_free(store);
    return ok;
}

const char *store_notice(const Store *store, int i)
{
    const char *const notes[] = {store->migrate_note, store->lease_note, store->journal_note};
    for (size_t k = 0; k < sizeof notes / sizeof *notes; k++)
        if (notes[k][0] && i-- == 0) return notes[k];
    return NULL;
}

const char *store_path(const Store *store)
{
    return store->path;
}
