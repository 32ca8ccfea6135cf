/* A teacher's word beside the labels: gradients, what a one-hot teacher changes (nothing), what is mixed with what. */
#include "tests/test_engine.h"

#include <string.h>

#include "engine/task.h"
#include "engine/teach.h"
#include "engine/trainer.h"

enum { ROWS = 40, K = 5, LD = 16, IN = 9 };

static void shares(Rng *rng, float *to)
{
    float sum = 0;
    for (int c = 0; c < K; c++) sum += to[c] = rng_below(rng, 4) ? (float)rng_uniform(rng) : 0;
    for (int c = 0; c < K; c++) to[c] = sum > 0 ? to[c] / sum : c == 2;
}

static double value_at(const Loss *loss, bool ordered, const int32_t *labels, const float *z, float *gradient)
{
    const Truth truth = {.labels = labels, .weight = loss->row_weight};
    memcpy(gradient, z, ROWS * LD * sizeof *z);
    return ordered ? ordered_gradient(loss, &truth, ROWS, LD, gradient)
                   : loss_gradient(loss, ROWS, LD, gradient, labels);
}

/* Softmax, focal and ordered losses: each output moved either way. */
static void gradients_are_differences(void **state)
{
    (void)state;
    static const float class_weight[K] = {0.5f, 1, 2, 1, 0.25f};
    static float z[ROWS * LD], moved[ROWS * LD], gradient[ROWS * LD], other[ROWS * LD], soft[ROWS * K], weight[ROWS];
    const Task task = {.kind = TASK_ORDERED};
    int32_t labels[ROWS];
    Rng rng = rng_stream(31, 0, RNG_TEST);
    for (int i = 0; i < ROWS * LD; i++) z[i] = (float)(1.5 * rng_normal(&rng));
    for (int i = 0; i < ROWS; i++) {
        shares(&rng, soft + i * K);
        labels[i] = (int32_t)rng_below(&rng, K);
        weight[i] = (float)rng_uniform(&rng) * 2;
    }
    for (int kind = 0; kind < 6; kind++) {
        const bool ordered = kind >= 4, heavy = kind % 2;
        const Loss loss = {.n_classes = K, .task = &task, .soft = soft, .smoothing = kind == 1 ? 0.2f : 0,
                           .focal_gamma = kind / 2 == 1 ? 2 : 0, .class_weight = heavy ? class_weight : NULL,
                           .row_weight = heavy ? weight : NULL};
        const double h = 1.0 / 256;
        value_at(&loss, ordered, labels, z, gradient);
        for (int i = 0; i < ROWS * LD; i++) {
            double side[4];
            if (i % LD >= K - ordered) {
                assert_true(gradient[i] == 0);
                continue;
            }
            for (int s = 0; s < 4; s++) {
                memcpy(moved, z, sizeof z);
                moved[i] += (float)((s % 2 ? h : -h) * (s < 2 ? 1 : 2));
                side[s] = value_at(&loss, ordered, labels, moved, other);
            }
            double near = (side[1] - side[0]) / (2 * h), far = (side[3] - side[2]) / (4 * h);
            double want = (4 * near - far) / 3, got = (double)gradient[i];
            if (fabs(got - want) > 2e-6 + 1e-4 * fabs(want))
                fail_msg("kind %d, output %d: gradient %.9g, difference %.9g", kind, i, got, want);
        }
    }
}

/* The ordered loss of shares is that of the labels, weighed by them. */
static void ordered_is_the_mean_of_the_classes(void **state)
{
    (void)state;
    const Task task = {.kind = TASK_ORDERED};
    float z[LD], one[LD], sum[LD] = {0}, soft[K];
    Rng rng = rng_stream(32, 0, RNG_TEST);
    for (int round = 0; round < 50; round++) {
        double want = 0;
        shares(&rng, soft);
        for (int j = 0; j < LD; j++) z[j] = (float)(4 * rng_normal(&rng)), sum[j] = 0;
        for (int32_t c = 0; c < K; c++) {
            const Loss hard = {.n_classes = K, .task = &task};
            const Truth truth = {.labels = &c};
            memcpy(one, z, sizeof z);
            want += (double)soft[c] * ordered_gradient(&hard, &truth, 1, LD, one);
            for (int j = 0; j < LD; j++) sum[j] += soft[c] * one[j];
        }
        const int32_t label = 0;
        const Truth truth = {.labels = &label};
        const Loss loss = {.n_classes = K, .task = &task, .soft = soft};
        check_close("ordered", ordered_gradient(&loss, &truth, 1, LD, z), want, 1e-5 * (1 + want));
        for (int j = 0; j < LD; j++) check_close("ordered slope", (double)z[j], (double)sum[j], 1e-5);
    }
}

typedef struct {
    Rows rows;
    float x[ROWS * IN];
    int32_t labels[ROWS], index[ROWS];
    double soft[ROWS * K];
    Arena *arena;
} Bench;

static void bench_open(Bench *b)
{
    Rng rng = rng_stream(33, 0, RNG_TEST);
    for (int i = 0; i < ROWS * IN; i++) b->x[i] = (float)rng_normal(&rng);
    for (int i = 0; i < ROWS; i++) {
        b->index[i] = i;
        b->labels[i] = i % 11 % K;
        for (int c = 0; c < K; c++) b->soft[i * K + c] = c == b->labels[i];
    }
    b->rows = (Rows){.n_rows = ROWS, .n_features = IN, .n_classes = K, .labels = b->labels, .x = b->x, .ld = IN};
    b->arena = arena_create(0);
}

