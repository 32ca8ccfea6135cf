/* Do two models differ on the same rows? McNemar's test and a paired bootstrap. */
#include "model/paired.h"

#include <math.h>
#include <stdlib.h>

#include "model/intervals.h"
#include "model/paired_means.h"
#include "model/paired_targets.h"
#include "model/rescore.h"

/* ---- accuracy ---------------------------------------------------------------------------------- */

double mcnemar_exact(int only_a, int only_b)
{
    int m = only_a + only_b, least = only_a < only_b ? only_a : only_b;
    double sum = 0;
    if (only_a == only_b) return 1;
    for (int k = least; k >= 0; k--) { /* largest first: what is far from it adds nothing */
        double term = exp(lgamma(m + 1.0) - lgamma(k + 1.0) - lgamma(m - k + 1.0) - m * log(2));
        sum += term;
        if (term < 1e-18 * sum) break;
    }
    return fmin(1, 2 * sum);
}

/* Tango's score of a supposed difference: how many standard errors, as they would be if it were true, the
 * observed one lies above it. `q` is the share of rows right in a alone that fits the supposition best. */
static double tango_score(double n, double only_a, double only_b, double delta)
{
    double b = (2 * n + only_a - only_b) * delta - only_a - only_b, c = -only_a * delta * (1 - delta);
    double q = (sqrt(fmax(0, b * b - 8 * n * c)) - b) / (4 * n);
    double variance = n * (2 * q + delta * (1 - delta)), miss = only_b - only_a - n * delta;
    if (variance > 0) return miss / sqrt(variance);
    return miss > 0 ? INFINITY : miss < 0 ? -INFINITY : 0;
}

/* Falls with the supposed difference: halves the range in which it passes `score`. */
static double tango_bound(int n, int only_a, int only_b, double low, double high, double score)
{
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (tango_score(n, only_a, only_b, middle) > score) low = middle;
        else high = middle;
    }
    return (low + high) / 2;
}

void paired_share_interval(int n, int only_a, int only_b, double *low95, double *high95)
{
    const double z = 1.959963984540054, seen = n > 0 ? (double)(only_b - only_a) / n : NAN;
    *low95 = *high95 = NAN;
    if (n <= 0) return;
    *low95 = tango_bound(n, only_a, only_b, -1, seen, z);
    *high95 = tango_bound(n, only_a, only_b, seen, 1, -z);
}

/* ---- all metrics ------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the draws in which both sides were defined. */
static void interval(double *draws, int n, PairedDelta *out)
{
    int below = 0, above = 0;
    out->low95 = out->high95 = out->p = NAN;
    if (n == 0) return;
    for (int i = 0; i < n; i++) {
        below += draws[i] <= 0;
        above += draws[i] >= 0;
    }
    qsort(draws, (size_t)n, sizeof *draws, by_size);
    out->low95 = draws[(int)(0.025 * (n - 1))];
    out->high95 = draws[(int)ceil(0.975 * (n - 1))];
    /* one more than was counted: no p of 0 from so many draws */
    out->p = fmin(1, 2.0 * ((below < above ? below : above) + 1) / (n + 1));
}

static bool is_share(MetricId metric) /* of the rows, that are right */
{
    return metric == METRIC_ACCURACY || metric == METRIC_F1_MICRO;
}

/* McNemar's p and Tango's interval: nothing is drawn. */
static void exact(const Rescore side[2], PairedDelta *out, Paired *counts)
{
    const int32_t *labels = side[0].in.labels;
    Paired got = {.n = side[0].in.n};
    for (int i = 0; i < got.n; i++) {
        bool right_a = side[0].predicted[i] == labels[i], right_b = side[1].predicted[i] == labels[i];
        got.only_a += right_a && !right_b;
        got.only_b += right_b && !right_a;
    }
    got.mcnemar_p = mcnemar_exact(got.only_a, got.only_b);
    if (out) {
        out->p = got.mcnemar_p;
        out->test = "mcnemar";
        paired_share_interval(got.n, got.only_a, got.only_b, &out->low95, &out->high95);
    }
    if (counts) *counts = got;
}

static bool sides(const Pair *pair, unsigned which, Arena *arena, Rescore side[2], Error *err)
{
    RescoreInput in = {.n = pair->n, .n_classes = pair->n_classes, .proba = pair->a, .labels = pair->labels,
                       .weight = pair->weight, .decision = pair->decision_a, .cost = pair->cost_a,
                           .positive = pair->positive};
    if (!rescore_create(&in, which, arena, &side[0], err)) return false;
    in.proba = pair->b;
    in.decision = pair->decision_b;
    in.cost = pair->cost_b;
    return rescore_create(&in, which, arena, &side[1], err);
}

/* With too few rows of a class draws say more than they know: of four rows p < 0.05 came in 13 % of nothing. */
static bool can_be_told(const Rescore *side, MetricId metric)
{
    int64_t fewest = side->in.n, largest = 0;
    for (int c = 0; c < side->in.n_classes; c++) {
        const int64_t rows = side->metrics.per_class[c].support;
        if (rows < fewest) fewest = rows;
        if (rows > largest) largest = rows;
    }
    return intervals_can_hold(metric, (int)fewest, (int)(side->in.n - largest));
}

