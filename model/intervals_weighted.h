/* model/intervals_weighted.h - the 95 % intervals of an evaluation whose rows count for different weights.
 *
 * Shares     Accuracy; precision, recall, F1 of a class: Wilson's interval of as many rows as the weights
 *            are worth,
 *            (sum w)^2 / sum w^2 (Kish, "Survey Sampling", 1965).
 * Others     Between the 2.5 and 97.5 % quantiles of a bootstrap in which rows are drawn with their weights.
 * None       Calibration errors, which are given as counted; and what has none without weights.
 */
#ifndef CONSORT_MODEL_INTERVALS_WEIGHTED_H
#define CONSORT_MODEL_INTERVALS_WEIGHTED_H
#include "model/intervals.h"

/* intervals_of() of an evaluation with weights. Rows of weight 0 are left out. */
bool intervals_weighted(const Evaluation *evaluation, int draws, uint64_t seed, Arena *arena, Intervals *out,
                        Error *err);
/* Whichever of the two an evaluation wants. */
bool intervals_for(const Evaluation *evaluation, int draws, uint64_t seed, Arena *arena, Intervals *out,
                   Error *err);
#endif
