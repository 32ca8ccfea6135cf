/* The second opinion: a Gaussian process fitted to the trials as the search would, and what the variance
 * of its mean over the whole space is made of.
 *
 * With A and B two independent points, AB_i the point A with B's coordinate i, and V the variance of f:
 *     total index       E[(f(A) - f(AB_i))^2] / 2 V        all that i has a part in
 *     first-order       1 - E[(f(B) - f(AB_i))^2] / 2 V    what i does alone
 * and the same with two coordinates for what a pair explains together. Points are scrambled Sobol points
 * of twice the dimension. A conditional parameter has an effect only where it is active.
 */
#include "tuner/insight/importance_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tuner/search/gp.h"
#include "tuner/search/sobol.h"

enum { N_POINTS = 512, MOST_TRIALS = 400, STRONGEST = 4 };

typedef struct {
    const Space *space;
    const Gp *gp;
    int d;
    double *a, *b, *mixed;   /* (N_POINTS, d) */
    bool *active;            /* (N_POINTS, d) */
    double *fa, *fb, *fm, *sigma; /* (N_POINTS) */
    double variance;
} Variance;

/* f at the points, which are snapped on the way. */
static void means(Variance *v, double *points, double *out)
{
    const size_t d = (size_t)v->d;
    for (int i = 0; i < N_POINTS; i++)
        space_snap_active(v->space, points + (size_t)i * d, v->active + (size_t)i * d);
    gp_predict_many(v->gp, N_POINTS, points, v->active, out, v->sigma);
}

/* A with B's coordinates i and j (-1: none). */
static void mix(Variance *v, int i, int j)
{
    const size_t d = (size_t)v->d;
    memcpy(v->mixed, v->a, (size_t)N_POINTS * d * sizeof *v->mixed);
    for (size_t k = 0; k < N_POINTS; k++) {
        v->mixed[k * d + (size_t)i] = v->b[k * d + (size_t)i];
        if (j >= 0) v->mixed[k * d + (size_t)j] = v->b[k * d + (size_t)j];
    }
    means(v, v->mixed, v->fm);
}

static double half_square(const double *x, const double *y)
{
    double sum = 0;
    for (int k = 0; k < N_POINTS; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
    return 0.5 * sum / N_POINTS;
}

static bool variance_make(const Space *space, uint64_t seed, const Gp *gp, Arena *arena, Variance *v,
                          Error *err)
{
    const int d = space->n_dims;
    const size_t cells = (size_t)N_POINTS * (size_t)d;
    double *both = arena_alloc(arena, 2 * cells, sizeof *both);
    double *sa = ARENA_NEW(arena, double, cells), *sb = ARENA_NEW(arena, double, cells);
    *v = (Variance){.space = space, .gp = gp, .d = d};
    v->a = ARENA_NEW(arena, double, cells);
    v->b = ARENA_NEW(arena, double, cells);
    v->mixed = ARENA_NEW(arena, double, cells);
    v->active = ARENA_NEW(arena, bool, cells);
    v->fa = ARENA_NEW(arena, double, N_POINTS);
    v->fb = ARENA_NEW(arena, double, N_POINTS);
    v->fm = ARENA_NEW(arena, double, N_POINTS);
    v->sigma = ARENA_NEW(arena, double, N_POINTS);
    if (!both || !sa || !sb || !v->a || !v->b || !v->mixed || !v->active || !v->fa || !v->fb || !v->fm
        || !v->sigma)
        return error_memory(err);
    sobol_points(2 * d, rng_mix(seed, 0x1a9), N_POINTS, both);
    for (size_t i = 0; i < N_POINTS; i++, both += 2 * d) {
        memcpy(v->a + i * (size_t)d, both, (size_t)d * sizeof *both);
        memcpy(v->b + i * (size_t)d, both + d, (size_t)d * sizeof *both);
    }
    /* Snapping overwrites the coordinates that are not active; mixing needs them as they were drawn. */
    memcpy(sa, v->a, cells * sizeof *sa);
    memcpy(sb, v->b, cells * sizeof *sb);
    means(v, sa, v->fa);
    means(v, sb, v->fb);
    double mean = 0;
    for (int k = 0; k < N_POINTS; k++) mean += (v->fa[k] + v->fb[k]) / (2 * N_POINTS);
    for (int k = 0; k < N_POINTS; k++)
        v->variance += ((v->fa[k] - mean) * (v->fa[k] - mean) + (v->fb[k] - mean) * (v->fb[k] - mean))
                     / (2 * N_POINTS);
    return true;
}

static void strongest_pairs(Variance *v, ModelImportance *out)
{
    int top[STRONGEST] = {0}, n = 0;
    for (int k = 0; k < v->d; k++) {
        int at = n < STRONGEST ? n++ : STRONGEST;
        for (; at > 0 && out->effect[top[at - 1]] < out->effect[k]; at--)
            if (at < STRONGEST) top[at] = top[at - 1];
        if (at < STRONGEST) top[at] = k;
    }
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            mix(v, top[i], top[j]);
            double closed = 1 - half_square(v->fb, v->fm) / v->variance;
            double effect = closed - out->alone[top[i]] - out->alone[top[j]];
            PairImportance pair = {top[i], top[j], fmax(0, fmin(1, effect))};
            int at = out->n_pairs++;
            for (; at > 0 && out->pair[at - 1].effect < pair.effect; at--) out->pair[at] = out->pair[at - 1];
            out->pair[at] = pair;
        }
}

/* ---- the map of the strongest pair -------------------------------------------------------------- */

enum { N_OTHERS = 32, N_CELLS = N_POINTS / N_OTHERS };

