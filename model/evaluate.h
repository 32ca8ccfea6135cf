/* model/evaluate.h - how good a model is on rows with known classes, with intervals.
 *
 * Intervals are 95 % percentile bootstrap intervals over rows (1000 resamples of the confusion and
 * of per-row losses, seeded), for every metric that can be had from those.
 */
#ifndef CONSORT_MODEL_EVALUATE_H
#define CONSORT_MODEL_EVALUATE_H
#include "base/doc.h"
#include "engine/metrics.h"
#include "model/model.h"

/* Predictions of rows, and what they are judged by. K = n_classes. All borrowed. */
typedef struct {
    int n, n_classes;
    const char *const *classes;
    const float *proba;     /* (n, K) */
    const double *decision; /* (K) weights of the decision; NULL: the largest probability */
    const int32_t *labels;  /* (n), -1 where unknown */
    int positive;           /* the class of interest; outside [0, K): the second */
    int bootstrap;          /* resamples for the intervals; 0: none */
    uint64_t seed;
    const double *cost;     /* (K, K) instead of `decision`; NULL: none */
    const char *asked;      /* what the decision is for (Model.asked); NULL: nothing */
    int interest;           /* Model.interest, where `positive` is none */
} Judged;
/* Classes and decision as the model has them. */
void evaluate_as(const Model *model, Judged *judged);

/* One document:
 * rows, metrics {name: {value, low95, high95}}, per_class [{label, precision, recall, f1, support,
 * predicted, low95/high95 of f1}], averages {macro, weighted}, confusion [[...]], classes, confused
 * [{truth, predicted, n}] (top 10), reliability [{low, high, n, confidence, accuracy}],
 * roc [{label, fpr [], tpr [], auc}] and pr [{label, recall [], precision [], ap}] curves of one
 * class against the rest (of two classes the positive one; at most 100 points), mistakes [{row,
 * truth, predicted, p}] (the 24 most confident). Undefined values are null (NaN until printed). A
 * class is given by its label. ERR_DATA when no row has a known class. The caller frees it. */
bool evaluate_predictions(const Judged *judged, Arena *arena, Doc **out, Error *err);
/* The same of a model on a table; adds members [{name, weight, accuracy, f1_macro, log_loss}],
 * microseconds_per_row (one thread, this machine). */
bool evaluate_model(const Model *model, const Table *table, int positive, int bootstrap,
                    uint64_t seed, Arena *arena, Doc **out, Error *err);
#endif
