#include "tuner/store/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#define X(id, name) name,
const char *const trial_state_names[] = {TRIAL_STATE_LIST(X) NULL};
#undef X

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

/* ---- where the file lies ----------------------------------------------------------------------- */

bool store_library_has_wal_fix(void)
{
    int version = sqlite3_libversion_number();
    /* 3.50.7 has the fix of 3.51.3 */
    return version >= SAFE_WAL_VERSION || (version >= 3050007 && version < 3051000);
}

bool store_on_network(const char *path, const char **name)
{
    *name = "unknown";
#ifdef __linux__
    static const struct { uint32_t magic; bool network; const char *name; } known[] = {
        {0x6969, true, "NFS"},         {0x517B, true, "SMB"},        {0xFF534D42, true, "CIFS"},
        {0xFE534D42, true, "SMB2"},    {0x65735546, true, "FUSE"},   {0x01021997, true, "9P"},
        {0x0BD00BD0, true, "Lustre"},  {0x47504653, true, "GPFS"},   {0x00C36400, true, "Ceph"},
        {0x5346414F, true, "AFS"},     {0x6B414653, true, "AFS"},    {0x73757245, true, "Coda"},
        {0x7461636F, true, "OCFS2"},   {0x19830326, true, "BeeGFS"}, {0x786F4256, true, "vboxsf"},
        {0x01161970, true, "GFS2"},
        {0xEF53, false, "ext4"},       {0x58465342, false, "XFS"},   {0x9123683E, false, "btrfs"},
        {0x01021994, false, "tmpfs"},  {0x794C7630, false, "overlay"}, {0x2FC12FC1, false, "ZFS"},
        {0xF2F52010, false, "F2FS"},   {0x4D44, false, "FAT"},       {0x2011BAB0, false, "exFAT"},
    };
    struct statfs fs;
    if (statfs(path, &fs) != 0) return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((uint32_t)fs.f_type == known[i].magic) {
            *name = known[i].name;
            return known[i].network;
        }
#else
    (void)path;
#endif
    return false;
}

/* ---- opening ----------------------------------------------------------------------------------- */

static bool allowed(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
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
    if (stat(path, &st) != 0) {
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
    for (int i = 0; i < store->n_statements; i++) sqlite3_finalize(store->statements[i].statement);
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->connection);
    free(store->requeued);
    free(store->held);
    free(store->path);
    free(store);
}

bool store_open_with(const char *path, StoreMode mode, const StoreHooks *hooks, Store **out, Error *err)
{
    if (!look_at(path, mode, err)) return false;
    Store *store = calloc(1, sizeof *store);
    if (!store) return error_memory(err);
    pthread_mutex_init(&store->connection, NULL);
    store->mode = mode;
    store->beat_ms = hooks->beat_ms ? hooks->beat_ms : BEAT_S * 1000;
    store->path = strdup(path);
    /* "file:x" and ":memory:" mean something else to SQLite than to everybody else. */
    char *name = malloc(strlen(path) + 3);
    if (!store->path || !name) {
        error_memory(err);
        goto fail;
    }
    sprintf(name, "%s%s", path[0] == '/' ? "" : "./", path);
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
    process_self(&store->self);
    if (!store_schema_open(store, err)) goto fail;
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
    for (int i = 0; i < store->n_statements; i++) sqlite3_finalize(store->statements[i].statement);
    store->n_statements = 0; /* an open statement would keep the mode */
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
