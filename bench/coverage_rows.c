/* How often do the 95 % intervals of an evaluation hold the truth? A file of predictions is the world: test
 * sets are drawn from its rows with replacement, so what all of its rows say is the truth, and each set is
 * evaluated by the program's own code. bench/coverage.py makes the files and the table.
 *   build/bench/coverage_rows ROWS SETS FILE...
 *
 * FILE  int32 n, K; int32 labels[n]; float probabilities[n][K].
 * Out   one line a metric: file, rows, metric, sets with an interval, covered, truth above, truth below,
 *       mean width, truth, mean value. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/rng.h"
#include "engine/metrics.h"
#include "model/evaluate.h"

typedef struct {
    int n, k;
    int32_t *labels;
    float *proba;
    const char **classes;
} World;

static bool world_read(const char *path, World *out)
{
    int32_t head[2];
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    bool ok = fread(head, sizeof *head, 2, file) == 2 && head[0] > 0 && head[1] > 1 && head[1] < 1000;
    if (ok) {
        const size_t n = (size_t)head[0], k = (size_t)head[1];
        *out = (World){head[0], head[1], calloc(n, sizeof(int32_t)), calloc(n * k, sizeof(float)),
                       calloc(k, sizeof(char *))};
        ok = out->labels && out->proba && out->classes && fread(out->labels, sizeof(int32_t), n, file) == n
          && fread(out->proba, sizeof(float), n * k, file) == n * k;
        for (size_t c = 0; ok && c < k; c++) {
            char name[20];
            snprintf(name, sizeof name, "c%zu", c);
            out->classes[c] = strdup(name);
        }
    }
    fclose(file);
    return ok;
}

typedef struct {
    int n, covered, above, below;
    double width, truth, sum;
} Tally;

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), NAN);
}

static void count(Tally *tally, double truth, double value, double low, double high)
{
    if (isnan(low) || isnan(high) || isnan(truth)) return;
    tally->n++;
    tally->truth = truth;
    tally->sum += value;
    tally->width += high - low;
    /* the truth of a world without errors is 1, and rounding is no miss */
    if (truth > high + 1e-9) tally->above++;
    else if (truth < low - 1e-9) tally->below++;
    else tally->covered++;
}

static const char *const of_class[3][4] = {{"precision", "precision", "precision_low95", "precision_high95"},
                                           {"recall", "recall", "recall_low95", "recall_high95"},
                                           {"f1", "f1", "low95", "high95"}};
enum { N_TALLIES = METRIC_COUNT + 3 };

static Doc *evaluate(const World *world, int n, const int32_t *labels, const float *proba, int draws,
                     uint64_t seed, Arena *arena)
{
    Doc *doc = NULL;
    Error err;
    const Judged judged = {.n = n, .n_classes = world->k, .classes = world->classes, .proba = proba,
                           .labels = labels, .positive = 1, .bootstrap = draws, .seed = seed};
    if (evaluate_predictions(&judged, arena, &doc, &err)) return doc;
    fprintf(stderr, "coverage_rows: %s\n", err.message);
    exit(1);
}

/* The truth of a calibration error is what is counted in all rows. */
static double truth_of(const Doc *all, const char *metric)
{
    const Doc *entry = doc_get(doc_get(all, "metrics"), metric);
    return doc_get(entry, "counted") ? number(entry, "counted") : number(entry, "value");
}

static void measure(const char *name, const World *world, int rows, int sets)
{
    Tally tally[N_TALLIES] = {0};
    Arena *arena = arena_create(0);
    Doc *all = evaluate(world, world->n, world->labels, world->proba, 0, 0, arena);
    int32_t *labels = calloc((size_t)rows, sizeof *labels);
    float *proba = calloc((size_t)rows * (size_t)world->k, sizeof *proba);
    for (int s = 0; s < sets; s++) {
        Rng rng = rng_stream(14, (uint32_t)s, RNG_TEST);
        arena_reset(arena);
        for (int i = 0; i < rows; i++) {
            size_t at = rng_below(&rng, (uint32_t)world->n), k = (size_t)world->k;
            labels[i] = world->labels[at];
            memcpy(proba + (size_t)i * k, world->proba + at * k, k * sizeof *proba);
        }
        Doc *doc = evaluate(world, rows, labels, proba, 1000, (uint64_t)s, arena);
        for (int m = METRIC_ACCURACY; m < METRIC_COUNT; m++) {
            const char *metric = metric_name((MetricId)m);
            const Doc *entry = doc_get(doc_get(doc, "metrics"), metric);
            count(&tally[m], truth_of(all, metric), number(entry, "value"), number(entry, "low95"),
                  number(entry, "high95"));
        }
        for (int c = 0; c < world->k; c++)
            for (int v = 0; v < 3; v++) {
                const Doc *entry = doc_at(doc_get(doc, "per_class"), (size_t)c);
                const Doc *truth = doc_at(doc_get(all, "per_class"), (size_t)c);
                count(&tally[METRIC_COUNT + v], number(truth, of_class[v][1]), number(entry, of_class[v][1]),
                      number(entry, of_class[v][2]), number(entry, of_class[v][3]));
            }
        doc_free(doc);
    }
    for (int m = 1; m < N_TALLIES; m++) {
        const Tally *t = &tally[m];
        printf("%s\t%d\t%s\t%d\t%.4f\t%.4f\t%.4f\t%.5f\t%.5f\t%.5f\n", name, rows,
               m < METRIC_COUNT ? metric_name((MetricId)m) : of_class[m - METRIC_COUNT][0], t->n,
               t->n ? (double)t->covered / t->n : NAN, t->n ? (double)t->above / t->n : NAN,
               t->n ? (double)t->below / t->n : NAN, t->n ? t->width / t->n : NAN, t->truth,
               t->n ? t->sum / t->n : NAN);
    }
    doc_free(all);
    free(labels), free(proba);
    arena_destroy(arena);
}

int main(int argc, char **argv)
{
    int rows = argc > 3 ? atoi(argv[1]) : 0, sets = argc > 3 ? atoi(argv[2]) : 0;
    if (rows < 1 || sets < 1) {
        fprintf(stderr, "usage: coverage_rows ROWS SETS FILE...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        World world;
        const char *slash = strrchr(argv[i], '/');
        if (!world_read(argv[i], &world)) {
            fprintf(stderr, "coverage_rows: cannot read %s\n", argv[i]);
            return 1;
        }
        measure(slash ? slash + 1 : argv[i], &world, rows, sets);
        free(world.labels), free(world.proba);
    }
    return 0;
}
