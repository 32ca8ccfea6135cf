/* ensemble/select.h - which models, with which weights.
 *
 * Works on stored predictions of rows nobody trained on: no retraining, no data.
 *
 *   vote      the best `size` models, one vote each
 *   average   the best `size` models, equal weights
 *   weighted  the best `size` models, weights on the simplex that minimize log loss, or of numbers the loss
 *             that the metric is of (weigh_numbers.h)
 *   stack     numbers: weights that are not negative, and an intercept; kept only if, fitted on other rows, it
 *             beats the plain average of the same models by half a standard error. Of classes a stack is built
 *             upon a greedy selection (stack.h, contest.h), which is what this says of them and of `auto`
 *   greedy    Caruana et al. 2004: start empty (or from the best few), add with replacement the
 *             model that helps the average most, keep the best prefix; bagged over random halves of
 *             the library, and guarded: kept only if it beats the plain average of the best few (2 to 5)
 *             by half a standard error, else that average is the result, if it beats the best model
 *             alone. No bags for fewer than 10 models: half of so few is no library.
 *
 * The result never scores worse, on the rows it was selected on, than the best single model: if
 * nothing does better, it is that single model, and `reason` says so.
 *
 * Score    the metric of the study; plateaus of count metrics are broken by 1e-3 log loss. Rows
 *          without a label (-1) do not count.
 * Budget   models that do not fit into max_bytes, max_us and max_networks alone are left out; "best single"
 *          means of those that fit.
 * Ties     go to the lower model number, everywhere.
 * Errors   ERR_DATA when no model can be scored, ERR_CONFIG when none fits the budget, ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_SELECT_H
#define CONSORT_ENSEMBLE_SELECT_H
#include "ensemble/choice.h"

bool ensemble_select(const Library *library, const EnsembleOptions *options, MetricId metric,
                     uint64_t seed, Arena *arena, Selection *out, Error *err);
#endif
