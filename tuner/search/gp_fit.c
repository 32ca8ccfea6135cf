/* Hyperparameters of the Gaussian process: the target transform, the log posterior of the
 * hyperparameters with its gradient, and its maximum.
 *
 * theta = (log l_1 .. log l_d, log s2, log noise, log c, log t, log a_1 .. log a_d, log b_1 .. log b_d). With
 * A = K^-1 - a a', a = K^-1 z, and G = A o dk/d(r^2), where dk/d(r^2) = -(5/6) s2 (1 + sqrt5 r) exp(-sqrt5 r)
 * is finite at r = 0:
 *     f               = z' a / 2 + sum log L_ii - log prior
 *     df / dlog l_k   = -sum_ij G_ij D_k,ij / l_k^2        df / dlog s2    = sum A o K0 / 2
 *     df / dlog noise = noise tr(A) / 2                     df / dlog c     = sum_ij,k G_ij c O_k,ij / 2 l_k^2
 *     df / dlog a_k   = sum_ij G_ij (w_i - w_j) (w'_i - w'_j) / l_k^2        likewise log b_k
 * D_k is the distance in coordinate k, O_k marks pairs of which one point is inactive there; w are the warped
 * coordinates and w' their derivatives.
 */
#include "tuner/search/gp_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/lbfgs.h"
#include "base/mat.h"
#include "tuner/search/gp_kernel.h"

/* Of the logs of the length scales, the mean above log(d) / 2 and the variance. Hvarfner et al. 2024 have
 * sqrt 2 and 3; with so long a prior the maximum a posteriori of a few dozen points calls most
 * coordinates irrelevant (bench/NOTES.md, Length scales). */
static const double SCALE_MEAN = -0.5, SCALE_VARIANCE = 0.7;
/* Of the trend's variance a term, times the number of coordinates. */
static const double TREND = 0.1, TREND_VARIANCE = 2.25, FLAT = 1e-6;
/* Of the log of the noise, and of the log of the distance across where one point is inactive. */
static const double NOISE_MEAN = -5, NOISE_VARIANCE = 2.25, LONELY = 0.25;
/* Of the logs of a warp's exponents, around 0: no warp. */
static const double WARP_VARIANCE = 0.25, WARP_MOST = 2;

/* ---- targets ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics, as numpy's default. */
static double quantile(int n, const double *sorted, double q)
{
    double at = q * (n - 1);
    int below = (int)at;
    double share = at - below;
    return below + 1 < n ? sorted[below] + share * (sorted[below + 1] - sorted[below]) : sorted[n - 1];
}

/* To mean 0 and deviation 1; false, and all zero, when the values do not differ. */
static bool standardize(int n, double *z)
{
    double sum = 0, square = 0, size = 0;
    for (int i = 0; i < n; i++) {
        sum += z[i];
        size = fmax(size, fabs(z[i]));
    }
    double mean = sum / n;
    for (int i = 0; i < n; i++) square += (z[i] - mean) * (z[i] - mean);
    double deviation = sqrt(square / n);
    bool differs = deviation > 1e-12 * size;
    for (int i = 0; i < n; i++) z[i] = differs ? (z[i] - mean) / deviation : 0;
    return differs;
}

static double yeo_johnson(double z, double lambda)
{
    double power = z >= 0 ? lambda : 2 - lambda, size = fabs(z);
    double value = fabs(power) > 1e-6 ? expm1(power * log1p(size)) / power : log1p(size);
    return z >= 0 ? value : -value;
}

/* Without failures and outliers. False: there is no score. */
static bool winsorize(int n, const double *y, double *z, double *sorted)
{
    int finite = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(y[i])) sorted[finite++] = y[i];
    if (finite == 0) return false;
    qsort(sorted, (size_t)finite, sizeof *sorted, by_size);
    double middle = quantile(finite, sorted, 0.5);
    double spread = quantile(finite, sorted, 0.75) - quantile(finite, sorted, 0.25);
    double worst = sorted[finite - 1];
    /* Where most values are the same there is no spread to measure outliers by. */
    if (spread > 1e-9 * (worst - sorted[0])) worst = fmin(worst, middle + 5 * spread);
    for (int i = 0; i < n; i++) z[i] = isfinite(y[i]) ? fmin(y[i], worst) : worst;
    return true;
}

static double deviation_of(int n, const double *z)
{
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++) sum += z[i];
    for (int i = 0; i < n; i++) square += (z[i] - sum / n) * (z[i] - sum / n);
    return sqrt(square / n);
}

