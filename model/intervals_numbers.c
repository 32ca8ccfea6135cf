/* The intervals of scores of quantities: quotients of means drawn anew, order statistics, ranks. */
#include "model/intervals_numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/order.h"
#include "model/rescore.h"

/* ---- quotients of means ------------------------------------------------------------------------- */

/* What a score is made of: the mean of num by that of den, to the power of `root`. */
typedef struct {
    double *num, *den; /* (n) of means 1, or all 0 */
    double root;       /* the interval of the quotient to this power; 0: there is none */
    double variance;   /* of num - den */
    double *t;         /* (draws) studentized logarithms */
} Quotient;

/* The truth, the prediction and the weight of a row's target; false where it is not known. */
static bool pair_of(const Judged *j, int row, int t, double *y, double *p)
{
    const Task *task = j->task;
    const int at = t * task_stride(task) + task_point(task);
    *y = j->targets[(size_t)row * (size_t)task->n_targets + (size_t)t];
    *p = task_number(task, t, (double)j->proba[(size_t)row * (size_t)j->n_classes + (size_t)at]);
    return !isnan(*y);
}

static double weight_of(const Judged *j, int row) { return j->weight ? j->weight[row] : 1; }

/* Pinball loss of a row, mean over quantiles; without such, half the absolute error. */
static double pinball_of(const Judged *j, int row, int t, double y, double p)
{
    const Task *task = j->task;
    double loss = 0;
    if (task->n_quantiles == 0) return fabs(y - p) / 2;
    const float *v = j->proba + (size_t)row * (size_t)j->n_classes + (size_t)(t * task->n_quantiles);
    for (int k = 0; k < task->n_quantiles; k++) {
        double e = y - task_number(task, t, (double)v[k]);
        loss += e >= 0 ? task->quantiles[k] * e : (task->quantiles[k] - 1) * e;
    }
    return loss / task->n_quantiles;
}

/* The outermost quantiles. */
static void ends_of(const Judged *j, int row, int t, double *low, double *high)
{
    const Task *task = j->task;
    const float *v = j->proba + (size_t)row * (size_t)j->n_classes + (size_t)(t * task_stride(task));
    *low = task_number(task, t, (double)v[0]);
    *high = task_number(task, t, (double)v[task_stride(task) - 1]);
}

static double error_of(const Judged *j, MetricId metric, int row, int t, double y, double p)
{
    double low, high;
    switch (metric) {
    case METRIC_RMSE: case METRIC_R2: return (y - p) * (y - p);
    case METRIC_MAE: return fabs(y - p);
    case METRIC_MAPE: return fabs(y - p) / fmax(fabs(y), 2.220446049250313e-16);
    case METRIC_PINBALL: return pinball_of(j, row, t, y, p);
    default: ends_of(j, row, t, &low, &high); return high - low;
    }
}

static double root_of(MetricId metric)
{
    return metric == METRIC_RMSE ? 0.5 : 1;
}

/* Adds target t to a quotient with weight `share`: num and den have means of `share` over all rows. R2's den is
 * the distance from the mean, the others' the row itself. False where the score is 0 or undefined. */
static bool add_target(const Judged *j, MetricId metric, int t, double share, Quotient *q)
{
    double num = 0, den = 0, sum = 0, rows = 0, y, p;
    for (int i = 0; i < j->n; i++)
        if (pair_of(j, i, t, &y, &p)) sum += weight_of(j, i) * y, rows += weight_of(j, i);
    const double mean = sum / rows;
    for (int i = 0; i < j->n; i++) {
        if (!pair_of(j, i, t, &y, &p)) continue;
        num += weight_of(j, i) * error_of(j, metric, i, t, y, p);
        den += weight_of(j, i) * (metric == METRIC_R2 ? (y - mean) * (y - mean) : 1);
    }
    if (!(num > 0 && den > 0) || !isfinite(num) || !isfinite(den)) return false;
    for (int i = 0; i < j->n; i++) {
        if (!pair_of(j, i, t, &y, &p)) continue;
        double w = weight_of(j, i) * j->n * share;
        q->num[i] += w * error_of(j, metric, i, t, y, p) / num;
        q->den[i] += w * (metric == METRIC_R2 ? (y - mean) * (y - mean) : 1) / den;
    }
    return true;
}

