/* ensemble/more.h - what more trials would likely bring, by what the last half of them brought.
 *
 * The ensemble is replayed: once from the trials of the first half of the study, by number, and once from all.
 * Either is selected (as `auto` and `stack` by greedy selection, which costs least) on half of the rows and
 * judged on the others, and the other way round, so that a larger library does not win by having more to be
 * lucky with. Both are compared in the metric, and in accuracy (of numbers in R2), on the same bootstrap
 * resamples (compare.h), before calibration.
 *
 * What a doubling gained is halved for the next one. Within one standard error, nothing is promised.
 *
 * Where only the best models were kept (run.keep_models), k of the first half are fewer than it had; they are
 * its best, and both ensembles are chosen from their best k models: like with like, if of small ensembles.
 *
 * Fewer than four trials, or none kept of the first half, say nothing, and neither do rows that a metric is
 * not defined on.
 *
 * Memory   the arena, and one of its own. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_MORE_H
#define CONSORT_ENSEMBLE_MORE_H
#include "ensemble/choice.h"

typedef struct {
    MetricId metric;
    double gain, error; /* of all trials over the first half, above 0 where better; its standard error */
} MoreGain;

typedef struct {
    bool known;
    int trials, first;  /* of the study, and of its first half */
    int n;
    MoreGain of[2];     /* (n) in the ensemble's metric; in accuracy or R2, if that is another */
    const char *text;   /* in words, never NULL */
} More;

typedef struct {
    const Library *library;
    const int *number;   /* (n_models) ascending: of the trials that the models are of */
    const int *complete; /* (n_complete) ascending: all that finished, kept or not */
    int n_complete;
    const EnsembleOptions *options;
    MetricId metric;
    uint64_t seed;
} MoreInput;

bool more_replay(const MoreInput *in, Arena *arena, More *out, Error *err);
#endif