/* `counts` NULL: not wanted. */
static bool compare(const Pair *pair, const MetricId *metrics, int n_metrics, Arena *arena,
                    PairedDelta *out, Paired *counts, Error *err)
{
    const int n = pair->n;
    double of_a[METRIC_COUNT], of_b[METRIC_COUNT];
    unsigned which = 0;
    Rescore side[2];
    int n_drawn[METRIC_COUNT] = {0}, draws = 0;
    bool told[METRIC_COUNT];
    for (int m = 0; m < n_metrics; m++) {
        which |= 1u << metrics[m];
        if ((!is_share(metrics[m]) || pair->weight) && n > 0 && pair->draws > 0) draws = pair->draws;
    }
    int32_t *times = ARENA_NEW(arena, int32_t, n + 1);
    double *drawn = ARENA_NEW(arena, double, (size_t)n_metrics * (size_t)draws + 1);
    if (!times || !drawn) return error_memory(err);
    if (!sides(pair, which, arena, side, err)) return false;
    rescore(&side[0], NULL, of_a);
    rescore(&side[1], NULL, of_b);
    for (int m = 0; m < n_metrics; m++)
        out[m] = (PairedDelta){.metric = metrics[m], .a = of_a[metrics[m]], .b = of_b[metrics[m]], .n = n,
                               .delta = of_b[metrics[m]] - of_a[metrics[m]], .test = "bootstrap"};
    for (int m = 0; m < n_metrics; m++) told[m] = can_be_told(&side[0], metrics[m]);
    for (int d = 0; d < draws; d++) {
        rescore_draw(n, pair->seed, (uint32_t)d, times);
        rescore(&side[0], times, of_a);
        rescore(&side[1], times, of_b);
        for (int m = 0; m < n_metrics; m++) {
            double delta = of_b[metrics[m]] - of_a[metrics[m]];
            if (!isnan(delta)) drawn[m * draws + n_drawn[m]++] = delta;
        }
    }
    for (int m = 0; m < n_metrics; m++) {
        if (is_share(metrics[m]) && !pair->weight) exact(side, &out[m], NULL);
        else interval(drawn + m * draws, told[m] ? n_drawn[m] : 0, &out[m]);
    }
    if (counts) exact(side, NULL, counts);
    return true;
}

/* Of numbers and labels: nothing but draws. */
static bool compare_targets(const Pair *pair, const MetricId *metrics, int n_metrics, Arena *arena,
                            PairedDelta *out, Paired *counts, Error *err)
{
    TargetDraws d;
    if (!paired_targets_draw(pair, metrics, n_metrics, arena, &d, err)) return false;
    for (int m = 0; m < n_metrics; m++) {
        out[m] = (PairedDelta){.metric = metrics[m], .a = d.a[m], .b = d.b[m], .n = pair->n,
                               .delta = d.b[m] - d.a[m], .test = "bootstrap"};
        interval(d.drawn[m], pair->n < PAIRED_FEWEST ? 0 : d.n_drawn[m], &out[m]);
        const bool told = pair->n >= PAIRED_FEWEST && pair->task->kind == TASK_NUMBERS;
        if (!told || !paired_means_has(metrics[m])) continue;
        MeansDelta means;
        if (!paired_means(pair, metrics[m], out[m].delta, arena, &means, err)) return false;
        out[m].low95 = means.low95, out[m].high95 = means.high95, out[m].p = means.p;
    }
    if (counts)
        *counts = (Paired){.n = pair->n, .only_a = d.only_a, .only_b = d.only_b,
                           .mcnemar_p = mcnemar_exact(d.only_a, d.only_b)};
    return true;
}

static bool of_targets(const Pair *pair)
{
    return pair->task && !task_has_classes(pair->task);
}

bool paired_differences(const Pair *pair, const MetricId *metrics, int n_metrics, Arena *arena,
                        PairedDelta *out, Error *err)
{
    return (of_targets(pair) ? compare_targets : compare)(pair, metrics, n_metrics, arena, out, NULL, err);
}

bool paired_difference(const Pair *pair, MetricId metric, Arena *arena, PairedDelta *out, Error *err)
{
    return paired_differences(pair, &metric, 1, arena, out, err);
}

const MetricId *paired_metrics(const Task *task)
{
    static const MetricId of_classes[PAIRED_METRICS] = {METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_LOG_LOSS};
    static const MetricId of_numbers[PAIRED_METRICS] = {METRIC_RMSE, METRIC_MAE, METRIC_R2};
    return task && task->kind == TASK_NUMBERS ? of_numbers : of_classes;
}

bool paired_compare(const Pair *pair, Arena *arena, Paired *out, Error *err)
{
    PairedDelta delta[PAIRED_METRICS];
    Paired got;
    if (!(of_targets(pair) ? compare_targets : compare)(pair, paired_metrics(pair->task), PAIRED_METRICS, arena,
                                                        delta, &got, err))
        return false;
    for (int m = 0; m < PAIRED_METRICS; m++) got.delta[m] = delta[m];
    *out = got;
    return true;
}
