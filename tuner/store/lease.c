/* Who runs a study. A row in `lease` says which process writes a study's trials; it goes when the
 * study ends, and is worth nothing once its process is dead. So a second sweep is told who is in the
 * way, and a sweep after a crash starts at once instead of waiting for something to expire. */
#include "tuner/store/lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CLOCKS_DIFFER_S = 86400 }; /* at most, between two machines or before and after being set */

/* ---- the row --------------------------------------------------------------------------------------- */

static void copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    snprintf(out, size, "%s", text ? text : "");
}

static bool refuse(const Store *store, const Holder *holder, const char *study, const char *since,
                   bool any, Error *err)
{
    if (holder_same(holder, &store->self))
        return error_set(err, ERR_STORE, "%s: study \"%s\" is being run by this very process since %s",
                         store->path, study, since);
    return error_set(err, ERR_STORE, "%s: study \"%s\" is being run by pid %" PRId64 " on host %s since "
                     "%s; wait for it, stop it (`consort stop`, or kill %" PRId64 "), help it (`consort sweep "
                     "--join`)%s", store->path, study, holder->pid, holder->host, since, holder->pid,
                     any ? ", or give this run a database of its own" : "");
}

/* Steps to the next lease that is of interest, if there is one. */
static bool next_holder(Store *store, sqlite3_stmt *statement, Holder *holder, bool *row, Error *err)
{
    if (!store_step(store, statement, row, "asking who runs the study", err)) return false;
    if (!*row) return true;
    memset(holder, 0, sizeof *holder);
    copy_text(statement, 0, holder->host, sizeof holder->host);
    copy_text(statement, 1, holder->boot_id, sizeof holder->boot_id);
    holder->pid = sqlite3_column_int64(statement, 2);
    holder->pid_space = sqlite3_column_int64(statement, 3);
    holder->started = sqlite3_column_int64(statement, 4);
    return true;
}

#define HOLDER_COLUMNS "l.host, l.boot_id, l.pid, l.pid_space, l.started"
#define BEAT_AGE "(julianday('now') - julianday(l.heartbeat_utc)) * 86400"

bool store_lease_free(Store *store, int64_t study_id, Error *err)
{
    static const char sql[] =
        "SELECT " HOLDER_COLUMNS ", s.name,"
        " substr(l.since_utc, 1, 10) || ' ' || substr(l.since_utc, 12, 5) || ' UTC',"
        " " BEAT_AGE
        " FROM lease l JOIN study s USING (study_id) WHERE ?1 IN (0, l.study_id) ORDER BY study_id";
    bool row, any = study_id == 0;
    Holder holder;
    sqlite3_stmt *statement = STORE_BIND(store, err, sql, INT(study_id));
    if (!statement || !next_holder(store, statement, &holder, &row, err)) return false;
    while (row) {
        char study[200], since[32];
        copy_text(statement, 5, study, sizeof study);
        copy_text(statement, 6, since, sizeof since);
        double age = sqlite3_column_double(statement, 7);
        if (store->watched && age < CLOCKS_DIFFER_S) age = 0;
        bool ours = holder_same(&holder, &store->self);
        /* Two stores of one process may open one file; only two runs of one study are an error. */
        if (!(any && ours) && holder_alive(&holder, &store->self, age)) {
            sqlite3_reset(statement);
            return refuse(store, &holder, study, since, any, err);
        }
        if (!next_holder(store, statement, &holder, &row, err)) return false;
    }
    return true;
}

/* A lease whose holder cannot be looked up. Its heartbeat was written by a clock that need not agree with
 * ours, and either may have been set meanwhile: "a few seconds ago" and "days ago" can be believed, "hours ago"
 * and "in the future" cannot. */
typedef struct {
    int64_t study_id, pid;
    char host[65], beat[32];
} Doubtful;

static bool list_doubtful(Store *store, Doubtful *list, int most, int *n, Error *err)
{
    bool row;
    Holder holder;
    static const char sql[] = "SELECT " HOLDER_COLUMNS ", l.study_id, l.heartbeat_utc, " BEAT_AGE
                              " FROM lease l ORDER BY study_id";
    sqlite3_stmt *statement = store_bind(store, sql, NULL, 0, err);
    *n = 0;
    if (!statement || !next_holder(store, statement, &holder, &row, err)) return false;
    while (row) {
        double age = sqlite3_column_double(statement, 7);
        bool recent = age >= 0 && age < BEAT_S * BEATS_UNTIL_DEAD, old = age > CLOCKS_DIFFER_S;
        if (!holder_can_be_looked_up(&holder, &store->self) && !recent && !old && *n < most) {
            Doubtful *one = &list[(*n)++];
            one->study_id = sqlite3_column_int64(statement, 5);
            one->pid = holder.pid;
            memcpy(one->host, holder.host, sizeof one->host);
            copy_text(statement, 6, one->beat, sizeof one->beat);
        }
        if (!next_holder(store, statement, &holder, &row, err)) return false;
    }
    return true;
}

