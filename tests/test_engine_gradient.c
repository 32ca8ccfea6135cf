#include "tests/test_engine.h"

#include <string.h>

#include "engine/train_internal.h"

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

static void bench_open(Bench *b, const TrainOptions *options)
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
    b->arena = arena_create(0);
    if (!trainer_create(options, &b->rows, 5, 0, b->arena, &b->trainer, &err))
        fail_msg("%s", err.message);
    for (int l = 0; l < b->trainer->mlp.n_layers; l++) { /* biases too should matter */
        MlpLayer layer = mlp_layer(&b->trainer->mlp, l);
        for (int j = 0; j < b->trainer->mlp.width[l + 1]; j++)
            layer.b[j] = (float)(0.3 * rng_normal(&rng));
    }
}

/* The loss at the present weights; the same masks every time, because they are keyed by the step. */
static double loss_of(Bench *b)
{
    trainer_gather(b->trainer, &b->rows, b->index, ROWS, 3);
    trainer_forward(b->trainer, ROWS, 3);
    double loss = trainer_backward(b->trainer, ROWS, b->labels);
    return loss + trainer_penalty(b->trainer);
}

static void check_gradient(const char *name, const TrainOptions *options, double tolerance)
{
    Bench b;
    bench_open(&b, options);
    Mlp *mlp = &b.trainer->mlp;
    float *start = ARENA_NEW(b.arena, float, mlp->n_floats);
    float *v = ARENA_NEW(b.arena, float, mlp->n_floats), *g = ARENA_NEW(b.arena, float, mlp->n_floats);
    assert_non_null(g);
    loss_of(&b);
    memcpy(start, mlp->params, mlp->n_floats * sizeof *start);
    memcpy(g, b.trainer->grad, mlp->n_floats * sizeof *g);
    Rng rng = rng_stream(12, 0, RNG_TEST);
    for (int direction = 0; direction < 4; direction++) {
        double length = 0, want = 0, norm = 0;
        for (size_t i = 0; i < mlp->n_floats; i++) v[i] = 0;
        for (int l = 0; l < mlp->n_layers; l++) { /* not along the padding */
            MlpLayer layer = mlp_layer(mlp, l);
            float *at = v + (layer.w - mlp->params);
            for (int i = 0; i <= mlp->width[l]; i++)
                for (int j = 0; j < mlp->width[l + 1]; j++)
                    at[i * layer.ld + j] = (float)rng_normal(&rng);
        }
        for (size_t i = 0; i < mlp->n_floats; i++) length += (double)v[i] * (double)v[i];
        for (size_t i = 0; i < mlp->n_floats; i++) {
            v[i] /= (float)sqrt(length);
            want += (double)v[i] * (double)g[i];
            norm += (double)g[i] * (double)g[i];
        }
        double slope[2];
        for (int k = 0; k < 2; k++) {
            float h = k ? 0.01f : 0.02f;
            double side[2];
            for (int s = 0; s < 2; s++) {
                for (size_t i = 0; i < mlp->n_floats; i++)
                    mlp->params[i] = start[i] + (s ? h : -h) * v[i];
                side[s] = loss_of(&b);
            }
            slope[k] = (side[1] - side[0]) / (2 * (double)h);
        }
        memcpy(mlp->params, start, mlp->n_floats * sizeof *start);
        double got = (4 * slope[1] - slope[0]) / 3;
        assert_true(norm > 1e-4);
        check_close(name, got, want, tolerance * sqrt(norm));
    }
    arena_destroy(b.arena);
}

static TrainOptions two_layers(void)
{
    TrainOptions o = default_options();
    o.hidden = (IntList){2, {20, 13}};
    o.batch_size = ROWS;
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
        cmocka_unit_test(class_weights_have_mean_one),
    };
    mat_init();
    return cmocka_run_group_tests_name("engine/gradient", tests, NULL, NULL);
}
