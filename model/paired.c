/* Do two models differ on the same rows? McNemar's test and a paired bootstrap. */
#include "model/paired.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

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

static int best_class(const float *row, int n_classes)
{
    int best = 0;
    for (int c = 1; c < n_classes; c++)
        if (row[c] > row[best]) best = c;
    return best;
}

/* One side: what it decides and what each row costs it. */
typedef struct {
    int32_t *predicted;
    double *loss; /* nats */
} Side;

static bool side_make(int n, int n_classes, const float *proba, const int32_t *labels, Arena *arena, Side *out)
{
    out->predicted = ARENA_NEW(arena, int32_t, n + 1);
    out->loss = ARENA_NEW(arena, double, n + 1);
    if (!out->predicted || !out->loss) return false;
    for (int i = 0; i < n; i++) {
        const float *row = proba + (size_t)i * (size_t)n_classes;
        out->predicted[i] = best_class(row, n_classes);
        out->loss[i] = -log(fmax(row[labels[i]], 1e-15));
    }
    return true;
}

/* The three scores on the rows `at` (NULL: all). */
static void score(int n, const Side *side, const int32_t *labels, const int32_t *at, int32_t *scratch,
                  Metrics *metrics, double out[PAIRED_METRICS])
{
    int32_t *predicted = scratch, *truth = scratch + n;
    double loss = 0;
    for (int i = 0; i < n; i++) {
        int row = at ? at[i] : i;
        predicted[i] = side->predicted[row];
        truth[i] = labels[row];
        loss += side->loss[row];
    }
    metrics_from_predictions(n, predicted, truth, metrics);
    out[0] = metrics->value[METRIC_ACCURACY];
    out[1] = metrics->value[METRIC_F1_MACRO];
    out[2] = loss / n;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void interval(double *draws, int n, PairedDelta *out)
{
    int below = 0, above = 0;
    for (int i = 0; i < n; i++) {
        below += draws[i] <= 0;
        above += draws[i] >= 0;
    }
    qsort(draws, (size_t)n, sizeof *draws, by_size);
    out->low95 = n ? draws[(int)(0.025 * (n - 1))] : NAN;
    out->high95 = n ? draws[(int)ceil(0.975 * (n - 1))] : NAN;
    /* one more than was counted: no p of 0 from so many draws */
    out->p = n ? fmin(1, 2.0 * ((below < above ? below : above) + 1) / (n + 1)) : NAN;
}

bool paired_compare(const Pair *pair, Arena *arena, Paired *out, Error *err)
{
    const int n = pair->n, n_classes = pair->n_classes, draws = pair->draws;
    const int32_t *labels = pair->labels;
    static const MetricId metrics_of[PAIRED_METRICS] = {METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_LOG_LOSS};
    Side sides[2];
    Metrics metrics;
    double of_a[PAIRED_METRICS], of_b[PAIRED_METRICS];
    int32_t *at = ARENA_NEW(arena, int32_t, n + 1), *scratch = ARENA_NEW(arena, int32_t, 2 * (size_t)n + 1);
    double *drawn = ARENA_NEW(arena, double, PAIRED_METRICS * (size_t)draws + 1);
    if (!at || !scratch || !drawn || !side_make(n, n_classes, pair->a, labels, arena, &sides[0])
        || !side_make(n, n_classes, pair->b, labels, arena, &sides[1]))
        return error_memory(err);
    if (!metrics_create(n_classes, arena, &metrics, err)) return false;
    Paired got = {.n = n};
    for (int i = 0; i < n; i++) {
        bool right_a = sides[0].predicted[i] == labels[i], right_b = sides[1].predicted[i] == labels[i];
        got.only_a += right_a && !right_b;
        got.only_b += right_b && !right_a;
    }
    got.mcnemar_p = mcnemar_exact(got.only_a, got.only_b);
    score(n, &sides[0], labels, NULL, scratch, &metrics, of_a);
    score(n, &sides[1], labels, NULL, scratch, &metrics, of_b);
    for (int m = 0; m < PAIRED_METRICS; m++)
        got.delta[m] = (PairedDelta){.metric = metrics_of[m], .a = of_a[m], .b = of_b[m],
                                     .delta = of_b[m] - of_a[m]};
    for (int d = 0; d < draws && n > 0; d++) {
        Rng rng = rng_stream(pair->seed, (uint32_t)d, RNG_BOOTSTRAP);
        for (int i = 0; i < n; i++) at[i] = (int32_t)rng_below(&rng, (uint32_t)n);
        score(n, &sides[0], labels, at, scratch, &metrics, of_a);
        score(n, &sides[1], labels, at, scratch, &metrics, of_b);
        for (int m = 0; m < PAIRED_METRICS; m++) drawn[m * draws + d] = of_b[m] - of_a[m];
    }
    for (int m = 0; m < PAIRED_METRICS; m++) interval(drawn + m * draws, n > 0 ? draws : 0, &got.delta[m]);
    got.delta[0].p = got.mcnemar_p; /* exact beats drawn */
    *out = got;
    return true;
}
