/* tuner/pruner.h - stop a run early when others were better at the same age.
 *
 * hyperband, as W&B does it (an asynchronous stopping rule, not Hyperband proper): bands at
 * min_iter * eta^k, or max_iter / eta^k for k = 1..s, in epochs from 1, cut to whole ones. At a band
 * the threshold is element floor(n / eta), from 0, of the sorted values that n runs had there: the
 * others it may see and, as in W&B, the run itself. A run is judged at the last band it has
 * reached and stopped when it is worse. strict: by its value at the band, otherwise by its best so
 * far. A value that is nan counts as the worst.
 * median: after `warmup` epochs, and once `min_trials` runs have got there, a run whose best so far
 * is worse than the median of the others' running means at that epoch is stopped.
 *
 * A decision is a pure function of the run's own curve and the curves it may see (decision 4 of
 * the design: those of trials numbered up to n - lookback). Values are minimized.
 */
#ifndef CONSORT_TUNER_PRUNER_H
#define CONSORT_TUNER_PRUNER_H
#include "base/field.h"

typedef enum { PRUNER_NONE, PRUNER_HYPERBAND, PRUNER_MEDIAN } PrunerKind;
typedef struct {
    int type; /* PrunerKind */
    double min_iter, max_iter, eta;
    int s;
    bool strict;
    int warmup, min_trials;
} PrunerOptions;
extern const FieldTable pruner_fields; /* early_terminate */
/* What one field cannot know: which belong together. `node` is the map, or NULL without one. */
bool pruner_check(const PrunerOptions *options, const ConfNode *node, Error *err);

typedef struct {
    int n;               /* epochs */
    const double *value; /* (n), minimized, epoch 1 first */
} Curve;

/* Should the run with this curve be stopped now? `threshold` (may be NULL) gets what it missed. */
bool pruner_stops(const PrunerOptions *options, const Curve *run, int n_others,
                  const Curve *others, double *threshold);
#endif
