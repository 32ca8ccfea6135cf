/* tuner/insight/draws.h - functions that the trials leave possible: draws from the posterior of a Gaussian
 * process, its hyperparameters drawn, too.
 *
 * Where the search has looked, all draws agree; where it has not, they differ as much as is not known there. So
 * what is worked out of each draw has an interval that is honest about where trials are missing. A best guess
 * of hyperparameters would not do: it calls a setting idle that nobody has varied.
 *
 *     gp_fit's model (gp.h) without a warp; hyperparameters by elliptical slice sampling from their most
 *     probable values; functions by Matheron's rule: a function from the prior, moved to where the trials want
 *     it, f(x) = g(x) + k(x, X) K^-1 (z - g(X) - noise)
 *     and g by random features: cosines and sines whose frequencies are those of Matern 5/2 (a multivariate t
 *     with 5 degrees), on coordinates in which the kernel's distance is the usual one, plus the trend.
 *
 * Source  Murray, Adams, MacKay 2010 (slice sampling); Rahimi, Recht 2007 (features); Wilson et al. 2020,
 *         "Efficiently sampling functions from Gaussian process posteriors".
 * Cost    DRAWS_TURNS factorizations and some 6 n^3 / 3 more for each; a point costs a cosine and a sine for
 *         each of DRAWS_FEATURES, and n covariances, a turn.
 * Memory  the arena. Errors ERR_MEMORY; ERR_NUMERIC where there is no model.
 */
#ifndef CONSORT_TUNER_INSIGHT_DRAWS_H
#define CONSORT_TUNER_INSIGHT_DRAWS_H
#include "tuner/search/gp.h"

enum { DRAWS_TURNS = 16, DRAWS_EACH = 12, DRAWS_FEATURES = 192 };

typedef struct Draws Draws;
/* The model at its most probable hyperparameters; draws follow. */
bool draws_create(const GpData *data, uint64_t seed, Arena *arena, Draws **out, Error *err);
/* How much of the trials' differences the model tells of a trial that it has not seen: one minus the squares of
 * what leave-one-out misses, by those of the mean. */
double draws_left_out(const Draws *draws);
/* The logarithm, but for a constant, of how probable the trials that the fit looked at are at the most probable
 * hyperparameters, these included: of scores of which the targets are a function with these slopes (n), as
 * logarithms. */
double draws_evidence(const Draws *draws, const double *log_slope);
/* The process as it stands: until the first turn, at its most probable hyperparameters. */
const Gp *draws_gp(const Draws *draws);
/* Other hyperparameters, and DRAWS_EACH functions under them. False where there is no factor: try again. */
bool draws_turn(Draws *draws);
/* These functions at m points (m, n_dims), snapped: out is (m, DRAWS_EACH). Small is good; the scale is the
 * model's. */
void draws_at(Draws *draws, int m, const double *u, const bool *active, double *out);
/* The process at its most probable hyperparameters, after the last turn. */
bool draws_settle(Draws *draws, const Gp **gp, Error *err);
#endif
