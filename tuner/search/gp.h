/* tuner/search/gp.h - Gaussian process regression over a mixed, conditional space.
 *
 *     k(a, b) = s2 M52(r) + t sum_d f_d(a) f_d(b),   r^2 = sum_d dist_d(a, b) / l_d^2
 * Matern 5/2 with one length scale a coordinate, around a trend: a line and a bow (the orthonormal
 * polynomials of degree 1 and 2) of each active number, a contrast of each category, all with the same
 * variance t, which is learned. Most objectives are bowls in most coordinates; the trend knows that from a
 * dozen points, and in parts where nothing was tried. Where it does not help, t goes to nothing.
 * dist_d is (a_d - b_d)^2 for numbers, 0 or 1 for
 * categories, 0 when the coordinate is active in neither point. Active in exactly one: the inactive
 * point stands beside the middle of the coordinate (0.5, or the centre of the categories), at a learned
 * distance c across, so that dist_d = (a_d - 0.5)^2 + c.
 * (A distance that is the same from all of a line would make the kernel indefinite.)
 * Warp   Scores change faster near one end of a range than at the other, and the best settings often stand
 *        at a bound. So the kernel may see an active number u at 1 - (1 - u^a)^b (Kumaraswamy's distribution)
 *        instead, with a and b learned for each coordinate; the trend sees u itself.
 * Targets are transformed: failures
 * take the worst value, the bad side is winsorized, then standardized, Yeo-Johnson, standardized.
 * Prior  log l_d ~ N(log(d)/2 - 0.5, 0.7), log s2 ~ N(0, 1), log noise ~ N(-5, 1.5^2), log of the constant
 *        ~ N(log 1/4, 1). Shorter than Hvarfner et al. have it: mean
 *        regret at 50 evaluations of 7 analytic problems 0.13 instead of 0.21.
 *        log t ~ N(log(0.1 / d), 1.5^2): with the trend, mean regret at 100 evaluations of mixed6 went from
 *        0.217 to 0.128. (bench/NOTES.md, Length scales, The trend.)
 *        log a, log b ~ N(0, 0.5^2), within +- 2.
 * Fit    MAP by L-BFGS, gradients exact. Of more than GP_FIT_POINTS observations a subset speaks for
 *        the hyperparameters (the best third, the rest spread over the ranks); all are then
 *        conditioned on. So a fit costs a bounded time and depends on its arguments alone.
 * Source Rasmussen & Williams 2006, alg. 2.1; Yeo & Johnson 2000; Hvarfner et al. 2024
 *        (the idea of scaling the prior with the dimension); Snoek et al. 2014 (the warp).
 * Memory arena; predictions use scratch space inside the Gp, so one thread at a time.
 * Errors ERR_NUMERIC when the Cholesky fails at the largest jitter.
 */
#ifndef CONSORT_TUNER_SEARCH_GP_H
#define CONSORT_TUNER_SEARCH_GP_H
#include "tuner/search/gp_fit.h"
#include "tuner/search/space.h"

enum { GP_FIT_POINTS = 160 };

/* What is expected where nothing was observed, in transformed units; without one it is 0. */
typedef struct GpMean GpMean;
struct GpMean {
    void (*at)(const GpMean *mean, int m, const double *u, const bool *active, double *out); /* (m, n_dims) */
    void (*add_gradient)(const GpMean *mean, const double *u, const bool *active, double *gradient);
};

/* What was observed. */
typedef struct {
    const Space *space;
    int n;
    const double *x;           /* (n, n_dims) snapped points */
    const double *y;           /* (n) raw scores; NaN: failed */
    const double *extra_noise; /* (n) or NULL: added to the noise variance of single points (stopped trials) */
    const double *noise;       /* (n) or NULL: variances of the scores y that are told; 0: of none */
    bool as_is;                /* y are targets already, all finite */
    const GpMean *mean;        /* NULL: 0; borrowed for as long as the process is */
} GpData;

/* The process at the hyperparameters that the observations make most probable. */
bool gp_fit(const GpData *data, unsigned view, Arena *arena, Gp **out, Error *err);
/* gp_fit in two halves. The hyperparameters (gp_n_hyper of them) that the observations make most probable;
 * and the process conditioned on observations under given hyperparameters. */
bool gp_learn(const GpData *data, unsigned view, Arena *arena, double *theta, Error *err);
bool gp_given(const GpData *data, const double *theta, Arena *arena, Gp **out, Error *err);
int gp_n_hyper(const Space *space);
/* Mean and standard deviation (without noise) at u, in transformed units. */
void gp_predict(const Gp *gp, const double *u, double *mean, double *sigma);
/* The same for m points (m, n_dims), several at a time. `active` (m, n_dims) as from
 * space_snap_active. `sigma` may be NULL, which is quicker. */
void gp_predict_many(const Gp *gp, int m, const double *u, const bool *active, double *mean,
                     double *sigma);
/* Gradients of mean and sigma at u by the coordinates that are numbers; 0 for categories and
 * inactive ones. */
void gp_predict_gradient(const Gp *gp, const double *u, const bool *active, double *mean,
                         double *sigma, double *mean_gradient, double *sigma_gradient);
/* Adds a pending point with a believed value (transformed units): one row of the factor. */
bool gp_believe(Gp *gp, const double *u, double value, Arena *arena, Error *err);
/* The same for m points (m, n_dims) at once, believed to come out at their means (m), which it returns: what
 * the model expects anywhere stays as it is, and only becomes surer. */
bool gp_believe_means(Gp *gp, int m, const double *u, double *mean, Arena *arena, Error *err);
/* log of the expected improvement over `best` (transformed, minimized); finite everywhere. */
double gp_log_ei(double best, double mean, double sigma);
double gp_target(const Gp *gp, int i); /* of observed point i: its score in transformed units */
double gp_best_mean(const Gp *gp); /* the lowest posterior mean at the observed points */
/* Up to n of the observed points by posterior mean, best first; returns how many. */
int gp_best_points(const Gp *gp, int n, const double **points);
/* From now on the best observed points are those of the lowest penalty (n_observed), by mean among equals. */
void gp_order(Gp *gp, const double *penalty);
double gp_noise_variance(const Gp *gp); /* in transformed units; what is told beyond it left out */
double gp_noise(const Gp *gp);          /* the same as a share of the signal's variance */
const double *gp_scales(const Gp *gp);
double gp_lambda(const Gp *gp); /* of the targets' transform */
/* For tests: the same process at other hyperparameters, without believed points. */
bool gp_condition(Gp *gp, const double *theta, Error *err);
#endif