/* Those that still stand where they stood. */
static bool keep_still(Store *store, Doubtful *list, int *n, Error *err)
{
    int kept = 0;
    for (int i = 0; i < *n; i++) {
        int64_t still;
        if (!store_get_int(store, "SELECT count(*) FROM lease WHERE study_id = ?1 AND heartbeat_utc = ?2",
                           (const RowCell[]){INT(list[i].study_id), TEXT(list[i].beat)}, 2, 0, &still, err))
            return false;
        if (still) list[kept++] = list[i];
    }
    *n = kept;
    return true;
}

bool store_lease_watch(Store *store, Error *err)
{
    enum { MOST = 16, LOOKS = 50 };
    Doubtful list[MOST];
    int n, pause_ms = store->beat_ms * BEATS_UNTIL_DEAD / LOOKS + 1;
    if (!list_doubtful(store, list, MOST, &n, err)) return false;
    for (int i = 0; n > 0 && i < LOOKS; i++) {
        nanosleep(&(struct timespec){pause_ms / 1000, (long)(pause_ms % 1000) * 1000000}, NULL);
        if (!keep_still(store, list, &n, err)) return false;
    }
    store->watched = true;
    if (n == 0) return true;
    if (!store_begin(store, err)) return false;
    bool ok = keep_still(store, list, &n, err);
    for (int i = 0; ok && i < n; i++)
        ok = STORE_DO(store, err, "DELETE FROM lease WHERE study_id = ?1", INT(list[i].study_id));
    if (ok && n > 0)
        snprintf(store->lease_note, sizeof store->lease_note, "pid %" PRId64 " on host %s ran it last and has"
                 " given no sign of life for %d s; it is taken over", list[0].pid, list[0].host,
                 store->beat_ms * BEATS_UNTIL_DEAD / 1000);
    return store_commit(store, ok, err);
}

bool store_lease_take(Store *store, int64_t study_id, Error *err)
{
    const Holder *self = &store->self;
    char now[32];
    store_utc(now, true);
    return STORE_DO(store, err, "INSERT OR REPLACE INTO lease (study_id, host, boot_id, pid, pid_space,"
                    " started, since_utc, heartbeat_utc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                    INT(study_id), TEXT(self->host), TEXT(self->boot_id), INT(self->pid),
                    INT(self->pid_space), INT(self->started), TEXT(now));
}

bool store_lease_check(Store *store, bool beat, Error *err)
{
    const Holder *self = &store->self;
    char now[32];
    store_utc(now, true);
    for (int i = 0; i < store->n_held; i++) {
        int64_t study_id = store->held[i].study_id, mine;
        if (!store_get_int(store, "SELECT count(*) FROM lease WHERE study_id = ?1 AND host = ?2 AND"
                           " boot_id = ?3 AND pid = ?4 AND started = ?5",
                           (const RowCell[]){INT(study_id), TEXT(self->host), TEXT(self->boot_id),
                                          INT(self->pid), INT(self->started)}, 5, 0, &mine, err))
            return false;
        if (!mine)
            return error_set(err, ERR_STORE, "%s: another process took this study over while this one "
                             "stood still; nothing more is written from here", store->path);
        if (!beat) continue;
        if (!STORE_DO(store, err, "UPDATE lease SET heartbeat_utc = ?2 WHERE study_id = ?1",
                      INT(study_id), TEXT(now)) ||
            !STORE_DO(store, err, "UPDATE trial SET heartbeat_utc = ?2 WHERE study_id = ?1 AND"
                      " state = 'RUNNING'", INT(study_id), TEXT(now)))
            return false;
    }
    return true;
}

bool store_lease_give(Store *store, int64_t study_id, Error *err)
{
    const Holder *self = &store->self;
    for (int i = 0; i < store->n_held; i++) {
        if (study_id && store->held[i].study_id != study_id) continue;
        if (!STORE_DO(store, err, "DELETE FROM lease WHERE study_id = ?1 AND host = ?2 AND boot_id = ?3"
                      " AND pid = ?4 AND started = ?5", INT(store->held[i].study_id), TEXT(self->host),
                      TEXT(self->boot_id), INT(self->pid), INT(self->started)))
            return false;
    }
    return true;
}
