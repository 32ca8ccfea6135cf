#include "tuner/gp.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "tuner/gp_internal.h"
#include "tuner/special.h"

enum { LANES = 16 }; /* points predicted at a time */
static const double SQRT_5 = 2.23606797749979, LEAST_VARIANCE = 1e-12;

/* ---- the kernel ---- */

/* Squared scaled distances from `lanes` points (by coordinate: u[k * LANES + c]) to all n of gp, into
 * r2 (n, LANES). */
static void distances(const Gp *gp, const double *u, const double *on, double *r2)
{
    memset(r2, 0, (size_t)gp->n * LANES * sizeof *r2);
    for (int k = 0; k < gp->d; k++) {
        const double *at = gp->at + (size_t)k * (size_t)gp->room;
        const double *active = gp->active + (size_t)k * (size_t)gp->room;
        const double *uk = u + k * LANES, *onk = on + k * LANES, il2 = gp->il2[k];
        for (int i = 0; i < gp->n; i++) {
            double *to = r2 + (size_t)i * LANES, x = at[i], a = active[i];
            if (gp->category[k]) {
#pragma omp simd
                for (int c = 0; c < LANES; c++) {
                    double apart = uk[c] != x ? 1 : 0, one = fabs(a - onk[c]);
                    to[c] += il2 * (a * onk[c] * apart + one * (gp->lonely + gp->centre[k]));
                }
            } else if (gp->conditional[k]) {
#pragma omp simd
                for (int c = 0; c < LANES; c++)
                    to[c] += il2 * ((uk[c] - x) * (uk[c] - x) + fabs(a - onk[c]) * gp->lonely);
            } else {
#pragma omp simd
                for (int c = 0; c < LANES; c++) to[c] += il2 * (uk[c] - x) * (uk[c] - x);
            }
        }
    }
}

/* The same between one point (n_dims) and row j, for the places where only one is asked for. */
static double distance_to(const Gp *gp, const double *u, const bool *active, int j)
{
    double r2 = 0;
    for (int k = 0; k < gp->d; k++) {
        const size_t at = (size_t)k * (size_t)gp->room + (size_t)j;
        const double apart = u[k] - gp->at[at];
        const bool one = (gp->active[at] > 0) != active[k];
        double distance = gp->category[k] ? (one ? gp->centre[k] : apart != 0) : apart * apart;
        r2 += gp->il2[k] * (distance + (one ? gp->lonely : 0));
    }
    return r2;
}

static double covariance(const Gp *gp, double r2)
{
    double r = sqrt(r2);
    return gp->s2 * (1 + SQRT_5 * r + (5.0 / 3) * r2) * exp(-SQRT_5 * r);
}

/* ---- conditioning ---- */

static bool make_room(Gp *gp, int room, Arena *arena)
{
    double *at = arena_alloc(arena, (size_t)gp->d * (size_t)room, sizeof *at);
    double *active = arena_alloc(arena, (size_t)gp->d * (size_t)room, sizeof *active);
    double *z = ARENA_NEW(arena, double, room), *extra = ARENA_NEW(arena, double, room);
    double *alpha = ARENA_NEW(arena, double, room);
    double *l = arena_alloc(arena, (size_t)room * (size_t)room, sizeof *l);
    double *scratch = arena_alloc(arena, (size_t)room + 2 * (size_t)gp->d, LANES * sizeof *scratch);
    if (!at || !active || !z || !extra || !alpha || !l || !scratch) return false;
    for (int k = 0; k < gp->d; k++)
        for (int i = 0; i < gp->n; i++) {
            at[(size_t)k * (size_t)room + i] = gp->at[(size_t)k * (size_t)gp->room + i];
            active[(size_t)k * (size_t)room + i] = gp->active[(size_t)k * (size_t)gp->room + i];
        }
    for (int i = 0; i < gp->n; i++) {
        z[i] = gp->z[i];
        extra[i] = gp->extra[i];
        alpha[i] = gp->alpha[i];
        memcpy(l + (size_t)i * (size_t)room, gp->l + (size_t)i * (size_t)gp->room,
               (size_t)(i + 1) * sizeof *l);
    }
    gp->at = at, gp->active = active, gp->z = z, gp->extra = extra, gp->alpha = alpha, gp->l = l;
    gp->scratch = scratch;
    gp->room = room;
    return true;
}

