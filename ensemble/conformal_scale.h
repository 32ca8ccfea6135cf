/* ensemble/conformal_scale.h - how large errors are where predictions are about p: `n_knots` knots, each the
 * mean of equally many rows in order of their predictions, drawn a little towards the mean of all.
 *
 * Shapes  p, error, weight (n), weight NULL: all alike; at, scale (n_knots). use[i]: is row i among them?
 * NULL: all. Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_CONFORMAL_SCALE_H
#define CONSORT_ENSEMBLE_CONFORMAL_SCALE_H
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

bool conformal_fit_scale(int n, const double *p, const double *error, const double *weight, const bool *use,
                         int n_knots, Arena *arena, double *at, double *scale, Error *err);
#endif
