/* tuner/gp_internal.h - the Gaussian process's parts, shared by gp.c (posterior) and gp_fit.c. */
#ifndef CONSORT_TUNER_GP_INTERNAL_H
#define CONSORT_TUNER_GP_INTERNAL_H
#include "tuner/gp.h"

/* Added to the diagonal in units of the signal's variance. */
#define GP_JITTER 1e-6

/* What a fit looks at: distances between all pairs of m points, one row a coordinate. Pair (i, j),
 * j < i, is number i (i - 1) / 2 + j. */
typedef struct {
    int m, d, n_pairs;
    const double *z, *extra;   /* (m) */
    const double *distance;    /* (d, n_pairs) without the constant where one is inactive */
    const double **one_active; /* (d) -> (n_pairs) of 0 and 1, or NULL where that cannot be */
    double *r2, *weight;       /* (n_pairs) scratch */
    double *k, *inverse, *alpha; /* (m, m), (m, m), (m) scratch */
} FitData;

struct Gp {
    const Space *space;
    int d;
    bool *category;      /* (d) distance 0 or 1 */
    bool *conditional;   /* (d) may be inactive */
    double *centre;      /* (d) of a category: squared distance from its levels to their centre */
    int n_obs, n, room;  /* observed; with believed ones; allocated */
    const double *x;     /* (n_obs, d), the caller's */
    double *at;          /* (d, room) the points by coordinate */
    double *active;      /* (d, room) 1 or 0 */
    double *z, *extra;   /* (room) targets, extra noise */
    double *l, *alpha;   /* (room, room) Cholesky factor, (room) K^-1 z */
    double *mean_at;     /* (n_obs) posterior mean */
    int *by_mean;        /* (n_obs) */
    double *theta;       /* (d + 3) */
    double *il2;         /* (d) 1 / l^2 */
    double *scales;      /* (d) l */
    double s2, noise, lonely; /* variances; the c of gp.h */
    double jitter;       /* that the factor needed, in units of s2 */
    double *scratch;     /* (room + 2d, 16) for predictions */
    FitData fit;
};

/* The posterior at these hyperparameters, without believed points. */
bool gp_condition(Gp *gp, const double *theta, Error *err);
/* Values of theta from the data of gp->fit. */
bool gp_fit_theta(Gp *gp, Arena *arena, Error *err);
bool gp_fit_prepare(Gp *gp, const int *rows, int m, Arena *arena, Error *err);
#endif
