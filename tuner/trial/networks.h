/* tuner/trial/networks.h - what one trial is: settings in, trained and scored networks out. The one kind of
 * trial that knows a network.
 *
 * A trial takes the fixed settings, puts the proposed values on top, and for each repeat and fold
 * fits preprocessing on the training rows, trains a network, and predicts the rows it did not see.
 * Its score is the metric over all validated rows together (out of fold, repeats averaged). What later
 * steps need is kept: probabilities, one model file of all its networks, confusion, curves.
 *
 * The result is a pure function of (settings, values, study seed, data, split): the random streams
 * are keyed by the study's seed and the hash of the values, not by the trial's number, so `consort
 * train` of a winner's configuration gives the winner, bit for bit.
 *
 * Encoded data are shared: each (preprocessing, fold) is fitted and encoded once and kept in a
 * cache that all workers read.
 *
 * Threads   objective_run may be called from many threads at once, each with its own arena.
 * Errors    only what stops a whole study (a full disk, a bug); all else is an outcome.
 */
#ifndef CONSORT_TUNER_TRIAL_NETWORKS_H
#define CONSORT_TUNER_TRIAL_NETWORKS_H
#include "tuner/trial/cost.h"
#include "tuner/trial/objective.h"
#include "tuner/trial/runner.h"

/* Waits until the trials under way leave room for this one. What is larger than all that was free when the
 * objective was made is FAILED as OOM, before anything is allocated.
 * Memory: `out` lives in the arena. */
bool objective_run(Objective *objective, const TrialTask *task, Arena *arena, TrialRecord *out,
                   Error *err);
/* The same as a study wants it. */
Runner objective_runner(Objective *objective);
#endif