/* The score of a target as a quotient to a power: R2 is 1 less it. */
static double size_of(MetricId metric, double value)
{
    return metric == METRIC_R2 ? 1 - value : value;
}

/* One draw of a quotient: how many standard errors its logarithm lies from 0. */
static double studentized(const Quotient *q, int n, const int32_t *times)
{
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (int i = 0; i < n; i++) {
        double x = q->num[i], z = q->den[i], w = times[i];
        a += w * x, b += w * z;
        aa += w * x * x, bb += w * z * z, ab += w * x * z;
    }
    if (!(a > 0 && b > 0)) return 0;
    a /= n, b /= n;
    double variance = (aa / (a * a) - 2 * ab / (a * b) + bb / (b * b)) / (n - 1);
    if (!(variance > 1e-12 * q->variance)) return 0;
    return log(a / b) / sqrt(variance / n);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The same without draws, for many rows: Edgeworth's correction of the studentized mean for skewness (Hall,
 * Ann. Statist. 16 (1988), 927-953), and that of the logarithm. */
static double corrected(const Quotient *q, int n, double z)
{
    double cube = 0, deviation = sqrt(q->variance);
    for (int i = 0; i < n; i++) cube += pow(q->num[i] - q->den[i], 3);
    double skewness = deviation > 0 ? cube / n / pow(deviation, 3) : 0;
    return z + (z * z * deviation / 2 - skewness * (2 * z * z + 1) / 6) / sqrt(n);
}

/* Factors by which the quotient may be smaller and larger. */
static Interval factors(const Quotient *q, int n, int draws)
{
    enum { MOST = 5 }; /* standard errors: where a few rows hold all the error, draws go without bounds */
    const double error = sqrt(q->variance / n);
    if (!isfinite(error)) return interval_none;
    double low = q->t ? q->t[(int)(0.975 * (draws - 1))] : corrected(q, n, NORMAL_95);
    double high = q->t ? q->t[(int)(0.025 * (draws - 1))] : corrected(q, n, -NORMAL_95);
    low = fmin(MOST, fmax(NORMAL_95, low));
    high = fmax(-MOST, fmin(-NORMAL_95, high));
    return (Interval){exp(-low * error * q->root), exp(-high * error * q->root)};
}

static Interval of_quotient(const Quotient *q, MetricId metric, double value, int n, int draws)
{
    if (q->root == 0 || !isfinite(value)) return interval_none;
    Interval f = factors(q, n, draws);
    double size = size_of(metric, value);
    if (metric == METRIC_R2) return (Interval){1 - size * f.high, 1 - size * f.low};
    return (Interval){size * f.low, size * f.high};
}

enum { N_QUOTIENTS = 6 };
static const MetricId quotients[N_QUOTIENTS] = {METRIC_RMSE, METRIC_MAE, METRIC_MAPE, METRIC_R2, METRIC_PINBALL,
                                                METRIC_WIDTH};

static bool room(int n, int draws, Arena *arena, Quotient *out, Error *err)
{
    *out = (Quotient){.num = ARENA_NEW(arena, double, n), .den = ARENA_NEW(arena, double, n)};
    if (draws > 0) out->t = ARENA_NEW(arena, double, draws);
    return (out->num && out->den && (draws == 0 || out->t)) || error_memory(err);
}

/* The quotient of one metric: of target `only`, or of all (-1) as an average. */
static void make(const Judged *j, const Metrics *m, MetricId metric, int only, Quotient *q)
{
    const int first = only < 0 ? 0 : only, last = only < 0 ? j->task->n_targets - 1 : only;
    double sum = 0, square = 0;
    memset(q->num, 0, (size_t)j->n * sizeof *q->num);
    memset(q->den, 0, (size_t)j->n * sizeof *q->den);
    q->root = q->variance = 0;
    for (int t = first; t <= last; t++) {
        double size = size_of(metric, m->of_target[t][metric]);
        if (size > 0 && isfinite(size)) sum += size;
    }
    for (int t = first; t <= last; t++) {
        double size = size_of(metric, m->of_target[t][metric]);
        if (size > 0 && isfinite(size) && add_target(j, metric, t, size / sum, q)) q->root = root_of(metric);
    }
    for (int i = 0; i < j->n; i++) square += (q->num[i] - q->den[i]) * (q->num[i] - q->den[i]);
    if (j->n > 1) q->variance = square / (j->n - 1);
}

