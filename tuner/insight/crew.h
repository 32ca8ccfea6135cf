/* tuner/insight/crew.h - who trained, and what became of their time.
 *
 * A worker's seat is *busy* while it trains what counts, *lost* while it trains what came to nothing (its
 * worker or the study's process died, or it was stopped and has to be trained again), else idle. Idle it
 * *waits* while the study has nothing to give: the next turn has to wait for one that is `run.lookback` turns
 * before it. The rest of its idle time is loading, asking, sending, and the end, when nothing is left to try.
 *
 *     seats_s = busy_s + lost_s + idle        in seconds of seats
 *
 * Sums      come from the rows of `worker`, and of trials from those alone that run now: they are quick, also
 *           of a million trials. Spans, and what was waited, take every trial.
 * Window    turns are what begins, in the order in which it began; so turn k could not begin before the latest
 *           end of those up to k - lookback. From when turn k - 1 had begun until then, nobody could be given
 *           any.
 * Memory    the arena. Texts belong to the rows given.
 * Errors    ERR_STORE, ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_CREW_H
#define CONSORT_TUNER_INSIGHT_CREW_H
#include "base/doc.h"
#include "tuner/store/workers.h"

typedef struct {
    double seats_s, busy_s, lost_s;
    double waiting_s; /* NaN: not looked at (crew_spans) */
} CrewTime;
/* Share of its seats' time that counted; NaN: there was none. */
double crew_share(const CrewTime *time);

/* Workers of one host, or all of them. */
typedef struct {
    const char *host;
    int workers, here;     /* that came; that are there */
    int seats;             /* the most at a time; of those here, if some are */
    int running, done, failed;
    int lost;              /* attempts */
    int gone;              /* workers that left lost or silent */
    CrewTime time;
    double hours;          /* from when the first came to when the last left */
} CrewHost;

/* One trial's training without a break. */
typedef struct {
    double start, end;     /* seconds since 1970 */
    int worker;            /* position among the workers */
    int lane;              /* which of its worker's seats, from 0 */
    int at, number;        /* of the trial: position among those given, number */
    bool lost;
} CrewSpan;

typedef struct {
    const WorkerRow *workers; /* (n_workers), in the order in which they came */
    int *host_of;          /* (n_workers) */
    double *came, *left;   /* (n_workers) seconds since 1970; of those here: now */
    CrewTime *time;        /* (n_workers) */
    int n_workers;
    CrewHost *hosts;       /* (n_hosts), in the order in which they came */
    int n_hosts;
    CrewHost all;
    bool many;             /* two of them were there at the same time: else there is nothing to see */
    CrewSpan *spans;       /* (n_spans) by start (crew_spans) */
    int n_spans;
} Crew;

/* `now`: seconds since 1970; NaN: the latest time that is written down. */
bool crew_read(Store *store, int64_t study_id, double now, Arena *arena, Crew *out, Error *err);
/* Of the worker of that number; -1: there is none. */
int crew_place(const Crew *crew, int number);
/* The sums of hosts and of all anew, from those of workers. */
void crew_sum(Crew *crew);
/* When each trial was trained, and how long seats waited. `lookback` 0: not known. */
bool crew_spans(Store *store, int64_t study_id, const TrialRow *trials, int n_trials, int lookback,
                Arena *arena, Crew *crew, Error *err);

/* Trials that take so long, one after the other, on so many seats with such a lookback: which share of the
 * seats' time until the last begins is waited. False: no memory. */
bool crew_replay(const double *seconds, int n, int seats, int lookback, double *waited);
/* A sentence: much is waited, and which lookback would end that; NULL: there is nothing to cure, or no memory.
 * Out of the last trials of the study. */
const char *crew_cure(Store *store, int64_t study_id, const Crew *crew, int lookback, Arena *arena);

/* {hosts, all}, and with `each` also workers. */
Doc *crew_doc(const Crew *crew, bool each);
#endif
