/* Errors of averages of quantities, from planes: the metrics that are sums over rows, a loop each.
 *
 * The metrics are engine/metrics_numbers.c's; here they are sums in eight lanes of floats that were added up
 * as the planes are, so equal to those but for rounding. */
#include <math.h>

#include "ensemble/score.h"

bool quick_numbers(MetricId metric)
{
    return metric == METRIC_RMSE || metric == METRIC_MAE || metric == METRIC_R2 || metric == METRIC_PINBALL;
}

/* Of target t: the weighted sum of squares about its mean, in units of predictions. */
static double spread_of(const float *y, const float *counts, int n)
{
    double sum = 0, total = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        sum += (double)counts[i] * y[i];
        total += counts[i];
    }
    for (int i = 0; i < n; i++) squares += counts[i] * (y[i] - sum / total) * (y[i] - sum / total);
    return squares;
}

bool numbers_planes(Scorer *s, Arena *arena, Error *err)
{
    const size_t ld = (size_t)s->ld, n_targets = (size_t)s->task->n_targets;
    s->y = ARENA_NEW(arena, float, n_targets * ld);
    s->counts = ARENA_NEW(arena, float, n_targets * ld);
    s->spread = ARENA_NEW(arena, double, n_targets);
    if (!s->y || !s->counts || !s->spread) return error_memory(err);
    s->point = task_point(s->task);
    for (size_t t = 0; t < n_targets; t++) {
        float *y = s->y + t * ld, *counts = s->counts + t * ld;
        for (size_t i = 0; i < ld; i++) y[i] = counts[i] = 0;
        for (size_t i = 0; i < (size_t)s->n; i++) {
            double target = s->targets[i * n_targets + t];
            if (isnan(target)) continue;
            y[i] = (float)task_value(s->task, (int)t, target);
            counts[i] = s->weight ? (float)s->weight[i] : 1;
        }
        s->spread[t] = spread_of(y, counts, s->n);
    }
    return true;
}

enum { LANES = 8 }; /* ld is a multiple of it */

typedef struct {
    const float *sum, *more, *y, *counts; /* (n) */
    double scale;
    int n;
} Plane;

static double total_of(const double lane[LANES])
{
    double total = 0;
    for (int k = 0; k < LANES; k++) total += lane[k];
    return total;
}

static double squares_of(const Plane *p)
{
    double lane[LANES] = {0};
    for (int i = 0; i < p->n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double e = p->y[i + k] - (p->sum[i + k] + p->more[i + k]) * p->scale;
            lane[k] += p->counts[i + k] * e * e;
        }
    return total_of(lane);
}

/* Sum of max(q e, (q - 1) e); of one half that is half the absolute error. */
static double pinball_of(const Plane *p, double q)
{
    double lane[LANES] = {0};
    for (int i = 0; i < p->n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double e = p->y[i + k] - (p->sum[i + k] + p->more[i + k]) * p->scale;
            lane[k] += p->counts[i + k] * (0.5 * fabs(e) + (q - 0.5) * e);
        }
    return total_of(lane);
}

static double rows_of(const float *counts, int n)
{
    double lane[LANES] = {0};
    for (int i = 0; i < n; i += LANES)
        for (int k = 0; k < LANES; k++) lane[k] += counts[i + k];
    return total_of(lane);
}

/* The metric of target t, in the user's unit. */
static double of_target(const Scorer *s, const float *more, int count, int t, double rows)
{
    const int stride = task_stride(s->task), point = s->point;
    const size_t ld = (size_t)s->ld, at = (size_t)(t * stride) * ld;
    const double unit = s->task->targets[t].unit;
    Plane p = {.y = s->y + (size_t)t * ld, .counts = s->counts + (size_t)t * ld, .scale = 1.0 / count,
               .n = s->ld, .sum = s->sum + at + (size_t)point * ld, .more = more + at + (size_t)point * ld};
    double sum = 0;
    switch (s->metric) {
    case METRIC_RMSE: return unit * sqrt(squares_of(&p) / rows);
    case METRIC_R2: return 1 - squares_of(&p) / s->spread[t];
    case METRIC_MAE: return unit * 2 * pinball_of(&p, 0.5) / rows;
    default: break;
    }
    if (s->task->n_quantiles == 0) return unit * pinball_of(&p, 0.5) / rows;
    for (int q = 0; q < stride; q++) {
        p.sum = s->sum + at + (size_t)q * ld;
        p.more = more + at + (size_t)q * ld;
        sum += pinball_of(&p, s->task->quantiles[q]);
    }
    return unit * sum / (rows * stride);
}

double numbers_value(const Scorer *s, const float *more, int count)
{
    double sum = 0;
    int defined = 0;
    for (int t = 0; t < s->task->n_targets; t++) {
        double rows = rows_of(s->counts + (size_t)t * (size_t)s->ld, s->ld);
        if (!(rows > 0)) continue;
        double value = of_target(s, more, count, t, rows);
        if (isnan(value)) continue;
        sum += value;
        defined++;
    }
    return defined ? sum / defined : NAN;
}
