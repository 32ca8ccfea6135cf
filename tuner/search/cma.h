/* tuner/search/cma.h - the state of a covariance matrix adaptation evolution strategy.
 *
 * A normal distribution N(mean, sigma^2 C) is sampled lambda at a time; from the order of their scores the
 * mean moves, two paths accumulate, and C and sigma adapt. Only the order counts. Weights of the worse half
 * are negative ("active").
 *
 * Source  Hansen, "The CMA Evolution Strategy: A Tutorial" (2016, arXiv 1604.00772), algorithm in its
 *         appendix A with the default parameters of table 1.
 * Memory  the arena. Errors  ERR_MEMORY; ERR_NUMERIC when C has no eigenvalues any more.
 */
#ifndef CONSORT_TUNER_SEARCH_CMA_H
#define CONSORT_TUNER_SEARCH_CMA_H
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    int d, lambda, mu, generation;
    double c_1, c_mu, c_c, c_sigma, d_sigma, mu_eff, chi;
    double *weights;       /* (lambda) best first */
    double sigma;
    double *mean;          /* (d) */
    double *c;             /* (d, d) covariance, without sigma */
    double *p_sigma, *p_c; /* (d) paths */
    double *axes, *length; /* (d, d) columns are eigenvectors of C; (d) roots of its eigenvalues */
    double *work;          /* (d lambda + 4 d + d d) */
} Cma;

/* lambda 0: 4 + floor(3 ln d). The mean is set by the caller, C is the identity. */
bool cma_create(int d, int lambda, double sigma, Arena *arena, Cma **out, Error *err);
/* mean + sigma C^(1/2) z. */
void cma_point(const Cma *cma, const double *z, double *x);
/* `c` was set: takes its roots, and moves its size into sigma, so that its determinant is 1. */
bool cma_reshape(Cma *cma, Error *err);
/* How far from the mean: |C^(-1/2) (x - mean)| / sigma. */
double cma_distance(const Cma *cma, const double *x);
/* One generation: x holds lambda points of d coordinates, best first. */
bool cma_update(Cma *cma, const double *const *x, Error *err);
#endif
