/* tuner/study/study.h - a study: ask, train, settle, until it is done. With its parts, alone in knowing threads.
 *
 * Workers are a sliding window: each claims the next turn, trains, settles it. A turn starts the next
 * trial or, with halving, sends a paused one to its next rung. What turn t does and what it may look at
 * are the results of turns up to t - lookback, exactly; later ones are pending. It starts only once turn
 * t - lookback has ended. So the same seed gives the same study for any number of workers, and nobody
 * waits at a barrier. Stopping rules (target, plateau, failures) look at the same results and are as
 * repeatable; only the clock's cap cuts where it cuts.
 *
 * async gives that up: everything that is settled is looked at, and nobody waits.
 *
 * When the search has ended, its leaders may be run again on fresh seeds (tuner/insight/finalists.h): also after the
 * time cap, which is the search's.
 *
 * Other processes on the host may lend workers (study_join). The process that runs the study asks, prunes,
 * writes and alone opens the database; a guest is sent a trial and sends back its record. So a guest is one
 * more worker: who trains a trial changes nothing, and nothing is claimed twice. When a guest dies, its trial
 * is trained here; when this process dies, guests throw away what they were doing, and one runs the study.
 * Guests go when the search has ended.
 *
 * Every trial is in the database before its result is told to anyone. Numbers that a killed process
 * left unfinished are run again, with their old proposals, before anything new.
 */
#ifndef CONSORT_TUNER_STUDY_STUDY_H
#define CONSORT_TUNER_STUDY_STUDY_H
#include "tuner/insight/finalists.h"
#include "tuner/search/sampler.h"
#include "tuner/trial/goals.h"
#include "tuner/trial/runner.h"

typedef enum {
    EVENT_TRIAL_START, EVENT_EPOCH, EVENT_TRIAL_END,
    EVENT_TRIAL_PAUSE, /* at a rung */
    EVENT_TRIAL_RESUME, /* it goes on to the next */
    EVENT_REPEAT_END    /* a leader ran again: `row` has what came out, `run` which time it was */
} StudyEventKind;
typedef struct {
    StudyEventKind kind;
    int number;
    const TrialRow *row;     /* all but EPOCH */
    int run, n_repeated, n_repeats; /* REPEAT_END: of all repeats so many have ended */
    const EpochRow *epoch;   /* EPOCH */
    bool is_best;            /* END: the best so far */
    int n_settled, n_complete, n_pruned, n_failed, n_running;
    int best_number;         /* -1: none */
    double best_value;
} StudyEvent;

typedef struct {
    const Space *space;
    const Sampler *sampler;
    const PrunerOptions *pruner;
    Runner runner;           /* what a trial is */
    Store *store;
    const StudyInfo *info;   /* begun */
    const char *identity;    /* program, configuration and data, which guests must have, too; NULL: none come */
    const char *folder;
    bool maximize;
    const Goals *goals;      /* NULL or none: one metric */
    int jobs, lookback;      /* jobs <= lookback, unless async */
    bool async;
    int epochs;              /* of a trial where no parameter says otherwise; 0: not known */
    int cost_trials;         /* proposals weigh what a trial costs, less and less until this one; 0: never */
    int run_cap;             /* 0: none */
    double time_cap_s;       /* 0: none */
    int max_failed;          /* 0: no limit */
    int plateau_trials;      /* 0: off: stop when so many trials in a row bring no gain ... */
    double plateau_delta;    /* ... of more than this */
    int finalists, repeats;  /* the search over, the best so many are run again, each so often; 0: none */
    int keep_models;         /* weights and probabilities of the best so many are kept */
    double disk_cap_bytes;   /* 0: none */
    int n_enqueued;          /* configurations to run first: (n_enqueued) of (n_params) values */
    const Value *const *enqueued;
    const char *const *enqueued_source; /* "baseline", "user" or "portfolio" */
    const atomic_int *stop;  /* 1: first Ctrl-C */
    void (*on_event)(void *context, const StudyEvent *event); /* one at a time */
    void *context;
} StudyOptions;

typedef enum { STUDY_DONE_CAP, STUDY_DONE_EXHAUSTED, STUDY_DONE_TIME, STUDY_DONE_TARGET,
               STUDY_DONE_PLATEAU, STUDY_DONE_FAILED, STUDY_INTERRUPTED } StudyEnd;
extern const char *const study_end_names[];

typedef struct {
    StudyEnd end;
    int n_trials, n_complete, n_pruned, n_failed, n_infeasible;
    int best_number; /* -1: none */
    double best_value, seconds;
    int n_finalists;  /* run again; the first of them has won: */
    Finalist finalist[2];
} StudySummary;

bool study_run(const StudyOptions *options, StudySummary *out, Error *err);

/* What the two ends of a socket must have in common: program, configuration and data. NULL: no memory. */
const char *study_identity(const StudyInfo *info, Arena *arena);

/* ---- asking something of a study that another process runs ---------------------------------------- */

/* Waits until that is done and on disk; what can be asked, and what is answered, stands in
 * tuner/study/wishes.c. `*answer` (doc_free) is NULL where nobody on this host runs the study.
 * ERR_STORE, ERR_INVALID: it was refused. */
bool study_ask(const char *folder, const char *identity, const Doc *question, Arena *arena, Doc **answer,
               Error *err);

/* ---- lending workers to a study that another process runs -------------------------------------- */

typedef struct {
    const char *folder, *identity; /* as the host's */
    const Space *space;
    const Runner *runner;
    int jobs;
    const atomic_int *stop;
    void (*on_trial)(void *context, int number, const TrialRecord *record); /* one at a time; NULL */
    void *context;
} JoinOptions;

typedef enum {
    JOIN_NOBODY,  /* nobody on this host runs the study */
    JOIN_ENDED,   /* the study is over, or was stopped where it runs; `text` says why */
    JOIN_LOST,    /* the process that ran it is gone */
    JOIN_REFUSED, /* it runs something else; `text` */
    JOIN_STOPPED  /* `stop` was raised: what was under way is trained by the host */
} JoinEnd;
typedef struct {
    JoinEnd end;
    int n_trials; /* trained here */
    char text[240];
} JoinSummary;
/* False with the error that kept a trial from being trained (a full disk). */
bool study_join(const JoinOptions *options, JoinSummary *out, Error *err);
#endif
