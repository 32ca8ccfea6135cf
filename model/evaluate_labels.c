/* The evaluation of several yes-or-noes: each as two classes, and all together. */
#include <math.h>
#include <string.h>

#include "model/curves.h"
#include "model/evaluate_parts.h"
#include "model/intervals.h"
#include "model/reliability.h"
#include "model/scores.h"
#include "model/segments.h"

/* Probabilities of both answers, and which is true, of label t. */
static bool as_classes(const Judged *j, int t, Arena *arena, Judged *out, Error *err)
{
    const Task *task = j->task;
    float *proba = ARENA_NEW(arena, float, 2 * (size_t)j->n);
    int32_t *labels = ARENA_NEW(arena, int32_t, j->n);
    if (!proba || !labels) return error_memory(err);
    for (int i = 0; i < j->n; i++) {
        float p = j->proba[(size_t)i * (size_t)j->n_classes + (size_t)t];
        double y = j->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
        proba[2 * i] = 1 - p;
        proba[2 * i + 1] = p;
        labels[i] = isnan(y) ? -1 : y > 0.5;
    }
    *out = (Judged){.n = j->n, .n_classes = 2, .classes = task->targets[t].answer, .proba = proba,
                    .labels = labels, .positive = 1, .bootstrap = j->bootstrap, .seed = j->seed};
    return true;
}

static void write_confusion(const Metrics *m, Doc *out)
{
    Doc *confusion = doc_set(out, "confusion", doc_array());
    for (int t = 0; t < 2; t++) {
        Doc *row = doc_add(confusion, doc_array());
        for (int p = 0; p < 2; p++) doc_add(row, doc_number((double)m->confusion[2 * t + p]));
    }
}

/* Precision, recall and F1 are of yes. */
static bool write_label(const Judged *j, int t, const double value[METRIC_COUNT], Arena *arena, Doc *out,
                        Error *err)
{
    Judged one;
    Evaluation e;
    Intervals intervals;
    if (!as_classes(j, t, arena, &one, err) || !scores_measure(&one, arena, &e, err)) return false;
    doc_set_text(out, "name", j->task->targets[t].name);
    Doc *answers = doc_set(out, "answers", doc_array());
    for (int a = 0; a < 2; a++) doc_add(answers, doc_text(j->task->targets[t].answer[a]));
    doc_set_number(out, "rows", (double)e.metrics.n_rows);
    if (e.metrics.n_rows == 0) {
        Interval none[METRIC_COUNT];
        for (int m = 0; m < METRIC_COUNT; m++) none[m] = interval_none;
        evaluate_put_metrics(TASK_LABELS, value, none, out);
        return true;
    }
    if (!intervals_of(&e, j->bootstrap, j->seed, arena, &intervals, err)) return false;
    Interval *of = intervals.metric;
    of[METRIC_F1_MACRO] = of[METRIC_F1_MICRO] = of[METRIC_F1_WEIGHTED] = intervals.f1[1];
    of[METRIC_PRECISION_MACRO] = intervals.precision[1];
    of[METRIC_RECALL_MACRO] = intervals.recall[1];
    evaluate_put_metrics(TASK_LABELS, value, of, out);
    write_confusion(&e.metrics, out);
    return write_reliability(&e, arena, out, err) && evaluate_curves(&e, arena, out, err);
}

/* ---- all labels together ------------------------------------------------------------------------- */

/* Rows are left out by groups, every G-th of them, and what is left is scored: jackknife, with all of a row's
 * answers together, as they go together. */
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

static bool intervals_of_labels(const Judged *j, const double value[METRIC_COUNT], int64_t n_rows, Arena *arena,
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

bool evaluate_scores_of_labels(const Judged *j, Arena *arena, Metrics *metrics, Interval interval[METRIC_COUNT],
                               Error *err)
{
    const ScoredRows rows = {.task = j->task, .n = j->n, .n_classes = j->n_classes, .values = j->proba,
                             .ld = j->n_classes, .targets = j->targets, .weight = j->weight};
    void *scratch = arena_alloc(arena, 1, scored_scratch_bytes(j->task, j->n));
    if (!scratch) return error_memory(err);
    if (!metrics_create_for(j->task, j->n_classes, arena, metrics, err)) return false;
    metrics_score(&rows, metrics_for(TASK_LABELS), scratch, metrics);
    return intervals_of_labels(j, metrics->value, metrics->n_rows, arena, interval, err);
}

bool evaluate_labels(const Judged *j, Arena *arena, Doc **out, Error *err)
{
    Metrics metrics;
    Interval intervals[METRIC_COUNT];
    if (!evaluate_scores_of_labels(j, arena, &metrics, intervals, err)) return false;
    if (metrics.n_rows == 0)
        return error_set(err, ERR_DATA, "no row has a known answer: there is nothing to compare with");
    Doc *doc = doc_object();
    doc_set_text(doc, "task", task_names[TASK_LABELS]);
    doc_set_number(doc, "rows", (double)metrics.n_rows);
    evaluate_put_metrics(TASK_LABELS, metrics.value, intervals, doc);
    Doc *targets = doc_set(doc, "targets", doc_array());
    bool ok = true;
    for (int t = 0; ok && t < j->task->n_targets; t++)
        ok = write_label(j, t, metrics.of_target[t], arena, doc_add(targets, doc_object()), err);
    return doc_hand_over(doc, ok && write_segments(j, arena, doc, err), out, err);
}
