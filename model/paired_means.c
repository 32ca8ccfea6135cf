/* Bootstrap-t of differences of means of errors. */
#include "model/paired_means.h"

#include <math.h>
#include <stdlib.h>

#include "model/interval.h"
#include "model/rescore.h"

bool paired_means_has(MetricId metric)
{
    return metric == METRIC_RMSE || metric == METRIC_MAE || metric == METRIC_MAPE || metric == METRIC_R2
        || metric == METRIC_PINBALL || metric == METRIC_WIDTH;
}

/* One target: of each row the errors of both sides, and what they are divided by. */
typedef struct {
    double *error[2], *den; /* (n) 0 where the truth is not known */
} Errors;

static double error_of(const Task *task, MetricId metric, int t, double y, const float *v)
{
    const double p = task_number(task, t, (double)v[task_point(task)]);
    double sum = 0;
    switch (metric) {
    case METRIC_RMSE: case METRIC_R2: return (y - p) * (y - p);
    case METRIC_MAE: return fabs(y - p);
    case METRIC_MAPE: return fabs(y - p) / fmax(fabs(y), 2.220446049250313e-16);
    case METRIC_WIDTH:
        return task_number(task, t, (double)v[task_stride(task) - 1]) - task_number(task, t, (double)v[0]);
    default: break;
    }
    if (task->n_quantiles == 0) return fabs(y - p) / 2;
    for (int k = 0; k < task->n_quantiles; k++) {
        double e = y - task_number(task, t, (double)v[k]);
        sum += e >= 0 ? task->quantiles[k] * e : (task->quantiles[k] - 1) * e;
    }
    return sum / task->n_quantiles;
}

static bool gather(const Pair *pair, MetricId metric, int t, Arena *arena, Errors *out, Error *err)
{
    const Task *task = pair->task;
    double mean = 0, rows = 0;
    for (int s = 0; s < 2; s++) out->error[s] = ARENA_NEW(arena, double, pair->n);
    out->den = ARENA_NEW(arena, double, pair->n);
    if (!out->error[0] || !out->error[1] || !out->den) return error_memory(err);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < pair->n; i++) {
            const size_t at = (size_t)i * (size_t)pair->n_classes + (size_t)(t * task_stride(task));
            const double y = pair->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
            const double w = pair->weight ? pair->weight[i] : 1;
            if (isnan(y)) continue;
            if (pass == 0) {
                mean += w * y, rows += w;
                continue;
            }
            for (int s = 0; s < 2; s++)
                out->error[s][i] = w * error_of(task, metric, t, y, (s ? pair->b : pair->a) + at);
            out->den[i] = w * (metric == METRIC_R2 ? (y - mean / rows) * (y - mean / rows) : 1);
        }
    return true;
}

/* The difference of the scores of a draw, and its standard error: each row's influence on the mean over targets
 * of f(num / den), f being the root, or less. */
static bool score(const Errors *errors, int n_targets, MetricId metric, int n, const int32_t *times,
                  double *influence, double *delta, double *error)
{
    int used = 0;
    *delta = 0;
    for (int i = 0; i < n; i++) influence[i] = 0;
    for (int t = 0; t < n_targets; t++) {
        double num[2] = {0, 0}, den = 0;
        for (int i = 0; i < n; i++) {
            const double w = times ? times[i] : 1;
            num[0] += w * errors[t].error[0][i], num[1] += w * errors[t].error[1][i];
            den += w * errors[t].den[i];
        }
        if (!(den > 0)) continue;
        used++;
        for (int s = 0; s < 2; s++) {
            const double sign = (s ? 1 : -1) * (metric == METRIC_R2 ? -1 : 1), value = num[s] / den;
            const double steep = metric == METRIC_RMSE ? (value > 0 ? 0.5 / sqrt(value) : 0) : 1;
            *delta += sign * (metric == METRIC_RMSE ? sqrt(value) : value);
            for (int i = 0; i < n; i++)
                influence[i] += sign * steep * (errors[t].error[s][i] - value * errors[t].den[i]) * n / den;
        }
    }
    double square = 0;
    for (int i = 0; i < n; i++) square += (times ? times[i] : 1) * influence[i] * influence[i];
    *delta /= used;
    *error = sqrt(square / n / (n - 1)) / used;
    return used > 0 && *error > 0 && isfinite(*delta) && isfinite(*error);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* t (n) sorted: what the draws say of a difference `delta` with its standard error. */
static MeansDelta tell(const double *t, int n, double delta, double error)
{
    enum { MOST = 5 };
    int below = 0, above = 0;
    const double at = delta / error;
    double high = fmin(MOST, fmax(NORMAL_95, t[(int)ceil(0.975 * (n - 1))]));
    double low = fmax(-MOST, fmin(-NORMAL_95, t[(int)(0.025 * (n - 1))]));
    for (int i = 0; i < n; i++) {
        below += t[i] <= at;
        above += t[i] >= at;
    }
    double p = 2.0 * ((below < above ? below : above) + 1) / (n + 1);
    return (MeansDelta){delta - high * error, delta - low * error, fmin(1, fmax(p, erfc(fabs(at) / sqrt(2))))};
}

bool paired_means(const Pair *pair, MetricId metric, double delta, Arena *arena, MeansDelta *out, Error *err)
{
    const int n = pair->n, n_targets = pair->task->n_targets;
    Errors *errors = ARENA_NEW(arena, Errors, n_targets);
    double *influence = ARENA_NEW(arena, double, n + 1), *t = ARENA_NEW(arena, double, pair->draws + 1);
    int32_t *times = ARENA_NEW(arena, int32_t, n + 1);
    double own, error, drawn, of_draw;
    int n_drawn = 0;
    *out = (MeansDelta){NAN, NAN, NAN};
    if (!errors || !influence || !t || !times) return error_memory(err);
    for (int k = 0; k < n_targets; k++)
        if (!gather(pair, metric, k, arena, &errors[k], err)) return false;
    if (n < 2 || !isfinite(delta)) return true;
    if (!score(errors, n_targets, metric, n, NULL, influence, &own, &error)) {
        if (delta == 0) *out = (MeansDelta){0, 0, 1}; /* they say the same */
        return true;
    }
    for (int d = 0; d < pair->draws; d++) {
        rescore_draw(n, pair->seed, (uint32_t)d, times);
        if (score(errors, n_targets, metric, n, times, influence, &drawn, &of_draw))
            t[n_drawn++] = (drawn - own) / of_draw;
    }
    qsort(t, (size_t)n_drawn, sizeof *t, by_size);
    if (n_drawn > 0) *out = tell(t, n_drawn, delta, error);
    return true;
}
