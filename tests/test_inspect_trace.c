/* A row's way through a network: probabilities as the model's, gradients as differences say. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "engine/mlp_forward.h"
#include "inspect/trace.h"
#include "base/rng.h"

enum { IN = 5, CLASSES = 3 };

static Mlp *network(Activation activation, bool norm, bool residual, uint64_t seed, Arena *arena)
{
    Rng rng = rng_stream(seed, (uint32_t)activation, RNG_TEST);
    Mlp shape = {.n_layers = 4, .width = {IN, 7, 7, 6, CLASSES}, .activation = activation, .layer_norm = norm,
                 .residual = residual}, *mlp;
    assert_true(mlp_measure(&shape, NULL) && mlp_create_like(&shape, arena, &mlp, NULL));
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        for (int j = 0; j < mlp->width[l + 1]; j++) {
            for (int i = 0; i < mlp->width[l]; i++) layer.w[i * layer.ld + j] = (float)(0.6 * rng_normal(&rng));
            layer.b[j] = (float)(0.3 * rng_normal(&rng));
            if (layer.gain) layer.gain[j] = (float)(1 + 0.2 * rng_normal(&rng)), layer.shift[j] = 0.1f;
        }
    }
    return mlp;
}

static double logit(NetTrace *t, const float *x, int c)
{
    trace_forward(t, x);
    return t->out[t->mlp->n_layers - 1][c];
}

/* Central differences of each class's score by each input, and of the loss by some weights. */
static void check(Activation activation, bool norm, bool residual)
{
    Arena *arena = arena_create(0);
    Mlp *mlp = network(activation, norm, residual, 11, arena);
    Rng rng = rng_stream(5, (uint32_t)activation, RNG_TEST);
    NetTrace t;
    float x[16] = {0}, proba[CLASSES];
    assert_true(trace_create(mlp, arena, &t, NULL));
    for (int i = 0; i < IN; i++) x[i] = (float)rng_normal(&rng);
    Rows rows = {.n_rows = 1, .n_features = IN, .n_classes = CLASSES, .x = x, .ld = 16};
    assert_true(mlp_predict(mlp, &rows, arena, proba, CLASSES, NULL));
    trace_forward(&t, x);
    for (int c = 0; c < CLASSES; c++) assert_true(fabs(t.proba[c] - (double)proba[c]) < 1e-5);
    for (int c = 0; c < CLASSES; c++) {
        double gradient[IN];
        trace_forward(&t, x);
        trace_backward_class(&t, c);
        for (int i = 0; i < IN; i++) gradient[i] = t.d_inputs[i];
        for (int i = 0; i < IN; i++) {
            float old = x[i], up = old + 0.001f, down = old - 0.001f;
            x[i] = up;
            double high = logit(&t, x, c);
            x[i] = down;
            double low = logit(&t, x, c);
            x[i] = old;
            double differences = (high - low) / ((double)up - (double)down);
            if (fabs(gradient[i] - differences) > 2e-3 * (1 + fabs(differences)))
                fail_msg("%s: class %d, input %d: %g, by differences %g", activation_names[activation], c, i,
                         gradient[i], differences);
        }
    }
    /* By weights: the first of each layer. */
    float *sum = ARENA_NEW(arena, float, mlp->n_floats);
    double seed[CLASSES] = {0.5, -1, 0.25};
    trace_forward(&t, x);
    trace_backward(&t, seed);
    trace_add_weights(&t, sum);
    for (int l = 0; l < mlp->n_layers; l++) {
        float *w = mlp_layer(mlp, l).w, old = *w, up = old + 0.001f, down = old - 0.001f;
        double side[2];
        for (int k = 0; k < 2; k++) {
            *w = k ? up : down;
            trace_forward(&t, x);
            side[k] = 0;
            for (int c = 0; c < CLASSES; c++) side[k] += seed[c] * t.out[mlp->n_layers - 1][c];
        }
        *w = old;
        double differences = (side[1] - side[0]) / ((double)up - (double)down), got = (double)sum[w - mlp->params];
        if (fabs(got - differences) > 2e-3 * (1 + fabs(differences)))
            fail_msg("%s: layer %d: %g, by differences %g", activation_names[activation], l + 1, got, differences);
    }
    arena_destroy(arena);
}

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        check((Activation)a, false, false);
        check((Activation)a, true, false);
        check((Activation)a, false, true);
        check((Activation)a, true, true);
    }
}

/* Without hidden layers the gradient of a class is its weights, whatever the row. */
static void a_linear_model_is_its_own_template(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(3, 0, RNG_TEST);
    Mlp *mlp;
    assert_true(mlp_create(IN, NULL, 0, CLASSES, ACT_RELU, arena, &mlp, NULL));
    for (int i = 0; i < IN; i++)
        for (int c = 0; c < CLASSES; c++) mlp_layer(mlp, 0).w[i * mlp_layer(mlp, 0).ld + c] = (float)rng_normal(&rng);
    float x[16] = {1, -2, 0.5f, 0, 3};
    NetTrace t;
    assert_true(trace_create(mlp, arena, &t, NULL));
    trace_forward(&t, x);
    trace_backward_class(&t, 1);
    MlpLayer layer = mlp_layer(mlp, 0);
    for (int i = 0; i < IN; i++) assert_true(t.d_inputs[i] == (double)layer.w[i * layer.ld + 1]);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(a_linear_model_is_its_own_template),
    };
    return cmocka_run_group_tests_name("inspect/trace", tests, NULL, NULL);
}
