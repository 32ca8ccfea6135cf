/* bench/predict_speed.c - how fast a network predicts: 1000 rows, and one row.
 *
 *     predict_speed [seconds per case, default 0.5]
 *
 * mlp_predict on floats in memory, probabilities out: what onnxruntime's session.run does with a softmax at the
 * end (bench/predict_onnx.py). One thread, CPU time, medians of five.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "engine/mlp_forward.h"

typedef struct {
    const char *name;
    int n_in, hidden[3], n_hidden, n_classes;
} Case;

static const Case cases[] = {{"784-128-10", 784, {128}, 1, 10},
                             {"784-512-512-10", 784, {512, 512}, 2, 10},
                             {"16-64-64-26", 16, {64, 64}, 2, 26},
                             {"57-128-128-2", 57, {128, 128}, 2, 2},
                             {"108-256x3-2", 108, {256, 256, 256}, 3, 2}};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    enum { ROWS = 1000, REPEATS = 5 };
    double seconds = argc > 1 ? atof(argv[1]) : 0.5;
    Arena *arena = arena_create(0), *work = arena_create(0);
    printf("| network | rows | rows/s | us a call |\n|---|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Case *c = &cases[i];
        Rng rng = rng_stream(1, (uint32_t)i, RNG_TEST);
        Mlp *mlp;
        Error err;
        arena_reset(arena);
        if (!mlp_create(c->n_in, c->hidden, c->n_hidden, c->n_classes, ACT_RELU, arena, &mlp, &err))
            return 1;
        for (int l = 0; l < mlp->n_layers; l++) {
            MlpLayer layer = mlp_layer(mlp, l);
            for (int r = 0; r < mlp->width[l]; r++)
                for (int j = 0; j < mlp->width[l + 1]; j++)
                    layer.w[r * layer.ld + j] = (float)(rng_normal(&rng) / sqrt(mlp->width[l]));
        }
        float *x = ARENA_NEW(arena, float, ROWS * c->n_in);
        float *proba = ARENA_NEW(arena, float, ROWS * c->n_classes);
        if (!x || !proba) return 1;
        for (int k = 0; k < ROWS * c->n_in; k++) x[k] = (float)rng_normal(&rng);
        for (int rows = ROWS; rows >= 1; rows /= ROWS) {
            const Rows data = {.n_rows = rows, .n_features = c->n_in, .n_classes = c->n_classes,
                               .x = x, .ld = c->n_in};
            double time[REPEATS];
            for (int k = 0; k < REPEATS; k++) {
                long calls = 0;
                double start = now(), spent = 0;
                for (; spent < seconds / REPEATS; spent = now() - start)
                    for (int j = 0; j < 8; j++, calls++) {
                        if (!mlp_predict(mlp, &data, work, proba, c->n_classes, &err)) return 1;
                        arena_reset(work);
                    }
                time[k] = spent / (double)calls;
            }
            qsort(time, REPEATS, sizeof *time, by_size);
            printf("| %s | %d | %.0f | %.2f |\n", c->name, rows, rows / time[REPEATS / 2],
                   1e6 * time[REPEATS / 2]);
        }
    }
    arena_destroy(arena);
    arena_destroy(work);
    return 0;
}
