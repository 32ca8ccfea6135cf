/* How good predicted quantities are, target by target. */
#include <assert.h>
#include <math.h>

#include "data/order.h"
#include "engine/metrics.h"

/* One target's known rows, side by side. */
typedef struct {
    int n;
    double *y, *p;        /* (n) truth and prediction */
    Keyed *keys, *other;  /* (n) to sort with */
} Pairs;

static Keyed *sorted(const Pairs *pairs, const double *v)
{
    for (int i = 0; i < pairs->n; i++) pairs->keys[i] = (Keyed){order_key(v[i] + 0.0), i};
    return order_keyed(pairs->keys, pairs->other, pairs->n);
}

/* v becomes the ranks of its numbers, equal ones sharing the middle of theirs. */
static void rank(const Pairs *pairs, double *v)
{
    const Keyed *order = sorted(pairs, v);
    for (int i = 0, to; i < pairs->n; i = to) {
        for (to = i; to < pairs->n && order[to].key == order[i].key; to++) {}
        for (int k = i; k < to; k++) v[order[k].label] = (i + to - 1) / 2.0;
    }
}

static double correlation(int n, const double *x, const double *y)
{
    double xx = 0, yy = 0, xy = 0, mean = (n - 1) / 2.0; /* of ranks from 0 */
    for (int i = 0; i < n; i++) {
        double a = x[i] - mean, b = y[i] - mean;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

static double median_error(const Pairs *pairs)
{
    const int n = pairs->n;
    for (int i = 0; i < n; i++) pairs->keys[i] = (Keyed){order_key(fabs(pairs->y[i] - pairs->p[i])), i};
    const Keyed *order = order_keyed(pairs->keys, pairs->other, n);
    return (order_value(order[(n - 1) / 2].key) + order_value(order[n / 2].key)) / 2;
}

static void errors(const Pairs *pairs, double *value)
{
    const int n = pairs->n;
    double squares = 0, sum = 0, share = 0, mean = 0, spread = 0;
    for (int i = 0; i < n; i++) mean += pairs->y[i];
    mean /= n;
    for (int i = 0; i < n; i++) {
        double e = pairs->y[i] - pairs->p[i], d = pairs->y[i] - mean, size = fabs(pairs->y[i]);
        squares += e * e;
        sum += fabs(e);
        share += fabs(e) / (size > 2.220446049250313e-16 ? size : 2.220446049250313e-16);
        spread += d * d;
    }
    value[METRIC_RMSE] = sqrt(squares / n);
    value[METRIC_MAE] = sum / n;
    value[METRIC_MAPE] = share / n;
    value[METRIC_R2] = n < 2 ? NAN : spread > 0 ? 1 - squares / spread : squares > 0 ? 0 : 1;
}

/* Of the quantiles of target t: the pinball loss, and the interval between the outermost. */
static void of_quantiles(const ScoredRows *s, int t, double *value)
{
    const Task *task = s->task;
    const int q = task->n_quantiles;
    double loss = 0, covered = 0, width = 0, n = 0;
    for (int i = 0; i < s->n; i++) {
        double y = s->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
        const float *v = s->values + (size_t)i * (size_t)s->ld + (size_t)t * (size_t)q;
        if (isnan(y)) continue;
        for (int k = 0; k < q; k++) {
            double e = y - task_number(task, t, v[k]);
            loss += e >= 0 ? task->quantiles[k] * e : (task->quantiles[k] - 1) * e;
        }
        double low = task_number(task, t, v[0]), high = task_number(task, t, v[q - 1]);
        covered += y >= low && y <= high;
        width += high - low;
        n++;
    }
    value[METRIC_PINBALL] = loss / (n * q);
    if (q < 2) return;
    value[METRIC_COVERAGE] = covered / n;
    value[METRIC_WIDTH] = width / n;
}

static void one_target(const ScoredRows *s, int t, unsigned which, Pairs *pairs, double *value)
{
    const Task *task = s->task;
    const int stride = task_stride(task), point = task_point(task);
    for (int m = 0; m < METRIC_COUNT; m++) value[m] = NAN;
    pairs->n = 0;
    for (int i = 0; i < s->n; i++) {
        double y = s->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
        if (isnan(y)) continue;
        pairs->y[pairs->n] = y;
        pairs->p[pairs->n++] =
            task_number(task, t, s->values[(size_t)i * (size_t)s->ld + (size_t)(t * stride + point)]);
    }
    if (pairs->n == 0) return;
    errors(pairs, value);
    if (isnan(value[METRIC_RMSE])) return; /* a prediction is no number: nothing can be sorted */
    if (task->n_quantiles > 0) of_quantiles(s, t, value);
    else value[METRIC_PINBALL] = value[METRIC_MAE] / 2;
    if (which & 1u << METRIC_MEDIAN_AE) value[METRIC_MEDIAN_AE] = median_error(pairs);
    if (!(which & 1u << METRIC_SPEARMAN)) return;
    rank(pairs, pairs->y);
    rank(pairs, pairs->p);
    value[METRIC_SPEARMAN] = correlation(pairs->n, pairs->y, pairs->p);
}

void metrics_of_numbers(const ScoredRows *s, unsigned which, void *scratch, Metrics *out)
{
    const int n_targets = s->task->n_targets;
    char *at = scratch;
    const size_t n = (size_t)s->n;
    Pairs pairs = {.keys = (Keyed *)(void *)at, .other = (Keyed *)(void *)(at + n * sizeof(Keyed)),
                   .y = (double *)(void *)(at + 2 * n * sizeof(Keyed)),
                   .p = (double *)(void *)(at + 2 * n * sizeof(Keyed) + n * sizeof(double))};
    assert(scratch || s->n == 0);
    out->n_rows = 0;
    for (int t = 0; t < n_targets; t++) {
        one_target(s, t, which, &pairs, out->of_target[t]);
        if (pairs.n > out->n_rows) out->n_rows = pairs.n;
    }
    for (int m = 0; m < METRIC_COUNT; m++) {
        double sum = 0;
        int defined = 0;
        for (int t = 0; t < n_targets; t++)
            if (!isnan(out->of_target[t][m])) sum += out->of_target[t][m], defined++;
        out->value[m] = defined ? sum / defined : NAN;
    }
}
