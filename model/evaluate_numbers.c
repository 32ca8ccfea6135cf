/* The evaluation of predicted quantities: scores, residuals, who is wrong where. */
#include <math.h>
#include <string.h>

#include "data/order.h"
#include "model/evaluate_parts.h"
#include "model/scores_targets.h"
#include "model/segments.h"

/* One target's rows of which the truth is known. */
typedef struct {
    int n;
    double *truth, *predicted; /* (n) */
    int *row;                  /* (n) */
    Keyed *keys, *spare;       /* (n) to sort with */
} Known;

static bool known_create(int n, Arena *arena, Known *out, Error *err)
{
    *out = (Known){.truth = ARENA_NEW(arena, double, n), .predicted = ARENA_NEW(arena, double, n),
                   .row = ARENA_NEW(arena, int, n), .keys = ARENA_NEW(arena, Keyed, n),
                   .spare = ARENA_NEW(arena, Keyed, n)};
    return (out->truth && out->predicted && out->row && out->keys && out->spare) || error_memory(err);
}

/* A prediction that is no number is in no figure. */
static void known_take(const Judged *j, int t, Known *k)
{
    const Task *task = j->task;
    const int at = t * task_stride(task) + task_point(task);
    k->n = 0;
    for (int i = 0; i < j->n; i++) {
        double y = j->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
        double p = task_number(task, t, (double)j->proba[(size_t)i * (size_t)j->n_classes + (size_t)at]);
        if (!isfinite(y) || !isfinite(p)) continue;
        k->truth[k->n] = y, k->predicted[k->n] = p;
        k->row[k->n++] = i;
    }
}

static const Keyed *known_sorted(Known *k, const double *by)
{
    for (int i = 0; i < k->n; i++) k->keys[i] = (Keyed){order_key(by[i]), i};
    return order_keyed(k->keys, k->spare, k->n);
}

/* ---- figures ----------------------------------------------------------------------------------- */

static void write_truth(const Known *k, Doc *out)
{
    double low = INFINITY, high = -INFINITY, sum = 0, square = 0;
    for (int i = 0; i < k->n; i++) {
        low = fmin(low, k->truth[i]), high = fmax(high, k->truth[i]);
        sum += k->truth[i] / k->n;
    }
    for (int i = 0; i < k->n; i++) square += (k->truth[i] - sum) * (k->truth[i] - sum) / k->n;
    Doc *truth = doc_set(out, "truth", doc_object());
    doc_set_number(truth, "low", k->n ? low : NAN);
    doc_set_number(truth, "high", k->n ? high : NAN);
    doc_set_number(truth, "mean", k->n ? sum : NAN);
    doc_set_number(truth, "sd", k->n ? sqrt(square) : NAN);
}

/* Rows as far apart as it takes; no chance in it. */
static void write_scatter(const Known *k, Doc *out)
{
    enum { MOST = 400 };
    const int points = k->n < MOST ? k->n : MOST;
    Doc *list = doc_set(out, "scatter", doc_array());
    for (int i = 0; i < points; i++) {
        const int at = (int)((int64_t)i * k->n / points);
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "truth", k->truth[at]);
        doc_set_number(entry, "predicted", k->predicted[at]);
    }
}

/* Truth less prediction, in bins of one width (twice the interquartile range by the cube root of the rows:
 * Freedman and Diaconis 1981), as far as four such ranges beyond the quartiles; how many lie beyond is said. */
static void write_residuals(Known *k, double *residual, Doc *out)
{
    enum { MOST = 40 };
    int64_t count[MOST] = {0}, below = 0, above = 0;
    Doc *residuals = doc_set(out, "residuals", doc_object());
    Doc *edges = doc_set(residuals, "edges", doc_array()), *counts = doc_set(residuals, "counts", doc_array());
    if (k->n == 0) return;
    for (int i = 0; i < k->n; i++) residual[i] = k->truth[i] - k->predicted[i];
    const Keyed *order = known_sorted(k, residual);
    double first = order_value(order[0].key), last = order_value(order[k->n - 1].key);
    double q1 = order_value(order[k->n / 4].key), q3 = order_value(order[(int)((int64_t)k->n * 3 / 4)].key);
    double range = q3 - q1, low = fmax(first, q1 - 4 * range), high = fmin(last, q3 + 4 * range);
    if (!(high > low)) low = first, high = last; /* most are alike */
    double width = 2 * range / cbrt(k->n);
    int bins = width > 0 && high > low ? (int)fmin(MOST, ceil((high - low) / width)) : high > low ? MOST : 1;
    for (int i = 0; i < k->n; i++) {
        if (residual[i] < low) below++;
        else if (residual[i] > high) above++;
        else if (high > low) count[(int)fmin(bins - 1, floor((residual[i] - low) / (high - low) * bins))]++;
        else count[0]++;
    }
    for (int b = 0; b <= bins; b++) doc_add(edges, doc_number(low + (high - low) * b / bins));
    for (int b = 0; b < bins; b++) doc_add(counts, doc_number((double)count[b]));
    doc_set_number(residuals, "below", (double)below);
    doc_set_number(residuals, "above", (double)above);
}

