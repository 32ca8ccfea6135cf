/* How good predicted quantities are, target by target. */
#include <assert.h>
#include <math.h>

#include "data/order.h"
#include "engine/metrics.h"

/* One target's known rows, side by side; a row that weighs nothing is none. */
typedef struct {
    int n;
    double total;         /* sum of the weights */
    double *y, *p, *w;    /* (n) truth, prediction and weight */
    Keyed *keys, *other;  /* (n) to sort with */
} Pairs;

static Keyed *sorted(const Pairs *pairs, const double *v)
{
    for (int i = 0; i < pairs->n; i++) pairs->keys[i] = (Keyed){order_key(v[i] + 0.0), i};
    return order_keyed(pairs->keys, pairs->other, pairs->n);
}

/* v becomes the ranks of its numbers: how much weighs less, and half of what is equal. */
static void rank(const Pairs *pairs, double *v)
{
    const Keyed *order = sorted(pairs, v);
    double below = 0, here;
    for (int i = 0, to; i < pairs->n; i = to, below += here) {
        here = 0;
        for (to = i; to < pairs->n && order[to].key == order[i].key; to++) here += pairs->w[order[to].label];
        for (int k = i; k < to; k++) v[order[k].label] = below + here / 2;
    }
}

/* Of ranks, whose mean is half the weight. */
static double correlation(const Pairs *pairs)
{
    double xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < pairs->n; i++) {
        double a = pairs->y[i] - pairs->total / 2, b = pairs->p[i] - pairs->total / 2, w = pairs->w[i];
        xx += w * a * a;
        yy += w * b * b;
        xy += w * a * b;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

/* The error that half the weight lies below; where it falls between two, their middle. */
static double median_error(const Pairs *pairs)
{
    const int n = pairs->n;
    double half = 0, sum = 0;
    for (int i = 0; i < n; i++)
        pairs->keys[i] = (Keyed){order_key(fabs(pairs->y[i] - pairs->p[i])), i};
    const Keyed *order = order_keyed(pairs->keys, pairs->other, n);
    for (int i = 0; i < n; i++) half += pairs->w[order[i].label];
    half /= 2;
    int at = 0;
    for (sum = pairs->w[order[0].label]; sum < half && at + 1 < n; sum += pairs->w[order[at].label]) at++;
    const int next = sum - half > 2.220446049250313e-16 || at + 1 == n ? at : at + 1;
    return (order_value(order[at].key) + order_value(order[next].key)) / 2;
}

static void errors(const Pairs *pairs, double *value)
{
    const int n = pairs->n;
    double squares = 0, sum = 0, share = 0, mean = 0, spread = 0;
    for (int i = 0; i < n; i++) mean += pairs->w[i] * pairs->y[i];
    mean /= pairs->total;
    for (int i = 0; i < n; i++) {
        double e = pairs->y[i] - pairs->p[i], d = pairs->y[i] - mean, size = fabs(pairs->y[i]), w = pairs->w[i];
        squares += w * e * e;
        sum += w * fabs(e);
        share += w * fabs(e) / (size > 2.220446049250313e-16 ? size : 2.220446049250313e-16);
        spread += w * d * d;
    }
    value[METRIC_RMSE] = sqrt(squares / pairs->total);
    value[METRIC_MAE] = sum / pairs->total;
    value[METRIC_MAPE] = share / pairs->total;
    value[METRIC_R2] = n < 2 ? NAN : spread > 0 ? 1 - squares / spread : squares > 0 ? 0 : 1;
}

/* The truth of row i and what it weighs; false where it is not known or weighs nothing. */
static bool known(const ScoredRows *s, int i, int t, double *y, double *weight)
{
    *y = s->targets[(size_t)i * (size_t)s->task->n_targets + (size_t)t];
    *weight = s->weight ? s->weight[i] : 1;
    return !isnan(*y) && *weight > 0;
}

/* Of the quantiles of target t: the pinball loss, and the interval between the outermost. */
static void of_quantiles(const ScoredRows *s, int t, double *value)
{
    const Task *task = s->task;
    const int q = task->n_quantiles;
    double loss = 0, covered = 0, width = 0, n = 0, y, w;
    for (int i = 0; i < s->n; i++) {
        const float *v = s->values + (size_t)i * (size_t)s->ld + (size_t)t * (size_t)q;
        if (!known(s, i, t, &y, &w)) continue;
        for (int k = 0; k < q; k++) {
            double e = y - task_number(task, t, (double)v[k]);
            loss += w * (e >= 0 ? task->quantiles[k] * e : (task->quantiles[k] - 1) * e);
        }
        double low = task_number(task, t, (double)v[0]), high = task_number(task, t, (double)v[q - 1]);
        covered += w * (y >= low && y <= high);
        width += w * (high - low);
        n += w;
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
    pairs->total = 0;
    for (int i = 0; i < s->n; i++) {
        double y, w;
        if (!known(s, i, t, &y, &w)) continue;
        pairs->y[pairs->n] = y;
        pairs->w[pairs->n] = w;
        pairs->total += w;
        pairs->p[pairs->n++] =
            task_number(task, t, (double)s->values[(size_t)i * (size_t)s->ld + (size_t)(t * stride + point)]);
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
    value[METRIC_SPEARMAN] = correlation(pairs);
}

/* Rows of which some target is known. */
static int64_t some_known(const ScoredRows *s)
{
    int64_t n = 0;
    double y, w;
    for (int i = 0; i < s->n; i++) {
        int t = 0;
        while (t < s->task->n_targets && !known(s, i, t, &y, &w)) t++;
        n += t < s->task->n_targets;
    }
    return n;
}

void metrics_of_numbers(const ScoredRows *s, unsigned which, void *scratch, Metrics *out)
{
    const int n_targets = s->task->n_targets;
    char *at = scratch;
    const size_t n = (size_t)s->n;
    Pairs pairs = {.keys = (Keyed *)(void *)at, .other = (Keyed *)(void *)(at + n * sizeof(Keyed)),
                   .y = (double *)(void *)(at + 2 * n * sizeof(Keyed)),
                   .p = (double *)(void *)(at + 2 * n * sizeof(Keyed) + n * sizeof(double)),
                   .w = (double *)(void *)(at + 2 * n * sizeof(Keyed) + 2 * n * sizeof(double))};
    assert(scratch || s->n == 0);
    out->n_rows = some_known(s);
    for (int t = 0; t < n_targets; t++) one_target(s, t, which, &pairs, out->of_target[t]);
    for (int m = 0; m < METRIC_COUNT; m++) {
        double sum = 0;
        int defined = 0;
        for (int t = 0; t < n_targets; t++)
            if (!isnan(out->of_target[t][m])) sum += out->of_target[t][m], defined++;
        out->value[m] = defined ? sum / defined : NAN;
    }
}
