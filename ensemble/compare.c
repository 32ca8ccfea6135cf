/* Two ways on the same resamples of the rows. */
#include "ensemble/compare.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

enum { RESAMPLES = 100 };

/* What is true of rows that were drawn. */
typedef struct {
    int32_t *labels;
    double *targets, *weight;
} Resample;

static bool resample_create(Choice *choice, Resample *out)
{
    const Library *l = choice->library;
    const size_t n = (size_t)l->n_rows, n_targets = (size_t)library_n_targets(l);
    *out = (Resample){0};
    if (l->labels) out->labels = ARENA_NEW(choice->arena, int32_t, n);
    if (l->targets) out->targets = ARENA_NEW(choice->arena, double, n * n_targets);
    if (l->weight) out->weight = ARENA_NEW(choice->arena, double, n);
    return (!l->labels || out->labels) && (!l->targets || out->targets) && (!l->weight || out->weight);
}

static void resample_take(const Library *l, size_t row, size_t at, Resample *out)
{
    const size_t n_targets = (size_t)library_n_targets(l);
    if (out->labels) out->labels[at] = l->labels[row];
    if (out->weight) out->weight[at] = l->weight[row];
    if (out->targets)
        memcpy(out->targets + at * n_targets, l->targets + row * n_targets, n_targets * sizeof(double));
}

bool compare_values(Choice *choice, const float *a, const float *b, double *gain, double *error,
                           Error *err)
{
    const Library *library = choice->library;
    const size_t n_classes = (size_t)library->n_classes, n_rows = (size_t)library->n_rows;
    const double sign = metric_larger_is_better(choice->metric) ? 1 : -1;
    float *proba[4]; /* a, b, and a resample of each */
    Resample sample;
    int32_t *known = ARENA_NEW(choice->arena, int32_t, n_rows);
    for (int i = 0; i < 4; i++) proba[i] = ARENA_NEW(choice->arena, float, n_rows * n_classes);
    if (!resample_create(choice, &sample) || !known || !proba[0] || !proba[1] || !proba[2] || !proba[3])
        return error_memory(err);
    uint32_t n = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (library_knows(library, (int)i)) known[n++] = (int32_t)i;
    memcpy(proba[0], a, n_rows * n_classes * sizeof *a);
    memcpy(proba[1], b, n_rows * n_classes * sizeof *b);
    double whole[2], cost;
    for (int k = 0; k < 2; k++) choice_score_proba(choice, proba[k], &whole[k], &cost);
    double sum = 0, square = 0;
    int used = 0;
    for (uint32_t resample = 0; resample < RESAMPLES; resample++) {
        Rng rng = rng_stream(rng_mix(choice->seed, 1), resample, RNG_BOOTSTRAP);
        for (uint32_t i = 0; i < n; i++) {
            size_t row = (size_t)known[rng_below(&rng, n)];
            resample_take(library, row, i, &sample);
            for (int k = 0; k < 2; k++)
                memcpy(proba[2 + k] + i * n_classes, proba[k] + row * n_classes,
                       n_classes * sizeof(float));
        }
        double value[2];
        for (int k = 0; k < 2; k++) {
            ScoredRows rows = library_scored(library, proba[2 + k]);
            rows.n = (int)n;
            rows.labels = sample.labels;
            rows.targets = sample.targets;
            rows.weight = sample.weight;
            metrics_score(&rows, 1u << choice->metric, choice->scratch, &choice->metrics);
            value[k] = choice->metrics.value[choice->metric];
        }
        double difference = sign * (value[0] - value[1]);
        if (!isfinite(difference)) continue; /* a resample without a class has no AUC */
        sum += difference;
        square += difference * difference;
        used++;
    }
    *gain = sign * (whole[0] - whole[1]);
    *error = 0;
    if (used > 1) *error = sqrt(fmax(0, (square - sum * sum / used) / (used - 1)));
    return true;
}

bool compare_candidates(Choice *choice, const Candidate *a, const Candidate *b, double *gain, double *error,
                    Error *err)
{
    const size_t cells = (size_t)choice->library->n_rows * (size_t)choice->library->n_classes;
    float *of_a = ARENA_NEW(choice->arena, float, cells), *of_b = ARENA_NEW(choice->arena, float, cells);
    if (!of_a || !of_b) return error_memory(err);
    choice_combine(choice, a, of_a);
    choice_combine(choice, b, of_b);
    return compare_values(choice, of_a, of_b, gain, error, err);
}
