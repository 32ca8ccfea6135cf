/* model/rescore.h - the same predictions scored again and again, on rows drawn anew.
 *
 * A bootstrap draw is a number of times for each row. What does not change with it (who was predicted, what
 * each row costs, the order of the scores) is worked out once; a draw is then one pass over the rows, and for a
 * metric of ranks one more for each curve, along rows that are sorted already.
 *
 * Shapes   probabilities (n, K) row-major, labels (n) in [0, K), times (n).
 * Metrics  as engine/metrics.h defines them; what depends on a decision (accuracy, F1 ...) follows the decision
 *          weights. Areas of more than RESCORE_MOST_CURVES classes are NaN: a curve each would take too long.
 * Errors   memory only; rescore itself allocates nothing.
 */
#ifndef CONSORT_MODEL_RESCORE_H
#define CONSORT_MODEL_RESCORE_H
#include "engine/metrics.h"

enum { RESCORE_MOST_CURVES = 300 };

/* Predictions to be scored. All borrowed. */
typedef struct {
    int n, n_classes;
    const float *proba;     /* (n, K) */
    const int32_t *labels;  /* (n), all known */
    const double *weight;   /* (n) what rows count for each time; NULL: 1 */
    const double *decision; /* (K) weights of the decision; NULL: the largest probability */
    const double *cost;     /* (K, K) as Model.cost, instead of `decision`; NULL: none */
    int positive;           /* of two classes the one of interest; outside [0, K): the second */
} RescoreInput;

typedef struct {
    RescoreInput in;
    unsigned which;          /* metrics asked for, 1u << MetricId */
    int32_t *predicted;      /* (n) */
    double *log_loss, *brier; /* (n) what each row costs */
    int n_curves, first;     /* classes with a curve: first, first + 1 ... */
    int32_t *order;          /* (n_curves, n) rows by falling score; the last of equal ones is ~row */
    Metrics metrics;
} Rescore;

bool rescore_create(const RescoreInput *in, unsigned which, Arena *arena, Rescore *out, Error *err);
/* `times` (n): how often each row counts; NULL: once. NaN for what was not asked for, unless it follows from
 * the confusion matrix. */
void rescore(Rescore *r, const int32_t *times, double value[METRIC_COUNT]);
/* Draws n rows of n with replacement. */
void rescore_draw(int n, uint64_t seed, uint32_t draw, int32_t *times);
#endif
