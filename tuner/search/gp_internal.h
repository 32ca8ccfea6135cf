/* tuner/search/gp_internal.h - the Gaussian process's parts, shared by gp.c (posterior) and gp_fit.c. */
#ifndef CONSORT_TUNER_SEARCH_GP_INTERNAL_H
#define CONSORT_TUNER_SEARCH_GP_INTERNAL_H
#include "tuner/search/gp.h"

/* Added to the diagonal in units of the signal's variance. */
#define GP_JITTER 1e-6

/* What a fit looks at: distances between all pairs of m points, one row a coordinate. Pair (i, j),
 * j < i, is number i (i - 1) / 2 + j. */
typedef struct {
    int m, d, n_pairs;
    const double *z, *extra;   /* (m) */
    double *distance;          /* (d, n_pairs) without the constant where one is inactive */
    const double **one_active; /* (d) -> (n_pairs) of 0 and 1, or NULL where that cannot be */
    const int *rows;           /* (m) which observations they are */
    bool warps;                /* the distances of numbers follow theta: */
    double *place, *by_a, *by_b; /* (d, m) where the kernel sees them, the derivatives by log a, log b */
    double *trend, *trend_at;  /* (n_pairs), (m): the trend's kernel, of pairs and of points with themselves */
    double *r2, *weight;       /* (n_pairs) scratch */
    double *inverse, *alpha;   /* (m, m), (m) scratch: the covariance, its factor, its inverse */
    double *pull;              /* (m) scratch */
} FitData;

typedef struct { double value; int at; } GpRanked;

struct Gp {
    const Space *space;
    int d;
    bool *category;      /* (d) distance 0 or 1 */
    bool *conditional;   /* (d) may be inactive */
    double *centre;      /* (d) of a category: squared distance from its levels to their centre */
    int n_obs, n, room;  /* observed; with believed ones; allocated */
    const double *x;     /* (n_obs, d), the caller's */
    double *at;          /* (d, room) the points by coordinate */
    double *place;       /* (d, room) where the kernel sees them: warped */
    double *active;      /* (d, room) 1 or 0 */
    double *z, *extra;   /* (room) targets, extra noise */
    double *l, *alpha;   /* (room, room) Cholesky factor, (room) K^-1 z */
    double *mean_at;     /* (n_obs) posterior mean */
    int *by_mean;        /* (n_obs) */
    GpRanked *ranked;    /* (n_obs) scratch for sorting */
    double *theta;       /* (3d + 4) */
    double *a, *b;       /* (d) exponents of the warp; both 1: none */
    double *il2;         /* (d) 1 / l^2 */
    double *scales;      /* (d) l */
    double *unlike;      /* (d) of a category: trend between different levels; 0: a number */
    double s2, noise, lonely; /* variances; the c of gp.h */
    double trend;        /* variance of the trend, a term */
    unsigned view;       /* GP_TREND, GP_WARP: what the fit learns */
    double lambda;       /* of the targets' transform */
    double jitter;       /* that the factor needed, in units of s2 */
    double *scratch;     /* for predictions: covariances of a block of points */
    FitData fit;
};

/* The terms of the trend that belong to one coordinate: the orthonormal polynomials of degree 1 and 2 on
 * [0, 1]. */
static inline double trend_line(double u) { return 1.7320508075688772 * (2 * u - 1); }
static inline double trend_bow(double u) { return 2.23606797749979 * (6 * u * u - 6 * u + 1); }
/* Matern 5/2: k = s2 (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r) of n squared distances, and slope = dk / d(r^2)
 * unless it is NULL. `k` may be `r2`. */
void gp_matern(int n, double s2, const double *r2, double *k, double *slope);
/* Where the kernel sees n values u of a number: 1 - (1 - u^a)^b, and the derivatives by log a and log b unless
 * those are NULL. What is not `on` (1 or 0) stays where it is. The ends are kept off by WARP_END, where
 * derivatives are not finite. `place` may be `u`. */
#define WARP_END 1e-6
void gp_warp(int n, double a, double b, const double *u, const double *on, double *place, double *by_a,
             double *by_b);
/* The posterior at these hyperparameters, without believed points. */
bool gp_condition(Gp *gp, const double *theta, Error *err);
/* Values of theta from the data of gp->fit. */
bool gp_fit_theta(Gp *gp, Arena *arena, Error *err);
bool gp_fit_prepare(Gp *gp, const int *rows, int m, Arena *arena, Error *err);
#endif
