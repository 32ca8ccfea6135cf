/* model/intervals_weighted.c - shares of as many rows as weights are worth, and a bootstrap of the rest. */
#include "model/intervals_weighted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/rescore.h"

/* Sums of weights and of their squares. */
typedef struct {
    double sum, square;
} Worth;

static void add(Worth *worth, double weight)
{
    worth->sum += weight;
    worth->square += weight * weight;
}

/* How many rows of one weight say as much. */
static double rows_of(Worth worth)
{
    return worth.sum > 0 ? worth.sum * worth.sum / worth.square : 0;
}

static bool shares(const Evaluation *e, Arena *arena, Intervals *out, Error *err)
{
    Worth all = {0};
    Worth *of = ARENA_NEW(arena, Worth, e->n_classes), *as = ARENA_NEW(arena, Worth, e->n_classes);
    Worth *either = ARENA_NEW(arena, Worth, e->n_classes);
    if (!of || !as || !either) return error_memory(err);
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0 || !(e->weight[i] > 0)) continue;
        add(&all, e->weight[i]);
        add(&of[e->labels[i]], e->weight[i]);
        add(&as[e->predicted[i]], e->weight[i]);
        add(&either[e->labels[i]], e->weight[i]);
        if (e->labels[i] != e->predicted[i]) add(&either[e->predicted[i]], e->weight[i]);
    }
    for (int c = 0; c < e->n_classes; c++) {
        const ClassMetrics *one = &e->metrics.per_class[c];
        double n_of = rows_of(of[c]), n_as = rows_of(as[c]);
        out->recall[c] = interval_share(one->mass > 0 ? one->mass_hits / one->mass * n_of : 0, n_of);
        out->precision[c] = interval_share(one->mass_predicted > 0
                                           ? one->mass_hits / one->mass_predicted * n_as : 0,
                                           n_as);
        if (one->support == 0) continue;
        double scale = rows_of(either[c]) / either[c].sum; /* all three in rows of one kind */
        out->f1[c] = interval_f1(one->mass_hits * scale, one->mass * scale, one->mass_predicted * scale);
    }
    double accuracy = e->value[METRIC_ACCURACY], n = rows_of(all);
    out->metric[METRIC_ACCURACY] = out->metric[METRIC_F1_MICRO] = interval_share(accuracy * n, n);
    return true;
}

static bool counted_rows(const Evaluation *e, Arena *arena, RescoreInput *out, Error *err)
{
    const size_t k = (size_t)e->n_classes;
    float *proba = ARENA_NEW(arena, float, (size_t)e->n * k);
    int32_t *labels = ARENA_NEW(arena, int32_t, e->n);
    double *weight = ARENA_NEW(arena, double, e->n);
    int n = 0;
    if (!proba || !labels || !weight) return error_memory(err);
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0 || !(e->weight[i] > 0)) continue;
        memcpy(proba + (size_t)n * k, e->proba + (size_t)i * k, k * sizeof *proba);
        weight[n] = e->weight[i];
        labels[n++] = e->labels[i];
    }
    *out = (RescoreInput){.n = n, .n_classes = e->n_classes, .proba = proba, .labels = labels, .weight = weight,
                          .decision = e->decision, .cost = e->cost, .positive = e->positive};
    return true;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool may_have(const Evaluation *e, MetricId m)
{
    int64_t fewest = e->metrics.n_rows, largest = 0;
    for (int c = 0; c < e->n_classes; c++) {
        const int64_t rows = e->metrics.per_class[c].support;
        if (rows < fewest) fewest = rows;
        if (rows > largest) largest = rows;
    }
    return m != METRIC_ECE && m != METRIC_ECE_CLASSWISE && m != METRIC_ACCURACY && m != METRIC_F1_MICRO
        && intervals_can_hold(m, (int)fewest, (int)(e->metrics.n_rows - largest));
}

bool intervals_weighted(const Evaluation *e, int draws, uint64_t seed, Arena *arena, Intervals *out, Error *err)
{
    const unsigned which = 1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC;
    RescoreInput in;
    Rescore r;
    double value[METRIC_COUNT];
    int n_drawn[METRIC_COUNT] = {0};
    if (!intervals_of(e, 0, seed, arena, out, err)) return false; /* none of all */
    if (draws <= 0) return true;
    if (!shares(e, arena, out, err) || !counted_rows(e, arena, &in, err) || !rescore_create(&in, which, arena,
                                                                                            &r, err))
        return false;
    int32_t *times = ARENA_NEW(arena, int32_t, in.n + 1);
    double *drawn = ARENA_NEW(arena, double, (size_t)METRIC_COUNT * (size_t)draws);
    if (!times || !drawn) return error_memory(err);
    for (int d = 0; d < draws; d++) {
        rescore_draw(in.n, seed, (uint32_t)d, times);
        rescore(&r, times, value);
        for (int m = 0; m < METRIC_COUNT; m++)
            if (!isnan(value[m])) drawn[(size_t)m * (size_t)draws + (size_t)n_drawn[m]++] = value[m];
    }
    for (int m = 0; m < METRIC_COUNT; m++) {
        double *of = drawn + (size_t)m * (size_t)draws;
        if (n_drawn[m] < draws / 2 + 1 || !may_have(e, (MetricId)m)) continue;
        qsort(of, (size_t)n_drawn[m], sizeof *of, by_size);
        out->metric[m] = (Interval){of[(int)(0.025 * (n_drawn[m] - 1))],
                                    of[(int)ceil(0.975 * (n_drawn[m] - 1))]};
    }
    return true;
}

bool intervals_for(const Evaluation *e, int draws, uint64_t seed, Arena *arena, Intervals *out, Error *err)
{
    return (e->weight ? intervals_weighted : intervals_of)(e, draws, seed, arena, out, err);
}
