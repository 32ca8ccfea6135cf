/* Sums of what workers did, by worker and host. */
#include "tuner/insight/crew.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"
#include "base/set.h"
#include "base/utc.h"

double crew_share(const CrewTime *time)
{
    return time->seats_s > 0 ? fmin(1, time->busy_s / time->seats_s) : NAN;
}

static double positive(double seconds)
{
    return isfinite(seconds) && seconds > 0 ? seconds : 0;
}

/* ---- seats at a time ----------------------------------------------------------------------------- */

enum { SEATS_MOST = 1000000000 };

typedef struct {
    double at;
    int seats; /* more from then on, or fewer */
    int workers;
} Change;

/* At one time who leaves leaves before who comes. */
static int by_time(const void *a, const void *b)
{
    const Change *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return (x->seats > y->seats) - (x->seats < y->seats);
}

/* The most seats at a time, of one host or (-1) of all; and the most workers. */
static int most_seats(const Crew *crew, int host, Change *changes, int *workers)
{
    int64_t seats = 0, most = 0; /* a file may say anything of each */
    int n = 0, there = 0;
    *workers = 0;
    for (int i = 0; i < crew->n_workers; i++) {
        if ((host >= 0 && crew->host_of[i] != host) || !isfinite(crew->came[i])) continue;
        if (crew->workers[i].seats > most) most = crew->workers[i].seats; /* also for no time at all */
        changes[n++] = (Change){crew->came[i], crew->workers[i].seats, 1};
        changes[n++] = (Change){crew->left[i], -crew->workers[i].seats, -1};
    }
    qsort(changes, (size_t)n, sizeof *changes, by_time);
    for (int i = 0; i < n; i++) {
        seats += changes[i].seats;
        there += changes[i].workers;
        if (seats > most) most = seats;
        if (there > *workers) *workers = there;
    }
    return most < SEATS_MOST ? (int)most : SEATS_MOST;
}

/* ---- sums ---------------------------------------------------------------------------------------- */

static double latest(const Crew *crew, const TrialRow *running, int n)
{
    double last = -INFINITY;
    for (int i = 0; i < crew->n_workers; i++) {
        last = fmax(last, utc_seconds(crew->workers[i].joined_utc));
        last = fmax(last, utc_seconds(crew->workers[i].left_utc));
    }
    for (int i = 0; i < n; i++) last = fmax(last, utc_seconds(running[i].start_utc));
    return last;
}

int crew_place(const Crew *crew, int number)
{
    int low = 0, high = crew->n_workers;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (crew->workers[middle].worker < number) low = middle + 1;
        else high = middle;
    }
    return low < crew->n_workers && crew->workers[low].worker == number ? low : -1;
}

static void add(CrewHost *sum, const WorkerRow *worker, const CrewTime *time)
{
    if (worker->reason && strcmp(worker->reason, worker_end_names[WORKER_REFUSED]) == 0) return;
    sum->workers++;
    sum->here += !worker->left_utc;
    sum->gone += worker->reason && (strcmp(worker->reason, worker_end_names[WORKER_LOST]) == 0
                                    || strcmp(worker->reason, worker_end_names[WORKER_SILENT]) == 0);
    sum->done += worker->done;
    sum->failed += worker->failed;
    sum->lost += worker->lost;
    sum->time.seats_s += time->seats_s;
    sum->time.busy_s += time->busy_s;
    sum->time.lost_s += time->lost_s;
    sum->time.waiting_s += time->waiting_s;
}

static void stay(const Crew *crew, int host, CrewHost *sum)
{
    double first = INFINITY, last = -INFINITY;
    int64_t seats = 0;
    for (int i = 0; i < crew->n_workers; i++) {
        if (host >= 0 && crew->host_of[i] != host) continue;
        first = fmin(first, crew->came[i]);
        last = fmax(last, crew->left[i]);
        if (!crew->workers[i].left_utc) seats += crew->workers[i].seats;
    }
    sum->hours = positive(last - first) / 3600;
    if (sum->here > 0) sum->seats = seats < SEATS_MOST ? (int)seats : SEATS_MOST;
}

/* Hosts by name. */
static bool name_hosts(Crew *crew, Arena *arena, Error *err)
{
    TextSet names = {0};
    for (int i = 0; i < crew->n_workers; i++) {
        const char *host = crew->workers[i].host;
        int at = text_set_add(&names, arena, host, strlen(host));
        if (at < 0) return error_memory(err);
        if (at == crew->n_hosts) crew->hosts[crew->n_hosts++] = (CrewHost){.host = host};
        crew->host_of[i] = at;
    }
    return true;
}

