/* The intervals of averages over several yes-or-noes: a jackknife by groups of rows. */
#include "model/intervals_labels.h"

#include <math.h>
#include <string.h>

#include "engine/metrics.h"

enum { GROUPS_LEAST = 20, GROUPS_MOST = 100 };

static int groups_of(const Judged *j)
{
    const double affordable = 4e6 / ((double)j->n * j->task->n_targets + 1);
    const int groups = (int)fmin(GROUPS_MOST, fmax(GROUPS_LEAST, affordable));
    return j->n < groups ? j->n : groups;
}

static Interval of_jackknife(MetricId metric, double value, double error, int groups, int64_t rows)
{
    /* Student's quantile for so many groups: Cornish and Fisher's first term */
    const double z = NORMAL_95 + (NORMAL_95 * NORMAL_95 * NORMAL_95 + NORMAL_95) / (4.0 * (groups - 1));
    if (!isfinite(value) || !isfinite(error)) return interval_none;
    if (metric == METRIC_LOG_LOSS)
        return value > 0 ? (Interval){value * exp(-z * error / value), value * exp(z * error / value)}
                         : interval_none;
    double worth = error > 0 ? value * (1 - value) / (error * error) * (NORMAL_95 * NORMAL_95) / (z * z) : 0;
    if (!(worth > 0) || worth > 100.0 * (double)rows) worth = (double)rows; /* nothing varies */
    return interval_share(value * worth, worth);
}

/* The rows but those of group g; g = -1: all. */
static int leave_out(const Judged *j, int g, int groups, float *values, double *targets, double *weight)
{
    const size_t k = (size_t)j->n_classes;
    int n = 0;
    for (int i = 0; i < j->n; i++) {
        if (i % groups == g) continue;
        memcpy(values + (size_t)n * k, j->proba + (size_t)i * k, k * sizeof *values);
        memcpy(targets + (size_t)n * k, j->targets + (size_t)i * k, k * sizeof *targets);
        weight[n++] = j->weight ? j->weight[i] : 1;
    }
    return n;
}

bool intervals_of_labels(const Judged *j, const double value[METRIC_COUNT], int64_t n_rows, Arena *arena,
                         Interval out[METRIC_COUNT], Error *err)
{
    const size_t k = (size_t)j->n_classes, n = (size_t)j->n;
    const int groups = groups_of(j);
    double sum[METRIC_COUNT] = {0}, square[METRIC_COUNT] = {0};
    float *values = ARENA_NEW(arena, float, n * k);
    double *targets = ARENA_NEW(arena, double, n * k), *weight = ARENA_NEW(arena, double, n);
    void *scratch = arena_alloc(arena, 1, scored_scratch_bytes(j->task, j->n));
    Metrics m;
    if (!values || !targets || !weight || !scratch) return error_memory(err);
    if (!metrics_create_for(j->task, j->n_classes, arena, &m, err)) return false;
    for (int i = 0; i < METRIC_COUNT; i++) out[i] = interval_none;
    if (j->bootstrap <= 0 || groups < 5) return true;
    for (int g = 0; g < groups; g++) {
        ScoredRows rows = {.task = j->task, .n_classes = j->n_classes, .values = values, .ld = j->n_classes,
                           .targets = targets};
        rows.n = leave_out(j, g, groups, values, targets, weight);
        if (j->weight) rows.weight = weight;
        metrics_score(&rows, metrics_for(TASK_LABELS), scratch, &m);
        for (int i = 0; i < METRIC_COUNT; i++) {
            double far = m.value[i] - value[i];
            sum[i] += far, square[i] += far * far;
        }
    }
    for (int i = 0; i < METRIC_COUNT; i++) {
        double variance = (square[i] - sum[i] * sum[i] / groups) * (groups - 1) / groups;
        out[i] = of_jackknife((MetricId)i, value[i], sqrt(fmax(0, variance)), groups, n_rows);
        if (isnan(variance)) out[i] = interval_none;
    }
    return true;
}
