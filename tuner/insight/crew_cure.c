/* Would a wider window keep the seats busy? The times that trials took, dealt out to seats again. */
#include <math.h>
#include <stdlib.h>

#include "tuner/insight/crew.h"

/* The seat that is free first is on top, of a heap. */
static void sink(double *free_at, int n)
{
    for (int i = 0, child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && free_at[child + 1] < free_at[child]) child++;
        if (free_at[i] <= free_at[child]) return;
        double other = free_at[i];
        free_at[i] = free_at[child];
        free_at[child] = other;
    }
}

bool crew_replay(const double *seconds, int n, int seats, int lookback, double *waited)
{
    double *free_at = calloc((size_t)seats + 1, sizeof *free_at), *end = calloc((size_t)n + 1, sizeof *end);
    bool ok = free_at && end;
    double latest = 0, begun = 0, busy = 0;
    for (int k = 0; ok && k < n; k++) {
        if (k >= lookback) latest = fmax(latest, end[k - lookback]);
        begun = fmax(begun, fmax(free_at[0], latest));
        end[k] = begun + seconds[k];
        free_at[0] = end[k];
        sink(free_at, seats);
    }
    for (int k = 0; ok && k < n; k++)
        busy += fmin(end[k], begun) - fmin(end[k] - seconds[k], begun);
    if (ok) *waited = begun > 0 ? fmax(0, 1 - busy / (seats * begun)) : 0;
    free(free_at);
    free(end);
    return ok;
}

/* The smallest of some that are wider, and waits little; 0: none does. */
static int wide_enough(const double *seconds, int n, int seats, int lookback)
{
    static const double wider[] = {1.5, 2, 3, 4, 6, 8, 12, 16};
    enum { MOST = 4096 }; /* of run.lookback */
    double waited;
    for (size_t i = 0; i < sizeof wider / sizeof *wider && wider[i] * lookback <= MOST; i++) {
        const int next = (int)ceil(wider[i] * lookback);
        if (!crew_replay(seconds, n, seats, next, &waited)) return 0;
        if (waited <= 0.02) return next;
    }
    return 0;
}

const char *crew_cure(Store *store, int64_t study_id, const Crew *crew, int lookback, Arena *arena)
{
    enum { LEAST = 4, MOST_TRIALS = 20000 }; /* turns of a seat that tell something */
    const CrewTime *time = &crew->all.time;
    const int seats = crew->all.seats;
    double *seconds, waited;
    int n;
    Error ignored;
    const double idle = 1 - (time->busy_s + time->lost_s) / time->seats_s;
    if (!crew->many || lookback < 1 || seats < 2 || seats > MOST_TRIALS / LEAST || !(idle >= 0.05)) return NULL;
    if (!store_recent_seconds(store, study_id, 8 * seats > 2000 ? 8 * seats : 2000, arena, &seconds, &n,
                              &ignored)
        || n < LEAST * seats || !crew_replay(seconds, n, seats, lookback, &waited) || waited < 0.05)
        return NULL;
    const int wide = wide_enough(seconds, n, seats, lookback);
    const double share = isfinite(time->waiting_s) ? time->waiting_s / time->seats_s : fmin(idle, waited);
    if (!wide || share < 0.05) return NULL;
    return arena_print(arena, "%.0f %% of the seats' time was waiting for slow trials within run.lookback: %d;"
                       " a study with %d would most likely keep them busy.", 100 * share, lookback, wide);
}
