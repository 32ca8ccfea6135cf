/* Who runs a study. A row in `lease` says which process writes a study's trials; it goes when the
 * study ends, and is worth nothing once its process is dead. So a second sweep is told who is in the
 * way, and a sweep after a crash starts at once instead of waiting for something to expire. */
#include "tuner/store_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- processes ----------------------------------------------------------------------------------- */

/* State letter and start time of a process: fields 3 and 22 of /proc/PID/stat (proc(5)). The name in
 * field 2 may hold spaces and brackets, so count from the last bracket. */
static bool process_stat(int64_t pid, char *state, int64_t *started)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    size_t n = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[n] = '\0';
    char *at = strrchr(line, ')');
    if (!at || at[1] != ' ' || !at[2]) return false;
    *state = at[2];
    at += 2;
    for (int field = 3; field < 22; field++) {
        at = strchr(at, ' ');
        if (!at) return false;
        at++;
    }
    *started = strtoll(at, NULL, 10);
    return true;
}

void process_self(Process *self)
{
    memset(self, 0, sizeof *self);
    char host[sizeof self->host] = "";
    if (gethostname(host, sizeof host - 1) != 0) strcpy(host, "localhost");
    memcpy(self->host, host, sizeof host);
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file) {
        if (!fgets(self->boot_id, sizeof self->boot_id, file)) self->boot_id[0] = '\0';
        self->boot_id[strcspn(self->boot_id, "\n")] = '\0';
        fclose(file);
    }
    self->pid = getpid();
    struct stat space;
    if (stat("/proc/self/ns/pid", &space) == 0) self->pid_space = (int64_t)space.st_ino;
    char state;
    if (!process_stat(self->pid, &state, &self->started)) self->started = 0;
}

bool process_alive(const Process *other, const Process *self, double beat_age_s)
{
    bool same_host = strcmp(other->host, self->host) == 0;
    bool same_boot = strcmp(other->boot_id, self->boot_id) == 0;
    if (same_host && !same_boot) return false; /* the machine was started again since */
    if (!same_host || other->pid_space != self->pid_space)
        return beat_age_s < BEAT_S * BEATS_UNTIL_DEAD;
    if (other->pid <= 0 || (kill((pid_t)other->pid, 0) != 0 && errno == ESRCH)) return false;
    char state;
    int64_t started;
    if (!process_stat(other->pid, &state, &started)) return true; /* no /proc: it has the pid */
    if (state == 'Z' || state == 'X') return false; /* dead, its parent has not noticed */
    return !other->started || other->started == started;
}

static bool same_process(const Process *a, const Process *b)
{
    return a->pid == b->pid && a->started == b->started && a->pid_space == b->pid_space &&
           strcmp(a->host, b->host) == 0 && strcmp(a->boot_id, b->boot_id) == 0;
}

/* ---- the row --------------------------------------------------------------------------------------- */

static void copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    snprintf(out, size, "%s", text ? text : "");
}

static bool refuse(const Store *store, const Process *holder, const char *study, const char *since,
                   bool any, Error *err)
{
    if (same_process(holder, &store->self))
        return error_set(err, ERR_STORE, "%s: study \"%s\" is being run by this very process since %s",
                         store->path, study, since);
    return error_set(err, ERR_STORE, "%s: study \"%s\" is being run by pid %" PRId64 " on host %s since "
                     "%s; wait for it or stop it (`consort stop`, or kill %" PRId64 ")%s", store->path, study,
                     holder->pid, holder->host, since, holder->pid,
                     any ? ", or give this run a database of its own" : "");
}

bool store_lease_free(Store *store, int64_t study_id, Error *err)
{
    static const char sql[] =
        "SELECT l.host, l.boot_id, l.pid, l.pid_space, l.started, s.name,"
        " substr(l.since_utc, 1, 10) || ' ' || substr(l.since_utc, 12, 5) || ' UTC',"
        " (julianday('now') - julianday(l.heartbeat_utc)) * 86400"
        " FROM lease l JOIN study s USING (study_id) WHERE ?1 IN (0, l.study_id) ORDER BY study_id";
    bool row, any = study_id == 0;
    sqlite3_stmt *statement = STORE_BIND(store, err, sql, INT(study_id));
    if (!statement || !store_step(store, statement, &row, "asking who runs the study", err)) return false;
    while (row) {
        Process holder;
        char study[200], since[32];
        memset(&holder, 0, sizeof holder);
        copy_text(statement, 0, holder.host, sizeof holder.host);
        copy_text(statement, 1, holder.boot_id, sizeof holder.boot_id);
        holder.pid = sqlite3_column_int64(statement, 2);
        holder.pid_space = sqlite3_column_int64(statement, 3);
        holder.started = sqlite3_column_int64(statement, 4);
        copy_text(statement, 5, study, sizeof study);
        copy_text(statement, 6, since, sizeof since);
        double age = sqlite3_column_double(statement, 7);
        bool ours = same_process(&holder, &store->self);
        /* Two stores of one process may open one file; only two runs of one study are an error. */
        if (!(any && ours) && process_alive(&holder, &store->self, age)) {
            sqlite3_reset(statement);
            return refuse(store, &holder, study, since, any, err);
        }
        if (!store_step(store, statement, &row, "asking who runs the study", err)) return false;
    }
    return true;
}

bool store_lease_take(Store *store, int64_t study_id, Error *err)
{
    const Process *self = &store->self;
    char now[32];
    store_utc(now, true);
    return STORE_DO(store, err, "INSERT OR REPLACE INTO lease (study_id, host, boot_id, pid, pid_space,"
                    " started, since_utc, heartbeat_utc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                    INT(study_id), TEXT(self->host), TEXT(self->boot_id), INT(self->pid),
                    INT(self->pid_space), INT(self->started), TEXT(now));
}

bool store_lease_check(Store *store, bool beat, Error *err)
{
    const Process *self = &store->self;
    char now[32];
    store_utc(now, true);
    for (int i = 0; i < store->n_held; i++) {
        int64_t study_id = store->held[i].study_id, mine;
        if (!store_get_int(store, "SELECT count(*) FROM lease WHERE study_id = ?1 AND host = ?2 AND"
                           " boot_id = ?3 AND pid = ?4 AND started = ?5",
                           (const Bind[]){INT(study_id), TEXT(self->host), TEXT(self->boot_id),
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
    const Process *self = &store->self;
    for (int i = 0; i < store->n_held; i++) {
        if (study_id && store->held[i].study_id != study_id) continue;
        if (!STORE_DO(store, err, "DELETE FROM lease WHERE study_id = ?1 AND host = ?2 AND boot_id = ?3"
                      " AND pid = ?4 AND started = ?5", INT(store->held[i].study_id), TEXT(self->host),
                      TEXT(self->boot_id), INT(self->pid), INT(self->started)))
            return false;
    }
    return true;
}
