#include "tests/test_engine.h"

#include <string.h>

#include "engine/trainer.h"

/* Every weight at once: along one random direction v of unit length,
 *     (f(w + h v) - f(w - h v)) / 2h = grad . v + O(h^2).
 * The network computes in float, so f carries noise of about 1e-7 and h cannot be small: h = 1e-2 with two
 * step sizes combined (Richardson), whose error falls as h^4. Kinks are no matter for ReLU as long
 * as few units sit within h of theirs; several directions and a tolerance to match. */

enum { ROWS = 24, IN = 9, CLASSES = 5 };

typedef struct {
    Trainer *trainer;
    Rows rows;
    int32_t index[ROWS], labels[ROWS];
    float x[ROWS * IN];
    Arena *arena;
} Bench;

static void bench_open(Bench *b, const TrainOptions *options, const int *feature)
{
    Error err;
    Rng rng = rng_stream(11, 0, RNG_TEST);
    for (int i = 0; i < ROWS * IN; i++) b->x[i] = (float)rng_normal(&rng);
    for (int i = 0; i < ROWS; i++) {
        b->index[i] = i;
        b->labels[i] = i % 11 % CLASSES; /* uneven classes */
    }
    b->rows = (Rows){.n_rows = ROWS, .n_features = IN, .n_classes = CLASSES, .labels = b->labels,
                     .x = b->x, .ld = IN};
    b->rows.feature = feature;
    for (int j = 0; feature && j < IN; j++)
        for (int i = 0; feature[j] > 0 && i < ROWS; i++)
            b->x[i * IN + j] = (float)(i % (feature[j] + 1)); /* codes */
    b->arena = arena_create(0);
    if (!trainer_create(options, &b->rows, 5, 0, b->arena, &b->trainer, &err))
        fail_msg("%s", err.message);
}

/* Marks (rows, columns) numbers of the parameter block from `at` on; the rest is padding. */
static void mark(float *mask, size_t at, int rows, int columns, int ld)
{
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < columns; j++) mask[at + (size_t)r * (size_t)ld + (size_t)j] = 1;
}

/* 1 for every number that is trained, 0 for padding and what is not used. */
static void mark_trained(const Trainer *t, float *mask)
{
    Mlp mlp = t->mlp;
    mlp.params = t->params;
    if (mlp.embed) mark(mask, 0, 1, (int)mlp.embed->n_floats, 0);
    for (int l = 0; l < mlp.n_layers; l++) {
        MlpLayer layer = mlp_layer(&mlp, l);
        const LayerExtras *extras = &t->extras[l];
        int in = mlp.width[l], out = mlp.width[l + 1], m = t->n_members;
        size_t at = (size_t)(layer.w - t->params);
        mark(mask, at, in + (m == 1), out, layer.ld);
        if (layer.gain) mark(mask, (size_t)(layer.gain - t->params), 2, out, layer.ld);
        if (extras->scale) mark(mask, extras->scale, 1, in, 0);
        if (extras->r) mark(mask, extras->r, m, in, mlp_pad(in));
        if (extras->s) mark(mask, extras->s, m, out, layer.ld);
        if (extras->b) mark(mask, extras->b, m, out, layer.ld);
        if (extras->gain) mark(mask, extras->gain, 1, out, 0);
        if (extras->shift) mark(mask, extras->shift, 1, out, 0);
    }
}

/* The loss at the present weights; the same masks every time, because they are keyed by the step. */
static double loss_of(Bench *b)
{
    trainer_gather(b->trainer, &b->rows, b->index, b->labels, ROWS, 3);
    double loss = trainer_gradient(b->trainer, ROWS, b->labels, 3);
    return loss + trainer_penalty(b->trainer);
}

