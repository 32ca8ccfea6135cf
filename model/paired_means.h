/* model/paired_means.h - the difference of two scores of numbers that are made of means of errors: studentized.
 *
 * Errors are skewed, and plain draws of rows reflect that the wrong way round: where large errors are missing
 * from the sample, the interval is too short on the very side they are missing from. So each draw is divided by
 * the standard error that it has itself, by the influences of its rows (bootstrap-t: Efron & Tibshirani 1993,
 * ch. 12). RMSE, MAE, MAPE, R2, pinball loss and interval width; of several targets their means.
 *
 * At least a normal interval and p, at most five standard errors.
 */
#ifndef CONSORT_MODEL_PAIRED_MEANS_H
#define CONSORT_MODEL_PAIRED_MEANS_H
#include "base/arena.h"
#include "base/error.h"
#include "engine/metrics.h"
#include "model/pair.h"

/* Is it one of them? */
bool paired_means_has(MetricId metric);
/* Of `delta`, b - a, of all rows: its 95 % interval and p; NaN where nothing varies. */
typedef struct {
    double low95, high95, p;
} MeansDelta;
bool paired_means(const Pair *pair, MetricId metric, double delta, Arena *arena, MeansDelta *out, Error *err);
#endif
