/* When each trial was trained and by whom, and how long seats waited for the window of the lookback. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "tuner/insight/crew.h"

/* ---- spans --------------------------------------------------------------------------------------- */

/* One of the trial that stands there. */
static void put(Crew *crew, double start, double end, int worker, const TrialRow *trials, int at, bool lost)
{
    if (worker < 0 || !isfinite(start) || !(end > start)) return;
    crew->spans[crew->n_spans++] = (CrewSpan){start, end, worker, 0, at, trials[at].number, lost};
}

/* Of the trial's stints, which begin at *s: each has a span; what of its seconds is in them. */
static double put_stints(Crew *crew, const TrialRow *trials, int at, const StintRow *stints, int n, int *s)
{
    const TrialRow *trial = &trials[at];
    double paused = 0;
    for (; *s < n && stints[*s].trial_id <= trial->id; (*s)++) {
        const StintRow *stint = &stints[*s];
        const bool counted = strcmp(stint->how, "paused") == 0;
        const double end = utc_seconds(stint->end_utc);
        if (stint->trial_id != trial->id) continue;
        if (counted) paused += stint->seconds;
        put(crew, end - stint->seconds, end, crew_place(crew, stint->worker), trials, at, !counted);
    }
    return paused;
}

/* A trial's row is written in a batch a moment after it starts, its end at once: the end less what it took is
 * the better clock. */
static void put_last(Crew *crew, const TrialRow *trials, int at, double paused)
{
    const TrialRow *trial = &trials[at];
    const int worker = crew_place(crew, trial->worker);
    const double end = utc_seconds(trial->end_utc);
    if (trial->state == TRIAL_RUNNING && worker >= 0)
        put(crew, utc_seconds(trial->run_utc ? trial->run_utc : trial->start_utc), crew->left[worker], worker,
            trials, at, false);
    else if (trial->seconds > paused && trial->state != TRIAL_QUEUED)
        put(crew, end - (trial->seconds - paused), end, worker, trials, at, trial->state == TRIAL_INTERRUPTED);
}

static int by_start(const void *a, const void *b)
{
    const CrewSpan *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return (x->worker > y->worker) - (x->worker < y->worker);
}

/* The seat of its worker that is free first. Which one it was is not written down. */
static bool seat(Crew *crew, Arena *arena, Error *err)
{
    int *first = ARENA_NEW(arena, int, crew->n_workers + 1), n = 0;
    if (!first) return error_memory(err);
    for (int i = 0; i < crew->n_workers; i++) {
        first[i] = n;
        n += crew->workers[i].seats > 1 ? crew->workers[i].seats < 4096 ? crew->workers[i].seats : 4096 : 1;
    }
    first[crew->n_workers] = n;
    double *free_at = ARENA_NEW(arena, double, n + 1);
    if (!free_at) return error_memory(err);
    for (int i = 0; i < crew->n_spans; i++) {
        CrewSpan *span = &crew->spans[i];
        const int from = first[span->worker], to = first[span->worker + 1];
        int best = from;
        for (int k = from; k < to && free_at[best] > span->start; k++)
            if (free_at[k] < free_at[best]) best = k;
        free_at[best] = span->end;
        span->lane = best - from;
    }
    return true;
}

/* ---- waiting ------------------------------------------------------------------------------------- */

/* Intervals, apart and in order, in which nothing could be given; `before` is how long they are together up to
 * the start of each. */
typedef struct {
    double *from, *to, *before;
    int n;
} Closed;

/* How much of the time until `at` was closed. */
static double closed_until(const Closed *closed, double at)
{
    int low = 0, high = closed->n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (closed->from[middle] <= at) low = middle + 1;
        else high = middle;
    }
    return low == 0 ? 0 : closed->before[low - 1] + fmin(at, closed->to[low - 1]) - closed->from[low - 1];
}

/* When each turn began and ended. What was lost, and was then trained again, is one turn. */
static int find_turns(const Crew *crew, int *turn_of, double *began, double *ended)
{
    int n = 0;
    for (int i = 0; i < crew->n_spans; i++) {
        const CrewSpan *span = &crew->spans[i];
        int turn = turn_of[span->at] - 1;
        if (turn < 0) {
            turn = n++;
            began[turn] = span->start;
        }
        ended[turn] = span->end;
        turn_of[span->at] = span->lost ? turn + 1 : 0;
    }
    return n;
}

static bool find_closed(const Crew *crew, int n_trials, int lookback, Arena *arena, Closed *out, Error *err)
{
    const int most = crew->n_spans + 1;
    int *turn_of = ARENA_NEW(arena, int, n_trials + 1);
    double *began = ARENA_NEW(arena, double, most), *ended = ARENA_NEW(arena, double, most);
    *out = (Closed){ARENA_NEW(arena, double, most), ARENA_NEW(arena, double, most),
                    ARENA_NEW(arena, double, most), 0};
    if (!turn_of || !began || !ended || !out->from || !out->to || !out->before) return error_memory(err);
    const int n = find_turns(crew, turn_of, began, ended);
    double latest = -INFINITY, sum = 0;
    for (int k = 1; k < n; k++) {
        if (k >= lookback) latest = fmax(latest, ended[k - lookback]);
        double to = fmin(latest, began[k]);
        if (!(to > began[k - 1])) continue;
        out->from[out->n] = began[k - 1];
        out->to[out->n] = to;
        out->before[out->n++] = sum;
        sum += to - began[k - 1];
    }
    return true;
}

static bool find_waiting(Crew *crew, int n_trials, int lookback, Arena *arena, Error *err)
{
    Closed closed;
    if (lookback <= 0) return true;
    if (!find_closed(crew, n_trials, lookback, arena, &closed, err)) return false;
    for (int i = 0; i < crew->n_workers; i++)
        crew->time[i].waiting_s = crew->workers[i].seats * (closed_until(&closed, crew->left[i])
                                                            - closed_until(&closed, crew->came[i]));
    for (int k = 0; k < crew->n_spans; k++) {
        const CrewSpan *span = &crew->spans[k];
        crew->time[span->worker].waiting_s -= closed_until(&closed, span->end)
                                            - closed_until(&closed, span->start);
    }
    for (int i = 0; i < crew->n_workers; i++)
        if (!(crew->time[i].waiting_s > 0)) crew->time[i].waiting_s = 0;
    crew_sum(crew);
    return true;
}

bool crew_spans(Store *store, int64_t study_id, const TrialRow *trials, int n_trials, int lookback,
                Arena *arena, Crew *crew, Error *err)
{
    StintRow *stints;
    int n_stints, s = 0;
    if (!store_stints(store, study_id, arena, &stints, &n_stints, err)) return false;
    crew->n_spans = 0;
    crew->spans = ARENA_NEW(arena, CrewSpan, n_trials + n_stints + 1);
    if (!crew->spans) return error_memory(err);
    for (int t = 0; t < n_trials; t++) /* ids follow numbers */
        put_last(crew, trials, t, put_stints(crew, trials, t, stints, n_stints, &s));
    qsort(crew->spans, (size_t)crew->n_spans, sizeof *crew->spans, by_start);
    return seat(crew, arena, err) && find_waiting(crew, n_trials, lookback, arena, err);
}