static bool make_room(Crew *crew, Arena *arena, Error *err)
{
    const int n = crew->n_workers + 1;
    crew->host_of = ARENA_NEW(arena, int, n);
    crew->came = ARENA_NEW(arena, double, n);
    crew->left = ARENA_NEW(arena, double, n);
    crew->time = ARENA_NEW(arena, CrewTime, n);
    crew->hosts = ARENA_NEW(arena, CrewHost, n);
    return (crew->host_of && crew->came && crew->left && crew->time && crew->hosts) || error_memory(err);
}

/* What they did until now: what has ended, and what is running. */
static void add_up(Crew *crew, const TrialRow *running, int n_running, double now)
{
    for (int i = 0; i < crew->n_workers; i++) {
        const WorkerRow *row = &crew->workers[i];
        const double left = row->left_utc ? utc_seconds(row->left_utc) : now;
        crew->came[i] = utc_seconds(row->joined_utc);
        crew->left[i] = left >= crew->came[i] ? left : crew->came[i];
        crew->time[i] = (CrewTime){row->seats * positive(crew->left[i] - crew->came[i]), positive(row->busy_s),
                                   positive(row->lost_s), NAN};
    }
    for (int t = 0; t < n_running; t++) {
        const TrialRow *trial = &running[t];
        int i = crew_place(crew, trial->worker);
        if (i < 0 || crew->workers[i].left_utc) continue;
        crew->time[i].busy_s += positive(now - utc_seconds(trial->run_utc ? trial->run_utc : trial->start_utc));
        crew->hosts[crew->host_of[i]].running++;
        crew->all.running++;
    }
}

void crew_sum(Crew *crew)
{
    for (int h = 0; h < crew->n_hosts; h++) {
        CrewHost *host = &crew->hosts[h];
        *host = (CrewHost){.host = host->host, .running = host->running, .seats = host->seats,
                           .hours = host->hours};
    }
    crew->all = (CrewHost){.running = crew->all.running, .seats = crew->all.seats, .hours = crew->all.hours};
    for (int i = 0; i < crew->n_workers; i++) {
        add(&crew->hosts[crew->host_of[i]], &crew->workers[i], &crew->time[i]);
        add(&crew->all, &crew->workers[i], &crew->time[i]);
    }
}

bool crew_read(Store *store, int64_t study_id, double now, Arena *arena, Crew *out, Error *err)
{
    Crew crew = {0};
    WorkerRow *workers;
    TrialRow *running;
    int n_running, at_once;
    if (!store_workers(store, study_id, arena, &workers, &crew.n_workers, err)
        || !store_running(store, study_id, arena, &running, &n_running, err))
        return false;
    crew.workers = workers;
    Change *changes = ARENA_NEW(arena, Change, 2 * crew.n_workers + 1);
    if (!changes) return error_memory(err);
    if (!make_room(&crew, arena, err) || !name_hosts(&crew, arena, err)) return false;
    add_up(&crew, running, n_running, isfinite(now) ? now : latest(&crew, running, n_running));
    crew_sum(&crew);
    for (int h = -1; h < crew.n_hosts; h++) {
        CrewHost *sum = h < 0 ? &crew.all : &crew.hosts[h];
        sum->seats = most_seats(&crew, h, changes, &at_once);
        if (h < 0) crew.many = at_once > 1;
        stay(&crew, h, sum);
    }
    *out = crew;
    return true;
}

/* ---- as a document ------------------------------------------------------------------------------- */

static void put_sum(const CrewHost *sum, Doc *out)
{
    if (sum->host) doc_set_text(out, "host", sum->host);
    doc_set_number(out, "workers", sum->workers);
    doc_set_number(out, "here", sum->here);
    doc_set_number(out, "gone", sum->gone);
    doc_set_number(out, "seats", sum->seats);
    doc_set_number(out, "running", sum->running);
    doc_set_number(out, "done", sum->done);
    doc_set_number(out, "failed", sum->failed);
    doc_set_number(out, "lost", sum->lost);
    doc_set_number(out, "seats_s", sum->time.seats_s);
    doc_set_number(out, "busy_s", sum->time.busy_s);
    doc_set_number(out, "lost_s", sum->time.lost_s);
    doc_set_number(out, "waiting_s", sum->time.waiting_s);
    doc_set_number(out, "utilization", crew_share(&sum->time));
    doc_set_number(out, "per_hour", sum->hours > 0 ? sum->done / sum->hours : NAN);
}

Doc *crew_doc(const Crew *crew, bool each)
{
    Doc *out = doc_object(), *hosts = doc_set(out, "hosts", doc_array());
    for (int h = 0; h < crew->n_hosts; h++) put_sum(&crew->hosts[h], doc_add(hosts, doc_object()));
    put_sum(&crew->all, doc_set(out, "all", doc_object()));
    Doc *workers = each ? doc_set(out, "workers", doc_array()) : NULL;
    for (int i = 0; each && i < crew->n_workers; i++)
        record_doc(&worker_columns, 0, &crew->workers[i], doc_add(workers, doc_object()));
    return out;
}
