/* From one schema to the next.
 *
 * Adding a migration
 *   1. Append a step to `steps` below: the SQL that turns schema N into N + 1, and raise STORE_SCHEMA in
 *      schema.h. A step only adds: tables, columns with a default or NULL, indexes. It never
 *      renames, drops or gives a column another meaning, so that an older program's queries still mean
 *      what they meant. A step is extended until its schema
 *      is released, and never edited after that.
 *   2. Views are no step: change schema.c, and every step ends with all of them made anew.
 *   3. Say in docs/reference/database.md what is there now, and in its list of schemas what was added.
 *   4. When a schema has been released, a small file of it is kept as tests/fixtures/schema-N.db: a study
 *      that was killed half way. tests/cli_schemas.sh opens each, and sweeps it to its end.
 *
 * A new file is made by the same steps, from schema 1 on: so a new file and a migrated one are the same.
 *
 * A file is migrated when it is opened for writing: all steps in one transaction, and before it a copy of
 * the file as it was, trials.before-schema-N.db, which is kept. Nobody may be running a study in it.
 * A reader changes nothing: it migrates a copy of its own, in memory and temporary files, and reads that.
 */
#include "tuner/store/migrate.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tuner/store/lease.h"
#include "tuner/store/schema.h"
#include "tuner/store/view.h"

static const char *const steps[] = {
    /* 1 -> 2: who is best, and how many are in which state, without reading every row */
    "CREATE INDEX trial_value ON trial (study_id, state, value, number);"
    "CREATE INDEX trial_times ON trial (study_id, start_utc, end_utc, secs);"
    /* the rung of halving at which a trial ended or waits; whether the same seed gives the same study */
    "ALTER TABLE trial ADD COLUMN rung INTEGER;"
    "ALTER TABLE study ADD COLUMN deterministic INTEGER NOT NULL DEFAULT 1;"
    /* the leaders run again on fresh seeds (finalists.h) */
    "CREATE TABLE repeat (trial_id INTEGER NOT NULL REFERENCES trial, run INTEGER NOT NULL CHECK (run > 0),"
    " seed INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('COMPLETE', 'FAILED')), value REAL,"
    " value_sd REAL, epochs INTEGER NOT NULL, fail_code TEXT, fail_text TEXT, secs REAL,"
    " end_utc TEXT NOT NULL, host TEXT, pid INTEGER, PRIMARY KEY (trial_id, run)) STRICT, WITHOUT ROWID;",
    /* 2 -> 3: what a trial took of the machine */
    "ALTER TABLE trial ADD COLUMN cpu_s REAL;"
    "ALTER TABLE trial ADD COLUMN peak_bytes INTEGER;",
    /* 3 -> 4: how good the ensemble and the baselines are, which are no trials */
    "CREATE TABLE model_metric (study_id INTEGER NOT NULL REFERENCES study, model TEXT NOT NULL,"
    " split TEXT NOT NULL, name TEXT NOT NULL, value REAL, lo95 REAL, hi95 REAL,"
    " PRIMARY KEY (study_id, model, split, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE model_confusion (study_id INTEGER NOT NULL REFERENCES study, model TEXT NOT NULL,"
    " split TEXT NOT NULL, truth INTEGER NOT NULL, pred INTEGER NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (study_id, model, split, truth, pred)) STRICT, WITHOUT ROWID;",
    /* 4 -> 5: who trained, where, and what of it was for nothing */
    "CREATE TABLE worker (study_id INTEGER NOT NULL REFERENCES study, worker INTEGER NOT NULL,"
    " name TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER, rank INTEGER NOT NULL, seats INTEGER NOT NULL,"
    " isa TEXT, memory_bytes INTEGER, version TEXT, joined_utc TEXT NOT NULL, left_utc TEXT, reason TEXT CHECK"
    " (reason IN ('ended', 'lost', 'silent', 'refused', 'stopped')), done INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0, busy_s REAL NOT NULL DEFAULT 0,"
    " lost_s REAL NOT NULL DEFAULT 0, PRIMARY KEY (study_id, worker)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stint (trial_id INTEGER NOT NULL REFERENCES trial, n INTEGER NOT NULL, worker INTEGER,"
    " attempt INTEGER NOT NULL, end_utc TEXT NOT NULL, secs REAL NOT NULL, how TEXT NOT NULL CHECK"
    " (how IN ('paused', 'forgotten', 'lost', 'stopped')), PRIMARY KEY (trial_id, n)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE trial ADD COLUMN worker INTEGER;"
    "ALTER TABLE trial ADD COLUMN run_utc TEXT;",
    /* 5 -> 6: edits of a study's search space; of several goals the further ones' values of each epoch */
    "CREATE TABLE space_version (study_id INTEGER NOT NULL REFERENCES study, version INTEGER NOT NULL CHECK"
    " (version > 0), from_trial INTEGER NOT NULL, parameters TEXT NOT NULL, constraints TEXT, changes TEXT,"
    " utc TEXT NOT NULL, note TEXT, PRIMARY KEY (study_id, version)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE epoch ADD COLUMN goal_2 REAL;"
    "ALTER TABLE epoch ADD COLUMN goal_3 REAL;"
    "ALTER TABLE epoch ADD COLUMN goal_4 REAL;",
};
static_assert(sizeof steps / sizeof *steps + 1 == STORE_SCHEMA, "a step for each schema after the first");

