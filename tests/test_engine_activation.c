#include "tests/test_engine.h"

#include "engine/activation.h"
#include "engine/loss.h"
#include "engine/optimizer.h"
#include "tests/golden/engine_torch.h"

#include <stdlib.h>
#include <string.h>

/* The same file again, without clones: plain code for the baseline processor. */
#define VEC_CLONES
#define activation_names plain_names
#define dropout_make plain_dropout_make
#define activation_forward plain_forward
#define activation_bias plain_bias
#define activation_drop plain_drop
#define activation_backward plain_backward
#define activation_backward_relu plain_backward_relu
extern const char *const plain_names[];
Dropout plain_dropout_make(double share);
void plain_forward(Activation activation, int rows, int ld, const float *bias, float *z, float *d);
void plain_bias(int rows, int ld, const float *bias, float *z);
void plain_drop(Dropout dropout, size_t n, const uint32_t *words, float *h, float *d);
void plain_backward(int rows, int ld, const float *d, float *dh, float *db);
void plain_backward_relu(int rows, int ld, const float *h, float scale, float *dh, float *db);
#include "engine/activation.c"
#undef activation_names
#undef dropout_make
#undef activation_forward
#undef activation_bias
#undef activation_drop
#undef activation_backward
#undef activation_backward_relu

static void every_clone_computes_the_same_bits(void **state)
{
    (void)state;
    enum { ROWS = 3, LD = 4096, N = ROWS * LD };
    static float z[N], y[N], d[N], e[N], bias[LD], db[LD], eb[LD];
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        for (int i = 0; i < N; i++) z[i] = y[i] = (float)(i - N / 2) * 0.004f;
        for (int j = 0; j < LD; j++) bias[j] = (float)sin(j);
        activation_forward((Activation)a, ROWS, LD, bias, z, d);
        plain_forward((Activation)a, ROWS, LD, bias, y, e);
        assert_memory_equal(z, y, sizeof z);
        assert_memory_equal(d, e, sizeof d);
        activation_backward(ROWS, LD, d, z, db);
        plain_backward(ROWS, LD, e, y, eb);
        assert_memory_equal(z, y, sizeof z);
        assert_memory_equal(db, eb, sizeof db);
    }
}

static void matches_pytorch(void **state)
{
    (void)state;
    enum { LD = (N_POINTS + MLP_PAD - 1) / MLP_PAD * MLP_PAD };
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        float z[2 * LD] = {0}, d[2 * LD], bias[LD] = {0}, plain[2 * LD];
        for (int i = 0; i < N_POINTS; i++) /* second row; z and bias are half a point each */
            z[LD + i] = bias[i] = 0.5f * golden_points[i];
        memcpy(plain, z, sizeof z);
        activation_forward((Activation)a, 2, LD, bias, z, d);
        activation_forward((Activation)a, 2, LD, bias, plain, NULL);
        assert_memory_equal(z, plain, sizeof z);
        for (int i = 0; i < N_POINTS; i++) {
            char what[80];
            double value = golden_activation[a][0][i], slope = golden_activation[a][1][i];
            double slack = 4e-7 * (1e-3 + fabs(value));
            snprintf(what, sizeof what, "%s(%g)", activation_names[a], (double)golden_points[i]);
            check_close(what, (double)z[LD + i], value, slack);
            strcat(what, ", slope");
            check_close(what, (double)d[LD + i], slope, 5e-7);
        }
    }
}

/* Distance from the truth in units of the float's last place (of the smallest normal one at least). */
static double ulps(float got, double want)
{
    int exponent;
    frexp(want, &exponent);
    double ulp = ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
    return fabs((double)got - want) / ulp;
}

typedef struct {
    double exp, expm1, tanh, sigmoid, cdf, cdf_tail;
} Worst;

static void measure(float x, Worst *w)
{
    double d = (double)x, u;
    float density;
    if (x > -87.3f && x < 88.7f && (u = ulps(vec_exp(x), exp(d))) > w->exp) w->exp = u;
    if (x < 88.7f && (u = ulps(vec_expm1(x), expm1(d))) > w->expm1) w->expm1 = u;
    if ((u = ulps(vec_tanh(x), tanh(d))) > w->tanh) w->tanh = u;
    if (x > -87.0f && (u = ulps(vec_sigmoid(x), 1 / (1 + exp(-d)))) > w->sigmoid) w->sigmoid = u;
    double cdf = 0.5 * erfc(-d * 0.70710678118654752), got = (double)vec_normal_cdf(x, &density);
    if (x > -2 && (u = ulps((float)got, cdf)) > w->cdf) w->cdf = u;
    if (x <= -2 && x > -13 && (u = fabs(got / cdf - 1)) > w->cdf_tail) w->cdf_tail = u;
}