static void put_point(Gp *gp, int i, const double *u, const bool *active)
{
    for (int k = 0; k < gp->d; k++) {
        gp->at[(size_t)k * (size_t)gp->room + i] = u[k];
        gp->active[(size_t)k * (size_t)gp->room + i] = active[k];
    }
}

static void solve_alpha(Gp *gp)
{
    memcpy(gp->alpha, gp->z, (size_t)gp->n * sizeof *gp->alpha);
    mat_solve_lower(gp->n, gp->l, gp->room, gp->alpha, false);
    mat_solve_lower(gp->n, gp->l, gp->room, gp->alpha, true);
}

/* The factor of all observations at gp->theta. A matrix that is not positive definite gets ten times
 * the jitter, up to a thousandth of the signal. */
static bool factorize(Gp *gp)
{
    const int n = gp->n, room = gp->room;
    double u[SPACE_MAX_PARAMS];
    bool active[SPACE_MAX_PARAMS];
    for (double jitter = GP_JITTER; jitter < 2e-3; jitter *= 10) {
        for (int i = 0; i < n; i++) {
            double *row = gp->l + (size_t)i * (size_t)room;
            for (int k = 0; k < gp->d; k++) {
                u[k] = gp->at[(size_t)k * (size_t)room + (size_t)i];
                active[k] = gp->active[(size_t)k * (size_t)room + (size_t)i] > 0;
            }
            for (int j = 0; j < i; j++) row[j] = covariance(gp, distance_to(gp, u, active, j));
            row[i] = gp->s2 * (1 + jitter) + gp->noise + gp->extra[i];
        }
        if (!mat_cholesky(n, gp->l, room)) continue;
        gp->jitter = jitter;
        solve_alpha(gp);
        /* K a = z and K = K0 + diagonal, so the mean K0 a at the points is z minus diagonal times a. */
        for (int i = 0; i < n; i++)
            gp->mean_at[i] = gp->z[i] - (gp->s2 * jitter + gp->noise + gp->extra[i]) * gp->alpha[i];
        return true;
    }
    return false;
}

static void use_theta(Gp *gp)
{
    for (int k = 0; k < gp->d; k++) {
        gp->scales[k] = exp(gp->theta[k]);
        gp->il2[k] = exp(-2 * gp->theta[k]);
    }
    gp->s2 = exp(gp->theta[gp->d]);
    gp->noise = exp(gp->theta[gp->d + 1]);
    gp->lonely = exp(gp->theta[gp->d + 2]);
}

/* Indices 0..n-1 by value, ties in order. */
static void sort_by(int n, const double *value, int *order)
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && value[order[at - 1]] > value[i]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
}

bool gp_condition(Gp *gp, const double *theta, Error *err)
{
    memmove(gp->theta, theta, (size_t)gp_n_theta(gp) * sizeof *theta);
    gp->n = gp->n_obs;
    use_theta(gp);
    if (!factorize(gp))
        return error_set(err, ERR_NUMERIC, "the covariance of %d points has no Cholesky factor", gp->n);
    sort_by(gp->n, gp->mean_at, gp->by_mean);
    return true;
}

/* The rows that decide on the hyperparameters: the best third of them, the others at even ranks. */
static int choose_rows(const Gp *gp, int *order, int *rows)
{
    if (gp->n <= GP_FIT_POINTS) {
        for (int i = 0; i < gp->n; i++) rows[i] = i;
        return gp->n;
    }
    sort_by(gp->n, gp->z, order);
    const int best = GP_FIT_POINTS / 3, spread = GP_FIT_POINTS - best, rest = gp->n - best;
    for (int i = 0; i < best; i++) rows[i] = order[i];
    for (int i = 0; i < spread; i++)
        rows[best + i] = order[best + (int)((i + 0.5) * rest / spread)];
    return GP_FIT_POINTS;
}

