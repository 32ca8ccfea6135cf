/* bench/train_speed.c - how fast the engine trains, and where the time of a step goes.
 *
 *     train_speed [seconds per case, default 1] [repeats, default 5] [what the network's name has in it]
 *
 * Random data in memory (pictures as bytes for 784 inputs, floats otherwise), ReLU, Adam, batches
 * shuffled each epoch: what bench/train_torch.py does with PyTorch. Prints samples a second, the
 * median of the repeats, arithmetic of the matrix products in GFLOP/s, the same as a share of what one
 * large product reaches on this core in this run, and microseconds a step: all of it, and by part.
 * One thread, CPU time. For a steady number: taskset -c 0 build/bench/train_speed
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mat.h"
#include "data/synth.h"
#include "engine/denormals.h"
#include "engine/trainer.h"

typedef struct {
    const char *name;
    int n_in, hidden[4], n_hidden, n_classes, batch;
    bool dense; /* random pixels instead of digits, of which most are 0; bins as floats instead of ramps */
    int bins;   /* of each of n_in columns, which are inputs besides; 0: none */
} Case;

static const Case cases[] = {
    {"784-128-10", 784, {128}, 1, 10, 32, false, 0},
    {"784-128-10", 784, {128}, 1, 10, 128, false, 0},
    {"784-128-10", 784, {128}, 1, 10, 512, false, 0},
    {"784-128-10 (dense)", 784, {128}, 1, 10, 32, true, 0},
    {"784-128-10 (dense)", 784, {128}, 1, 10, 128, true, 0},
    {"784-512-512-10", 784, {512, 512}, 2, 10, 128, false, 0},
    {"784-512-512-10 (dense)", 784, {512, 512}, 2, 10, 128, true, 0},
    {"16-64-64-26", 16, {64, 64}, 2, 26, 32, false, 0},
    {"16-64-64-26", 16, {64, 64}, 2, 26, 128, false, 0},
    {"57-128-128-2", 57, {128, 128}, 2, 2, 32, false, 0},
    {"16-256-256-256-26", 16, {256, 256, 256}, 3, 26, 256, false, 0},
    {"108-256-256-256-2", 108, {256, 256, 256}, 3, 2, 256, false, 0},
    {"20x(1+48)-128-128-2 (floats)", 20, {128, 128}, 2, 2, 64, true, 48},
    {"20x(1+48)-128-128-2 (ramps)", 20, {128, 128}, 2, 2, 64, false, 48},
    {"20x(1+48)-128-128-2 (floats)", 20, {128, 128}, 2, 2, 256, true, 48},
    {"20x(1+48)-128-128-2 (ramps)", 20, {128, 128}, 2, 2, 256, false, 48},
    {"20x(1+16)-128-128-2 (floats)", 20, {128, 128}, 2, 2, 256, true, 16},
    {"20x(1+16)-128-128-2 (ramps)", 20, {128, 128}, 2, 2, 256, false, 16},
};

/* CPU seconds: other programs on the machine should not count. */
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

static double median(int n, double *values)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* The rate of one large product: what the library can do on this core. */
static double peak_gflops(Arena *arena)
{
    enum { N = 2048 };
    float *a = ARENA_NEW(arena, float, N * N), *b = ARENA_NEW(arena, float, N * N);
    float *c = ARENA_NEW(arena, float, N * N);
    double rate[5];
    if (!a || !b || !c) return 0;
    for (int i = 0; i < N * N; i++) a[i] = b[i] = (float)(i % 17) / 17;
    for (int k = 0; k < 5; k++) {
        double start = now();
        mat_mul(false, false, N, N, N, 1, a, N, b, N, 0, c, N);
        rate[k] = 2e-9 * N * N * N / (now() - start);
    }
    return median(5, rate);
}

/* MNIST's first pictures where they are found, else the built-in digits without specks. */
static void draw_digits(int n_rows, size_t n, Arena *arena, uint8_t *pixels)
{
    enum { HEADER = 16 };
    const char *folder = getenv("CONSORT_DATA");
    char *path = arena_print(arena, "%s/mnist/train-images-idx3-ubyte.gz",
                             folder ? folder : "../shared/data");
    Bytes file;
    Table *digits;
    if (path && file_read(path, 0, &file, NULL)) {
        if (file.n >= HEADER + n) memcpy(pixels, file.bytes + HEADER, n);
        bytes_free(&file);
    } else if (table_synth_digits(n_rows, 1, 0, 0, arena, &digits, NULL)) {
        memcpy(pixels, digits->pixels, n);
    }
}

/* Columns with piecewise-linear features, as ramps or as the floats that these are. */
static Rows make_ramps(const Case *c, Rows rows, Arena *arena)
{
    const int d = c->n_in * (1 + c->bins);
    const size_t n = (size_t)rows.n_rows * (size_t)c->n_in;
    int *plain = ARENA_NEW(arena, int, c->n_in);
    Ramp *ramp = ARENA_NEW(arena, Ramp, c->n_in);
    RampValue *climbed = ARENA_NEW(arena, RampValue, n);
    Rng rng = rng_stream(2, 0, RNG_TEST);
    for (int j = 0; j < c->n_in; j++) {
        plain[j] = j * (1 + c->bins);
        ramp[j] = (Ramp){plain[j] + 1, c->bins};
    }
    for (size_t i = 0; i < n; i++)
        climbed[i] = (RampValue){(int32_t)rng_below(&rng, (uint32_t)c->bins), (float)rng_uniform(&rng)};
    rows.n_features = d;
    rows.n_plain = rows.n_ramps = c->n_in;
    rows.plain = plain;
    rows.ramp = ramp;
    rows.climbed = climbed;
    if (!c->dense) return rows;
    float *x = ARENA_NEW(arena, float, (size_t)rows.n_rows * (size_t)d);
    rows_gather(&rows, NULL, 0, rows.n_rows, NULL, NULL, NULL, x, d);
    return (Rows){.n_rows = rows.n_rows, .n_features = d, .n_classes = rows.n_classes, .labels = rows.labels,
                  .x = x, .ld = d};
}