static int steps_of(const Space *space, int d)
{
    int levels = space_dim_levels(space, d);
    return levels > 0 && levels < IMPORTANCE_MAP ? levels : IMPORTANCE_MAP;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The parameter's value at the first of these points (N_OTHERS, d) at which it is active. */
static Value value_at(const Variance *v, const double *points, int dim, Value *values)
{
    const int p = v->space->param_of_dim[dim];
    for (int k = 0; k < N_OTHERS; k++) {
        space_decode(v->space, points + (size_t)k * (size_t)v->d, values);
        if (values[p].kind != VALUE_NONE) return values[p];
    }
    return value_none();
}

/* `y` and `z` (n) observed scores and what the model takes them for, both ascending. */
static bool draw_map(Variance *v, const Points *trials, int n, const double *y, const double *z,
                     Arena *arena, ModelImportance *out, Error *err)
{
    const size_t d = (size_t)v->d;
    PairMap *map = ARENA_NEW(arena, PairMap, 1);
    Value *values = ARENA_NEW(arena, Value, v->space->n_params);
    if (!map || !values) return error_memory(err);
    map->a = out->pair[0].a;
    map->b = out->pair[0].b;
    map->n_a = steps_of(v->space, map->a);
    map->n_b = steps_of(v->space, map->b);
    const int n_cells = map->n_a * map->n_b;
    for (int first = 0; first < n_cells; first += N_CELLS) {
        for (int c = 0; c < N_CELLS; c++) {
            int cell = first + c < n_cells ? first + c : n_cells - 1;
            double *points = v->mixed + (size_t)c * N_OTHERS * d;
            memcpy(points, v->b, N_OTHERS * d * sizeof *points);
            for (size_t k = 0; k < N_OTHERS; k++) {
                points[k * d + (size_t)map->a] = (cell % map->n_a + 0.5) / map->n_a;
                points[k * d + (size_t)map->b] = (cell / map->n_a + 0.5) / map->n_b;
            }
        }
        means(v, v->mixed, v->fm);
        for (int c = 0; c < N_CELLS && first + c < n_cells; c++) {
            int i = (first + c) % map->n_a, j = (first + c) / map->n_a;
            const double *points = v->mixed + (size_t)c * N_OTHERS * d;
            double sum = 0;
            for (int k = 0; k < N_OTHERS; k++) sum += v->fm[c * N_OTHERS + k];
            double score = points_score(n, z, y, sum / N_OTHERS);
            map->mean[j][i] = trials->maximize ? -score : score;
            if (map->a_value[i].kind == VALUE_NONE) map->a_value[i] = value_at(v, points, map->a, values);
            if (map->b_value[j].kind == VALUE_NONE) map->b_value[j] = value_at(v, points, map->b, values);
        }
    }
    out->map = map;
    return true;
}

static bool pair_map(Variance *v, const Points *trials, int n, const double *y, Arena *arena,
                     ModelImportance *out, Error *err)
{
    double *z = ARENA_NEW(arena, double, n + 1), *scratch = ARENA_NEW(arena, double, 2 * n + 1);
    double *seen = ARENA_NEW(arena, double, n + 1);
    int n_seen = 0;
    if (out->n_pairs == 0) return true;
    if (!z || !scratch || !seen) return error_memory(err);
    gp_transform(n, y, z, scratch);
    for (int i = 0; i < n; i++)
        if (isfinite(y[i])) {
            seen[n_seen] = y[i];
            z[n_seen++] = z[i];
        }
    /* The transform rises, so each sorted alone they still belong together. */
    qsort(seen, (size_t)n_seen, sizeof *seen, ascending);
    qsort(z, (size_t)n_seen, sizeof *z, ascending);
    return n_seen < 2 || draw_map(v, trials, n_seen, seen, z, arena, out, err);
}

bool importance_model(const Points *trials, uint64_t seed, Arena *arena, ModelImportance *out, Error *err)
{
    const int d = trials->space->n_dims;
    *out = (ModelImportance){.effect = ARENA_NEW(arena, double, d), .alone = ARENA_NEW(arena, double, d),
                             .length_scale = ARENA_NEW(arena, double, d)};
    if (!out->effect || !out->alone || !out->length_scale) return error_memory(err);
    for (int k = 0; k < d; k++) out->effect[k] = out->alone[k] = out->length_scale[k] = NAN;
    /* Of many trials an even sample: a fit of all would take minutes. */
    int n = trials->n < MOST_TRIALS ? trials->n : MOST_TRIALS;
    double *x = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *x), *y = ARENA_NEW(arena, double, n);
    if (!x || !y) return error_memory(err);
    for (int i = 0; i < n; i++) {
        int at = (int)((int64_t)i * trials->n / n);
        memcpy(x + (size_t)i * (size_t)d, trials->u + (size_t)at * (size_t)d, (size_t)d * sizeof *x);
        y[i] = isfinite(trials->score[at]) ? trials->score[at] : NAN;
    }
    const GpData data = {.space = trials->space, .n = n, .x = x, .y = y};
    Gp *gp = NULL;
    Error why = {0};
    if (!gp_fit(&data, GP_TREND, arena, &gp, &why)) {
        if (why.code == ERR_NUMERIC) return true;
        if (err) *err = why;
        return false;
    }
    Variance v;
    if (!variance_make(trials->space, seed, gp, arena, &v, err)) return false;
    if (!(v.variance > 1e-12)) return true; /* a flat mean: no setting has an effect that can be seen */
    for (int k = 0; k < d; k++) {
        mix(&v, k, -1);
        out->effect[k] = half_square(v.fa, v.fm) / v.variance;
        out->alone[k] = fmax(0, 1 - half_square(v.fb, v.fm) / v.variance);
        out->length_scale[k] = gp_scales(gp)[k];
    }
    strongest_pairs(&v, out);
    return pair_map(&v, trials, n, y, arena, out, err);
}