bool gp_fit(const Space *space, int n, const double *x, const double *y,
            const double *extra_noise, Arena *arena, Gp **out, Error *err)
{
    assert(n > 0);
    const int d = space->n_dims;
    Gp *gp = ARENA_NEW(arena, Gp, 1);
    if (!gp) return error_memory(err);
    gp->space = space;
    gp->d = d;
    gp->category = ARENA_NEW(arena, bool, d);
    gp->conditional = ARENA_NEW(arena, bool, d);
    gp->centre = ARENA_NEW(arena, double, d);
    gp->theta = ARENA_NEW(arena, double, d + 3);
    gp->il2 = ARENA_NEW(arena, double, d);
    gp->scales = ARENA_NEW(arena, double, d);
    gp->mean_at = ARENA_NEW(arena, double, n);
    gp->by_mean = ARENA_NEW(arena, int, n);
    double *scratch = ARENA_NEW(arena, double, 2 * n);
    bool *active = ARENA_NEW(arena, bool, d);
    int *rows = ARENA_NEW(arena, int, n);
    if (!gp->category || !gp->conditional || !gp->centre || !gp->theta || !gp->il2 || !gp->scales ||
        !gp->mean_at ||
        !gp->by_mean || !scratch || !active || !rows || !make_room(gp, n + 32, arena))
        return error_memory(err);
    for (int k = 0; k < d; k++) {
        gp->category[k] = space_dim_kind(space, k) == DIM_CATEGORY;
        const int levels = space_dim_levels(space, k);
        gp->centre[k] = levels > 0 ? 0.5 * (levels - 1) / levels : 0;
        gp->conditional[k] = space->params[space->param_of_dim[k]].when != NULL;
    }
    gp->x = x;
    gp->n = gp->n_obs = n;
    for (int i = 0; i < n; i++) {
        space_active(space, x + (size_t)i * (size_t)d, active);
        put_point(gp, i, x + (size_t)i * (size_t)d, active);
        gp->extra[i] = extra_noise ? extra_noise[i] : 0;
    }
    gp_transform(n, y, gp->z, scratch);
    int m = choose_rows(gp, gp->by_mean, rows);
    if (!gp_fit_prepare(gp, rows, m, arena, err) || !gp_fit_theta(gp, arena, err)) return false;
    if (!gp_condition(gp, gp->theta, err)) return false;
    *out = gp;
    return true;
}

bool gp_believe(Gp *gp, const double *u, double value, Arena *arena, Error *err)
{
    bool *active = ARENA_NEW(arena, bool, gp->d);
    if (!active || (gp->n == gp->room && !make_room(gp, 2 * gp->room, arena))) return error_memory(err);
    space_active(gp->space, u, active);
    const int n = gp->n;
    double *row = gp->l + (size_t)n * (size_t)gp->room, rest = gp->s2 * (1 + GP_JITTER) + gp->noise;
    put_point(gp, n, u, active);
    for (int i = 0; i < n; i++) row[i] = covariance(gp, distance_to(gp, u, active, i));
    mat_solve_lower(n, gp->l, gp->room, row, false);
    for (int i = 0; i < n; i++) rest -= row[i] * row[i];
    if (!(rest > 0)) return error_set(err, ERR_NUMERIC, "a pending point lies on an observed one");
    row[n] = sqrt(rest);
    gp->z[n] = value;
    gp->extra[n] = 0;
    gp->n = n + 1;
    solve_alpha(gp);
    return true;
}

/* ---- predictions ---- */

