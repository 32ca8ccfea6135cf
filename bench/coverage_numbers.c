/* How often do the 95 % intervals of scores of numbers hold the truth? Worlds are made up: quantities with
 * errors of a known kind, whose scores over very many rows are the truth; test sets are drawn and judged by
 * the program's own code (model/evaluate.h), pairs by model/paired.h.
 *   build/bench/coverage_numbers [SETS]
 *
 * Out   a table: world, rows, and of each metric the share of sets whose interval holds the truth.
 *       `difference` and `no difference` are of the RMSE of another prediction, worse or as good, less the
 *       first one's, and the last column says how often p < 0.05 where both are as good. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "model/evaluate.h"
#include "model/paired.h"

#define WORLD_LIST(X)                                                                              \
    X(NORMAL, "normal") X(HEAVY, "heavy tails (t, 3 degrees)") X(SKEWED, "skewed (log-normal)")    \
    X(SPREAD, "errors grow with the size") X(FEW, "one row of fifty is far off")                   \
    X(PAIR, "two targets, errors go together")
typedef enum { WORLD_LIST(LIST_ID) N_WORLDS } World;
static const char *const worlds[] = {WORLD_LIST(LIST_NAME) NULL};

static double student3(Rng *rng)
{
    double z = rng_normal(rng), s = 0;
    for (int i = 0; i < 3; i++) {
        double x = rng_normal(rng);
        s += x * x;
    }
    return z / sqrt(s / 3);
}

/* One row: the truth of up to two targets, and two predictions of each that are as good but for `worse`. */
static void row_of(World world, Rng *rng, double worse, double y[2], float a[2], float b[2])
{
    double x = rng_normal(rng), shared = rng_normal(rng);
    for (int t = 0; t < 2; t++) {
        double e[2], mean = 20 * exp(0.3 * x);
        for (int s = 0; s < 2; s++) {
            double z = 0.8 * shared + 0.6 * rng_normal(rng); /* the same rows are hard for both */
            e[s] = z;
            if (world == HEAVY) e[s] = 0.6 * student3(rng);
            if (world == SKEWED) e[s] = exp(z) - 1.6;
            if (world == SPREAD) e[s] = z * exp(0.5 * x);
            if (world == FEW) e[s] = rng_below(rng, 50) == 0 ? 8 * z : 0.5 * z;
        }
        y[t] = mean;
        a[t] = (float)(mean + e[0]);
        b[t] = (float)(mean + (1 + worse) * e[1]);
    }
}

typedef struct {
    int n_targets;
    Target targets[2];
    Task task;
    double *y;
    float *a, *b;
} Sample;

static Sample sample_of(World world, int n, double worse, uint64_t seed, uint32_t stream)
{
    Sample s = {.n_targets = world == PAIR ? 2 : 1};
    Rng rng = rng_stream(seed, stream, RNG_TEST);
    s.y = calloc((size_t)n * 2, sizeof *s.y);
    s.a = calloc((size_t)n * 2, sizeof *s.a), s.b = calloc((size_t)n * 2, sizeof *s.b);
    if (!s.y || !s.a || !s.b) exit(1);
    for (int i = 0; i < n; i++) {
        double y[2];
        float a[2], b[2];
        row_of(world, &rng, worse, y, a, b);
        for (int t = 0; t < s.n_targets; t++) {
            const size_t at = (size_t)i * (size_t)s.n_targets + (size_t)t;
            s.y[at] = y[t], s.a[at] = a[t], s.b[at] = b[t];
        }
    }
    for (int t = 0; t < 2; t++) s.targets[t] = (Target){.name = t ? "y2" : "y1", .unit = 1, .scale = 1};
    return s;
}

static void sample_free(Sample *s)
{
    free(s->y), free(s->a), free(s->b);
}

static Doc *evaluate(Sample *s, int n, int draws, uint64_t seed, Arena *arena)
{
    Error err;
    Doc *doc;
    s->task = (Task){.kind = TASK_NUMBERS, .n_targets = s->n_targets, .targets = s->targets};
    const Judged judged = {.n = n, .n_classes = s->n_targets, .proba = s->a, .targets = s->y, .task = &s->task,
                           .bootstrap = draws, .seed = seed};
    if (evaluate_predictions(&judged, arena, &doc, &err)) return doc;
    fprintf(stderr, "coverage_numbers: %s\n", err.message);
    exit(1);
}

