/* tuner/insight/importance_internal.h - the two opinions of importance.h, each in a file of its own.
 *
 *     importance.c        gathering, chance, intervals, the answer
 *     importance_ped.c    Parzen densities on a grid and their divergence
 *     importance_model.c  the Gaussian process and its variance
 */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_INTERNAL_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_INTERNAL_H
#include "tuner/insight/importance.h"

enum { GRID_STEPS = 50 };

/* A coordinate as a grid, and where each trial lies on it. */
typedef struct {
    bool category;
    int n_bins;
    const int *bin;          /* (n) -1: not active in that trial */
    double *top, *region;    /* (n_bins) densities: scratch */
    double *count;           /* (n_bins) scratch */
    double *kernel;          /* (2 n_bins + 2) scratch */
} Axis;

/* Places the trials; needs `input` snapped. */
bool axis_make(const ImportanceInput *input, int dim, Arena *arena, Axis *out, Error *err);
/* Parzen density of the trials with their multiplicities `weight` (n): 0 is absent. Returns the sum of the
 * weights of the active ones. */
double axis_density(Axis *axis, int n, const int *weight, double *density);
/* D of `top` against `region` (multiplicities); *share gets alpha^2 / beta. 0 where fewer than two trials
 * of the region or none of the top use the parameter. */
double axis_divergence(Axis *axis, int n, const int *top, const int *region, double *share);

/* Fills effect, alone, length_scale and the pairs; leaves NaN and no pairs where there is no model. */
bool importance_model(const ImportanceInput *input, Arena *arena, Importance *out, Error *err);
#endif