/* ---- the steps ----------------------------------------------------------------------------------- */

/* A view or table that is new in this schema may have the name of some study's view: that one moves. */
static bool make_room(Store *store, const char *name, Error *err)
{
    int64_t study_id;
    if (!store_get_int(store, "SELECT study_id FROM study WHERE view_name = ?1",
                       (const RowCell[]){TEXT(name)}, 1, 0, &study_id, err))
        return false;
    if (!study_id) return true;
    char *free_name = NULL;
    sqlite3_stmt *statement =
        STORE_BIND(store, err, "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?1 COLLATE NOCASE",
                   TEXT(name));
    bool row;
    if (!statement || !store_step(store, statement, &row, "reading", err)) return false;
    const char *sql = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    const char *body = sql ? strstr(sql, " AS SELECT ") : NULL;
    char *drop = sqlite3_mprintf("DROP VIEW IF EXISTS \"%w\"", name), *create = NULL;
    bool ok = store_view_name(store, name, &free_name, err);
    if (ok && body) create = sqlite3_mprintf("CREATE VIEW \"%w\"%s", free_name, body);
    sqlite3_reset(statement);
    if (ok && (!drop || (body && !create))) ok = error_memory(err);
    ok = ok && store_exec(store, drop, err) && (!create || store_exec(store, create, err))
         && STORE_DO(store, err, "UPDATE study SET view_name = ?2 WHERE study_id = ?1", INT(study_id),
                     TEXT(free_name));
    sqlite3_free(free_name);
    sqlite3_free(drop);
    sqlite3_free(create);
    return ok;
}

static bool make_views(Store *store, Error *err)
{
    for (const SchemaView *view = schema_views; view->name; view++)
        if (!make_room(store, view->name, err) || !store_view_replace(store, view->name, view->sql, err))
            return false;
    return true;
}

static bool run_steps(Store *store, int from, Error *err)
{
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION, STORE_SCHEMA);
    for (int schema = from; schema < STORE_SCHEMA; schema++)
        if (!store_exec(store, steps[schema - 1], err)) return false;
    return make_views(store, err) && store_exec(store, pragmas, err);
}

/* ---- the copy before ------------------------------------------------------------------------------ */

/* "runs/a/trials.db" -> "runs/a/trials.before-schema-2.db", "...-2.2.db" where that exists */
static char *backup_name(const char *path, int number)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    int n = (int)((dot && dot != base ? dot : path + strlen(path)) - path);
    return number < 2 ? sqlite3_mprintf("%.*s.before-schema-%d%s", n, path, STORE_SCHEMA, path + n)
                      : sqlite3_mprintf("%.*s.before-schema-%d.%d%s", n, path, STORE_SCHEMA, number, path + n);
}

static bool sync_folder_of(const char *path)
{
    char *folder = sqlite3_mprintf("%s", path);
    if (!folder) return false;
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    sqlite3_free(folder);
    return ok;
}

