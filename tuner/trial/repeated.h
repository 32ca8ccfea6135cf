/* tuner/trial/repeated.h - a trial that is run several times, on seeds that all trials share: `run.repeats`.
 *
 * One run after the other: the trial's score is their mean, its metrics are means of what every run reported,
 * and each run's score is a metric row of its own. The first is the one that early termination watches and that
 * may be paused; after each but the last the trial may be stopped between runs (pruner.h), or because it can
 * hardly be the best any more (noise.h). A run that fails fails the trial. Time caps and clocks are of all
 * runs together.
 *
 * Memory  the arena of the run. Errors  what running one returns.
 */
#ifndef CONSORT_TUNER_TRIAL_REPEATED_H
#define CONSORT_TUNER_TRIAL_REPEATED_H
#include "tuner/search/noise.h"
#include "tuner/trial/runner.h"

typedef struct {
    Race race;               /* most: at least 2 */
    const PrunerOptions *pruner; /* NULL: none */
    bool maximize;
    const char *metric;      /* the score's */
    bool (*once)(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err);
    void *self;
} Repeats;
bool repeated_run(const Repeats *repeats, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err);
/* What the random numbers of a task's run follow from: the same for the same repeat of any trial. */
uint64_t repeated_seed(uint64_t study_seed, const TrialTask *task);
#endif
