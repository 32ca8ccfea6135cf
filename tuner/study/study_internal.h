/* tuner/study/study_internal.h - what the parts of a study share.
 *
 *     study.c          the loop: claim, train
 *     endings.c  what a turn came to: written, and made known once it is on disk
 *     turns.c    whose turn it is: new trials, promotions; what may be looked at then
 *     entries.c  the trials as the study remembers them, and the set of configurations tried
 *     ask.c      what the sampler may see, and what it proposes
 *     several_goals.c    several goals: one score for a proposal, the front
 *     finals.c   the leaders run again, when all that is over
 *     load.c     a study that was begun earlier, read back from its database
 *     join.c     workers of other processes: welcomed here, or sent from here
 *     wishes.c   configurations and notes that people add while it runs
 *
 * Everything in a Study is read and written with its lock held.
 *
 * Turns
 *   A study is a sequence of turns: each starts a trial, sends a paused one to its next rung, or does
 *   nothing, because what comes next is not known yet. Turn t begins once turn t - lookback has ended, and
 *   all that is decided at turn t (whose it is, what is proposed, what is stopped, whether it is over)
 *   follows from the results of turns up to t - lookback. So the sequence is the same for any number of
 *   workers. A study that is read back goes through it again; turns whose result is known end at once.
 *   Without halving, turn t starts trial t.
 */
#ifndef CONSORT_TUNER_STUDY_STUDY_INTERNAL_H
#define CONSORT_TUNER_STUDY_STUDY_INTERNAL_H
#include <pthread.h>

#include "tuner/search/rungs.h"
#include "tuner/study/kept.h"
#include "tuner/study/study.h"
#include "tuner/study/wire.h"

/* A trial as the study remembers it. */
typedef struct {
    TrialState state;
    bool settled; /* its result counts */
    bool imported; /* another tool's result: samplers see it from the start, nothing else counts it */
    bool merged;  /* of a study of another seed (merge.h): seen from the start, and counted like our own */
    bool paused;  /* it waits at a rung, and its curve so far is known */
    bool out;     /* it will not go on from there */
    Value *values;
    double *u;            /* canonical point */
    char hash[65];
    const char *source, *trace;
    int attempt;
    int64_t trial_id;
    double score;         /* minimized */
    double seconds;       /* it ran until it was paused */
    int sent;             /* the highest rung it was sent to; -1: it was not started */
    int last_rung;        /* settled or paused: the rung that brought it there; -1: it did not run */
    int turn[RUNGS_MAX];  /* at which it was sent to each rung; -1: it began higher */
    double goal_value[PARETO_MOST], point[PARETO_MOST]; /* of several goals: as they are, and minimized */
    Curve curve;
    Curve scores;         /* of its networks, where there are several */
} Entry;

typedef struct {
    int trial, rung; /* trial -1: nothing to do */
    bool ended;
} Turn;

typedef struct Ending Ending; /* on its way to the disk (endings.c) */

typedef struct {
    const StudyOptions *o;
    Ladder ladder;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t settled, sent; /* the settler made something known; it has something to do */
    pthread_t settler;
    Ending *first_ending, **last_ending; /* in the order in which they were sent */
    bool no_endings;      /* no more will come */
    Arena *arena;         /* what lives as long as the study */
    Entry **entries;
    int n_entries, capacity;
    int n_imported;       /* of the entries */
    Turn *turns;
    int n_turns, turns_capacity; /* the turn to claim is number n_turns */
    int n_started;        /* trials that had a turn: the next to start */
    bool no_more;         /* no trial is started any more, `end` says why */
    Bracket *brackets;
    int n_brackets, brackets_capacity, first_open; /* brackets before this one are settled */
    int n_out_written;    /* see study_next_out */
    uint64_t *taken;      /* open-addressed set of hash heads; 0 is empty */
    size_t n_taken, taken_size;
    Value *scratch;       /* (n_params) for accept */
    Kept *kept;
    Memo *memo;           /* of the sampler; NULL is fine */
    int n_settled, n_of_state[TRIAL_STATE_COUNT], n_running, best_number;
    double best_score, started_s;
    bool ended;
    StudyEnd end;
    bool failed;
    Error error;
} Study;

/* entries.c */
Entry *entry_add(Study *study, Error *err);
/* Marks an entry's result as known, from a fresh record or from a row. */
void entry_settle(Study *study, int number, TrialState state, double value);
double study_sign(const Study *study); /* -1 when larger is better: scores are minimized */
bool taken_has(const Study *study, const char *hash);
bool taken_add(Study *study, const char *hash, Error *err);
/* The best of the first n epochs, minimized; nan when there is none. `epoch` (may be NULL): which, from 1. */
double curve_best(const Curve *curve, int n, int *epoch);