static const Mlp *trained(Bench *b, const TrainOptions *o, bool taught)
{
    Error err;
    TrainResult result;
    Rows rows = b->rows;
    const TrainRun run = {.seed = 7, .threads = 1, .metric = METRIC_LOG_LOSS};
    rows.soft = taught ? b->soft : NULL;
    if (!train_network(o, &rows, &rows, &run, b->arena, &result, &err)) fail_msg("%s", err.message);
    return result.nets[0];
}

/* Bit for bit, whatever else a run does. */
static void a_teacher_who_repeats_the_labels_changes_nothing(void **state)
{
    (void)state;
    static Bench b;
    bench_open(&b);
    for (int kind = 0; kind < 4; kind++) {
        TrainOptions o = default_options();
        o.hidden = (IntList){1, {12}};
        o.epochs = 5;
        o.batch_size = 16;
        o.soft_weight = kind == 3 ? 0.25 : 1; /* .25 + .75 is 1, too */
        if (kind == 1) o.label_smoothing = 0.1;
        if (kind == 1) o.class_weight = CLASS_WEIGHT_BALANCED;
        if (kind == 2) o.focal_gamma = 1.5;
        const Mlp *hard = trained(&b, &o, false), *soft = trained(&b, &o, true);
        assert_memory_equal(hard->params, soft->params, hard->n_floats * sizeof *hard->params);
    }
    TrainOptions o = default_options();
    o.mixup = 0.4; /* sums in another order: the same but for rounding */
    o.soft_weight = 1;
    const Mlp *hard = trained(&b, &o, false), *soft = trained(&b, &o, true);
    for (size_t i = 0; i < hard->n_floats; i++)
        check_close("mixed", (double)soft->params[i], (double)hard->params[i], 1e-3);
    b.soft[0] = 1 - b.soft[0]; /* and one who does not, does */
    b.soft[1] = 1 - b.soft[1];
    soft = trained(&b, &o, true);
    bool other = false;
    for (size_t i = 0; i < hard->n_floats; i++) other = other || fabsf(soft->params[i] - hard->params[i]) > 1e-2f;
    assert_true(other);
    arena_destroy(b.arena);
}

static void aims_are_as_said(void **state)
{
    (void)state;
    static Bench b;
    Trainer *t;
    Error err;
    bench_open(&b);
    const double p[K] = {0.5, 0.25, 0.125, 0.125, 0};
    for (int c = 0; c < K; c++) b.soft[c] = p[c], b.soft[K + c] = NAN;
    b.rows.soft = b.soft;
    TrainOptions o = default_options();
    o.soft_weight = 0.75;
    o.mixup = 0.3;
    if (!trainer_create(&o, &b.rows, 1, 0, b.arena, &t, &err)) fail_msg("%s", err.message);
    for (int c = 0; c < K; c++) {
        check_close("aim", (double)t->aims[c], 0.75 * p[c] + 0.25 * (c == b.labels[0]), 1e-7);
        check_close("no word", (double)t->aims[K + c], c == b.labels[1], 0);
    }
    const int n = t->batch;
    assert_true(n >= 4);
    trainer_gather(t, &b.rows, b.index, b.labels, n, 0);
    assert_true(t->lambda < 1);
    int turn = 1; /* the partner is the same number of places on for all: the one that explains the first */
    for (; turn < n; turn++) {
        double off = 0;
        for (int i = 0; i < n * K; i++)
            off += fabs((double)t->soft[i] - (double)(t->lambda * t->aims[i] + (1 - t->lambda) * t->aims[(i + turn * K) % (n * K)]));
        if (off < 1e-4) break;
    }
    assert_true(turn < n);
    for (int i = 0; i < n; i++) assert_int_equal(t->labels2[i], b.labels[(i + turn) % n]);
    o.soft_temperature = 2;
    o.soft_weight = 1;
    if (!trainer_create(&o, &b.rows, 1, 0, b.arena, &t, &err)) fail_msg("%s", err.message);
    double sum = 0;
    for (int c = 0; c < K; c++) sum += sqrt(p[c]);
    for (int c = 0; c < K; c++) check_close("tempered", (double)t->aims[c], sqrt(p[c]) / sum, 1e-7);
    arena_destroy(b.arena);
}

static void targets_are_as_said(void **state)
{
    (void)state;
    static const Target targets[2] = {{.name = "a", .unit = 1, .scale = 1}, {.name = "b", .unit = 1, .scale = 1}};
    Task task = {.kind = TASK_NUMBERS, .n_targets = 2, .targets = targets};
    const double y[4] = {3, 0, NAN, 1}, v[4] = {5, 0.8, 0.5, NAN};
    const Rows rows = {.n_rows = 2, .task = &task, .targets = y, .soft = v};
    TrainOptions o = default_options();
    o.soft_weight = 0.25;
    assert_true(teach_target(&o, &rows, 0, 0) == 3.5 && teach_target(&o, &rows, 1, 1) == 1);
    assert_true(isnan(teach_target(&o, &rows, 1, 0))); /* what is not known is not taught */
    task.kind = TASK_LABELS;
    o.soft_weight = 1;
    o.soft_temperature = 0.5;
    check_close("answer", teach_target(&o, &rows, 0, 1), 0.64 / 0.68, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_differences),
        cmocka_unit_test(ordered_is_the_mean_of_the_classes),
        cmocka_unit_test(a_teacher_who_repeats_the_labels_changes_nothing),
        cmocka_unit_test(aims_are_as_said),
        cmocka_unit_test(targets_are_as_said),
    };
    return cmocka_run_group_tests_name("engine/teach", tests, NULL, NULL);
}
