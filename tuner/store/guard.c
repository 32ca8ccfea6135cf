/* Is the file we write still the one we opened, and does nobody else write into it?
 *
 * SQLite does not notice that its file was deleted, replaced or overwritten: it goes on writing to what it
 * holds, says that all is well, and everything is lost when the process ends. So before each batch the file
 * is looked at. Gone from its folder: what this process still holds is saved as a file beside it. Changed by
 * somebody else, which is allowed (a SQL shell that leaves a note): then its contents are checked, together
 * with what lies in the journal. */
#include "tuner/store/guard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tuner/store/schema.h"

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static bool untouched(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static const char *file_name(Store *store)
{
    return sqlite3_db_filename(store->db, "main");
}

static bool look(const char *name, const char *ending, struct stat *out)
{
    char *path = sqlite3_mprintf("%s%s", name, ending);
    bool there = path && stat(path, out) == 0;
    sqlite3_free(path);
    return there;
}

void store_guard_mark(Store *store)
{
    const char *name = file_name(store);
    look(name, "", &store->left);
    if (store->wal && !store->has_wal_file) store->has_wal_file = look(name, "-wal", &store->wal_file);
}

/* Ours, and whole. */
static bool is_sound(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    bool ours = false, whole = false;
    if (sqlite3_prepare_v2(db, "PRAGMA application_id", -1, &statement, NULL) == SQLITE_OK)
        ours = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == STORE_APPLICATION;
    sqlite3_finalize(statement);
    if (ours && sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &statement, NULL) == SQLITE_OK) {
        const char *text = sqlite3_step(statement) == SQLITE_ROW
                             ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        whole = text && strcmp(text, "ok") == 0;
        sqlite3_finalize(statement);
    }
    return whole;
}

/* As another connection sees it, which has nothing in memory yet. */
static bool file_is_sound(const char *name)
{
    sqlite3 *db = NULL;
    bool ok = sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
    if (ok) {
        sqlite3_busy_timeout(db, 10000);
        ok = is_sound(db);
    }
    sqlite3_close(db);
    return ok;
}

/* "runs/a/trials.db" -> "runs/a/trials.rescued.db", "...rescued-2.db" where that exists */
static char *rescue_name(const char *path)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    int n = (int)((dot && dot != base ? dot : path + strlen(path)) - path);
    for (int i = 1; i < 1000; i++) {
        char number[16] = "";
        if (i > 1) snprintf(number, sizeof number, "-%d", i);
        char *name = sqlite3_mprintf("%.*s.rescued%s%s", n, path, number, path + n);
        if (!name || access(name, F_OK) != 0) return name;
        sqlite3_free(name);
    }
    return NULL;
}

/* What this process holds, as a file of that name; false when it is not whole. */
static bool rescue(Store *store, const char *name)
{
    sqlite3 *copy = NULL;
    bool ok = sqlite3_open_v2(name, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK &&
              store_copy_pages(store->db, copy) == SQLITE_OK &&
              sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK &&
              sqlite3_exec(copy, "DELETE FROM lease", NULL, NULL, NULL) == SQLITE_OK && /* nobody runs it */
              is_sound(copy);
    sqlite3_close(copy);
    if (!ok) unlink(name);
    return ok;
}

static bool gone(Store *store, Error *err)
{
    char *name = rescue_name(store->path);
    if (name && rescue(store, name))
        error_set(err, ERR_STORE, "%s: the database was deleted, moved or replaced while it was being "
                  "written; everything acknowledged is in %s: move that file there and run the same command "
                  "again", store->path, name);
    else
        error_set(err, ERR_STORE, "%s: the database was deleted, moved or replaced while it was being "
                  "written, and no copy could be kept; put it back, or begin again", store->path);
    sqlite3_free(name);
    return false;
}

bool store_guard(Store *store, Error *err)
{
    const char *name = file_name(store);
    struct stat now, wal;
    if (!look(name, "", &now) || !same_file(&now, &store->file))
        return gone(store, err);
    if (store->has_wal_file && (!look(name, "-wal", &wal) || !same_file(&wal, &store->wal_file)))
        return error_set(err, ERR_STORE, "%s: its journal %s-wal was deleted, moved or replaced while it was "
                         "being written; everything acknowledged is in the database: run the same command "
                         "again, and leave the files beside a database alone while it is in use", store->path,
                         path_base(store->path));
    /* On a network nobody knows when a time of change arrives. */
    if (store->wal ? untouched(&now, &store->left) : now.st_size >= store->left.st_size) return true;
    if (file_is_sound(name)) return true;
    store->damaged = true;
    return error_set(err, ERR_STORE, "%s: the database was cut off or overwritten by another program while it "
                     "was being written; restore a copy, or save what can be read with: sqlite3 '%s' .recover",
                     store->path, store->path);
}
