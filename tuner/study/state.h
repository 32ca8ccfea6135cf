/* tuner/study/state.h - what a study knows: its trials, its turns, and the lock that guards them.
 *
 * The ground floor of this room. Each file above it knows one thing to do with a Study:
 *
 *     entries        remembers a trial, and the configurations that were ever proposed
 *     turns          says what may be looked at in a turn; writes turns down
 *     several_goals  makes one score of several goals; the front
 *     reported       says which trials break a limit on what they report
 *     sight          says what of the other trials a sampler and a trial's pruning may see
 *     next           says whose turn it is: new trials, promotions
 *     ask            asks the sampler
 *     endings        what a turn came to: written, and made known once it is on disk
 *     load           reads back a study that was begun earlier
 *     over           says whether it is over, and why
 *     work           pieces that are taken, ended, or come back: the search's turns, the finals' runs
 *     claim          decides the next turn, begins it, says what is to be done
 *     workers        takes pieces and trains them
 *     finals         runs the leaders again, when all that is over
 *     wishes         takes in configurations, edits and notes that people add while it runs
 *     roster         writes down who trains, and what is lost with them
 *     parcel, porter take files of trials to and from processes that have not got the study's folder
 *     peers          lists who lends seats
 *     desk           gives pieces to the seats that other processes lend
 *     study          puts them together: begins, runs, ends
 *
 * Lock
 *   Everything in a Study but its options and its ladder is read and written with its lock held, by whoever
 *   calls, unless a comment says that the function takes it itself. While a study begins, and once its workers
 *   have left, there is one thread, and none needs it. Nobody trains, reads or writes a socket with it held,
 *   and only a configuration that is refused waits for its commit. study_wake tells who waits for work that a
 *   turn has ended, a wish or a piece of work came in, or the study failed: hands by `settled`, desks through
 *   their link. `sent` is signalled when an ending was sent to the settler.
 *
 * Turns
 *   A study is a sequence of turns: each starts a trial, sends a paused one to its next rung, or does
 *   nothing, because what comes next is not known yet. Turn t begins once turn t - lookback has ended, and
 *   all that is decided at turn t (whose it is, what is proposed, what is stopped) follows from the results of
 *   turns up to t - lookback. So the sequence is the same for any number of workers. Only whether it is over
 *   (target, plateau, failures) follows from all that is known when a trial would be started that was never
 *   proposed before: the sequence is cut there, as the time cap cuts it, and what is there until then is the
 *   same. A study that is read back goes through it again; turns whose result is known end at once.
 *   Without halving and freeze_thaw, turn t starts trial t.
 */
#ifndef CONSORT_TUNER_STUDY_STATE_H
#define CONSORT_TUNER_STUDY_STATE_H
#include <pthread.h>

#include "base/set.h"
#include "tuner/search/forecast.h"
#include "tuner/search/memo.h"
#include "tuner/search/rungs.h"
#include "tuner/study/kept.h"
#include "tuner/study/options.h"
#include "tuner/study/scratch.h"

/* A trial as the study remembers it. There may be a million: what follows from something else is not kept, nor
 * what nobody will ask for. */
typedef struct {
    TrialState state;
    bool settled; /* its result counts */
    bool imported; /* another tool's result: samplers see it from the start, nothing else counts it */
    bool elsewhere; /* another part of the study has it: proposed, and nothing else */
    bool merged;  /* of a study of another seed (merge.h): seen from the start, and counted like our own */
    bool paused;  /* it waits at a rung, and its curve so far is known */
    bool out;     /* it will not go on from there */
    bool left;    /* the same of one that is settled, of freeze_thaw: found by this turn, too */
    bool listed;  /* among the curves of its Sight */
    bool breaks;  /* a limit of the space: it is complete, and never the best */
    int sent;             /* the highest rung it was sent to; -1: it was not started */
    int last_rung;        /* settled or paused: the rung that brought it there; -1: it did not run */
    int attempt;
    int n_lost;           /* seats that were lost with it, as far as this process knows */
    int full_epochs;      /* where its runner knows them before; else 0 */
    const Value *values;  /* NULL: those of `u` (entry_values) */
    double *u;            /* (n_dims) canonical point */
    char *trace;          /* on the heap, until it is settled: JSON. NULL: none */
    const char *source;
    const char *fail_code; /* of the list; NULL: none */
    int64_t trial_id;
    double score;         /* minimized */
    TrialRow *before;     /* what it took until it was paused (record_join); NULL: it never was */
    int *turn;            /* (rungs of the ladder) at which it was sent to each; -1: it began higher */
    double *goal_value, *point; /* (goals) as they are, and minimized */
    int n_repeats;        /* its score is a mean of so many, with this variance of each; 0: of one */
    double variance;
    double *slack;        /* (limits of the space) NaN: not reported */
    Curve curve;          /* where there is early termination, and so its scores */
    Curve more;           /* the further goals', for forecasts (tuner/trial/runner.h) */
    Curve scores;         /* of its networks, where there are several */
} Entry;

typedef struct {
    int trial, rung; /* trial -1: nothing to do */
    bool ended;
} Turn;

/* What the first n trials came to, all of them settled: what may end the study. */
typedef struct {
    int n, n_failed, since_gain, n_alike, n_others;
    double best;
    bool reached;         /* a trial reached the targets of all goals */
    const char *code;     /* of the first that failed */
    int n_joined;         /* of several goals: who joined the front */
} Tally;

