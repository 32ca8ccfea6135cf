/* The intervals of all scores of one evaluation. */
#include "model/intervals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/rescore.h"
#include "model/spread.h"

/* ---- means of losses --------------------------------------------------------------------------- */

/* A loss of rows: its mean and variance, and those that the probabilities foresee. */
typedef struct {
    const double *x; /* (n) */
    double mean, variance, foreseen_mean, foreseen;
    double *t;       /* (draws) studentized logarithms of the mean */
} Loss;

static void sum_up(Loss *loss, int n)
{
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++) sum += loss->x[i];
    loss->mean = sum / n;
    for (int i = 0; i < n; i++) square += (loss->x[i] - loss->mean) * (loss->x[i] - loss->mean);
    loss->variance = n > 1 ? square / (n - 1) : 0;
}

/* If each row's class were drawn with its probabilities. */
static void foresee(const RescoreInput *in, Loss *log_loss, Loss *brier)
{
    for (int i = 0; i < in->n; i++) {
        const float *p = in->proba + (size_t)i * (size_t)in->n_classes;
        double mean[2] = {0}, square[2] = {0}, sum = 0;
        for (int c = 0; c < in->n_classes; c++) sum += (double)p[c] * (double)p[c];
        for (int c = 0; c < in->n_classes; c++) {
            double at = p[c], loss = -log(at <= 1e-15 ? 1e-15 : at);
            double far = (sum - 2 * at + 1) / (in->n_classes == 2 ? 2 : 1);
            mean[0] += at * loss, square[0] += at * loss * loss;
            mean[1] += at * far, square[1] += at * far * far;
        }
        log_loss->foreseen_mean += mean[0] / in->n, brier->foreseen_mean += mean[1] / in->n;
        log_loss->foreseen += fmax(0, square[0] - mean[0] * mean[0]) / in->n;
        brier->foreseen += fmax(0, square[1] - mean[1] * mean[1]) / in->n;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void draw_losses(Loss *loss[2], int n, int draws, uint64_t seed, int32_t *times)
{
    for (int d = 0; d < draws; d++) {
        rescore_draw(n, seed, (uint32_t)d, times);
        for (int l = 0; l < 2; l++) {
            double sum = 0, square = 0;
            for (int i = 0; i < n; i++) {
                double x = loss[l]->x[i];
                sum += times[i] * x;
                square += times[i] * x * x;
            }
            double mean = sum / n, variance = fmax(0, (square - sum * mean) / (n - 1));
            bool flat = !(variance > 1e-12 * loss[l]->variance) || !(mean > 0);
            loss[l]->t[d] = flat ? 0 : log(mean / loss[l]->mean) / (sqrt(variance / n) / mean);
        }
    }
    for (int l = 0; l < 2; l++) qsort(loss[l]->t, (size_t)draws, sizeof *loss[l]->t, by_size);
}

static Interval interval_of_loss(const Loss *loss, int n, int draws)
{
    enum { MOST = 5 }; /* standard errors: where a few rows hold all the loss, draws go without bounds */
    double seen = sqrt(loss->variance / n) / loss->mean;
    double foreseen = sqrt(loss->foreseen / n) / loss->foreseen_mean;
    double error = loss->foreseen_mean > 0 ? fmax(seen, foreseen) : seen;
    if (!(loss->mean > 0) || !isfinite(error) || n < 2) return interval_none;
    double low = fmin(MOST, fmax(NORMAL_95, loss->t[(int)(0.975 * (draws - 1))]));
    double high = fmax(-MOST, fmin(-NORMAL_95, loss->t[(int)(0.025 * (draws - 1))]));
    return (Interval){loss->mean * exp(-low * error), loss->mean * exp(-high * error)};
}

static bool losses(const Rescore *r, int draws, uint64_t seed, Arena *arena, Intervals *out, Error *err)
{
    const int n = r->in.n;
    Loss log_loss = {.x = r->log_loss, .t = ARENA_NEW(arena, double, draws)};
    Loss brier = {.x = r->brier, .t = ARENA_NEW(arena, double, draws)}, *both[2] = {&log_loss, &brier};
    int32_t *times = ARENA_NEW(arena, int32_t, n);
    if (!log_loss.t || !brier.t || !times) return error_memory(err);
    for (int l = 0; l < 2; l++) sum_up(both[l], n);
    foresee(&r->in, &log_loss, &brier);
    draw_losses(both, n, draws, seed, times);
    out->metric[METRIC_LOG_LOSS] = interval_of_loss(&log_loss, n, draws);
    out->metric[METRIC_BRIER] = interval_of_loss(&brier, n, draws);
    out->metric[METRIC_BRIER].high = fmin(out->metric[METRIC_BRIER].high, r->in.n_classes == 2 ? 1 : 2);
    return true;
}

/* ---- calibration ------------------------------------------------------------------------------- */

static void count_in(CountBin *bins, double p, bool hit)
{
    CountBin *bin = &bins[calibration_bin(p)];
    bin->rows++;
    bin->foreseen += p;
    bin->hits += hit;
}

static Distance per_row(Distance d, double rows)
{
    return (Distance){d.counted / rows, d.estimate / rows, {d.interval.low / rows, d.interval.high / rows}};
}

static bool calibration(const Rescore *r, Arena *arena, Intervals *out, Error *err)
{
    const int k = r->in.n_classes, first = k == 2 ? r->in.positive : 0, last = k == 2 ? first : k - 1;
    const int n_classes = last - first + 1;
    CountBin *each = ARENA_NEW(arena, CountBin, (size_t)n_classes * ECE_BINS), top[ECE_BINS] = {{0}};
    if (!each) return error_memory(err);
    for (int i = 0; i < r->in.n; i++) {
        const float *p = r->in.proba + (size_t)i * (size_t)k;
        int most = 0;
        for (int c = 0; c < k; c++) {
            if (p[c] > p[most]) most = c;
            if (c >= first && c <= last)
                count_in(each + (size_t)(c - first) * ECE_BINS, (double)p[c], c == r->in.labels[i]);
        }
        count_in(top, (double)p[most], most == r->in.labels[i]);
    }
    /* a row that one class wins another loses: gaps of k classes go together */
    double together = n_classes > 1 ? sqrt(k / (k - 1.0)) : 1;
    Distance of_top = per_row(distance_of(top, ECE_BINS, 1), r->in.n);
    Distance of_each = per_row(distance_of(each, n_classes * ECE_BINS, together), (double)r->in.n * n_classes);
    out->ece = of_top.estimate;
    out->metric[METRIC_ECE] = of_top.interval;
    out->ece_classwise = of_each.estimate;
    out->metric[METRIC_ECE_CLASSWISE] = of_each.interval;
    return true;
}

/* ---- the whole --------------------------------------------------------------------------------- */

bool intervals_can_hold(MetricId m, int fewest, int outside_largest)
{
    bool is_macro = m == METRIC_F1_MACRO || m == METRIC_PRECISION_MACRO || m == METRIC_RECALL_MACRO
                    || m == METRIC_BALANCED_ACCURACY || m == METRIC_ROC_AUC || m == METRIC_PR_AUC;
    return is_macro ? fewest >= INTERVALS_FEWEST : m != METRIC_MCC || outside_largest >= INTERVALS_FEWEST;
}

/* As if `rows` rows had been right or not. */
static Interval of_value(double value, double rows)
{
    return isfinite(value) && rows > 0 ? interval_share(value * rows, rows) : interval_none;
}

static void classes(const Evaluation *e, Intervals *out, int *fewest, int *outside_largest)
{
    int64_t largest = 0;
    *fewest = e->metrics.n_rows;
    for (int c = 0; c < e->n_classes; c++) {
        const ClassMetrics *one = &e->metrics.per_class[c];
        double hits = (double)e->metrics.confusion[(size_t)c * (size_t)(e->n_classes + 1)];
        out->recall[c] = interval_share(hits, (double)one->support);
        out->precision[c] = interval_share(hits, (double)one->predicted);
        out->f1[c] = one->support > 0 ? interval_f1(hits, (double)one->support, (double)one->predicted)
                                      : interval_none;
        if (one->support < *fewest) *fewest = (int)one->support;
        if (one->support > largest) largest = one->support;
    }
    *outside_largest = (int)(e->metrics.n_rows - largest);
}

static bool known_rows(const Evaluation *e, Arena *arena, RescoreInput *out, Error *err)
{
    const size_t k = (size_t)e->n_classes;
    float *proba = ARENA_NEW(arena, float, (size_t)e->metrics.n_rows * k);
    int32_t *labels = ARENA_NEW(arena, int32_t, e->metrics.n_rows);
    int n = 0;
    if (!proba || !labels) return error_memory(err);
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0) continue;
        memcpy(proba + (size_t)n * k, e->proba + (size_t)i * k, k * sizeof *proba);
        labels[n++] = e->labels[i];
    }
    *out = (RescoreInput){.n = n, .n_classes = e->n_classes, .proba = proba, .labels = labels,
                          .positive = e->positive};
    return true;
}