static void check_features(const char *name, const TrainOptions *options, const int *feature,
                           double tolerance)
{
    Bench b;
    bench_open(&b, options, feature);
    Trainer *t = b.trainer;
    const size_t n = t->n_floats;
    float *start = ARENA_NEW(b.arena, float, n), *mask = ARENA_NEW(b.arena, float, n);
    float *v = ARENA_NEW(b.arena, float, n), *g = ARENA_NEW(b.arena, float, n);
    assert_non_null(g);
    mark_trained(t, mask);
    Rng rng = rng_stream(12, 0, RNG_TEST);
    for (size_t i = 0; i < n; i++) /* biases and zero layers too should matter */
        t->params[i] += (float)(0.2 * rng_normal(&rng)) * mask[i];
    loss_of(&b);
    memcpy(start, t->params, n * sizeof *start);
    memcpy(g, t->grad, n * sizeof *g);
    for (size_t i = 0; i < n; i++)
        if (mask[i] == 0 && g[i] != 0) fail_msg("%s: padding %zu has a gradient", name, i);
    for (int direction = 0; direction < 4; direction++) {
        double length = 0, want = 0, norm = 0;
        for (size_t i = 0; i < n; i++) v[i] = (float)rng_normal(&rng) * mask[i];
        for (size_t i = 0; i < n; i++) length += (double)v[i] * (double)v[i];
        for (size_t i = 0; i < n; i++) {
            v[i] /= (float)sqrt(length);
            want += (double)v[i] * (double)g[i];
            norm += (double)g[i] * (double)g[i];
        }
        double slope[2];
        for (int k = 0; k < 2; k++) {
            float h = k ? 0.01f : 0.02f;
            double side[2];
            for (int s = 0; s < 2; s++) {
                for (size_t i = 0; i < n; i++) t->params[i] = start[i] + (s ? h : -h) * v[i];
                side[s] = loss_of(&b);
            }
            slope[k] = (side[1] - side[0]) / (2 * (double)h);
        }
        memcpy(t->params, start, n * sizeof *start);
        double got = (4 * slope[1] - slope[0]) / 3;
        assert_true(norm > 1e-4);
        check_close(name, got, want, tolerance * sqrt(norm));
    }
    arena_destroy(b.arena);
}

static void check_gradient(const char *name, const TrainOptions *options, double tolerance)
{
    check_features(name, options, NULL, tolerance);
}

static TrainOptions two_layers(void)
{
    TrainOptions o = default_options();
    o.hidden = (IntList){2, {20, 13}};
    o.batch_size = ROWS;
    o.min_steps = 0; /* all rows are one batch */
    return o;
}

static void every_activation(void **state)
{
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        TrainOptions o = two_layers();
        o.activation = a;
        bool kink = a == ACT_RELU || a == ACT_LEAKY_RELU || a == ACT_SELU;
        check_gradient(activation_names[a], &o, kink ? 5e-3 : 2e-4);
        o.dropout = 0.4;
        o.input_dropout = 0.2;
        check_gradient("with dropout", &o, kink ? 5e-3 : 2e-4);
    }
}

static void every_term_of_the_loss(void **state)
{
    (void)state;
    TrainOptions o = two_layers();
    o.activation = ACT_TANH;
    o.label_smoothing = 0.2;
    check_gradient("label smoothing", &o, 2e-4);
    o.class_weight = CLASS_WEIGHT_BALANCED;
    check_gradient("smoothing and class weights", &o, 2e-4);
    o.label_smoothing = 0;
    o.class_weight = CLASS_WEIGHT_SQRT_BALANCED;
    check_gradient("class weights", &o, 2e-4);
    o = two_layers();
    o.activation = ACT_TANH;
    o.l2 = 0.3;
    check_gradient("l2", &o, 2e-4);
    o.l1 = 0.02; /* kinks at 0, but few weights lie there */
    check_gradient("l1 and l2", &o, 2e-3);
}

static void every_depth(void **state)
{
    (void)state;
    TrainOptions o = two_layers();
    o.activation = ACT_TANH;
    o.hidden.n = 0;
    check_gradient("logistic regression", &o, 2e-4);
    o.hidden = (IntList){1, {1}};
    check_gradient("one unit", &o, 2e-4);
    o.hidden = (IntList){5, {8, 16, 17, 3, 33}};
    check_gradient("five layers", &o, 2e-4);
    o.hidden.n = 32;
    for (int l = 0; l < 32; l++) o.hidden.items[l] = 6;
    check_gradient("32 layers", &o, 1e-3);
}