static Interval *place_of(NumberIntervals *out, int target, MetricId metric)
{
    return &(target < 0 ? out->metric : out->of_target[target])[metric];
}

static double value_of(const Metrics *m, int target, MetricId metric)
{
    return target < 0 ? m->value[metric] : m->of_target[target][metric];
}

/* Averages first, then target by target: drawn as long as that is no trouble. */
static bool quotients_of(const Judged *j, const Metrics *m, Arena *arena, NumberIntervals *out, Error *err)
{
    enum { MOST_CELLS = 250000 };
    const int all = N_QUOTIENTS * (j->task->n_targets + 1), draws = j->bootstrap;
    const int affordable = MOST_CELLS / j->n;
    const int n_drawn = all < affordable ? all : affordable;
    Quotient *q = ARENA_NEW(arena, Quotient, n_drawn + 1), *spare = q + n_drawn;
    int32_t *times = ARENA_NEW(arena, int32_t, j->n);
    if (!q || !times || !room(j->n, 0, arena, spare, err)) return q && times ? false : error_memory(err);
    for (int i = 0; i < n_drawn; i++) {
        if (!room(j->n, draws, arena, &q[i], err)) return false;
        make(j, m, quotients[i % N_QUOTIENTS], i / N_QUOTIENTS - 1, &q[i]);
    }
    for (int d = 0; d < draws && n_drawn > 0; d++) {
        rescore_draw(j->n, j->seed, (uint32_t)d, times);
        for (int i = 0; i < n_drawn; i++)
            if (q[i].root > 0) q[i].t[d] = studentized(&q[i], j->n, times);
    }
    for (int i = 0; i < all; i++) {
        const MetricId metric = quotients[i % N_QUOTIENTS];
        const int t = i / N_QUOTIENTS - 1;
        Quotient *one = i < n_drawn ? &q[i] : spare;
        if (i >= n_drawn) make(j, m, metric, t, one);
        else if (one->root > 0) qsort(one->t, (size_t)draws, sizeof *one->t, by_size);
        *place_of(out, t, metric) = of_quotient(one, metric, value_of(m, t, metric), j->n, draws);
    }
    return true;
}

/* ---- influences --------------------------------------------------------------------------------- */

/* How each row moves a score of a target, weighed as the rows are: mean 0. */
typedef struct {
    double *y, *p, *w, *rank_y, *rank_p, *other_y, *other_p; /* (n) of the rows that are known */
    double *to;                                               /* (n) the influences, of all rows */
    double *sum;                                              /* (n) their mean over targets */
    int *row;
    Keyed *keys, *spare;
    int n;
} Work;

static bool work_create(int n, Arena *arena, Work *out, Error *err)
{
    Work w = {.row = ARENA_NEW(arena, int, n), .keys = ARENA_NEW(arena, Keyed, n),
              .spare = ARENA_NEW(arena, Keyed, n)};
    double **const arrays[] = {&w.y, &w.p, &w.w, &w.rank_y, &w.rank_p, &w.other_y, &w.other_p, &w.to, &w.sum};
    bool ok = w.row && w.keys && w.spare;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = ARENA_NEW(arena, double, n);
        ok = ok && *arrays[i];
    }
    if (!ok) return error_memory(err);
    *out = w;
    return true;
}

static void take(const Judged *j, int t, Work *w)
{
    double sum = 0;
    w->n = 0;
    for (int i = 0; i < j->n; i++) {
        double y, p;
        w->to[i] = 0;
        if (!pair_of(j, i, t, &y, &p) || !(weight_of(j, i) > 0)) continue;
        w->y[w->n] = y + 0.0, w->p[w->n] = p + 0.0, w->w[w->n] = weight_of(j, i);
        sum += w->w[w->n];
        w->row[w->n++] = i;
    }
    for (int i = 0; i < w->n; i++) w->w[i] *= w->n / sum;
}