void gp_predict_many(const Gp *gp, int m, const double *u, const bool *active, double *mean,
                     double *sigma)
{
    const int n = gp->n, d = gp->d;
    double *v = gp->scratch; /* (n, LANES): distances, then covariances, then L^-1 of them */
    for (int from = 0; from < m; from += LANES) {
        int lanes = m - from < LANES ? m - from : LANES;
        double *by_dim = v + (size_t)n * LANES, *on = by_dim + d * LANES;
        for (int k = 0; k < d; k++)
            for (int c = 0; c < LANES; c++) {
                size_t row = (size_t)(from + (c < lanes ? c : lanes - 1));
                by_dim[k * LANES + c] = u[row * (size_t)d + (size_t)k];
                on[k * LANES + c] = active[row * (size_t)d + (size_t)k];
            }
        distances(gp, by_dim, on, v);
        double mu[LANES] = {0}, used[LANES] = {0};
        for (int i = 0; i < n; i++)
            for (int c = 0; c < LANES; c++) {
                double *at = v + (size_t)i * LANES + c;
                *at = covariance(gp, *at);
                mu[c] += *at * gp->alpha[i];
            }
        for (int i = 0; i < n; i++) { /* L v = k, a row at a time for all lanes */
            const double *row = gp->l + (size_t)i * (size_t)gp->room;
            double sum[LANES];
            memcpy(sum, v + (size_t)i * LANES, sizeof sum);
            for (int j = 0; j < i; j++) {
                const double *vj = v + (size_t)j * LANES, lij = row[j];
#pragma omp simd
                for (int c = 0; c < LANES; c++) sum[c] -= lij * vj[c];
            }
            double scale = 1 / row[i];
            for (int c = 0; c < LANES; c++) {
                sum[c] *= scale;
                used[c] += sum[c] * sum[c];
            }
            memcpy(v + (size_t)i * LANES, sum, sizeof sum);
        }
        for (int c = 0; c < lanes; c++) {
            mean[from + c] = mu[c];
            sigma[from + c] = sqrt(fmax(gp->s2 - used[c], LEAST_VARIANCE));
        }
    }
}

void gp_predict(const Gp *gp, const double *u, double *mean, double *sigma)
{
    bool active[SPACE_MAX_PARAMS];
    space_active(gp->space, u, active);
    gp_predict_many(gp, 1, u, active, mean, sigma);
}

void gp_predict_gradient(const Gp *gp, const double *u, const bool *active, double *mean,
                         double *sigma, double *mean_gradient, double *sigma_gradient)
{
    const int n = gp->n, d = gp->d, room = gp->room;
    double *w = gp->scratch, *slope = w + n, used = 0, mu = 0;
    for (int i = 0; i < n; i++) {
        double r2 = distance_to(gp, u, active, i);
        double r = sqrt(r2), decay = gp->s2 * exp(-SQRT_5 * r);
        w[i] = (1 + SQRT_5 * r + (5.0 / 3) * r2) * decay;
        slope[i] = -(5.0 / 3) * (1 + SQRT_5 * r) * decay; /* 2 dk / d(r^2) */
        mu += w[i] * gp->alpha[i];
    }
    mat_solve_lower(n, gp->l, room, w, false);
    for (int i = 0; i < n; i++) used += w[i] * w[i];
    mat_solve_lower(n, gp->l, room, w, true); /* K^-1 k */
    double variance = gp->s2 - used;
    bool flat = !(variance > LEAST_VARIANCE);
    *mean = mu;
    *sigma = sqrt(flat ? LEAST_VARIANCE : variance);
    for (int k = 0; k < d; k++) {
        double of_mean = 0, of_variance = 0;
        const double *at = gp->at + (size_t)k * (size_t)room;
        for (int i = 0; active[k] && !gp->category[k] && i < n; i++) {
            double change = slope[i] * gp->il2[k] * (u[k] - at[i]);
            of_mean += gp->alpha[i] * change;
            of_variance -= 2 * w[i] * change;
        }
        mean_gradient[k] = of_mean;
        sigma_gradient[k] = flat ? 0 : 0.5 * of_variance / *sigma;
    }
}

double gp_log_ei(double best, double mean, double sigma)
{
    return log_improvement((best - mean) / sigma) + log(sigma);
}

double gp_best_mean(const Gp *gp) { return gp->mean_at[gp->by_mean[0]]; }

int gp_best_points(const Gp *gp, int n, const double **points)
{
    if (n > gp->n_obs) n = gp->n_obs;
    for (int i = 0; i < n; i++) points[i] = gp->x + (size_t)gp->by_mean[i] * (size_t)gp->d;
    return n;
}

double gp_noise(const Gp *gp) { return gp->noise / gp->s2; }
const double *gp_scales(const Gp *gp) { return gp->scales; }
int gp_n_theta(const Gp *gp) { return gp->d + 3; }
