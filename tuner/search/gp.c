/* The posterior of the Gaussian process: conditioning on observations and on believed points, predictions and
 * their gradients. */
#include "tuner/search/gp.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/mat.h"
#include "tuner/search/gp_kernel.h"
#include "tuner/search/special.h"

/* Points that are solved for at a time: a multiple of GP_LANES. */
enum { BLOCK = 128 };
static const double LEAST_VARIANCE = 1e-12;

/* ---- conditioning ---- */

static bool make_room(Gp *gp, int room, Arena *arena)
{
    double *at = arena_alloc(arena, (size_t)gp->d * (size_t)room, sizeof *at);
    double *place = arena_alloc(arena, (size_t)gp->d * (size_t)room, sizeof *place);
    double *active = arena_alloc(arena, (size_t)gp->d * (size_t)room, sizeof *active);
    double *z = ARENA_NEW(arena, double, room), *extra = ARENA_NEW(arena, double, room);
    double *alpha = ARENA_NEW(arena, double, room);
    double *l = arena_alloc(arena, (size_t)room * (size_t)room, sizeof *l);
    double *scratch = arena_alloc(arena, (size_t)room * BLOCK + 4 * (size_t)gp->d * GP_LANES, sizeof *scratch);
    if (!at || !place || !active || !z || !extra || !alpha || !l || !scratch) return false;
    for (int k = 0; k < gp->d; k++)
        for (int i = 0; i < gp->n; i++) {
            at[(size_t)k * (size_t)room + i] = gp->at[(size_t)k * (size_t)gp->room + i];
            active[(size_t)k * (size_t)room + i] = gp->active[(size_t)k * (size_t)gp->room + i];
            if (gp->l) place[(size_t)k * (size_t)room + i] = gp->place[(size_t)k * (size_t)gp->room + i];
        }
    for (int i = 0; i < gp->n; i++) {
        z[i] = gp->z[i];
        extra[i] = gp->extra[i];
        if (!gp->l) continue; /* no factor yet */
        alpha[i] = gp->alpha[i];
        memcpy(l + (size_t)i * (size_t)room, gp->l + (size_t)i * (size_t)gp->room,
               (size_t)(i + 1) * sizeof *l);
    }
    gp->at = at, gp->place = place, gp->active = active, gp->z = z, gp->extra = extra;
    gp->alpha = alpha, gp->l = l, gp->scratch = scratch;
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

/* Where the kernel sees points from..n-1. */
static void place_points(Gp *gp, int from)
{
    for (int k = 0; k < gp->d; k++) {
        const size_t at = (size_t)k * (size_t)gp->room + (size_t)from;
        gp_put_places(gp, k, gp->n - from, gp->at + at, gp->active + at, gp->place + at);
    }
}

static void solve_alpha(Gp *gp)
{
    for (int i = 0; i < gp->n; i++) gp->alpha[i] = gp->z[i];
    mat_solve_lower(gp->n, gp->l, gp->room, gp->alpha, false);
    mat_solve_lower(gp->n, gp->l, gp->room, gp->alpha, true);
}

/* The covariances of all observations, the lower triangle, GP_LANES columns at a time. */
static void fill_covariances(Gp *gp)
{
    const int n = gp->n, room = gp->room;
    GpLanes lanes = gp_lanes_at(gp, gp->scratch);
    double *block = gp->scratch + 4 * gp->d * GP_LANES;
    for (int j = 0; j < n; j += GP_LANES) {
        for (int k = 0; k < gp->d; k++)
            for (int c = 0; c < GP_LANES; c++) {
                size_t at = (size_t)k * (size_t)room + (size_t)(j + c < n ? j + c : n - 1);
                gp_set_lane(gp, &lanes, k, c, gp->at[at], gp->place[at], gp->active[at]);
            }
        gp_cross(gp, &lanes, j, n, block, GP_LANES);
        for (int i = j; i < n; i++)
            for (int c = 0; c < GP_LANES && j + c <= i; c++)
                gp->l[(size_t)i * (size_t)room + (size_t)(j + c)] = block[i * GP_LANES + c];
    }
}

/* The factor of all observations at gp->theta. A matrix that is not positive definite gets ten times
 * the jitter, up to a thousandth of the signal. */
static bool factorize(Gp *gp)
{
    const int n = gp->n;
    for (double jitter = GP_JITTER; jitter < 2e-3; jitter *= 10) {
        fill_covariances(gp);
        for (int i = 0; i < n; i++)
            gp->l[(size_t)i * (size_t)gp->room + (size_t)i] += gp->s2 * jitter + gp->noise + gp->extra[i];
        if (!mat_cholesky(n, gp->l, gp->room)) continue;
        gp->jitter = jitter;
        solve_alpha(gp);
        /* K a = z and K = K0 + diagonal, so the mean K0 a at the points is z minus diagonal times a. */
        for (int i = 0; i < n; i++)
            gp->mean_at[i] =
                gp->z[i] - (gp->s2 * jitter + gp->noise + gp->extra[i]) * gp->alpha[i] + gp->expected[i];
        return true;
    }
    return false;
}

static void use_theta(Gp *gp)
{
    const GpTheta is = gp_theta(gp->d);
    for (int k = 0; k < gp->d; k++) {
        gp->scales[k] = exp(gp->theta[is.scale + k]);
        gp->il2[k] = exp(-2 * gp->theta[is.scale + k]);
        gp->a[k] = exp(gp->theta[is.a + k]);
        gp->b[k] = exp(gp->theta[is.b + k]);
    }
    place_points(gp, 0);
    gp->s2 = exp(gp->theta[is.signal]);
    gp->noise = exp(gp->theta[is.noise]);
    gp->lonely = exp(gp->theta[is.lonely]);
    gp->trend = exp(gp->theta[is.trend]);
}

static int by_value(const void *a, const void *b)
{
    const GpRanked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Indices 0..n-1 by value, ties in order. `ranked` has room for n. */
static void sort_by(int n, const double *value, GpRanked *ranked, int *order)
{
    for (int i = 0; i < n; i++) ranked[i] = (GpRanked){value[i], i};
    qsort(ranked, (size_t)n, sizeof *ranked, by_value);
    for (int i = 0; i < n; i++) order[i] = ranked[i].at;
}

/* Where a part of the space is proposed, that part's points come first: nobody improves on the others. */
static void offered_first(Gp *gp)
{
    Value values[SPACE_MAX_PARAMS];
    int n = 0, m = 0;
    if (!space_is_narrowed(gp->space)) return;
    for (int i = 0; i < gp->n_obs; i++) {
        const int at = gp->by_mean[i];
        space_decode(gp->space, gp->x + (size_t)at * (size_t)gp->d, values);
        if (space_offers(gp->space, values)) gp->by_mean[n++] = at;
        else gp->ranked[m++].at = at;
    }
    for (int i = 0; i < m; i++) gp->by_mean[n + i] = gp->ranked[i].at;
}

bool gp_condition(Gp *gp, const double *theta, Error *err)
{
    memmove(gp->theta, theta, (size_t)gp_n_hyper(gp->space) * sizeof *theta);
    gp->n = gp->n_obs;
    use_theta(gp);
    if (!factorize(gp))
        return error_set(err, ERR_NUMERIC, "the covariance of %d points has no Cholesky factor", gp->n);
    sort_by(gp->n, gp->mean_at, gp->ranked, gp->by_mean);
    offered_first(gp);
    return true;
}

/* The rows that decide on the hyperparameters: the best third of them, the others at even ranks. */
static int choose_rows(const Gp *gp, int *order, int *rows)
{
    if (gp->n <= GP_FIT_POINTS) {
        for (int i = 0; i < gp->n; i++) rows[i] = i;
        return gp->n;
    }
    sort_by(gp->n, gp->z, gp->ranked, order);
    const int best = GP_FIT_POINTS / 3, spread = GP_FIT_POINTS - best, rest = gp->n - best;
    for (int i = 0; i < best; i++) rows[i] = order[i];
    for (int i = 0; i < spread; i++)
        rows[best + i] = order[best + (int)((i + 0.5) * rest / spread)];
    return GP_FIT_POINTS;
}

/* Everything but hyperparameters and factor. */
static Gp *gp_create(const GpData *data, Arena *arena)
{
    const Space *space = data->space;
    const int d = space->n_dims, n = data->n;
    assert(n > 0);
    Gp *gp = ARENA_NEW(arena, Gp, 1);
    if (!gp) return NULL;
    gp->space = space;
    gp->d = d;
    gp->category = ARENA_NEW(arena, bool, d);
    gp->conditional = ARENA_NEW(arena, bool, d);
    gp->centre = ARENA_NEW(arena, double, d);
    gp->unlike = ARENA_NEW(arena, double, d);
    gp->theta = ARENA_NEW(arena, double, gp_n_hyper(space));
    gp->il2 = ARENA_NEW(arena, double, d);
    gp->scales = ARENA_NEW(arena, double, d);
    gp->a = ARENA_NEW(arena, double, d);
    gp->b = ARENA_NEW(arena, double, d);
    gp->mean_at = ARENA_NEW(arena, double, n);
    gp->expected = ARENA_NEW(arena, double, n);
    gp->by_mean = ARENA_NEW(arena, int, n);
    gp->ranked = ARENA_NEW(arena, GpRanked, n);
    gp->at = arena_alloc(arena, (size_t)d * (size_t)n, sizeof *gp->at);
    gp->active = arena_alloc(arena, (size_t)d * (size_t)n, sizeof *gp->active);
    gp->z = ARENA_NEW(arena, double, n);
    gp->extra = ARENA_NEW(arena, double, n);
    double *scratch = ARENA_NEW(arena, double, 2 * n);
    bool *active = arena_alloc(arena, (size_t)n, (size_t)d * sizeof *active);
    if (!gp->category || !gp->conditional || !gp->centre || !gp->unlike || !gp->theta || !gp->il2 ||
        !gp->scales || !gp->a || !gp->b || !gp->expected || !gp->mean_at || !gp->by_mean ||
        !gp->ranked || !gp->at ||
        !gp->active || !gp->z || !gp->extra || !scratch || !active)
        return NULL;
    for (int k = 0; k < d; k++) {
        gp->category[k] = space_dim_kind(space, k) == DIM_CATEGORY;
        const int levels = space_dim_levels(space, k);
        gp->centre[k] = levels > 0 ? 0.5 * (levels - 1) / levels : 0;
        gp->unlike[k] = levels > 1 ? -1.0 / (levels - 1) : 0;
        gp->conditional[k] = space->params[space->param_of_dim[k]].when != NULL;
    }
    gp->x = data->x;
    gp->n = gp->n_obs = gp->room = n;
    for (int i = 0; i < n; i++) {
        const size_t row = (size_t)i * (size_t)d;
        space_active(space, data->x + row, active + row);
        put_point(gp, i, data->x + row, active + row);
        gp->extra[i] = data->extra_noise ? data->extra_noise[i] : 0;
    }
    gp->lambda = 1;
    if (data->as_is) memcpy(gp->z, data->y, (size_t)n * sizeof *gp->z);
    else gp->lambda = gp_transform(n, data->y, gp->z, scratch);
    if (data->noise) {
        double *slope = ARENA_NEW(arena, double, n);
        if (!slope) return NULL;
        for (int i = 0; i < n; i++) slope[i] = 1;
        if (!data->as_is) gp_transform_slopes(n, data->y, gp->lambda, slope, scratch);
        for (int i = 0; i < n; i++) gp->extra[i] += slope[i] * slope[i] * data->noise[i];
    }
    gp->mean = data->mean;
    if (gp->mean) gp->mean->at(gp->mean, n, data->x, active, gp->expected);
    for (int i = 0; i < n; i++) gp->z[i] -= gp->expected[i];
    return gp;
}

int gp_n_hyper(const Space *space) { return gp_theta(space->n_dims).n; }

/* The values of theta, into gp->theta. */
static bool learn(Gp *gp, Arena *arena, Error *err)
{
    int *rows = ARENA_NEW(arena, int, gp->n);
    if (!rows) return error_memory(err);
    int m = choose_rows(gp, gp->by_mean, rows);
    return gp_fit_prepare(gp, rows, m, arena, err) && gp_fit_theta(gp, arena, err);
}

bool gp_learn(const GpData *data, unsigned view, Arena *arena, double *theta, Error *err)
{
    Gp *gp = gp_create(data, arena);
    if (!gp) return error_memory(err);
    gp->view = view;
    if (!learn(gp, arena, err)) return false;
    memcpy(theta, gp->theta, (size_t)gp_n_hyper(gp->space) * sizeof *theta);
    return true;
}

bool gp_given(const GpData *data, const double *theta, Arena *arena, Gp **out, Error *err)
{
    Gp *gp = gp_create(data, arena);
    if (!gp || !make_room(gp, data->n + 32, arena)) return error_memory(err);
    if (!gp_condition(gp, theta, err)) return false;
    *out = gp;
    return true;
}

bool gp_fit(const GpData *data, unsigned view, Arena *arena, Gp **out, Error *err)
{
    Gp *gp = gp_create(data, arena);
    if (!gp || !make_room(gp, data->n + 32, arena)) return error_memory(err);
    gp->view = view;
    if (!learn(gp, arena, err) || !gp_condition(gp, gp->theta, err)) return false;
    *out = gp;
    return true;
}

bool gp_believe(Gp *gp, const double *u, double value, Arena *arena, Error *err)
{
    bool *active = ARENA_NEW(arena, bool, gp->d);
    if (!active || (gp->n == gp->room && !make_room(gp, 2 * gp->room, arena))) return error_memory(err);
    space_active(gp->space, u, active);
    const int n = gp->n;
    double expected = 0, *row = gp->l + (size_t)n * (size_t)gp->room, rest = gp->s2 * GP_JITTER + gp->noise;
    rest += gp_variance_at(gp, u, active);
    double *trend = gp->scratch;
    gp_distances(gp, u, active, row, trend);
    gp_matern(n, gp->s2, row, row, NULL);
    for (int i = 0; i < n; i++) row[i] += gp->trend * trend[i];
    mat_solve_lower(n, gp->l, gp->room, row, false);
    for (int i = 0; i < n; i++) rest -= row[i] * row[i];
    if (!(rest > 0)) return error_set(err, ERR_NUMERIC, "a pending point lies on an observed one");
    row[n] = sqrt(rest);
    if (gp->mean) gp->mean->at(gp->mean, 1, u, active, &expected);
    gp->z[n] = value - expected;
    gp->extra[n] = 0;
    gp->n = n + 1;
    put_point(gp, n, u, active);
    place_points(gp, n);
    solve_alpha(gp);
    return true;
}

/* The covariances of points n.. n + m - 1 with all points before them, one column each: (n + m, ld). */
static void cross_new(Gp *gp, int n, int m, double *v, int ld)
{
    GpLanes lanes = gp_lanes_at(gp, gp->scratch);
    for (int j = 0; j < ld; j += GP_LANES) {
        for (int k = 0; k < gp->d; k++)
            for (int c = 0; c < GP_LANES; c++) {
                const size_t row = (size_t)(n + (j + c < m ? j + c : m - 1));
                const size_t at = (size_t)k * (size_t)gp->room + row;
                gp_set_lane(gp, &lanes, k, c, gp->at[at], gp->place[at], gp->active[at]);
            }
        gp_cross(gp, &lanes, 0, n + m, v + j, ld);
    }
}

bool gp_believe_means(Gp *gp, int m, const double *u, double *mean, Arena *arena, Error *err)
{
    if (m == 0) return true;
    const int n = gp->n, d = gp->d, all = n + m, ld = (m + GP_LANES - 1) / GP_LANES * GP_LANES;
    bool *active = arena_alloc(arena, (size_t)m, (size_t)d * sizeof *active);
    double *expected = ARENA_NEW(arena, double, m);
    double *v = arena_alloc(arena, (size_t)all * (size_t)ld, sizeof *v);
    double *rest = arena_alloc(arena, (size_t)m * (size_t)ld, sizeof *rest);
    if (!active || !expected || !v || !rest || (all > gp->room && !make_room(gp, all,
        arena))) return error_memory(err);
    for (int i = 0; i < m; i++) {
        const size_t at = (size_t)i * (size_t)d;
        space_active(gp->space, u + at, active + at);
        put_point(gp, n + i, u + at, active + at);
    }
    gp->n = all;
    place_points(gp, n);
    gp->n = n;
    cross_new(gp, n, m, v, ld);
    for (int i = 0; i < m; i++) {
        mean[i] = 0;
        memcpy(rest + (size_t)i * (size_t)ld, v + (size_t)(n + i) * (size_t)ld, (size_t)m * sizeof *rest);
        rest[(size_t)i * (size_t)ld + (size_t)i] += gp->s2 * GP_JITTER + gp->noise;
    }
    for (int k = 0; k < n; k++)
        for (int i = 0; i < m; i++) mean[i] += gp->alpha[k] * v[(size_t)k * (size_t)ld + (size_t)i];
    mat_solve_lower_many(n, gp->l, gp->room, m, v, ld);
    for (int k = 0; k < n; k++)
        for (int i = 0; i < m; i++) {
            const double *row = v + (size_t)k * (size_t)ld, x = row[i];
            double *to = rest + (size_t)i * (size_t)ld;
#pragma omp simd
            for (int j = 0; j <= i; j++) to[j] -= x * row[j];
        }
    if (!mat_cholesky(m, rest, ld)) return error_set(err, ERR_NUMERIC, "pending points lie on observed ones");
    for (int i = 0; i < m; i++) {
        double *row = gp->l + (size_t)(n + i) * (size_t)gp->room;
        for (int k = 0; k < n; k++) row[k] = v[(size_t)k * (size_t)ld + (size_t)i];
        memcpy(row + n, rest + (size_t)i * (size_t)ld, (size_t)(i + 1) * sizeof *row);
        gp->z[n + i] = mean[i];
        gp->alpha[n + i] = 0; /* a point that is where it was expected pulls nowhere */
        gp->extra[n + i] = 0;
    }
    gp->n = all;
    if (gp->mean) gp->mean->at(gp->mean, m, u, active, expected);
    for (int i = 0; i < m; i++) mean[i] += expected[i];
    return true;
}

/* ---- predictions ---- */

/* Mean and variance used up, for `width` points, a multiple of GP_LANES, whose covariances are in v
 * (n, BLOCK). */
VEC_CLONES
static void reduce(int n, int width, const double *v, const double *weight, double *out)
{
    for (int c = 0; c < width; c++) out[c] = 0;
    for (int i = 0; i < n; i++) {
        const double *row = v + (size_t)i * BLOCK;
        if (weight) {
            const double w = weight[i];
#pragma omp simd
            for (int c = 0; c < width; c++) out[c] += w * row[c];
        } else {
#pragma omp simd
            for (int c = 0; c < width; c++) out[c] += row[c] * row[c];
        }
    }
}

void gp_predict_many(const Gp *gp, int m, const double *u, const bool *active, double *mean,
                     double *sigma)
{
    const int n = gp->n, d = gp->d;
    GpLanes lanes = gp_lanes_at(gp, gp->scratch);
    double *v = gp->scratch + 4 * d * GP_LANES;
    for (int from = 0; from < m; from += BLOCK) {
        int count = m - from < BLOCK ? m - from : BLOCK, width = (count + GP_LANES - 1) / GP_LANES * GP_LANES;
        for (int lane = 0; lane < width; lane += GP_LANES) {
            for (int k = 0; k < d; k++)
                for (int c = 0; c < GP_LANES; c++) {
                    size_t row = (size_t)(from + (lane + c < count ? lane + c : count - 1));
                    const size_t at = row * (size_t)d + (size_t)k;
                    gp_set_lane(gp, &lanes, k, c, u[at], u[at], active[at]);
                }
            for (int k = 0; k < d; k++) {
                double *place = lanes.place + k * GP_LANES;
                gp_put_places(gp, k, GP_LANES, place, lanes.on + k * GP_LANES, place);
            }
            gp_cross(gp, &lanes, 0, n, v + lane, BLOCK);
        }
        double mu[BLOCK] = {0}, used[BLOCK] = {0};
        reduce(n, width, v, gp->alpha, mu);
        if (gp->mean) {
            const size_t row = (size_t)from * (size_t)d;
            gp->mean->at(gp->mean, count, u + row, active + row, used);
            for (int c = 0; c < count; c++) mu[c] += used[c];
        }
        memcpy(mean + from, mu, (size_t)count * sizeof *mean);
        if (!sigma) continue;
        mat_solve_lower_many(n, gp->l, gp->room, width, v, BLOCK);
        reduce(n, width, v, NULL, used);
        for (int c = 0; c < count; c++) {
            const size_t row = (size_t)(from + c) * (size_t)d;
            sigma[from + c] = sqrt(fmax(gp_variance_at(gp, u + row, active + row) - used[c], LEAST_VARIANCE));
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
    double *w = gp->scratch, *slope = w + n, *trend = slope + n, used = 0, mu = 0;
    gp_distances(gp, u, active, w, trend);
    gp_matern(n, gp->s2, w, w, slope);
    for (int i = 0; i < n; i++) {
        w[i] += gp->trend * trend[i];
        mu += w[i] * gp->alpha[i];
    }
    mat_solve_lower(n, gp->l, room, w, false);
    for (int i = 0; i < n; i++) used += w[i] * w[i];
    mat_solve_lower(n, gp->l, room, w, true); /* K^-1 k */
    double variance = gp_variance_at(gp, u, active) - used, expected = 0;
    if (gp->mean) gp->mean->at(gp->mean, 1, u, active, &expected);
    bool flat = !(variance > LEAST_VARIANCE);
    *mean = mu + expected;
    *sigma = sqrt(flat ? LEAST_VARIANCE : variance);
    for (int k = 0; k < d; k++) {
        double of_mean = 0, of_variance = 0;
        const size_t row = (size_t)k * (size_t)room;
        const double *at = gp->at + row, *place = gp->place + row, *on = gp->active + row;
        double own = u[k], by_u = 1, by_b;
        if (active[k] && gp_warps(gp, k)) {
            gp_warp(1, gp->a[k], gp->b[k], &u[k], &(double){1}, &own, &by_u, &by_b);
            double x = fmin(fmax(u[k], WARP_END), 1 - WARP_END);
            by_u /= x * log(x); /* that by log a is u log u times as much */
        }
        /* The polynomials' derivatives, in units of the trend's variance. */
        double line = gp->trend * 2 * 1.7320508075688772, bow = gp->trend * 2.23606797749979 * (12 * u[k] - 6);
        if (active[k] && !gp->category[k])
            of_variance = 2 * (line * trend_line(u[k]) + bow * trend_bow(u[k]));
        for (int i = 0; active[k] && !gp->category[k] && i < n; i++) {
            double change = 2 * slope[i] * gp->il2[k] * (own - place[i]) * by_u;
            if (on[i] > 0) change += line * trend_line(at[i]) + bow * trend_bow(at[i]);
            of_mean += gp->alpha[i] * change;
            of_variance -= 2 * w[i] * change;
        }
        mean_gradient[k] = of_mean;
        sigma_gradient[k] = flat ? 0 : 0.5 * of_variance / *sigma;
    }
    if (gp->mean) gp->mean->add_gradient(gp->mean, u, active, mean_gradient);
}

double gp_log_ei(double best, double mean, double sigma)
{
    return log_improvement((best - mean) / sigma) + log(sigma);
}

double gp_target(const Gp *gp, int i) { return gp->z[i] + gp->expected[i]; }
double gp_best_mean(const Gp *gp) { return gp->mean_at[gp->by_mean[0]]; }

int gp_best_points(const Gp *gp, int n, const double **points)
{
    if (n > gp->n_obs) n = gp->n_obs;
    for (int i = 0; i < n; i++) points[i] = gp->x + (size_t)gp->by_mean[i] * (size_t)gp->d;
    return n;
}

void gp_order(Gp *gp, const double *penalty)
{
    for (int i = 0; i < gp->n_obs; i++) gp->ranked[i] = (GpRanked){penalty[gp->by_mean[i]], i};
    qsort(gp->ranked, (size_t)gp->n_obs, sizeof *gp->ranked, by_value);
    for (int i = 0; i < gp->n_obs; i++) gp->ranked[i].at = gp->by_mean[gp->ranked[i].at];
    for (int i = 0; i < gp->n_obs; i++) gp->by_mean[i] = gp->ranked[i].at;
    offered_first(gp);
}

double gp_noise_variance(const Gp *gp) { return gp->noise; }
double gp_noise(const Gp *gp) { return gp->noise / gp->s2; }
const double *gp_scales(const Gp *gp) { return gp->scales; }
double gp_lambda(const Gp *gp) { return gp->lambda; }