/* What was made known to samplers and to pruning, turn by turn. */
typedef struct {
    Seen *seen;           /* (n) in number order, the heap's */
    int n, capacity;
    int n_entries;        /* those before are in it, but for those that are no evidence */
    int n_steady;         /* of seen the first so many are known to the end: they stay as they are */
    int turn;             /* for which it was made */
    int next_turn;        /* turns before it were looked at; */
    int *ended, n_ended, ended_capacity, next_ended; /* of an async study those that ended, in that order */
    int longest;          /* curve */
    Curve *curves, *scores; /* which pruning compares: the arena's, since tasks have them while they grow */
    int *curve_turn, *score_turn; /* in which turn they were made known */
    int n_curves, curves_capacity, turns_of_curves, n_scores, scores_capacity, turns_of_scores;
    ForecastRun *runs;    /* for forecasts: those that came to their end */
    int *run_turn, n_runs, runs_capacity, turns_of_runs;
} Sight;

/* What complete trials took, where a time cap asks for it. */
typedef struct {
    double *took;         /* (n) seconds, increasing */
    int n, capacity;
    double seconds, work; /* the sums */
} Costs;

typedef struct Ending Ending; /* on its way to the disk (tuner/study/endings.c) */
typedef struct Work Work;     /* what is to be trained (tuner/study/work.h) */

/* A piece of work that came back. */
typedef struct {
    int piece;
    bool large; /* for hands only: it fits on no seat */
    bool begun; /* somebody had it */
} Returned;

enum { STUDY_LINKS = 2 }; /* of the options, and the socket in the folder */
/* Somebody who waits for work in a link's `next`. */
typedef struct {
    const StudyLink *link; /* NULL: nobody */
    bool waits;
} Waiter;

typedef struct {
    /* Only read once the study has begun: no lock. */
    const StudyOptions *o;
    Ladder ladder;

    pthread_mutex_t lock; /* everything below */
    pthread_cond_t settled, sent;
    Arena *arena;         /* what lives as long as the study */

    /* The trials, and what was ever proposed. */
    Entry **entries;
    int n_entries, capacity;
    char *room;           /* for the next entries */
    int n_room;           /* so many */
    TextSet hosts;        /* of processes that trained */
    Set taken;            /* of the hashes of configurations that were ever proposed */
    Value *scratch;       /* (n_params) for a proposal that may be taken */
    Memo *memo;           /* of the sampler; NULL is fine */
    int64_t grid_from;    /* of the sampler, too */
    int next_enqueued;    /* of the configurations to run first, those before it are done with */
    bool has_baseline;    /* an entry is one */
    bool said_part;       /* that a model of a part of the trials decides */
    Kept *kept;           /* whose models are kept */

    /* Turns. */
    Turn *turns;
    int n_turns, turns_capacity; /* the turn to claim is number n_turns */
    int n_started;        /* trials that had a turn: the next to start */
    int n_own_started;    /* of these, the study's own: not imported */
    bool no_more;         /* no trial is started any more, `end` says why */
    Bracket *brackets;
    int n_brackets, brackets_capacity, first_open; /* brackets before this one are settled */
    int n_out_written;    /* entries before this one are settled (study_next_out) */

    /* Who trains. */
    const Work *work;     /* NULL: nothing is to be done now */
    Returned *returned;   /* in the order in which they came back */
    int n_returned, returned_capacity;
    int n_away;           /* pieces that are on seats of other processes, or on their way there */
    int n_seats;          /* such seats */
    bool said_idle;       /* that they are more than the lookback lets work */
    int own_worker;       /* this process among the workers (tuner/store/workers.h); 0: not yet */
    bool link_over;       /* nobody comes any more through the link of the options */
    Waiter waiters[STUDY_LINKS];
    char token[TOKEN_SIZE]; /* by which they know whether they have its folder; empty: nobody came yet */

    /* Ends on their way to the disk. */
    pthread_t settler;    /* of the thread that runs the study alone */
    Ending *first_ending, **last_ending; /* in the order in which they were sent */
    bool no_endings;      /* no more will come */

    /* What it came to so far. */
    int n_settled, n_of_state[TRIAL_STATE_COUNT], n_running, best_number;
    double best_score, started_s;
    Tally tally;          /* what is known for good (tuner/study/over.c) */
    bool reported;        /* a complete trial has reported all that the space limits */
    int *joined, joined_capacity; /* those who joined the front, when their turn came to be tallied */
    Costs costs;
    Sight sight;          /* tuner/study/sight.c */
    bool edited;          /* its space is another in the database: it ends once what runs has ended */
    bool ended;
    StudyEnd end;
    bool failed;
    Error error;
} Study;

/* -1 when larger is better: scores are minimized. */
double study_sign(const Study *study);
/* By which a process that joins knows whether it has the same folder (tuner/study/scratch.h). Takes the
 * lock. */
const char *study_token(Study *study);
/* Its values, and their hash. `room` (n_params) is for those that are not kept. */
const Value *entry_values(const Study *study, const Entry *entry, Value *room);
void entry_hash(const Study *study, const Entry *entry, char hash[65]);
/* The same of a task. */
bool entry_task(const Study *study, const Entry *entry, Arena *arena, TrialTask *out, Error *err);
/* The row of a trial, as far as its entry knows. False: no memory. */
bool study_row(const Study *study, int number, Arena *arena, TrialRow *out);
/* There may be something to do for those who wait for that. */
void study_wake(Study *study);
/* A line for people. */
void study_say(const Study *study, bool notice, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The study cannot go on; the first error stays. */
void study_fail(Study *study, const Error *err);
/* Tells whoever listens, with the counts of now. */
void study_notify(const Study *study, StudyEvent event);
#endif