void gp_transform_slopes(int n, const double *y, double lambda, double *slope, double *scratch)
{
    double *z = scratch, *bent = scratch + n;
    for (int i = 0; i < n; i++) slope[i] = 0;
    if (!winsorize(n, y, z, bent)) return;
    for (int i = 0; i < n; i++) slope[i] = z[i] == y[i];
    const double before = deviation_of(n, z);
    if (!standardize(n, z)) return;
    for (int i = 0; i < n; i++) bent[i] = yeo_johnson(z[i], lambda);
    const double by = before * deviation_of(n, bent);
    for (int i = 0; i < n; i++)
        slope[i] *= by > 0 ? pow(1 + fabs(z[i]), z[i] >= 0 ? lambda - 1 : 1 - lambda) / by : 0;
}

double gp_transform(int n, const double *y, double *z, double *scratch)
{
    double *sorted = scratch, *best = scratch + n;
    if (!winsorize(n, y, z, sorted)) {
        for (int i = 0; i < n; i++) z[i] = 0;
        return 1;
    }
    if (!standardize(n, z)) return 1;

    double jacobian = 0, highest = -INFINITY, chosen = 1;
    for (int i = 0; i < n; i++) jacobian += copysign(log1p(fabs(z[i])), z[i]);
    for (int step = 0; step < 26; step++) {
        double lambda = -3 + 0.2 * step, sum = 0, square = 0;
        for (int i = 0; i < n; i++) {
            sorted[i] = yeo_johnson(z[i], lambda);
            sum += sorted[i];
        }
        for (int i = 0; i < n; i++) square += (sorted[i] - sum / n) * (sorted[i] - sum / n);
        if (!(square / n > 1e-12)) continue;
        double likelihood = -0.5 * n * log(square / n) + (lambda - 1) * jacobian;
        if (!(likelihood > highest)) continue;
        highest = likelihood;
        chosen = lambda;
        memcpy(best, sorted, (size_t)n * sizeof *best);
    }
    if (highest > -INFINITY) memcpy(z, best, (size_t)n * sizeof *z);
    standardize(n, z);
    return chosen;
}

/* ---- the objective ---- */

static bool carve(FitData *fit, Arena *arena)
{
    const int m = fit->m, d = fit->d, pairs = fit->n_pairs;
    const size_t by_point = (size_t)d * (size_t)m;
    fit->distance = arena_alloc(arena, (size_t)d * (size_t)pairs, sizeof *fit->distance);
    fit->one_active = ARENA_NEW(arena, const double *, d);
    fit->at = arena_alloc(arena, by_point, sizeof *fit->at);
    fit->active = arena_alloc(arena, by_point, sizeof *fit->active);
    fit->place = arena_alloc(arena, by_point, sizeof *fit->place);
    fit->by_a = arena_alloc(arena, by_point, sizeof *fit->by_a);
    fit->by_b = arena_alloc(arena, by_point, sizeof *fit->by_b);
    fit->trend = ARENA_NEW(arena, double, pairs);
    fit->trend_at = ARENA_NEW(arena, double, m);
    fit->square = ARENA_NEW(arena, double, m * m);
    for (int i = 0; i < 2; i++) {
        fit->of_pairs[i] = ARENA_NEW(arena, double, pairs);
        fit->of_points[i] = ARENA_NEW(arena, double, m);
    }
    return fit->distance && fit->one_active && fit->at && fit->active && fit->place && fit->by_a && fit->by_b &&
           fit->trend && fit->trend_at && fit->square && fit->of_pairs[0] && fit->of_pairs[1] &&
           fit->of_points[0] && fit->of_points[1];
}

