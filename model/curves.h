/* model/curves.h - what is evaluated, and its ROC and precision-recall curves. */
#ifndef CONSORT_MODEL_CURVES_H
#define CONSORT_MODEL_CURVES_H
#include "base/arena.h"
#include "base/doc.h"
#include "engine/metrics.h"

/* What is being evaluated. N = n rows, K classes. */
typedef struct {
    int n, n_classes;
    const char *const *classes;
    const float *proba;     /* (N, K) */
    const int32_t *labels;  /* (N), -1 where unknown */
    const double *weight;   /* (N) what rows count for; NULL: all alike */
    const double *decision, *cost; /* what `predicted` was decided by (Judged) */
    int32_t *predicted;     /* (N) after the decision weights */
    int positive;           /* in [0, K) */
    Metrics metrics;        /* of `predicted` */
    double value[METRIC_COUNT]; /* all metrics: of `predicted`, or of the probabilities */
} Evaluation;

/* Sets "roc" and "pr": one entry a class (two classes: the positive one), {label, fpr[], tpr[],
 * auc} and {label, recall[], precision[], ap}. */
bool evaluate_curves(const Evaluation *evaluation, Arena *arena, Doc *out, Error *err);
#endif
