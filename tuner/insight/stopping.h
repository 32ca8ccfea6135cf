/* tuner/insight/stopping.h - from which epoch on are trials in the order in which they end?
 *
 * For each epoch Spearman's rank correlation, over trials that ran whole, between the best score until then
 * (what early termination looks at) and the final one. Where it is high, early termination stops few that
 * would have been good. A trial that had stopped by itself before (patience) has its best.
 *
 * Interval  95 % by Fisher's z with the standard error sqrt((1 + rho^2 / 2) / (n - 3)) (Bonett & Wright 2000).
 * Stopped   trials are left out, for their end is not known. They had looked bad: with them the correlation
 *           would be higher.
 * Memory    the arena. Errors ERR_STORE, ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_STOPPING_H
#define CONSORT_TUNER_INSIGHT_STOPPING_H
#include "tuner/store/store.h"

enum { STOPPING_FEWEST = 8, STOPPING_POINTS = 60 };
#define STOPPING_SAFE 0.9

typedef struct {
    int epoch;
    double rho, low95, high95;
} StoppingPoint;

typedef struct {
    int n_trials;  /* that ran whole */
    int n_stopped; /* that are left out */
    int n;         /* points; 0: too few trials or epochs */
    StoppingPoint point[STOPPING_POINTS];
    int safe;      /* the point from which on rho is at least STOPPING_SAFE; -1: only at the last epoch */
} Stopping;

bool stopping_compute(Store *store, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                      Stopping *out,
                      Error *err);
/* Spearman's rho of n pairs, ties by middle ranks; NaN where one side does not vary. `scratch` has 4 n. */
double stopping_rank_correlation(int n, const double *x, const double *y, double *scratch);
#endif