bool gp_fit_prepare(Gp *gp, const int *rows, int m, Arena *arena, Error *err)
{
    FitData *fit = &gp->fit;
    const int d = gp->d, pairs = m * (m - 1) / 2, room = gp->room;
    double *z = ARENA_NEW(arena, double, m), *extra = ARENA_NEW(arena, double, m);
    *fit = (FitData){.m = m, .d = d, .n_pairs = pairs, .rows = rows, .z = z, .extra = extra,
                     .warps = (gp->view & GP_WARP) != 0};
    if (!z || !extra || !carve(fit, arena)) return error_memory(err);
    for (int i = 0; i < m; i++) {
        z[i] = gp->z[rows[i]];
        extra[i] = gp->extra[rows[i]];
    }
    for (int k = 0; k < d; k++) {
        double *marks = NULL;
        if (gp->conditional[k] && !(marks = ARENA_NEW(arena, double, pairs))) return error_memory(err);
        fit->one_active[k] = marks;
        double *to = fit->distance + (size_t)k * (size_t)pairs;
        double *at = fit->at + k * m, *on = fit->active + k * m;
        for (int i = 0; i < m; i++) {
            at[i] = gp->at[(size_t)k * (size_t)room + (size_t)rows[i]];
            on[i] = gp->active[(size_t)k * (size_t)room + (size_t)rows[i]];
        }
        for (int i = 0, p = 0; i < m; i++)
            for (int j = 0; j < i; j++, p++) {
                const double a = at[i], b = at[j], difference = a - b;
                bool one = (on[i] > 0) != (on[j] > 0);
                if (marks) marks[p] = one;
                if (on[i] > 0 && on[j] > 0)
                    fit->trend[p] += gp->category[k] ? (a != b ? gp->unlike[k] : 1)
                        : trend_line(a) * trend_line(b) + trend_bow(a) * trend_bow(b);
                if (!gp->category[k]) to[p] = difference * difference;
                else to[p] = one ? gp->centre[k] : difference != 0;
            }
        for (int i = 0; i < m; i++) {
            double line = trend_line(at[i]), bow = trend_bow(at[i]);
            if (on[i] > 0) fit->trend_at[i] += gp->category[k] ? 1 : line * line + bow * bow;
        }
    }
    return true;
}

/* -log N(x; mean, variance) up to a constant; adds to the gradient. */
static double prior(double x, double mean, double variance, double *gradient)
{
    *gradient += (x - mean) / variance;
    return 0.5 * (x - mean) * (x - mean) / variance;
}

/* The distances of numbers at these exponents. */
static void warp_distances(const Gp *gp, const double *theta)
{
    const FitData *fit = &gp->fit;
    const int m = fit->m;
    const GpTheta is = gp_theta(fit->d);
    for (int k = 0; k < fit->d; k++) {
        if (gp->category[k]) continue;
        const double a = exp(theta[is.a + k]), b = exp(theta[is.b + k]);
        double *place = fit->place + k * m, *to = fit->distance + (size_t)k * (size_t)fit->n_pairs;
        gp_warp(m, a, b, fit->at + k * m, fit->active + k * m, place, fit->by_a + k * m, fit->by_b + k * m);
        for (int i = 0; i < m; to += i, i++)
            for (int j = 0; j < i; j++) to[j] = (place[i] - place[j]) * (place[i] - place[j]);
    }
}

/* In 16 sums: the same bits for any width of vectors. */
enum { SUMS = 16 };

static double total(double *sum)
{
    for (int half = SUMS / 2; half > 0; half /= 2)
        for (int c = 0; c < half; c++) sum[c] += sum[c + half];
    return sum[0];
}

VEC_CLONES
static double dot(int n, const double *x, const double *y)
{
    double sum[SUMS] = {0};
    int i = 0;
    for (; i + SUMS <= n; i += SUMS) {
#pragma omp simd
        for (int c = 0; c < SUMS; c++) sum[c] += x[i + c] * y[i + c];
    }
    for (int c = 0; i < n; i++, c++) sum[c] += x[i] * y[i];
    return total(sum);
}

/* pull[i] = sum_j weight_ij (place_i - place_j), half the derivative of sum_ij weight_ij r_ij^2 by place_i. */
VEC_CLONES
static void find_pulls(int m, const double *weight, const double *place, double *pull)
{
    for (int i = 0; i < m; weight += i, i++) {
        const double at = place[i];
        double sum[SUMS] = {0};
        int j = 0;
        for (; j + SUMS <= i; j += SUMS) {
#pragma omp simd
            for (int c = 0; c < SUMS; c++) {
                const double force = weight[j + c] * (at - place[j + c]);
                pull[j + c] -= force;
                sum[c] += force;
            }
        }
        for (int c = 0; j < i; j++, c++) {
            const double force = weight[j] * (at - place[j]);
            pull[j] -= force;
            sum[c] += force;
        }
        pull[i] = total(sum);
    }
}

