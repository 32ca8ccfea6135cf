/* Sums, argmax and losses of planes. The loops over rows are compiled for several widths of vectors, which
 * give the same bits (engine/vec.h). */
#include "ensemble/score.h"

#include <math.h>
#include <string.h>

#include "engine/vec.h"

enum { BLOCK = 512 }; /* rows whose sums stay in the first-level cache */

bool scorer_is_slow(MetricId metric)
{
    return metric == METRIC_ROC_AUC || metric == METRIC_PR_AUC || metric == METRIC_MEDIAN_AE
        || metric == METRIC_SPEARMAN || metric == METRIC_LOG_LOSS_CALIBRATED;
}

static bool has_classes(const Scorer *s)
{
    return !s->task || task_has_classes(s->task);
}

/* These cannot be had from planes. */
static bool needs_rows(const Scorer *s)
{
    if (s->weight && has_classes(s)) return true;
    if (has_classes(s)) return scorer_is_slow(s->metric) || s->metric == METRIC_ECE;
    return s->task->kind != TASK_NUMBERS || !quick_numbers(s->metric);
}

/* The truth of row `row` as that of row `at`. */
static void take_row(Scorer *s, const Library *library, int row, int at)
{
    const size_t n_targets = (size_t)library_n_targets(library);
    if (s->labels) s->labels[at] = library->labels[row];
    if (s->weight) s->weight[at] = library->weight[row];
    for (size_t t = 0; t < n_targets; t++)
        s->targets[(size_t)at * n_targets + t] = library->targets[(size_t)row * n_targets + t];
}

static bool take_truth(Scorer *s, const Library *library, Arena *arena, Error *err)
{
    const size_t n_targets = (size_t)library_n_targets(library);
    int at = 0;
    if (library->labels) s->labels = ARENA_NEW(arena, int32_t, s->n);
    if (library->targets) s->targets = ARENA_NEW(arena, double, (size_t)s->n * n_targets);
    if ((library->labels && !s->labels) || (library->targets && !s->targets)) return error_memory(err);
    for (int i = 0; i < library->n_rows; i++)
        if (library_knows(library, i)) take_row(s, library, i, at++);
    return library_has_numbers(library) ? numbers_planes(s, arena, err) : true;
}

bool scorer_create(const Library *library, const int *chosen, int n_chosen, MetricId metric,
                   Arena *arena, Scorer *out, Error *err)
{
    Scorer s = {.metric = metric, .positive = library->positive, .n_models = n_chosen,
                .n_classes = library->n_classes, .task = library->task};
    const size_t n_classes = (size_t)s.n_classes;
    for (int i = 0; i < library->n_rows; i++) s.n += library_knows(library, i);
    s.ld = (s.n + 15) / 16 * 16;
    const size_t ld = (size_t)s.ld;
    s.plane = ARENA_NEW(arena, float *, n_chosen);
    s.sum = ARENA_NEW(arena, float, n_classes * ld);
    s.top = ARENA_NEW(arena, float, ld);
    s.predicted = ARENA_NEW(arena, int32_t, ld);
    if (!s.plane || !s.sum || !s.top || !s.predicted) return error_memory(err);
    if (library->weight && !(s.weight = ARENA_NEW(arena, double, s.n))) return error_memory(err);
    if (needs_rows(&s)) {
        s.proba = ARENA_NEW(arena, float, (size_t)s.n * n_classes);
        s.scratch = arena_alloc(arena, 1, scored_scratch_bytes(s.task, s.n));
        if (!s.proba || !s.scratch) return error_memory(err);
    }
    if (!metrics_create_for(s.task, s.n_classes, arena, &s.metrics, err)
        || !take_truth(&s, library, arena, err))
        return false;
    for (int m = 0; m < n_chosen; m++) {
        s.plane[m] = ARENA_NEW(arena, float, n_classes * ld);
        if (!s.plane[m]) return error_memory(err);
        const float *from = library->proba[chosen[m]];
        size_t at = 0;
        for (int i = 0; i < library->n_rows; i++, from += n_classes) {
            if (!library_knows(library, i)) continue;
            for (size_t c = 0; c < n_classes; c++) s.plane[m][c * ld + at] = from[c];
            at++;
        }
    }
    *out = s;
    return true;
}

void scorer_clear(Scorer *s)
{
    memset(s->sum, 0, (size_t)s->n_classes * (size_t)s->ld * sizeof *s->sum);
    s->n_drawn = 0;
}

VEC_CLONES static void add(size_t n, const float *restrict more, float *restrict sum)
{
    for (size_t i = 0; i < n; i++) sum[i] += more[i];
}

void scorer_draw(Scorer *s, int model)
{
    add((size_t)s->n_classes * (size_t)s->ld, s->plane[model], s->sum);
    s->n_drawn++;
}

