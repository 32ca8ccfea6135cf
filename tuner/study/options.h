/* tuner/study/options.h - what a study is asked to do, what it tells on the way, and how it can end.
 *
 * Threads   on_event and on_line are called by whichever thread makes something known, with the study's lock
 *           held: one call at a time, and nothing in it may ask the study anything.
 */
#ifndef CONSORT_TUNER_STUDY_OPTIONS_H
#define CONSORT_TUNER_STUDY_OPTIONS_H
#include "base/names.h"
#include "tuner/search/noise.h"
#include "tuner/study/facts.h"
#include "tuner/study/link.h"
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

/* Zero is a sound default where no comment says what is needed. Borrowed for as long as the study runs. */
typedef struct {
    const Space *space;
    const Sampler *sampler;
    const PrunerOptions *pruner;
    Runner runner;           /* what a trial is */
    Store *store;
    const StudyInfo *info;   /* begun */
    const char *identity;    /* study_identity, which guests must have, too; NULL: none come */
    const PeerFacts *facts;      /* this process's, to which those of guests are held; NULL: to nothing */
    const char *folder;
    bool maximize;
    const Goals *goals;      /* NULL or none: one metric */
    int jobs, lookback;      /* jobs <= lookback, unless async. 0 jobs: with `link`, whose seats train */
    const StudyLink *link;   /* through which others lend seats, beside the socket in the folder; NULL: none */
    double silence_s;        /* who says nothing for so long is lost; 0: WIRE_SILENCE_S */
    int jobs_alone;          /* with 0 jobs: so many once nobody is left to lend seats; 0: it is interrupted */
    bool async;
    int epochs;              /* of a trial where no parameter says otherwise; 0: not known */
    int cost_trials;         /* proposals weigh what a trial costs, less and less until this one; 0: never */
    int run_cap;             /* 0: none */
    bool numbered;           /* no trial depends on the result of another: a number that is missing before
                              * others, as in a study merged of parts, is proposed and run */
    int part, n_parts;       /* of a numbered one: trials part, part + n_parts, ... are run, the others only
                              * proposed; n_parts 0: all */
    double time_cap_s;       /* 0: none */
    int max_failed;          /* 0: no limit, unless the first STUDY_ALIKE fail, all with the same code */
    int plateau_trials;      /* 0: off: stop when so many trials in a row bring no gain ... */
    double plateau_delta;    /* ... of more than this */
    Race race;               /* repeats of a trial, of so many runs each: */
    int n_folds;             /* 0: 1 */
    int finalists, repeats;  /* the search over, the best so many are run again, each so often; 0: none */
    int keep_models;         /* weights and probabilities of the best so many are kept */
    double disk_cap_bytes;   /* 0: none */
    bool takes_edits;        /* of its space, while it runs: then it ends as STUDY_EDITED, and is run again */
    int n_enqueued;          /* configurations to run first: (n_enqueued) of (n_params) values */
    const Value *const *enqueued;
    const Transfer *transfer; /* what earlier studies found out; NULL: nothing */
    const char *const *enqueued_source; /* "baseline", "user" or "portfolio" */
    const atomic_int *stop;  /* 1: first Ctrl-C */
    void (*on_event)(void *context, const StudyEvent *event); /* one at a time */
    void (*on_line)(void *context, bool notice, const char *line); /* for people; NULL: nobody hears it */
    void *context;
} StudyOptions;

/* Why a study ended, and how that is said. */
#define STUDY_END_LIST(X)                                                                        \
    X(STUDY_DONE_CAP, "all trials of run_cap are done")                                          \
    X(STUDY_DONE_EXHAUSTED, "the search space is used up")                                       \
    X(STUDY_DONE_TIME, "time cap reached")                                                       \
    X(STUDY_DONE_TARGET, "target reached")                                                       \
    X(STUDY_DONE_PLATEAU, "no more progress")                                                    \
    X(STUDY_DONE_FAILED, "too many failed trials")                                               \
    X(STUDY_DONE_ALIKE, "all trials so far failed in the same way")                              \
    X(STUDY_INTERRUPTED, "interrupted")                                                          \
    X(STUDY_EDITED, "its search space was edited") /* to go on with it: study_run again */
typedef enum { STUDY_END_LIST(LIST_ID) STUDY_END_COUNT } StudyEnd;
extern const char *const study_end_names[];
enum { STUDY_ALIKE = 5 };

/* What the two ends of a socket must have in common: program, configuration and data. NULL: no memory. */
const char *study_identity(const StudyInfo *info, Arena *arena);
#endif
