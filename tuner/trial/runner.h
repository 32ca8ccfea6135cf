/* tuner/trial/runner.h - what a trial is, to a study: an assignment of values on its way to a worker, and
 * the record that comes back.
 *
 * A study knows spaces, numbers and results. What happens between the two is a Runner: training networks
 * (objective_runner, tuner/trial/networks.h), running somebody's program (program_runner,
 * tuner/trial/program.h), or whatever else gives a configuration a score. One more kind is one more function
 * that returns a Runner: `run` alone is needed; each of the other operations is NULL where a kind has not got
 * it, and its comment says what a study then does without.
 *
 * Chance    a runner's result depends on the values and the study's seed, never on other trials
 *           except through the curves of its task, nor on the number of workers. A repeat (`again`) has other
 *           seeds and leaves neither model nor predictions.
 * Threads   `run` and `cost` may be called from many threads at once, each `run` with its own arena.
 * Errors    only what stops a whole study (a full disk, a bug); all else is an outcome.
 */
#ifndef CONSORT_TUNER_TRIAL_RUNNER_H
#define CONSORT_TUNER_TRIAL_RUNNER_H
#include <stdatomic.h>

#include "tuner/search/forecast.h"
#include "tuner/store/store.h"

/* A trial on its way to a worker, and back: plain data. */
typedef struct {
    int number;
    const Value *values;
    const char *params_hash;
    int repeat;            /* of run.repeats, from 0: which of its runs this is; the study does not fill it */
    int again;             /* 0: the trial itself; r: its r-th repeat, on seeds of its own */
    int n_others;          /* curves pruning may look at */
    const Curve *others;
    int n_finished;        /* finished trials, for pruning between folds: their scores, minimized, */
    const Curve *finished; /* one a network (fold, seed) in the order in which they are trained */
    int n_goals;           /* for forecasts; 0: nobody asks for them */
    const double *priced;  /* (n_goals) its point as far as it is known before it runs: costs; else NaN */
    int full;              /* its epochs where it is not cut short; 0: not known */
    int n_runs;            /* others that came to their end, as forecasts see them */
    const ForecastRun *runs;
    bool rungs;            /* it may be paused, or was: it keeps what it takes to go on */
    int pause_after;       /* the epoch of the first fold and repeat to pause after; 0: run to the end */
    int n_known;           /* epochs of it that the study knows from before it was paused */
    double seconds;        /* it ran before it was paused */
    const atomic_int *stop; /* 1: end after this epoch */
    bool (*on_epoch)(void *context, int number, const EpochRow *row); /* NULL; false: stop */
    void *context;
} TrialTask;

enum { TRIAL_MAX_CURVE = 100000 };
typedef struct {
    TrialRow row;          /* those of its columns that are OF_RUN; state QUEUED: paused */
    char fail_text[240];   /* with a fail_code */
    int n_metrics;
    MetricRow *metrics;
    ConfusionRow confusion;
    int n_artifacts;
    ArtifactRow artifacts[2];
    Curve curve; /* of the first fold and repeat, minimized: what pruning compares */
    Curve more;  /* of the further goals, for forecasts: (curve.n, goals - 1) in rows, minimized; n 0: none */
    Curve scores; /* of its networks, one a fold and repeat, minimized; n 0 where there is one only */
} TrialRecord;

typedef struct {
    void *self;
    /* Memory: `out` lives in the arena. */
    bool (*run)(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err);
    /* The constraints' extra values (as many as the space has) of an assignment, before it is run.
     * ERR_CONFIG when it cannot be run at all. NULL: the space has none. */
    bool (*cost)(void *self, const Value *values, double *extras, Error *err);
    /* What running an assignment costs, before it is run: in any unit, always the same for the same values;
     * 0: not known. NULL: nobody knows. */
    double (*work)(void *self, const Value *values);
    /* Does an assignment fit into the memory that trials may have? False with ERR_MEMORY and how much it would
     * need; always the same for the same values. What cannot be run at all fits. NULL: nobody knows. */
    bool (*fits)(void *self, const Value *values, Error *err);
    /* The bytes of memory that running an assignment takes; 0: not known. NULL: nobody knows. */
    double (*memory)(void *self, const Value *values);
    /* The bytes that all trials of this process may take together; 0: not limited. NULL: the same. */
    double (*room)(void *self);
    /* The epochs of a trial that is not cut short. NULL: not known before. */
    int (*full_epochs)(void *self, const Value *values);
    /* Removes what a paused trial kept, which will not go on. NULL: trials cannot be paused. */
    void (*forget)(void *self, int number);
    /* How many states a trial of an assignment may leave, numbered from 0 (tuner/trial/artifacts.h). NULL:
     * none. */
    int (*runs)(void *self, const Value *values);
    /* From now on its trials leave their files below this folder, which is there and stays. Not while one runs.
     * NULL: they leave none, or none that are kept. */
    bool (*move)(void *self, const char *folder, Error *err);
} Runner;

/* The seed that a study would need for its trials to be their repeats of that number: what `run.seed` can be,
 * so that `consort train` can give a repeat again. */
uint64_t repeat_seed(uint64_t study_seed, int again);
/* What the random numbers of a task's run follow from. */
uint64_t runner_seed(uint64_t study_seed, const TrialTask *task);
/* Do forecasts say that a task's run, as far as it has come, is not to go on? */
bool task_forecasts(const TrialTask *task, const PrunerOptions *pruner, const ForecastRun *run);
#endif
