/* tuner/search/gp_fit.h - the hyperparameters that observations make most probable (of gp.h).
 *
 * Targets  are transformed first: failures take the worst value, the bad side is winsorized, then standardized,
 *          Yeo-Johnson, standardized.
 * Fit      the maximum a posteriori by L-BFGS from one start, gradients exact.
 * Memory   the arena. Errors ERR_NUMERIC where no start has a Cholesky factor, ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_GP_FIT_H
#define CONSORT_TUNER_SEARCH_GP_FIT_H
#include "base/arena.h"
#include "base/error.h"

typedef struct Gp Gp;
/* What a model has besides the kernel of u. A view is any of these together. */
enum { GP_TREND = 1, GP_WARP = 2 };

/* The targets as the model sees them: z has n entries, `scratch` 2n. Returns the lambda of Yeo-Johnson, 1 (no
 * change) where the values do not differ. */
double gp_transform(int n, const double *y, double *z, double *scratch);
/* How steep that was at each y (n), by which lambda came out; 0 where y was cut off or failed. */
void gp_transform_slopes(int n, const double *y, double lambda, double *slope, double *scratch);
/* Takes m of the observations, by row, as what the fit looks at; keeps `rows`. */
bool gp_fit_prepare(Gp *gp, const int *rows, int m, Arena *arena, Error *err);
/* The most probable hyperparameters of what was prepared, into gp->theta. */
bool gp_fit_theta(Gp *gp, Arena *arena, Error *err);
/* What is minimized (minus the log posterior, but for a constant) and its gradient at the logarithms of
 * hyperparameters: l_1..l_d, s2, noise, the one-active constant, t, a_1..a_d, b_1..b_d. For tests, too. */
double gp_objective(const Gp *gp, const double *theta, double *gradient);
/* The prior of those logarithms, independent normal: gp_objective is, but for a constant, minus the log
 * likelihood plus half of each square of what lies between theta and mean, by variance. Without GP_WARP the
 * exponents have no part in it. */
void gp_prior(int d, double *mean, double *variance);
#endif