/* One more class of a block: where its sum is larger than all before, it is the prediction. */
VEC_CLONES static void keep_larger(int n, int32_t c, const float *restrict sum,
                                   const float *restrict more, float *restrict top,
                                   int32_t *restrict predicted)
{
    for (int i = 0; i < n; i++) {
        float t = sum[i] + more[i], before = top[i];
        int32_t was = predicted[i];
        predicted[i] = t > before ? c : was;
        top[i] = t > before ? t : before;
    }
}

static void predict(Scorer *s, const float *more)
{
    for (int from = 0; from < s->n; from += BLOCK) {
        int n = s->n - from < BLOCK ? s->n - from : BLOCK;
        for (int i = from; i < from + n; i++) s->top[i] = -1, s->predicted[i] = 0;
        for (int c = 0; c < s->n_classes; c++) {
            size_t at = (size_t)c * (size_t)s->ld + (size_t)from;
            keep_larger(n, c, s->sum + at, more + at, s->top + from, s->predicted + from);
        }
    }
}

/* Mean of -log((sum + more) / count) at the labels. */
static double log_loss(const Scorer *s, const float *more, int count)
{
    double total = 0;
    for (int i = 0; i < s->n;) {
        double product = 1;
        int end = i + 16 < s->n ? i + 16 : s->n;
        for (; i < end; i++) {
            size_t at = (size_t)s->labels[i] * (size_t)s->ld + (size_t)i;
            double p = ((double)s->sum[at] + more[at]) / count;
            product *= p > 1e-15 ? p : 1e-15;
        }
        total -= log(product);
    }
    return total / s->n;
}

VEC_CLONES static void add_squares(int n, const float *restrict sum, const float *restrict more,
                                   float *restrict total)
{
    for (int i = 0; i < n; i++) total[i] += (sum[i] + more[i]) * (sum[i] + more[i]);
}

/* sum_c (p_c - y_c)^2 = sum_c p_c^2 - 2 p_label + 1; of two classes one half of it counts. */
static double brier(Scorer *s, const float *more, int count)
{
    double total = 0;
    memset(s->top, 0, (size_t)s->n * sizeof *s->top);
    for (int c = 0; c < s->n_classes; c++) {
        size_t at = (size_t)c * (size_t)s->ld;
        add_squares(s->n, s->sum + at, more + at, s->top);
    }
    for (int i = 0; i < s->n; i++) {
        size_t at = (size_t)s->labels[i] * (size_t)s->ld + (size_t)i;
        total += s->top[i] / ((double)count * count) - 2 * ((double)s->sum[at] + more[at]) / count + 1;
    }
    return total / s->n / (s->n_classes == 2 ? 2 : 1);
}

static double from_rows(Scorer *s, const float *more, int count)
{
    float *to = s->proba;
    for (size_t i = 0; i < (size_t)s->n; i++)
        for (size_t c = 0; c < (size_t)s->n_classes; c++) {
            size_t at = c * (size_t)s->ld + i;
            *to++ = (s->sum[at] + more[at]) / (float)count;
        }
    const ScoredRows rows = {.task = s->task, .n = s->n, .n_classes = s->n_classes, .values = s->proba,
                             .ld = s->n_classes, .labels = s->labels, .targets = s->targets,
                             .weight = s->weight, .positive = s->positive};
    const bool metric_alone = has_classes(s) && !s->weight;
    const unsigned which = metric_alone ? 1u << s->metric : select_needs(s->task, s->metric);
    metrics_score(&rows, which, s->scratch, &s->metrics);
    return s->metrics.value[s->metric];
}

/* Of tasks without classes, and of rows that weigh. */
static double cost_of_values(Scorer *s, const float *more, int count)
{
    double grain = 0;
    if (s->proba) {
        s->value = from_rows(s, more, count);
        grain = select_grain(s->task, s->metric, s->metrics.value);
    } else {
        s->value = numbers_value(s, more, count);
    }
    return select_cost(s->metric, s->value, grain);
}

double scorer_cost(Scorer *s, int model)
{
    const float *more = s->plane[model];
    const int count = s->n_drawn + 1;
    if (!has_classes(s) || s->weight) return cost_of_values(s, more, count);
    double loss = log_loss(s, more, count), value;
    if (s->metric == METRIC_LOG_LOSS || s->metric == METRIC_LOSS) {
        value = loss;
    } else if (s->metric == METRIC_BRIER) {
        value = brier(s, more, count);
    } else if (s->proba) {
        value = from_rows(s, more, count);
    } else {
        predict(s, more);
        metrics_from_predictions(s->n, s->predicted, s->labels, &s->metrics);
        value = s->metrics.value[s->metric];
    }
    s->value = value;
    return select_cost(s->metric, value, loss);
}
