/* model/paired_targets.h - two predictions of numbers or labels scored on the same draws of rows, for
 * model/paired.h.
 *
 * A row drawn k times is a row of weight k (engine/metrics.h), so that all metrics are what they are elsewhere.
 */
#ifndef CONSORT_MODEL_PAIRED_TARGETS_H
#define CONSORT_MODEL_PAIRED_TARGETS_H
#include "base/arena.h"
#include "base/error.h"
#include "engine/metrics.h"
#include "model/pair.h"

typedef struct {
    double *a, *b;      /* (n_metrics) of all rows */
    double **drawn;     /* (n_metrics) b - a of the draws in which both are defined */
    int *n_drawn;       /* (n_metrics) */
    int only_a, only_b; /* rows in which one is nearer to the truth */
} TargetDraws;

bool paired_targets_draw(const Pair *pair, const MetricId *metrics, int n_metrics, Arena *arena,
                         TargetDraws *out, Error *err);
#endif