static void functions_are_accurate_everywhere(void **state)
{
    (void)state;
    Worst w = {0};
    /* An odd stride visits all exponents and mantissas alike; CONSORT_VEC_STRIDE=1 visits every float. */
    const char *wanted = getenv("CONSORT_VEC_STRIDE");
    uint64_t stride = wanted ? strtoull(wanted, NULL, 10) : 0;
    if (stride == 0) stride = 65521;
    for (uint64_t bits = 0; bits < 1ull << 32; bits += stride) {
        float x = vec_float((uint32_t)bits);
        if (isfinite(x)) measure(x, &w);
    }
    for (int i = -200000; i <= 200000; i++) measure((float)i * 5e-4f, &w);
    if (wanted)
        print_message("worst ulp: exp %.2f expm1 %.2f tanh %.2f sigmoid %.2f cdf %.2f; tail %.2g\n", w.exp,
                      w.expm1, w.tanh, w.sigmoid, w.cdf, w.cdf_tail);
    check_close("exp", w.exp, 0, 1.1);
    check_close("expm1", w.expm1, 0, 1.8);
    check_close("tanh", w.tanh, 0, 2.6);
    check_close("sigmoid", w.sigmoid, 0, 2.5);
    check_close("normal cdf", w.cdf, 0, 8);
    check_close("normal cdf, lower tail", w.cdf_tail, 0, 5e-6);
}

static void extremes(void **state)
{
    (void)state;
    float density;
    assert_true(vec_exp(INFINITY) == INFINITY && vec_exp(89.5f) == INFINITY);
    assert_true(vec_exp(-INFINITY) == 0 && vec_exp(-88.0f) == 0 && vec_exp(0.0f) == 1);
    assert_true(vec_expm1(-INFINITY) == -1 && vec_expm1(INFINITY) == INFINITY);
    assert_true(vec_tanh(-INFINITY) == -1 && vec_tanh(INFINITY) == 1 && vec_tanh(0) == 0);
    assert_true(vec_sigmoid(-INFINITY) == 0 && vec_sigmoid(INFINITY) == 1);
    assert_true(vec_normal_cdf(-1e30f, &density) == 0 && density == 0);
    assert_true(vec_normal_cdf(1e30f, &density) == 1 && density == 0);
    assert_true(isnan(vec_exp(NAN)) && isnan(vec_expm1(NAN)) && isnan(vec_tanh(NAN)));
    assert_true(isnan(vec_sigmoid(NAN)) && isnan(vec_normal_cdf(NAN, &density)));
    for (int a = 0; a < ACTIVATION_COUNT; a++) { /* a nan is never hidden; large numbers are fine */
        float z[MLP_PAD] = {NAN, 1e30f, -1e30f, 80, -80}, d[MLP_PAD], bias[MLP_PAD] = {0};
        activation_forward((Activation)a, 1, MLP_PAD, bias, z, d);
        if (!isnan(z[0])) fail_msg("%s hides a nan", activation_names[a]);
        for (int i = 1; i < MLP_PAD; i++)
            if (!isfinite(z[i]) || !isfinite(d[i]))
                fail_msg("%s: %g, %g at %d", activation_names[a], (double)z[i], (double)d[i], i);
    }
}

static void dropout_is_inverted_and_fair(void **state)
{
    (void)state;
    enum { N = 1 << 16 };
    static float h[N], d[N];
    static uint32_t words[N / 2];
    Rng rng = rng_stream(1, 0, RNG_TEST);
    rng_fill(&rng, words, N / 2);
    for (int i = 0; i < N; i++) h[i] = d[i] = 1;
    Dropout drop = dropout_make(0.3);
    activation_drop(drop, N, words, h, d);
    double sum = 0;
    int dropped[2] = {0};
    for (int i = 0; i < N; i++) {
        assert_true(h[i] == 0 || h[i] == drop.scale);
        assert_true(d[i] == h[i]);
        uint32_t bits = i < N / 2 ? words[i] & 0xFFFF : words[i - N / 2] >> 16;
        assert_true((h[i] == 0) == (bits < drop.threshold));
        dropped[i >= N / 2] += h[i] == 0;
        sum += (double)h[i];
    }
    check_close("low halves", dropped[0] / (N / 2.0), 0.3, 0.01);
    check_close("high halves", dropped[1] / (N / 2.0), 0.3, 0.01);
    check_close("mean is kept", sum / N, 1, 0.015);
    assert_int_equal(dropout_make(0).threshold, 0);
    assert_true(isfinite(dropout_make(1).scale));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_pytorch),
        cmocka_unit_test(every_clone_computes_the_same_bits),
        cmocka_unit_test(functions_are_accurate_everywhere),
        cmocka_unit_test(extremes),
        cmocka_unit_test(dropout_is_inverted_and_fair),
    };
    (void)golden_loss, (void)golden_optimizer, (void)golden_network;
    return cmocka_run_group_tests_name("engine/activation", tests, NULL, NULL);
}