/* The squared distances of all pairs, into r2. */
static void sum_distances(const FitData *fit, const double *theta, double *r2)
{
    const int pairs = fit->n_pairs;
    const GpTheta is = gp_theta(fit->d);
    const double lonely = exp(theta[is.lonely]);
    memset(r2, 0, (size_t)pairs * sizeof *r2);
    for (int k = 0; k < fit->d; k++) {
        const double *distance = fit->distance + (size_t)k * (size_t)pairs, *marks = fit->one_active[k];
        const double il2 = exp(-2 * theta[is.scale + k]);
        for (int p = 0; p < pairs; p++) r2[p] += il2 * distance[p];
        for (int p = 0; marks && p < pairs; p++) r2[p] += il2 * lonely * marks[p];
    }
}

/* What the length scales and exponents of the warp change, from weight = G of the pairs: the head of this file.
 * Adds to the gradient; returns `value` with what their prior costs added. */
static double by_coordinate(const Gp *gp, const double *theta, const double *weight, double value,
                            double *gradient)
{
    const FitData *fit = &gp->fit;
    const int m = fit->m, d = fit->d, pairs = fit->n_pairs;
    const GpTheta is = gp_theta(d);
    const double lonely = exp(theta[is.lonely]), mean = SCALE_MEAN + 0.5 * log(d > 0 ? d : 1);
    double *pull = fit->of_points[1];
    for (int k = 0; k < d; k++) {
        const double *distance = fit->distance + (size_t)k * (size_t)pairs, *marks = fit->one_active[k];
        const double il2 = exp(-2 * theta[is.scale + k]);
        const bool warped = fit->warps && !gp->category[k];
        const double *place = fit->place + k * m;
        if (warped) find_pulls(m, weight, place, pull);
        double sum = warped ? dot(m, pull, place) : dot(pairs, weight, distance);
        double alone = marks ? dot(pairs, weight, marks) : 0;
        gradient[is.scale + k] = -2 * il2 * (sum + lonely * alone);
        gradient[is.lonely] += il2 * lonely * alone;
        value += prior(theta[is.scale + k], mean, SCALE_VARIANCE, &gradient[is.scale + k]);
        if (!warped) continue;
        gradient[is.a + k] += 2 * il2 * dot(m, pull, fit->by_a + k * m);
        gradient[is.b + k] += 2 * il2 * dot(m, pull, fit->by_b + k * m);
        value += prior(theta[is.a + k], 0, WARP_VARIANCE, &gradient[is.a + k]);
        value += prior(theta[is.b + k], 0, WARP_VARIANCE, &gradient[is.b + k]);
    }
    return value;
}

double gp_objective(const Gp *gp, const double *theta, double *gradient)
{
    const FitData *fit = &gp->fit;
    const int m = fit->m, d = fit->d, pairs = fit->n_pairs;
    const GpTheta is = gp_theta(d);
    const double s2 = exp(theta[is.signal]), noise = exp(theta[is.noise]), trend = exp(theta[is.trend]);
    /* Each step leaves its result where its argument was. */
    double *r2 = fit->of_pairs[0], *kernel = r2;
    double *slope = fit->of_pairs[1], *weight = slope;
    double *covariance = fit->square, *factor = covariance, *inverse = factor;
    double *alpha = fit->of_points[0];
    for (int i = 0; i < is.n; i++) gradient[i] = 0;
    if (fit->warps) warp_distances(gp, theta);
    sum_distances(fit, theta, r2);
    gp_matern(pairs, s2, r2, kernel, slope);
    for (int i = 0, p = 0; i < m; i++) {
        for (int j = 0; j < i; j++, p++) covariance[i * m + j] = kernel[p] + trend * fit->trend[p];
        covariance[i * m + i] = s2 * (1 + GP_JITTER) + trend * fit->trend_at[i] + noise + fit->extra[i];
    }
    if (!mat_cholesky(m, factor, m)) return INFINITY;
    memcpy(alpha, fit->z, (size_t)m * sizeof *alpha);
    double value = 0;
    for (int i = 0; i < m; i++) value += log(factor[i * m + i]);
    mat_solve_lower(m, factor, m, alpha, false);
    mat_solve_lower(m, factor, m, alpha, true);
    for (int i = 0; i < m; i++) value += 0.5 * fit->z[i] * alpha[i];
    if (!mat_inverse_from_cholesky(m, factor, m, inverse, m)) return INFINITY;

    double trace = 0, of_s2 = 0, of_trend = 0;
    for (int i = 0, p = 0; i < m; i++) {
        for (int j = 0; j < i; j++, p++) {
            double a = inverse[i * m + j] - alpha[i] * alpha[j];
            of_s2 += 2 * a * kernel[p];
            of_trend += 2 * a * fit->trend[p];
            weight[p] = slope[p] * a;
        }
        double a = inverse[i * m + i] - alpha[i] * alpha[i];
        of_s2 += a * s2 * (1 + GP_JITTER);
        of_trend += a * fit->trend_at[i];
        trace += a;
    }
    value = by_coordinate(gp, theta, weight, value, gradient);
    gradient[is.signal] += 0.5 * of_s2;
    gradient[is.noise] += 0.5 * noise * trace;
    value += prior(theta[is.signal], 0, 1, &gradient[is.signal]);
    value += prior(theta[is.noise], NOISE_MEAN, NOISE_VARIANCE, &gradient[is.noise]);
    gradient[is.trend] += 0.5 * trend * of_trend;
    value += prior(theta[is.lonely], log(LONELY), 1, &gradient[is.lonely]);
    value += prior(theta[is.trend], log(TREND / (d > 0 ? d : 1)), TREND_VARIANCE, &gradient[is.trend]);
    return value;
}

