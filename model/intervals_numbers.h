/* model/intervals_numbers.h - 95 % intervals of the scores of predicted quantities (bench/coverage.py rows).
 *
 * Means       MAE, MAPE, pinball loss, interval width; RMSE as the root of a mean; 1 - R2, a quotient of two.
 *             All are quotients of means over rows, num / den, and studentized bootstrap of the quotient's
 *             logarithm serves all (Efron & Tibshirani 1993, ch. 12): errors are skewed, so are their means.
 *             At least the normal interval, as few draws of few rows know nothing of long tails. Where rows
 *             and targets are many, Edgeworth's expansion instead of draws. Where squares of errors have no
 *             variance (tails as of Student's t with 3 degrees), or the rows that matter are not in the
 *             sample, RMSE's holds less often than it says: bench/RESULTS.md.
 * Median      of absolute errors: between order statistics (Hollander & Wolfe 1999, 3.6), no density needed.
 * Ranks       Fisher's transformation of Spearman's correlation, with the variance that the influences of rows
 *             say (infinitesimal jackknife), at least that of Bonett & Wright, Psychometrika 65 (2000), 23-28.
 * Coverage    Wilson's interval, of as many rows as the influences say (model/interval.h).
 * Averages    over targets: rows are drawn, with all their targets, so that errors which go together count as
 *             such. The average is taken as linear in the targets' own means.
 * Weights     a row of weight w adds w num and w den. It is one row all the same.
 * None        of fewer than INTERVALS_NUMBERS_FEWEST known rows.
 */
#ifndef CONSORT_MODEL_INTERVALS_NUMBERS_H
#define CONSORT_MODEL_INTERVALS_NUMBERS_H
#include "engine/metrics.h"
#include "model/interval.h"
#include "model/judged.h"

enum { INTERVALS_NUMBERS_FEWEST = 5 };

typedef struct {
    Interval metric[METRIC_COUNT];              /* of the averages over targets */
    Interval (*of_target)[METRIC_COUNT];        /* (T) */
} NumberIntervals;

/* `metrics` are those of the same predictions. */
bool intervals_of_numbers(const Judged *judged, const Metrics *metrics, Arena *arena, NumberIntervals *out,
                          Error *err);
#endif
