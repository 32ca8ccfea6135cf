/* ensemble/weigh_numbers.h - weights of members whose predictions are numbers.
 *
 *     weighted   w on the simplex (>= 0, sum 1), least squared error; where the metric is of absolute errors
 *                or of quantiles, least absolute or pinball loss, by quadratic bounds on it (Hunter, Lange
 *                2000)
 *     stack      c >= 0 and an intercept for each target, least squared error and a ridge towards the plain
 *                average, lambda sum_m (c_m - 1/n)^2, lambda by cross-validation (Wolpert 1992, Breiman
 *                1996). c
 *                is kept as weights w = c / sum c and the slope sum c, which all targets share
 *
 * Targets count alike: errors are in units of their scales. Rows count what they weigh.
 *
 * Shapes   n members (numbers of models in the library), V values, T targets.
 * Memory   the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_WEIGH_NUMBERS_H
#define CONSORT_ENSEMBLE_WEIGH_NUMBERS_H
#include "ensemble/choice.h"

bool weigh_simplex(const Library *library, const int *member, int n, MetricId metric, Arena *arena, double *w,
                   Error *err);

typedef struct {
    double *w;         /* (n) sum 1 */
    double slope;
    double *intercept; /* (T) in the values of predictions */
} Stack;
/* `out` from all rows, and into oof (n_rows, V) what stacks of the other fifths of the rows say of each. */
bool weigh_stack(const Library *library, const int *member, int n, uint64_t seed, Arena *arena, Stack *out,
                 float *oof, Error *err);
#endif