/* turns.c */
/* May the result of this turn be looked at in turn t? */
bool turn_seen(const Study *study, int turn, int t);
/* The highest rung of the entry whose result may be looked at in turn t; -1: none. */
int entry_reached(const Study *study, const Entry *entry, int t);
/* Is that its last word? A study that is read back knows the last word before its turn. */
bool entry_known(const Study *study, const Entry *entry, int t);
/* The epoch at which the entry is paused at a rung, or all its epochs; 0 where that is not known. */
int entry_epoch(const Study *study, const Entry *entry, int rung);
/* The next turn: a promotion where one is due, else the next new trial (`*trial` == n_started, which may
 * not exist yet) unless no_more, else nothing (-1). Marks entries as out. `*over`: nothing is left. */
bool study_next(Study *study, int t, Arena *arena, int *trial, int *rung, bool *over, Error *err);
/* Writes the turn down. For a new trial also joins its bracket. */
bool study_take(Study *study, int trial, int rung, Error *err);
/* A trial that is out and not written yet, which becomes the caller's to write; -1: none. */
int study_next_out(Study *study);

/* ask.c */
/* Fills the entry of number n, asked at turn t: enqueued configurations first, then the sampler's. */
bool study_propose(Study *study, int n, int t, Entry *entry, bool *exhausted, Error *err);
/* Does it fit into memory (else ERR_MEMORY), and do the constraints hold? `violated` gets the text of the first
 * that does not. */
bool study_feasible(Study *study, const Value *values, const char **violated, Error *err);

/* several_goals.c */
int study_n_goals(const Study *study); /* 0: one metric, and the rest of these have nothing to do */
/* The goals that are costs, once its values are there. */
void entry_price(const Study *study, Entry *entry);
/* The others, from a settled trial's rows of metrics: none where it did not complete. */
void entry_set_goals(const Study *study, Entry *entry, const MetricRow *rows, int n_rows);
/* Gives what the sampler may see at turn t the one score of this proposal (ParEGO, tuner/search/pareto.h). */
bool study_scalarize(const Study *study, int t, Ask *ask, Seen *seen, Arena *arena, Error *err);
bool entry_reaches_targets(const Study *study, const Entry *entry);
/* Does no earlier trial that may be looked at in turn t beat or equal it? */
bool entry_joins_front(const Study *study, int number, int t);
/* At the end: keeps the models of the front first, then the best by the first goal. */
bool study_keep_front(Study *study, Error *err);

/* study.c */
/* Calls `work` in each worker, with an arena of its own, and waits for all. */
void study_workers(const Study *study, Arena **arenas, void (*each)(void *context, Arena *arena),
                   void *context);
/* Takes turns until the search is over, or `*leave` (NULL: never) after one of them. */
void study_work(Study *study, const Runner *runner, Arena *arena, const bool *leave);
/* The row of a trial, as far as its entry knows. Called with the lock. False: no memory. */
bool study_row(const Study *study, int number, Arena *arena, TrialRow *out);
/* The study cannot go on; the first error stays. Called with the lock. */
void study_fail(Study *study, const Error *err);
/* Tells whoever listens, with the counts of now. Called with the lock. */
void study_notify(const Study *study, StudyEvent event);

/* endings.c */
/* Starts and ends the thread that makes ends known; endings_end waits until all are. */
bool endings_begin(Study *study, Error *err);
void endings_end(Study *study);
/* What turn t came to; everything is copied. False when it cannot be sent; what fails later fails the study. */
bool ending_send(Study *study, int t, const TrialRecord *record, Error *err);
/* The trials that were left behind at a rung. Their entries are settled already: that is decided, whoever
 * writes it; a process that dies before it is written decides the same again. */
bool endings_send_out(Study *study, Error *err);

/* finals.c */
/* Runs the leaders again. Called once the workers have left; where it is interrupted, so is the study. */
bool study_finals(Study *study, Arena **arenas, Error *err);

/* load.c */
bool study_load(Study *study, Error *err);

/* wishes.c */
/* Does what was asked, and answers once it is on disk. */
void study_answer(Study *study, Wire *wire, const char *question, Arena *arena);

/* join.c */
typedef struct Guests Guests;
Guests *guests_welcome(Study *study); /* NULL: nobody can join, and the study does without */
void guests_farewell(Guests *guests); /* waits until all have ended their last trial */
#endif
