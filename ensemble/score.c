/* Sums, argmax and losses of planes. The loops over rows are compiled for several widths of vectors, which
 * give the same bits (engine/vec.h). */
#include "ensemble/score.h"

#include <math.h>
#include <string.h>

#include "engine/vec.h"

enum { BLOCK = 512 }; /* rows whose sums stay in the first-level cache */

bool scorer_is_slow(MetricId metric)
{
    return metric == METRIC_ROC_AUC || metric == METRIC_PR_AUC;
}

/* These cannot be had from predicted classes and log loss. */
static bool needs_rows(MetricId metric)
{
    return scorer_is_slow(metric) || metric == METRIC_ECE;
}

double select_cost(MetricId metric, double value, double log_loss)
{
    double cost = (metric_larger_is_better(metric) ? -value : value) + 1e-3 * log_loss;
    return isfinite(cost) ? cost : INFINITY;
}

/* Of the labelled rows. */
static bool weigh(const Library *library, Scorer *s, Arena *arena)
{
    double sum = 0;
    int n = 0;
    s->weight = ARENA_NEW(arena, double, s->n);
    if (!s->weight) return false;
    for (int i = 0; i < library->n_rows; i++)
        if (library->labels[i] >= 0) sum += s->weight[n++] = library->weight[i];
    for (int i = 0; i < n; i++) s->weight[i] *= n / sum;
    return true;
}

bool scorer_create(const Library *library, const int *chosen, int n_chosen, MetricId metric,
                   Arena *arena, Scorer *out, Error *err)
{
    Scorer s = {.metric = metric, .positive = library->positive, .n_models = n_chosen,
                .n_classes = library->n_classes};
    const size_t n_classes = (size_t)s.n_classes;
    for (int i = 0; i < library->n_rows; i++) s.n += library->labels[i] >= 0;
    s.ld = (s.n + 15) / 16 * 16;
    const size_t ld = (size_t)s.ld;
    s.labels = ARENA_NEW(arena, int32_t, s.n);
    s.plane = ARENA_NEW(arena, float *, n_chosen);
    s.sum = ARENA_NEW(arena, float, n_classes * ld);
    s.top = ARENA_NEW(arena, float, ld);
    s.predicted = ARENA_NEW(arena, int32_t, ld);
    if (!s.labels || !s.plane || !s.sum || !s.top || !s.predicted) return error_memory(err);
    if (library->weight && !weigh(library, &s, arena)) return error_memory(err);
    if (needs_rows(metric)) {
        s.proba = ARENA_NEW(arena, float, (size_t)s.n * n_classes);
        s.scratch = arena_alloc(arena, 1, metrics_scratch_bytes(s.n));
        if (!s.proba || !s.scratch) return error_memory(err);
    }
    if (!metrics_create(s.n_classes, arena, &s.metrics, err)) return false;
    for (int m = 0; m < n_chosen; m++) {
        s.plane[m] = ARENA_NEW(arena, float, n_classes * ld);
        if (!s.plane[m]) return error_memory(err);
        const float *from = library->proba[chosen[m]];
        size_t at = 0;
        for (int i = 0; i < library->n_rows; i++, from += n_classes) {
            if (library->labels[i] < 0) continue;
            s.labels[at] = library->labels[i];
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
    for (int i = 0; s->weight && i < s->n; i++) {
        size_t at = (size_t)s->labels[i] * (size_t)s->ld + (size_t)i;
        double p = ((double)s->sum[at] + more[at]) / count;
        total -= s->weight[i] * log(p > 1e-15 ? p : 1e-15);
    }
    if (s->weight) return total / s->n;
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
        double row = s->top[i] / ((double)count * count) - 2 * ((double)s->sum[at] + more[at]) / count + 1;
        total += s->weight ? s->weight[i] * row : row;
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
    const ScoredRows rows = {.n = s->n, .n_classes = s->n_classes, .values = s->proba, .ld = s->n_classes,
                             .labels = s->labels, .weight = s->weight, .positive = s->positive};
    metrics_score(&rows, 1u << s->metric, s->scratch, &s->metrics);
    return s->metrics.value[s->metric];
}

double scorer_cost(Scorer *s, int model)
{
    const float *more = s->plane[model];
    const int count = s->n_drawn + 1;
    double loss = log_loss(s, more, count), value;
    if (s->metric == METRIC_LOG_LOSS || s->metric == METRIC_LOSS) {
        value = loss;
    } else if (s->metric == METRIC_BRIER) {
        value = brier(s, more, count);
    } else if (s->proba) {
        value = from_rows(s, more, count);
    } else {
        predict(s, more);
        if (s->weight) metrics_from_weighted(s->n, s->predicted, s->labels, s->weight, &s->metrics);
        else metrics_from_predictions(s->n, s->predicted, s->labels, &s->metrics);
        value = s->metrics.value[s->metric];
    }
    s->value = value;
    return select_cost(s->metric, value, loss);
}
