/* tuner/insight/importance_ped.h - the first opinion of importance.h: is a setting spread otherwise among the
 * top trials than among all? Parzen densities on a grid, and their divergence. Memory: the arena. */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_PED_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_PED_H
#include "tuner/insight/points.h"

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

/* Places the trials. */
bool axis_make(const Points *trials, int dim, Arena *arena, Axis *out, Error *err);
/* D of `top` against `region` (multiplicities); *share gets alpha^2 / beta. 0 where fewer than two trials
 * of the region or none of the top use the parameter. */
double axis_divergence(Axis *axis, int n, const int *top, const int *region, double *share);
#endif