static const Keyed *sorted(Work *w, const double *v)
{
    for (int i = 0; i < w->n; i++) w->keys[i] = (Keyed){order_key(v[i]), i};
    return order_keyed(w->keys, w->spare, w->n);
}

/* The share of rows below, with half of those that are equal. */
static void shares_below(Work *w, const double *v, double *out)
{
    const Keyed *order = sorted(w, v);
    double below = 0, here;
    for (int i = 0, to; i < w->n; i = to, below += here) {
        for (to = i, here = 0; to < w->n && order[to].key == order[i].key; to++) here += w->w[order[to].label];
        for (int k = i; k < to; k++) out[order[k].label] = (below + here / 2) / w->n;
    }
}

/* Of each row the mean of the others' `of`, of those whose v is above its own, with half of its equals. */
static void means_above(Work *w, const double *v, const double *of, double *out)
{
    const Keyed *order = sorted(w, v);
    double above = 0, here;
    for (int i = w->n, from; i > 0; i = from, above += here) {
        for (from = i, here = 0; from > 0 && order[from - 1].key == order[i - 1].key; from--)
            here += w->w[order[from - 1].label] * of[order[from - 1].label];
        for (int k = from; k < i; k++) out[order[k].label] = (above + here / 2) / w->n;
    }
}

/* Spearman's correlation is that of the shares below, F and G: cov(F, G) / sqrt(var F var G). A row moves it by
 * where it lies itself, and by moving all shares above it. */
static void rank_influences(Work *w)
{
    double ff = 0, gg = 0, fg = 0, sum = 0;
    shares_below(w, w->y, w->rank_y);
    shares_below(w, w->p, w->rank_p);
    for (int i = 0; i < w->n; i++) w->rank_y[i] -= 0.5, w->rank_p[i] -= 0.5; /* mean 0 */
    means_above(w, w->y, w->rank_p, w->other_y);
    means_above(w, w->p, w->rank_y, w->other_p);
    for (int i = 0; i < w->n; i++) {
        ff += w->w[i] * w->rank_y[i] * w->rank_y[i] / w->n;
        gg += w->w[i] * w->rank_p[i] * w->rank_p[i] / w->n;
        fg += w->w[i] * w->rank_y[i] * w->rank_p[i] / w->n;
    }
    if (!(ff > 0 && gg > 0)) return;
    for (int i = 0; i < w->n; i++) sum += w->w[i] * (w->other_y[i] + w->other_p[i]) / w->n;
    for (int i = 0; i < w->n; i++) {
        /* without ties the variances are those of uniform shares and do not move */
        double moved = w->rank_y[i] * w->rank_p[i] - fg + w->other_y[i] + w->other_p[i] - sum;
        w->to[w->row[i]] = w->w[i] * moved / sqrt(ff * gg);
    }
}

/* The standard error that influences say. */
static double error_by(const double *influence, int n_all, int n)
{
    double square = 0;
    for (int i = 0; i < n_all; i++) square += influence[i] * influence[i];
    return n > 1 ? sqrt(square / n / (n - 1)) : NAN;
}

static Interval of_ranks(double value, double error)
{
    double z = atanh(value), half = NORMAL_95 * error / (1 - value * value);
    return isfinite(z) && isfinite(half) ? (Interval){tanh(z - half), tanh(z + half)} : interval_none;
}

static Interval of_share(double value, double error, int n)
{
    double rows = error > 0 ? value * (1 - value) / (error * error) : n;
    return isfinite(value) && rows > 0 ? interval_share(value * rows, rows) : interval_none;
}

static Interval of_size(double value, double error)
{
    if (!(value > 0) || !isfinite(error)) return interval_none;
    return (Interval){value * exp(-NORMAL_95 * error / value), value * exp(NORMAL_95 * error / value)};
}

static Interval ranks_of_target(Work *w, double value, int n_all)
{
    rank_influences(w);
    double error = error_by(w->to, n_all, w->n), least;
    if (w->n <= 3) return interval_none;
    least = sqrt((1 + value * value / 2) / (w->n - 3)) * (1 - value * value);
    for (int i = 0; i < n_all && error > 0 && error < least; i++) w->to[i] *= least / error;
    return of_ranks(value, fmax(error, least));
}