static TrainOptions smooth_layers(void)
{
    TrainOptions o = two_layers();
    o.activation = ACT_TANH;
    return o;
}

static void what_is_folded_or_normalized(void **state)
{
    (void)state;
    TrainOptions o = smooth_layers();
    o.input_scaling = true;
    check_gradient("input scaling", &o, 2e-4);
    o.members = 3;
    check_gradient("members and input scaling", &o, 2e-4);
    o.dropout = 0.3;
    check_gradient("members with dropout", &o, 2e-4);
    o = smooth_layers();
    o.norm = NORM_LAYER;
    check_gradient("layer norm", &o, 1e-3);
    o.members = 2;
    check_gradient("layer norm and members", &o, 1e-3);
    o = smooth_layers();
    o.norm = NORM_BATCH;
    check_gradient("batch norm", &o, 1e-3);
    o.members = 2;
    check_gradient("batch norm and members", &o, 1e-3);
}

static void ways_around_a_layer(void **state)
{
    (void)state;
    TrainOptions o = smooth_layers();
    o.residual = true;
    o.hidden = (IntList){4, {12, 12, 12, 9}};
    check_gradient("residual", &o, 2e-4);
    o.norm = NORM_LAYER;
    o.dropout = 0.2;
    check_gradient("residual, layer norm and dropout", &o, 1e-3);
    o.activation = ACT_RELU;
    o.norm = NORM_NONE;
    check_gradient("residual with relu", &o, 5e-3);
}

static void embedded_inputs(void **state)
{
    (void)state;
    const int feature[IN] = {FEATURE_PBLD, FEATURE_PLAIN, 5, FEATURE_PERIODIC, 3, FEATURE_PBLD,
                             FEATURE_PLAIN, FEATURE_PERIODIC, 2};
    TrainOptions o = smooth_layers();
    check_features("embeddings", &o, feature, 2e-3);
    o.input_dropout = 0.25;
    check_features("embeddings with input dropout", &o, feature, 2e-3);
    o.members = 2;
    o.input_scaling = true;
    check_features("embeddings, members, scaling", &o, feature, 2e-3);
}

static void losses_and_mixtures(void **state)
{
    (void)state;
    TrainOptions o = smooth_layers();
    o.focal_gamma = 2;
    check_gradient("focal", &o, 3e-4);
    o.label_smoothing = 0.1;
    check_gradient("focal and smoothing", &o, 3e-4);
    o = smooth_layers();
    o.mixup = 0.4;
    check_gradient("mixup", &o, 2e-4);
    o.focal_gamma = 1;
    check_gradient("mixup and focal", &o, 3e-4);
    o = smooth_layers();
    o.cutmix = 1;
    check_gradient("cutmix", &o, 2e-4);
}

static void class_weights_have_mean_one(void **state)
{
    (void)state;
    const int32_t labels[] = {0, 0, 0, 0, 0, 0, 1, 1, 3}; /* class 2 has no rows */
    const Rows rows = {.n_rows = 9, .n_classes = 4, .labels = labels};
    for (int kind = 0; kind < 3; kind++) {
        float w[4];
        double sum = 0;
        trainer_class_weights((ClassWeight)kind, &rows, w);
        for (int i = 0; i < 9; i++) sum += (double)w[labels[i]];
        check_close("mean", sum / 9, 1, 1e-6);
        double ratio[] = {1, 6, sqrt(6)};
        check_close("rare against common", (double)(w[3] / w[0]), ratio[kind], 1e-5);
        assert_true(isfinite(w[2]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation),
        cmocka_unit_test(every_term_of_the_loss),
        cmocka_unit_test(every_depth),
        cmocka_unit_test(what_is_folded_or_normalized),
        cmocka_unit_test(ways_around_a_layer),
        cmocka_unit_test(embedded_inputs),
        cmocka_unit_test(losses_and_mixtures),
        cmocka_unit_test(class_weights_have_mean_one),
    };
    mat_init(NULL);
    return cmocka_run_group_tests_name("engine/gradient", tests, NULL, NULL);
}
