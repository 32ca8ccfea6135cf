/* Two small quadratic programs: weights on the simplex, and weights that are not negative. */
#include "ensemble/weigh_numbers.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

enum { FIFTHS = 5 };

/* What of the library a fit sees: of target t and value v of it, in units of the target's scale. */
static double scale_of(const Library *l, int t)
{
    return l->task->targets[t].scale / l->task->targets[t].unit;
}

/* ---- the simplex ----------------------------------------------------------------------------- */

/* w'Gw / 2 - b'w: from the member that costs most to the one that costs least, as far as it helps. */
static void solve_simplex(const double *g, const double *b, int n, double *w, double *slope)
{
    for (int i = 0; i < n; i++) {
        slope[i] = -b[i];
        for (int k = 0; k < n; k++) slope[i] += g[i * n + k] * w[k];
    }
    for (int step = 0; step < 20000; step++) {
        int to = 0, from = -1;
        for (int i = 0; i < n; i++) {
            if (slope[i] < slope[to]) to = i;
            if (w[i] > 0 && (from < 0 || slope[i] > slope[from])) from = i;
        }
        const double gain = slope[from] - slope[to];
        const double bend = g[to * n + to] + g[from * n + from] - 2 * g[to * n + from];
        if (!(gain > 1e-10 * (fabs(slope[from]) + fabs(slope[to]) + 1e-300))) return;
        double move = bend > 0 && gain / bend < w[from] ? gain / bend : w[from];
        if (!(move > 1e-14)) return;
        w[to] += move;
        w[from] = w[from] - move > 1e-14 ? w[from] - move : 0;
        for (int i = 0; i < n; i++) slope[i] += move * (g[i * n + to] - g[i * n + from]);
    }
}

typedef enum { LEAST_SQUARES, LEAST_PINBALL } Least;

/* Adds one error, r (n) of the members, at the weights w: its bound if it is a pinball loss of q. */
static void add_error(const double *r, int n, double counts, Least least, double q, const double *w, double *g,
                      double *b)
{
    static const double least_error = 1e-6;
    double factor = counts, e = 0;
    for (int m = 0; m < n; m++) e += w[m] * r[m];
    if (least == LEAST_PINBALL) factor = counts / (2 * fmax(fabs(e), least_error));
    for (int m = 0; m < n; m++) {
        for (int k = 0; k < n; k++) g[m * n + k] += factor * r[m] * r[k];
        if (least == LEAST_PINBALL) b[m] -= counts * (q - 0.5) * r[m];
    }
}

static void add_errors(const Library *l, const int *member, int n, Least least, const double *w, double *r,
                       double *g, double *b)
{
    const Task *task = l->task;
    const int stride = task_stride(task), n_targets = task->n_targets;
    for (int i = 0; i < l->n_rows; i++)
        for (int t = 0; t < n_targets; t++) {
            const double y = l->targets[(size_t)i * (size_t)n_targets + (size_t)t];
            if (isnan(y)) continue;
            for (int q = 0; q < stride; q++) {
                if (least == LEAST_SQUARES && q != task_point(task)) continue;
                const size_t at = (size_t)i * (size_t)l->n_classes + (size_t)(t * stride + q);
                for (int m = 0; m < n; m++)
                    r[m] = (task_value(task, t, y) - l->proba[member[m]][at]) / scale_of(l, t);
                add_error(r, n, l->weight ? l->weight[i] : 1, least,
                          task->n_quantiles > 0 ? task->quantiles[q] : 0.5, w, g, b);
            }
        }
}

bool weigh_simplex(const Library *l, const int *member, int n, MetricId metric, Arena *arena, double *w,
                   Error *err)
{
    const bool absolute = l->task->n_quantiles > 0 || metric == METRIC_MAE || metric == METRIC_MEDIAN_AE
                       || metric == METRIC_MAPE || metric == METRIC_PINBALL;
    const size_t cells = (size_t)n * (size_t)n;
    double *g = ARENA_NEW(arena, double, cells), *b = ARENA_NEW(arena, double, n);
    double *r = ARENA_NEW(arena, double, n), *slope = ARENA_NEW(arena, double, n);
    if (!g || !b || !r || !slope) return error_memory(err);
    for (int m = 0; m < n; m++) w[m] = 1.0 / n;
    for (int step = 0; step < (absolute ? 60 : 1); step++) {
        memset(g, 0, cells * sizeof *g);
        memset(b, 0, (size_t)n * sizeof *b);
        add_errors(l, member, n, absolute ? LEAST_PINBALL : LEAST_SQUARES, w, r, g, b);
        solve_simplex(g, b, n, w, slope);
    }
    return true;
}