static Interval coverage_of_target(const Judged *j, int t, Work *w, double value)
{
    for (int i = 0; i < w->n; i++) {
        double low, high;
        ends_of(j, w->row[i], t, &low, &high);
        w->to[w->row[i]] = w->w[i] * ((w->y[i] >= low && w->y[i] <= high) - value);
    }
    return of_share(value, error_by(w->to, j->n, w->n), w->n);
}

/* The ends are the errors at which so much of the weight lies below as half of it would by chance. */
static Interval median_of_target(Work *w, double value)
{
    double *error = w->rank_y, squares = 0, below = 0;
    for (int i = 0; i < w->n; i++) {
        error[i] = fabs(w->y[i] - w->p[i]);
        squares += w->w[i] * w->w[i];
    }
    const double half = NORMAL_95 * sqrt(squares) / 2;
    const Keyed *order = sorted(w, error);
    Interval of = {0, NAN};
    for (int i = 0; i < w->n; i++) {
        double here = w->w[order[i].label];
        if (below + here <= w->n / 2.0 - half) of.low = error[order[i].label];
        if (isnan(of.high) && below >= w->n / 2.0 + half) of.high = error[order[i].label];
        below += here;
    }
    if (isnan(of.high)) return interval_none;
    for (int i = 0; i < w->n; i++)
        w->to[w->row[i]] = w->w[i] * ((error[i] > value) - 0.5) * (of.high - of.low) / NORMAL_95 * sqrt(w->n);
    return of;
}

/* Of all targets together. */
static Interval of_average(MetricId metric, double value, const Work *w, int n)
{
    double error = error_by(w->sum, n, n);
    return metric == METRIC_SPEARMAN ? of_ranks(value, error)
         : metric == METRIC_COVERAGE ? of_share(value, error, n) : of_size(value, error);
}

static bool influences_of(const Judged *j, const Metrics *m, Arena *arena, NumberIntervals *out, Error *err)
{
    static const MetricId metrics[] = {METRIC_SPEARMAN, METRIC_COVERAGE, METRIC_MEDIAN_AE};
    Work w;
    if (!work_create(j->n, arena, &w, err)) return false;
    for (size_t k = 0; k < sizeof metrics / sizeof *metrics; k++) {
        const MetricId metric = metrics[k];
        int defined = 0;
        memset(w.sum, 0, (size_t)j->n * sizeof *w.sum);
        for (int t = 0; t < j->task->n_targets; t++) {
            const double value = m->of_target[t][metric];
            if (!isfinite(value)) continue;
            take(j, t, &w);
            Interval of = metric == METRIC_SPEARMAN ? ranks_of_target(&w, value, j->n)
                        : metric == METRIC_COVERAGE ? coverage_of_target(j, t, &w, value)
                        : median_of_target(&w, value);
            out->of_target[t][metric] = w.n < INTERVALS_NUMBERS_FEWEST ? interval_none : of;
            for (int i = 0; i < j->n; i++) w.sum[i] += w.to[i] * j->n / w.n;
            defined++;
        }
        for (int i = 0; i < j->n && defined; i++) w.sum[i] /= defined;
        out->metric[metric] = j->task->n_targets == 1 ? out->of_target[0][metric]
                            : of_average(metric, m->value[metric], &w, j->n);
    }
    return true;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

bool intervals_of_numbers(const Judged *judged, const Metrics *metrics, Arena *arena, NumberIntervals *out,
                          Error *err)
{
    NumberIntervals got = {.of_target = arena_alloc(arena, (size_t)judged->task->n_targets,
                                                    sizeof *got.of_target)};
    if (!got.of_target) return error_memory(err);
    for (int m = 0; m < METRIC_COUNT; m++) {
        got.metric[m] = interval_none;
        for (int t = 0; t < judged->task->n_targets; t++) got.of_target[t][m] = interval_none;
    }
    *out = got;
    if (judged->bootstrap <= 0 || metrics->n_rows < INTERVALS_NUMBERS_FEWEST) return true;
    if (!quotients_of(judged, metrics, arena, &got, err) || !influences_of(judged, metrics, arena, &got, err))
        return false;
    *out = got;
    return true;
}