void gp_prior(int d, double *mean, double *variance)
{
    const GpTheta is = gp_theta(d);
    for (int k = 0; k < d; k++) {
        mean[is.scale + k] = SCALE_MEAN + 0.5 * log(d > 0 ? d : 1);
        variance[is.scale + k] = SCALE_VARIANCE;
        mean[is.a + k] = mean[is.b + k] = 0;
        variance[is.a + k] = variance[is.b + k] = WARP_VARIANCE;
    }
    mean[is.signal] = 0, variance[is.signal] = 1;
    mean[is.noise] = NOISE_MEAN, variance[is.noise] = NOISE_VARIANCE;
    mean[is.lonely] = log(LONELY), variance[is.lonely] = 1;
    mean[is.trend] = log(TREND / (d > 0 ? d : 1)), variance[is.trend] = TREND_VARIANCE;
}

static double objective(void *context, const double *theta, double *gradient)
{
    return gp_objective(context, theta, gradient);
}

/* ---- its minimum ---- */

bool gp_fit_theta(Gp *gp, Arena *arena, Error *err)
{
    const GpTheta is = gp_theta(gp->d);
    const int d = gp->d, n = is.n;
    double *low = ARENA_NEW(arena, double, n), *high = ARENA_NEW(arena, double, n);
    double *work = ARENA_NEW(arena, double, lbfgs_work(n));
    if (!low || !high || !work) return error_memory(err);
    for (int k = 0; k < d; k++) {
        low[is.scale + k] = log(0.02);
        high[is.scale + k] = log(50);
    }
    low[is.signal] = log(0.05), high[is.signal] = log(20);
    low[is.noise] = log(1e-6), high[is.noise] = 0;
    low[is.lonely] = log(LONELY) - 4, high[is.lonely] = log(LONELY) + 4;
    low[is.trend] = log(1e-4 / (d > 0 ? d : 1)), high[is.trend] = log(20);
    const Lbfgs problem = {.n = n, .low = low, .high = high, .function = objective, .context = gp,
                           .max_iterations = 40, .gradient_tolerance = 1e-2, .value_tolerance = 1e-4,
                           .work = work};
    /* One start. A second one at long length scales often wins on the posterior and loses in use: it
     * calls coordinates irrelevant that nobody has varied yet. */
    for (int k = 0; k < d; k++) gp->theta[is.scale + k] = log(0.5);
    gp->theta[is.signal] = 0;
    gp->theta[is.noise] = -4;
    gp->theta[is.lonely] = log(LONELY);
    gp->theta[is.trend] = log(TREND / (d > 0 ? d : 1));
    for (int k = 0; k < 2 * d; k++) { /* a, then b */
        const bool fixed = !(gp->view & GP_WARP) || gp->category[k % d];
        gp->theta[is.a + k] = 0;
        low[is.a + k] = fixed ? 0 : -WARP_MOST;
        high[is.a + k] = fixed ? 0 : WARP_MOST;
    }
    if (!(gp->view & GP_TREND))
        gp->theta[is.trend] = low[is.trend] = high[is.trend] = log(FLAT / (d > 0 ? d : 1));
    double lowest = lbfgs_minimize(&problem, gp->theta);
    if (isfinite(lowest)) return true;
    return error_set(err, ERR_NUMERIC, "the covariance of %d points has no Cholesky factor", gp->fit.m);
}