bool intervals_of(const Evaluation *e, int draws, uint64_t seed, Arena *arena, Intervals *out, Error *err)
{
    const unsigned curves = 1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC;
    Intervals got = {.ece = e->value[METRIC_ECE], .ece_classwise = e->value[METRIC_ECE_CLASSWISE]};
    Interval *each = ARENA_NEW(arena, Interval, 3 * (size_t)e->n_classes);
    double rows[METRIC_COUNT] = {0}, value[METRIC_COUNT];
    int fewest, outside;
    RescoreInput in;
    Rescore r;
    if (!each) return error_memory(err);
    got.precision = each, got.recall = each + e->n_classes, got.f1 = each + 2 * e->n_classes;
    for (int c = 0; c < 3 * e->n_classes; c++) each[c] = interval_none;
    for (int m = 0; m < METRIC_COUNT; m++) got.metric[m] = interval_none;
    *out = got;
    if (draws <= 0) return true;
    if (!known_rows(e, arena, &in, err) || !rescore_create(&in, curves, arena, &r, err)) return false;
    rescore(&r, NULL, value); /* r.metrics: who has rows */
    if (!spread_of_confusion(&e->metrics, arena, rows, err) || !spread_of_areas(&r, arena, value, rows, err)
        || !losses(&r, draws, seed, arena, &got, err) || !calibration(&r, arena, &got, err))
        return false;
    classes(e, &got, &fewest, &outside);
    for (int m = 0; m < METRIC_COUNT; m++) {
        bool correlation = m == METRIC_MCC; /* in [-1, 1] */
        if (!(rows[m] > 0) || !intervals_can_hold((MetricId)m, fewest, outside)) continue;
        Interval of = of_value(correlation ? (1 + e->value[m]) / 2 : e->value[m], rows[m]);
        got.metric[m] = correlation ? (Interval){2 * of.low - 1, 2 * of.high - 1} : of;
    }
    *out = got;
    return true;
}
