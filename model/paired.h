/* model/paired.h - is one of two classifiers better, on the same rows?
 *
 * Two scores with intervals of their own overlap long before the difference is in doubt, because the same
 * rows are hard for both. So the rows are compared in pairs.
 *
 * Accuracy  McNemar's test, exact: of the rows that only one got right, is the share of each one half?
 *           Two-sided binomial. McNemar, Psychometrika 12 (1947), 153-157; recommended for one test set
 *           by Dietterich, Neural Computation 10 (1998), 1895-1923.
 * Others    paired bootstrap: rows are drawn with replacement, both are scored on the same draw; the
 *           interval is between the 2.5 and 97.5 % quantiles of the difference. Efron & Tibshirani,
 *           "An Introduction to the Bootstrap" (1993), ch. 13. p is twice the smaller share of draws on
 *           one side of zero.
 * Says nothing about other seeds or other splits: the networks are taken as they are.
 *
 * Shapes    probabilities (n, K) row-major, labels (n) in [0, K).
 * Errors    memory only.
 */
#ifndef CONSORT_MODEL_PAIRED_H
#define CONSORT_MODEL_PAIRED_H
#include <stdint.h>

#include "engine/metrics.h"

typedef struct {
    MetricId metric;
    double a, b, delta, low95, high95, p; /* delta = b - a */
} PairedDelta;
enum { PAIRED_METRICS = 3 };
typedef struct {
    int n, only_a, only_b;   /* rows; of them, right in one alone */
    double mcnemar_p;        /* 1 when nothing differs */
    PairedDelta delta[PAIRED_METRICS]; /* accuracy, macro F1, log loss */
} Paired;

/* Two predictions of the same rows, borrowed. */
typedef struct {
    int n, n_classes;
    const float *a, *b;    /* (n, K) */
    const int32_t *labels; /* (n) */
    int draws;             /* of the bootstrap */
    uint64_t seed;
} Pair;

double mcnemar_exact(int only_a, int only_b);
bool paired_compare(const Pair *pair, Arena *arena, Paired *out, Error *err);
#endif
