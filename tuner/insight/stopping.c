/* Best scores so far by epoch, their ranks, and how these agree with the ranks at the end. */
#include "tuner/insight/stopping.h"

#include <math.h>
#include <stdlib.h>

#include "tuner/insight/curves.h"

typedef struct {
    double value;
    int at;
} Placed;

static int by_value(const void *a, const void *b)
{
    const Placed *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* `placed` is scratch for n. */
static void ranks_of(int n, const double *value, Placed *placed, double *rank)
{
    for (int i = 0; i < n; i++) placed[i] = (Placed){value[i], i};
    qsort(placed, (size_t)n, sizeof *placed, by_value);
    for (int i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && placed[end].value == placed[i].value; end++) continue;
        for (int k = i; k < end; k++) rank[placed[k].at] = 0.5 * (i + end - 1);
    }
}

double stopping_rank_correlation(int n, const double *x, const double *y, double *scratch)
{
    double *rx = scratch, *ry = scratch + n, middle = 0.5 * (n - 1), xy = 0, xx = 0, yy = 0;
    Placed *placed = (Placed *)(void *)(scratch + 2 * n);
    ranks_of(n, x, placed, rx);
    ranks_of(n, y, placed, ry);
    for (int i = 0; i < n; i++) {
        xy += (rx[i] - middle) * (ry[i] - middle);
        xx += (rx[i] - middle) * (rx[i] - middle);
        yy += (ry[i] - middle) * (ry[i] - middle);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}
_Static_assert(sizeof(Placed) <= 2 * sizeof(double), "scratch has room");

static StoppingPoint point_of(int epoch, int n, double rho)
{
    double z = atanh(fmax(-0.999999, fmin(0.999999, rho))), by = 1.96 * sqrt((1 + rho * rho / 2) / (n - 3));
    return (StoppingPoint){epoch, rho, fmin(rho, tanh(z - by)), fmax(rho, tanh(z + by))};
}

/* Is its score the best of its curve, or the last? */
static void count_ends(const TrialCurve *curve, double end, int *n_best, int *n_last)
{
    double best = INFINITY;
    for (int e = 0; e < curve->n; e++) best = fmin(best, curve->value[e]);
    *n_best += fabs(best - end) <= fabs(curve->value[curve->n - 1] - end);
    *n_last += fabs(best - end) > fabs(curve->value[curve->n - 1] - end);
}

bool stopping_compute(Store *store, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                      Stopping *out,
                      Error *err)
{
    TrialCurve *curves = ARENA_NEW(arena, TrialCurve, n_rows + 1);
    double *best = ARENA_NEW(arena, double, n_rows + 1), *end = ARENA_NEW(arena, double, n_rows + 1);
    double *scratch = ARENA_NEW(arena, double, 4 * n_rows + 4);
    int *which = ARENA_NEW(arena, int, n_rows + 1), n = 0, longest = 0, n_best = 0, n_last = 0;
    *out = (Stopping){.safe = -1};
    if (!curves || !best || !end || !scratch || !which) return error_memory(err);
    if (!curves_read(store, rows, n_rows, maximize, false, arena, curves, err)) return false;
    for (int i = 0; i < n_rows; i++) {
        out->n_stopped += rows[i].state == TRIAL_PRUNED;
        if (curves[i].n < 2 || !isfinite(rows[i].value)) continue;
        which[n] = i;
        best[n] = INFINITY;
        end[n++] = maximize ? -rows[i].value : rows[i].value;
        if (curves[i].n > longest) longest = curves[i].n;
        count_ends(&curves[i], end[n - 1], &n_best, &n_last);
    }
    out->n_trials = n;
    if (n < STOPPING_FEWEST || longest < 3) return true;
    const int step = (longest + STOPPING_POINTS - 1) / STOPPING_POINTS;
    for (int epoch = 1; epoch <= longest; epoch++) {
        for (int k = 0; k < n; k++) {
            const TrialCurve *curve = &curves[which[k]];
            if (epoch > curve->n) continue;
            if (n_last > n_best || curve->value[epoch - 1] < best[k]) best[k] = curve->value[epoch - 1];
        }
        if (epoch % step != 0 && epoch != longest) continue;
        double rho = stopping_rank_correlation(n, best, end, scratch);
        if (isfinite(rho) && out->n < STOPPING_POINTS) out->point[out->n++] = point_of(epoch, n, rho);
    }
    if (out->n < 2) out->n = 0;
    int from = out->n;
    while (from > 0 && out->point[from - 1].rho >= STOPPING_SAFE) from--;
    out->safe = from < out->n - 1 ? from : -1;
    return true;
}