static double rmse_of(const Doc *doc, const char *metric)
{
    return doc_to_number(doc_get(doc_get(doc_get(doc, "metrics"), metric), "value"), NAN);
}

/* The RMSE of b less that of a. */
static void pair_of(Sample *s, int n, int draws, uint64_t seed, Arena *arena, PairedDelta *out)
{
    Error err;
    s->task = (Task){.kind = TASK_NUMBERS, .n_targets = s->n_targets, .targets = s->targets};
    const Pair pair = {.n = n, .n_classes = s->n_targets, .a = s->a, .b = s->b, .targets = s->y,
                       .task = &s->task, .draws = draws, .seed = seed};
    if (!paired_difference(&pair, METRIC_RMSE, arena, out, &err)) exit(1);
}

static const char *const shown[] = {"rmse", "mae", "median_ae", "mape", "r2", "spearman"};
enum { N_SHOWN = sizeof shown / sizeof *shown, ALL = 2000000 };

typedef struct {
    double metric[N_SHOWN], difference;
} Truth;

static Truth truth_of(World world, Arena *arena)
{
    Truth truth;
    PairedDelta d;
    Sample all = sample_of(world, ALL, 0.2, 5, 0);
    Doc *doc = evaluate(&all, ALL, 0, 0, arena);
    for (int m = 0; m < N_SHOWN; m++) truth.metric[m] = rmse_of(doc, shown[m]);
    doc_free(doc);
    pair_of(&all, ALL, 0, 0, arena, &d);
    truth.difference = d.delta;
    sample_free(&all);
    arena_reset(arena);
    return truth;
}

static void measure(World world, const Truth *truth, int n, int sets, Arena *arena)
{
    double held[N_SHOWN] = {0}, differs = 0, same = 0, wrong = 0;
    PairedDelta d;
    Doc *doc;
    for (int s = 0; s < sets; s++) {
        arena_reset(arena);
        Sample some = sample_of(world, n, 0.2, 6, (uint32_t)s);
        doc = evaluate(&some, n, 1000, (uint64_t)s, arena);
        for (int m = 0; m < N_SHOWN; m++) {
            const Doc *entry = doc_get(doc_get(doc, "metrics"), shown[m]);
            held[m] += doc_to_number(doc_get(entry, "low95"), NAN) <= truth->metric[m]
                    && doc_to_number(doc_get(entry, "high95"), NAN) >= truth->metric[m];
        }
        doc_free(doc);
        pair_of(&some, n, PAIRED_DRAWS, (uint64_t)s, arena, &d);
        differs += d.low95 <= truth->difference && d.high95 >= truth->difference;
        sample_free(&some);
        some = sample_of(world, n, 0, 7, (uint32_t)s);
        pair_of(&some, n, PAIRED_DRAWS, (uint64_t)s, arena, &d);
        same += d.low95 <= 0 && d.high95 >= 0;
        wrong += d.p < 0.05;
        sample_free(&some);
    }
    printf("| %s | %d |", worlds[world], n);
    for (int m = 0; m < N_SHOWN; m++) printf(" %.1f |", 100 * held[m] / sets);
    printf(" %.1f | %.1f | %.1f |\n", 100 * differs / sets, 100 * same / sets, 100 * wrong / sets);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const int sizes[] = {30, 100, 300, 1000};
    const int sets = argc > 1 ? atoi(argv[1]) : 500;
    if (sets < 1) return 2;
    printf("| Errors | Rows | RMSE | MAE | median AE | MAPE | R2 | rank corr. | difference | no difference"
           " | p < 0.05 |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    Arena *arena = arena_create(0);
    for (int w = 0; w < N_WORLDS; w++) {
        const Truth truth = truth_of((World)w, arena);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            measure((World)w, &truth, sizes[s], sets, arena);
    }
    arena_destroy(arena);
    return 0;
}
