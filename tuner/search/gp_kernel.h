/* tuner/search/gp_kernel.h - the ground floor of the Gaussian process: its parts, where each hyperparameter
 * stands, the kernel and the trend. gp.h has the model and the notation.
 *
 * gp_fit.c finds the hyperparameters, gp.c conditions and predicts; both work on the struct below.
 *
 * Memory  borrows, allocates nothing. Errors none.
 */
#ifndef CONSORT_TUNER_SEARCH_GP_KERNEL_H
#define CONSORT_TUNER_SEARCH_GP_KERNEL_H
#include "tuner/search/space.h"

/* Added to the diagonal in units of the signal's variance. */
#define GP_JITTER 1e-6

/* Where the hyperparameters of d coordinates stand in a vector theta of their logarithms, and in a gradient. */
typedef struct {
    int scale;   /* (d) length scales l */
    int signal;  /* variance s2 of the Matern part */
    int noise;   /* variance */
    int lonely;  /* the c of gp.h: squared distance across, where one point is inactive */
    int trend;   /* variance t, a term */
    int a, b;    /* (d) each: exponents of the warp */
    int n;       /* how many in all */
} GpTheta;

static inline GpTheta gp_theta(int d)
{
    return (GpTheta){.scale = 0, .signal = d, .noise = d + 1, .lonely = d + 2, .trend = d + 3,
                     .a = d + 4, .b = 2 * d + 4, .n = 3 * d + 4};
}

/* What a fit looks at: m of the observations, and the distances between all pairs of them, one row a
 * coordinate. Pair (i, j), j < i, is number i (i - 1) / 2 + j. */
typedef struct {
    int m, d, n_pairs;
    const int *rows;           /* (m) which of the observations */
    const double *z, *extra;   /* (m) */
    double *distance;          /* (d, n_pairs) without the constant where one is inactive */
    const double **one_active; /* (d) -> (n_pairs) of 0 and 1, or NULL where that cannot be */
    bool warps;                /* the distances of numbers follow theta: */
    double *at, *active;       /* (d, m) the coordinates, and 1 or 0: only where it warps */
    double *place, *by_a, *by_b; /* (d, m) where the kernel sees them, the derivatives by log a, log b */
    double *trend, *trend_at;  /* (n_pairs), (m): the trend's kernel, of pairs and of points with themselves */
    /* Scratch. gp_objective gives each the name of what it holds for the time being. */
    double *of_pairs[2], *square, *of_points[2]; /* (n_pairs), (m, m), (m) */
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
    const struct GpMean *mean; /* NULL: 0 */
    double *expected;    /* (n_obs) what it says of them */
    double *mean_at;     /* (n_obs) posterior mean */
    int *by_mean;        /* (n_obs) */
    GpRanked *ranked;    /* (n_obs) scratch for sorting */
    double *theta;       /* as GpTheta says */
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
typedef struct Gp Gp;

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
bool gp_warps(const Gp *gp, int k); /* are the values of coordinate k moved at all? */
/* Where the kernel sees n values of coordinate k. */
void gp_put_places(const Gp *gp, int k, int n, const double *u, const double *on, double *place);

/* Points whose covariances are worked out at a time, by coordinate: place[k * GP_LANES + c] where the kernel
 * sees them, whether they are active (1 or 0), and their terms of the trend. */
enum { GP_LANES = 16 };
typedef struct { double *place, *on, *line, *bow; } GpLanes;
/* In the first 4 d GP_LANES of `scratch`. */
GpLanes gp_lanes_at(const Gp *gp, double *scratch);
void gp_set_lane(const Gp *gp, GpLanes *lanes, int k, int c, double u, double place, double on);
/* Covariances of the lanes with rows from..n-1 of gp, into to[i * ld + c]. */
void gp_cross(const Gp *gp, const GpLanes *lanes, int from, int n, double *to, int ld);
/* The same between one point (n_dims) and all rows, in two parts: squared distances and terms of the trend. */
void gp_distances(const Gp *gp, const double *u, const bool *active, double *r2, double *trend);
double gp_variance_at(const Gp *gp, const double *u, const bool *active); /* the prior's, at a point */
#endif
