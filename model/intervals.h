/* model/intervals.h - the 95 % intervals of an evaluation, each by what covers (bench/coverage.py rows).
 *
 * Shares     Accuracy; precision, recall, F1 of a class: Wilson's interval (model/interval.h).
 * Averages over classes, MCC, areas: the same of as many rows as their influences say (model/spread.h).
 * Losses     Log loss, Brier score: studentized bootstrap of the logarithm of the mean (Efron & Tibshirani
 *            1993, ch. 12), widened where the model itself foresees more variance than so few rows show.
 * Calibration errors: distance of counts (model/interval.h). Noise makes what is counted too large, so an
 *            estimate without it stands beside the interval.
 * None       where too few rows of a class make no interval cover: averages over classes need
 *            INTERVALS_FEWEST rows in each class, MCC needs as many outside the largest.
 */
#ifndef CONSORT_MODEL_INTERVALS_H
#define CONSORT_MODEL_INTERVALS_H
#include "model/curves.h"
#include "model/interval.h"

enum { INTERVALS_FEWEST = 10 };

typedef struct {
    Interval metric[METRIC_COUNT];
    Interval *precision, *recall, *f1; /* (K) */
    double ece, ece_classwise;         /* without noise */
} Intervals;

/* Of rows of which the smallest class has `fewest`, all but the largest `outside_largest`; differences, too. */
bool intervals_can_hold(MetricId metric, int fewest, int outside_largest);
/* `draws` of the bootstrap; 0: no intervals at all, and calibration errors as counted. */
bool intervals_of(const Evaluation *evaluation, int draws, uint64_t seed, Arena *arena, Intervals *out,
                  Error *err);
#endif