/* Writes `name` as temporary file, fsync (SQLite's own, at the end of the copy), rename. */
static bool write_copy(Store *store, const char *name, Error *err)
{
    char *temporary = sqlite3_mprintf("%s.%d.tmp", name, (int)getpid());
    if (!temporary) return error_memory(err);
    unlink(temporary); /* of a process of that number that died */
    /* A connection that is about to write is no source: its pages may be half new. */
    sqlite3 *copy = NULL, *source = NULL;
    int rc = sqlite3_open_v2(temporary, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_open_v2(sqlite3_db_filename(store->db, "main"), &source, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(copy, 1);
        rc = store_copy_pages(source, copy);
        if (rc == SQLITE_OK) rc = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    int reason = copy ? sqlite3_system_errno(copy) : 0;
    sqlite3_close(copy);
    sqlite3_close(source);
    bool ok = rc == SQLITE_OK;
    if (!ok)
        error_set(err, ERR_STORE, "%s: cannot keep a copy (%s) before it is updated to schema %d: %s; nothing "
                  "was changed", store->path, name, STORE_SCHEMA,
                  reason && rc != SQLITE_FULL ? strerror(reason) : sqlite3_errstr(rc));
    if (ok && (rename(temporary, name) != 0 || !sync_folder_of(name)))
        ok = error_set(err, ERR_STORE, "%s: cannot keep a copy (%s) before it is updated to schema %d: %s; "
                       "nothing was changed", store->path, name, STORE_SCHEMA, strerror(errno));
    if (!ok) unlink(temporary);
    sqlite3_free(temporary);
    return ok;
}

static bool keep_backup(Store *store, Error *err)
{
    char *name = backup_name(store->path, 1);
    for (int i = 2; name && access(name, F_OK) == 0; i++) { /* never over one that is there */
        sqlite3_free(name);
        name = backup_name(store->path, i);
    }
    if (!name) return error_memory(err);
    bool ok = write_copy(store, name, err);
    if (ok) snprintf(store->migrate_note, sizeof store->migrate_note, "%s", name);
    sqlite3_free(name);
    return ok;
}

/* ---- migrating -------------------------------------------------------------------------------------- */

static bool migrate(Store *store, Error *err)
{
    int64_t version;
    if (!store_begin(store, err)) return false;
    bool ok = store_get_int(store, "PRAGMA user_version ", NULL, 0, 0, &version, err);
    if (ok && version < STORE_SCHEMA) { /* else another process was faster */
        char note[sizeof store->migrate_note + 80];
        ok = store_lease_free(store, 0, err) && keep_backup(store, err)
          && run_steps(store, (int)version, err);
        snprintf(note, sizeof note, "schema %d to %d; the file before: %s", (int)version, STORE_SCHEMA,
                 store->migrate_note);
        ok = ok && store_event_now(store, 0, 0, "MIGRATED", note, err);
        snprintf(store->migrate_note, sizeof store->migrate_note, "%.*s",
                 (int)sizeof store->migrate_note - 1, note);
    }
    return store_commit(store, ok, err);
}

static bool migrate_copy(Store *store, int from, Error *err)
{
    sqlite3 *copy = NULL;
    int rc = sqlite3_open_v2("", &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) rc = store_copy_pages(store->db, copy);
    if (rc != SQLITE_OK) {
        sqlite3_close(copy);
        return store_sql_error(store, rc, err, "reading a file of an older Consort");
    }
    store_forget_statements(store);
    sqlite3_close(store->db);
    store->db = copy;
    StoreMode mode = store->mode;
    store->mode = STORE_WRITE; /* the copy may be written, until it is what the file would be */
    bool ok = store_settings(store, err) && store_begin(store, err)
           && store_commit(store, run_steps(store, from, err), err);
    store->mode = mode;
    return ok && store_settings(store, err);
}

/* ---- opening ------------------------------------------------------------------------------------- */

static bool create(Store *store, Error *err)
{
    if (!store_begin(store, err)) return false;
    /* Another process may have been faster: then there is nothing left to do here. */
    int64_t n = 0;
    bool ok = store_get_int(store, "SELECT count(*) FROM sqlite_schema ", NULL, 0, 0, &n, err);
    if (ok && n == 0) ok = store_exec(store, schema_first_tables, err) && run_steps(store, 1, err);
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
    if (version == STORE_SCHEMA) return true;
    return store->mode == STORE_READ ? migrate_copy(store, (int)version, err)
                                     : migrate(store, err);
}