/* Ten groups of equal size by the truth or the prediction. */
static void write_groups(Known *k, const double *by, const char *name, Doc *out)
{
    enum { GROUPS = 10 };
    Doc *list = doc_set(out, name, doc_array());
    const Keyed *order = known_sorted(k, by);
    const int groups = k->n < GROUPS ? k->n : GROUPS;
    for (int g = 0; g < groups; g++) {
        const int from = (int)((int64_t)g * k->n / groups), to = (int)((int64_t)(g + 1) * k->n / groups);
        double truth = 0, predicted = 0, square = 0;
        for (int i = from; i < to; i++) {
            double y = k->truth[order[i].label], p = k->predicted[order[i].label];
            truth += y / (to - from), predicted += p / (to - from), square += (y - p) * (y - p) / (to - from);
        }
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "low", by[order[from].label]);
        doc_set_number(entry, "high", by[order[to - 1].label]);
        doc_set_number(entry, "n", to - from);
        doc_set_number(entry, "truth", truth);
        doc_set_number(entry, "predicted", predicted);
        doc_set_number(entry, "rmse", sqrt(square));
    }
}

/* The largest errors; of quantiles the outermost beside them. */
static void write_worst(const Judged *j, int t, const Known *k, Doc *out)
{
    enum { TOP = 24 };
    const Task *task = j->task;
    const int stride = task_stride(task);
    int top[TOP + 1], n_top = 0;
    for (int i = 0; i < k->n; i++) {
        const double error = fabs(k->truth[i] - k->predicted[i]);
        int at = n_top < TOP ? n_top++ : TOP; /* the last place falls off */
        for (; at > 0 && fabs(k->truth[top[at - 1]] - k->predicted[top[at - 1]]) < error; at--)
            top[at] = top[at - 1];
        top[at] = i;
    }
    Doc *list = doc_set(out, "worst", doc_array());
    for (int i = 0; i < n_top; i++) {
        const float *v = j->proba + (size_t)k->row[top[i]] * (size_t)j->n_classes + (size_t)(t * stride);
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "row", k->row[top[i]]);
        doc_set_number(entry, "truth", k->truth[top[i]]);
        doc_set_number(entry, "predicted", k->predicted[top[i]]);
        doc_set_number(entry, "low", stride > 1 ? task_number(task, t, (double)v[0]) : NAN);
        doc_set_number(entry, "high", stride > 1 ? task_number(task, t, (double)v[stride - 1]) : NAN);
    }
}

/* What share of the rows lies below each predicted quantile: the quantile itself, where that is right. */
static void write_quantiles(const Judged *j, int t, Doc *out)
{
    const Task *task = j->task;
    if (task->n_quantiles == 0) return;
    Doc *list = doc_set(out, "quantiles", doc_array());
    for (int q = 0; q < task->n_quantiles; q++) {
        double below = 0, n = 0;
        for (int i = 0; i < j->n; i++) {
            double y = j->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
            float v = j->proba[(size_t)i * (size_t)j->n_classes + (size_t)(t * task->n_quantiles + q)];
            double weight = j->weight ? j->weight[i] : 1;
            if (isnan(y)) continue;
            below += y <= task_number(task, t, (double)v) ? weight : 0;
            n += weight;
        }
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "quantile", task->quantiles[q]);
        doc_set_number(entry, "below", below / n);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void write_target(const Judged *j, int t, Known *k, double *work, Doc *out)
{
    known_take(j, t, k);
    write_truth(k, out);
    write_scatter(k, out);
    write_residuals(k, work, out);
    write_groups(k, k->truth, "by_truth", out);
    write_groups(k, k->predicted, "by_predicted", out);
    write_quantiles(j, t, out);
    write_worst(j, t, k, out);
}

bool evaluate_numbers(const Judged *j, Arena *arena, Doc **out, Error *err)
{
    TargetScores scores;
    Known known;
    double *work = ARENA_NEW(arena, double, j->n);
    if (!work) return error_memory(err);
    if (!known_create(j->n, arena, &known, err) || !scores_of_targets(j, arena, &scores, err)) return false;
    const Metrics *metrics = &scores.metrics;
    if (metrics->n_rows == 0)
        return error_set(err, ERR_DATA, "no row has a known `%s`: there is nothing to compare with",
                         j->task->targets[0].name);
    Doc *doc = doc_object();
    doc_set_text(doc, "task", task_names[j->task->kind]);
    doc_set_number(doc, "rows", (double)metrics->n_rows);
    scores_put_metrics(TASK_NUMBERS, metrics->value, scores.interval, doc);
    Doc *targets = doc_set(doc, "targets", doc_array());
    for (int t = 0; t < j->task->n_targets; t++) {
        Doc *target = doc_add(targets, doc_object());
        doc_set_text(target, "name", j->task->targets[t].name);
        scores_put_metrics(TASK_NUMBERS, metrics->of_target[t], scores.of_target[t], target);
        write_target(j, t, &known, work, target);
    }
    return doc_hand_over(doc, write_segments(j, arena, doc, err), out, err);
}