static Rows make_rows(const Case *c, int n_rows, Arena *arena)
{
    Rng rng = rng_stream(1, 0, RNG_TEST);
    size_t n = (size_t)n_rows * (size_t)c->n_in;
    int32_t *labels = ARENA_NEW(arena, int32_t, n_rows);
    Rows rows = {.n_rows = n_rows, .n_features = c->n_in, .n_classes = c->n_classes,
                 .labels = labels};
    for (int i = 0; i < n_rows; i++) labels[i] = (int32_t)rng_below(&rng, (uint32_t)c->n_classes);
    if (c->n_in == 784) {
        uint8_t *pixels = ARENA_NEW(arena, uint8_t, n);
        float *shift = ARENA_NEW(arena, float, c->n_in), *scale = ARENA_NEW(arena, float, c->n_in);
        for (size_t i = 0; i < n; i++) pixels[i] = (uint8_t)(rng_u32(&rng) >> 24);
        if (!c->dense) draw_digits(n_rows, n, arena, pixels);
        for (int j = 0; j < c->n_in; j++) scale[j] = 1.0f / 255;
        rows.pixels = pixels;
        rows.shift = shift;
        rows.scale = scale;
        rows.height = rows.width = 28;
    } else {
        float *x = ARENA_NEW(arena, float, n);
        for (size_t i = 0; i < n; i++) x[i] = (float)rng_normal(&rng);
        rows.x = x;
        rows.ld = c->n_in;
    }
    if (c->bins) return make_ramps(c, rows, arena);
    return rows;
}

/* Trains for about `seconds` and returns samples a second. */
static double measure(Trainer *t, const Rows *rows, int32_t *order, int32_t *labels,
                      double seconds, long *step)
{
    double start = now(), time = 0;
    long samples = 0;
    while (time < seconds) {
        for (int i = 0; i < rows->n_rows; i++) order[i] = i;
        Rng shuffle = rng_stream(1, (uint32_t)*step, RNG_SHUFFLE);
        rng_shuffle(&shuffle, order, (size_t)rows->n_rows);
        for (int from = 0; from + t->batch <= rows->n_rows; from += t->batch) {
            for (int b = 0; b < t->batch; b++) labels[b] = rows->labels[order[from + b]];
            trainer_gather(t, rows, order + from, labels, t->batch, *step);
            trainer_gradient(t, t->batch, labels, *step);
            trainer_update(t, 1e-4, (*step)++);
            samples += t->batch;
        }
        time = now() - start;
    }
    return (double)samples / time;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1, rate[64];
    int repeats = argc > 2 ? atoi(argv[2]) : 5;
    if (!(seconds > 0) || repeats < 1 || repeats > 64) {
        fprintf(stderr, "usage: train_speed [seconds per case] [repeats, 1 to 64]\n");
        return 2;
    }
    mat_init(NULL);
    denormals_off();
    Arena *arena = arena_create(0);
    double peak = arena ? peak_gflops(arena) : 0;
    printf("%s; one product of 2048: %.0f GFLOP/s\n\n", mat_library(), peak);
    printf("| network | batch | samples/s | GFLOP/s | of peak | us a step | gather | forward | loss "
           "| backward | update |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Case *c = &cases[i];
        if (argc > 3 && !strstr(c->name, argv[3])) continue;
        arena_reset(arena);
        Error err;
        Trainer *t;
        TrainOptions options;
        if (!field_defaults(&train_fields, &options, arena, &err)) return 1;
        options.optimizer = OPT_ADAM;
        options.learning_rate = 1e-4;
        options.batch_size = c->batch;
        options.hidden.n = c->n_hidden;
        for (int l = 0; l < c->n_hidden; l++) options.hidden.items[l] = c->hidden[l];
        Rows rows = make_rows(c, 10000 / c->batch * c->batch, arena);
        int32_t *order = ARENA_NEW(arena, int32_t, rows.n_rows);
        int32_t *labels = ARENA_NEW(arena, int32_t, c->batch);
        if (!trainer_create(&options, &rows, 1, 0, arena, &t, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        long step = 0;
        measure(t, &rows, order, labels, seconds / 4, &step);
        for (int k = 0; k < repeats; k++)
            rate[k] = measure(t, &rows, order, labels, seconds / repeats, &step);
        /* The parts are timed apart: reading the clock would slow the small networks. */
        TrainProfile p = {0};
        t->profile = &p;
        long before = step;
        measure(t, &rows, order, labels, seconds / 2, &step);
        double us = 1e6 / (double)(step - before), flops = 0, speed = median(repeats, rate);
        for (int l = 0; l < t->mlp.n_layers; l++)
            flops += (l ? 6.0 : 4.0) * t->mlp.width[l] * t->mlp.width[l + 1];
        double gflops = 1e-9 * flops * speed;
        printf("| %s | %d | %.0f | %.1f | %.0f %% | %.0f | %.1f | %.1f | %.1f | %.1f | %.1f |\n",
               c->name, c->batch, speed, gflops, 100 * gflops / peak, 1e6 * c->batch / speed,
               us * p.gather, us * p.forward, us * p.loss, us * p.backward, us * p.update);
        fflush(stdout);
    }
    arena_destroy(arena);
    return 0;
}