/* ---- stacking -------------------------------------------------------------------------------- */

/* Sums over the rows of the fifths but one (-1: all). */
typedef struct {
    const Library *library;
    const int *member;
    int n;
    const uint8_t *fifth; /* (n_rows) */
    double *g, *b;        /* (n, n), (n) of centered predictions and truths */
    double *mean_x;       /* (T, n) */
    double *mean_y, *mass; /* (T) */
    double *x;            /* (n) */
    double *c;            /* (n) */
} Normal;

static double x_of(const Normal *s, int i, int t, int m)
{
    const Library *l = s->library;
    const int stride = task_stride(l->task), at = t * stride + task_point(l->task);
    return l->proba[s->member[m]][(size_t)i * (size_t)l->n_classes + (size_t)at] / scale_of(l, t);
}

static double y_of(const Normal *s, int i, int t)
{
    const Library *l = s->library;
    const double y = l->targets[(size_t)i * (size_t)l->task->n_targets + (size_t)t];
    return task_value(l->task, t, y) / scale_of(l, t);
}

static void sum_up(Normal *s, int without)
{
    const Library *l = s->library;
    const int n = s->n, n_targets = l->task->n_targets;
    memset(s->g, 0, (size_t)n * (size_t)n * sizeof *s->g);
    memset(s->b, 0, (size_t)n * sizeof *s->b);
    for (int t = 0; t < n_targets; t++) {
        double *mean = s->mean_x + (size_t)t * (size_t)n, mean_y = 0, mass = 0;
        for (int m = 0; m < n; m++) mean[m] = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < l->n_rows; i++) {
                const double y = y_of(s, i, t), w = l->weight ? l->weight[i] : 1;
                if (isnan(y) || s->fifth[i] == without) continue;
                for (int m = 0; m < n; m++) s->x[m] = x_of(s, i, t, m) - (pass ? mean[m] : 0);
                if (pass == 0) {
                    for (int m = 0; m < n; m++) mean[m] += w * s->x[m];
                    mean_y += w * y;
                    mass += w;
                    continue;
                }
                for (int m = 0; m < n; m++) {
                    for (int k = 0; k < n; k++) s->g[m * n + k] += w * s->x[m] * s->x[k];
                    s->b[m] += w * s->x[m] * (y - mean_y);
                }
            }
            for (int m = 0; m < n && pass == 0 && mass > 0; m++) mean[m] /= mass;
            if (pass == 0 && mass > 0) mean_y /= mass;
        }
        s->mean_y[t] = mean_y;
        s->mass[t] = mass;
    }
}

/* Least c'Gc / 2 - b'c + lambda |c - 1/n|^2 / 2 with c >= 0, one after another (the problem is convex). */
static void solve(Normal *s, double share)
{
    const int n = s->n;
    double lambda = 0;
    for (int m = 0; m < n; m++) lambda += share * s->g[m * n + m] / n;
    for (int m = 0; m < n; m++) s->c[m] = 1.0 / n;
    for (int sweep = 0; sweep < 2000; sweep++) {
        double most = 0;
        for (int m = 0; m < n; m++) {
            double slope = s->b[m] + lambda / n - lambda * s->c[m];
            for (int k = 0; k < n; k++) slope -= s->g[m * n + k] * s->c[k];
            const double bend = s->g[m * n + m] + lambda;
            const double next = bend > 0 ? fmax(0, s->c[m] + slope / bend) : s->c[m];
            most = fmax(most, fabs(next - s->c[m]));
            s->c[m] = next;
        }
        if (most < 1e-9) return;
    }
}

/* What target t is shifted by, in units of its scale. */
static double intercept_of(const Normal *s, int t)
{
    double a = s->mean_y[t];
    for (int m = 0; m < s->n; m++) a -= s->c[m] * s->mean_x[(size_t)t * (size_t)s->n + (size_t)m];
    return a;
}

static const double shares[] = {1e-4, 1e-2, 0.1, 1};
enum { N_SHARES = sizeof shares / sizeof *shares };

/* Of the rows of fifth f: adds to each share's squared error, or writes what that of `share` says. */
static void judge(Normal *s, int f, double loss[N_SHARES], int share, float *oof)
{
    const Library *l = s->library;
    const int n_targets = l->task->n_targets, stride = task_stride(l->task), point = task_point(l->task);
    for (int k = 0; k < N_SHARES; k++) {
        if (oof && k != share) continue;
        solve(s, shares[k]);
        for (int i = 0; i < l->n_rows; i++)
            for (int t = 0; t < n_targets && s->fifth[i] == f; t++) {
                double p = intercept_of(s, t);
                const double y = y_of(s, i, t), w = l->weight ? l->weight[i] : 1;
                for (int m = 0; m < s->n; m++) p += s->c[m] * x_of(s, i, t, m);
                if (oof) oof[(size_t)i * (size_t)l->n_classes + (size_t)(t * stride + point)] =
                    (float)(p * scale_of(l, t));
                else if (!isnan(y)) loss[k] += w * (p - y) * (p - y);
            }
    }
}

bool weigh_stack(const Library *l, const int *member, int n, uint64_t seed, Arena *arena, Stack *out,
                 float *oof,
                 Error *err)
{
    const size_t n_targets = (size_t)l->task->n_targets, cells = (size_t)n * (size_t)n;
    uint8_t *fifth = ARENA_NEW(arena, uint8_t, l->n_rows);
    int32_t *order = ARENA_NEW(arena, int32_t, l->n_rows);
    Normal s = {.library = l, .member = member, .n = n, .fifth = fifth, .g = ARENA_NEW(arena, double, cells),
                .b = ARENA_NEW(arena, double, n), .mean_x = ARENA_NEW(arena, double, n_targets * (size_t)n),
                .mean_y = ARENA_NEW(arena, double, n_targets), .mass = ARENA_NEW(arena, double, n_targets),
                .x = ARENA_NEW(arena, double, n), .c = ARENA_NEW(arena, double, n)};
    double loss[N_SHARES] = {0}, total = 0;
    int best = 0;
    *out = (Stack){.w = ARENA_NEW(arena, double, n), .intercept = ARENA_NEW(arena, double, n_targets)};
    if (!fifth || !order || !s.g || !s.b || !s.mean_x || !s.mean_y || !s.mass || !s.x || !s.c || !out->w
        || !out->intercept)
        return error_memory(err);
    Rng rng = rng_stream(rng_mix(seed, 2), 0, RNG_BOOTSTRAP);
    for (int i = 0; i < l->n_rows; i++) order[i] = i;
    rng_shuffle(&rng, order, (size_t)l->n_rows);
    for (int i = 0; i < l->n_rows; i++) fifth[order[i]] = (uint8_t)(i % FIFTHS);
    for (int f = 0; f < FIFTHS; f++) {
        sum_up(&s, f);
        judge(&s, f, loss, -1, NULL);
    }
    for (int k = 1; k < N_SHARES; k++)
        if (loss[k] < loss[best]) best = k;
    for (int f = 0; f < FIFTHS; f++) {
        sum_up(&s, f);
        judge(&s, f, loss, best, oof);
    }
    sum_up(&s, -1);
    solve(&s, shares[best]);
    for (int m = 0; m < n; m++) total += s.c[m];
    out->slope = total;
    for (int m = 0; m < n; m++) out->w[m] = total > 0 ? s.c[m] / total : 1.0 / n;
    for (size_t t = 0; t < n_targets; t++) out->intercept[t] = intercept_of(&s, (int)t) * scale_of(l, (int)t);
    return true;
}
