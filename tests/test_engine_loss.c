#include "tests/test_engine.h"

#include "engine/loss.h"
#include "engine/optimizer.h"
#include "tests/golden/engine_torch.h"

static const float weights[4] = {0.5f, 2.0f, 1.25f, 0.75f};

static void matches_pytorch(void **state)
{
    (void)state;
    enum { LD = 16 };
    const int32_t labels[6] = {0, 1, 2, 3, 0, 1};
    for (size_t i = 0; i < sizeof golden_loss / sizeof *golden_loss; i++) {
        Loss loss = {.n_classes = 4, .smoothing = golden_loss[i].smoothing,
                     .class_weight = golden_loss[i].weighted ? weights : NULL};
        float z[6 * LD];
        for (int k = 0; k < 6 * LD; k++) z[k] = 7; /* the padding may hold anything */
        for (int k = 0; k < 24; k++) z[k / 4 * LD + k % 4] = (float)(3 * sin(0.7 * k));
        double got = loss_gradient(&loss, 6, LD, z, labels);
        check_close("loss", got, golden_loss[i].loss, 2e-7);
        for (int k = 0; k < 24; k++)
            check_close("gradient", (double)z[k / 4 * LD + k % 4], golden_loss[i].grad[k], 1e-7);
        for (int r = 0; r < 6; r++) {
            double sum = 0;
            for (int c = 0; c < 4; c++) sum += (double)z[r * LD + c];
            check_close("a row of the gradient sums to 0", sum, 0, 1e-7);
            for (int c = 4; c < LD; c++) assert_true(z[r * LD + c] == 0);
        }
    }
}

static const struct {
    const char *name;
    float logits[3];
    int32_t label;
    double loss;
} cases[] = {
    {"uniform", {0, 0, 0}, 1, 1.0986122886681098},
    {"confident and right", {20, 0, 0}, 0, 4.1223072363804075e-9},
    {"confident and wrong", {20, 0, 0}, 2, 20.000000004122306},
    {"exp would overflow", {1e4f, 0, -1e4f}, 0, 0.0},
    {"very wrong", {1e4f, 0, -1e4f}, 2, 2e4},
};

static void stays_stable(void **state)
{
    (void)state;
    const Loss loss = {.n_classes = 3};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float z[16] = {0}, p[16] = {0};
        double sum = 0, weight = 0;
        for (int c = 0; c < 3; c++) z[c] = p[c] = cases[i].logits[c];
        double slack = 1e-7 * (0.1 + cases[i].loss);
        check_close(cases[i].name, loss_gradient(&loss, 1, 16, z, &cases[i].label), cases[i].loss, slack);
        loss_rows(&loss, 1, 16, p, &cases[i].label, &sum, &weight);
        check_close(cases[i].name, sum, cases[i].loss, slack);
        check_close(cases[i].name, weight, 1, 0);
        check_close(cases[i].name, (double)(p[0] + p[1] + p[2]), 1, 1e-6);
        for (int c = 0; c < 3; c++) /* unsmoothed: the gradient is p - y */
            check_close(cases[i].name, (double)z[c], (double)p[c] - (c == cases[i].label), 1e-7);
    }
    float z[16] = {INFINITY, 0, 0};
    const int32_t label = 0;
    assert_true(isnan(loss_gradient(&loss, 1, 16, z, &label)));
    float y[16] = {0, NAN, 0};
    assert_true(isnan(loss_gradient(&loss, 1, 16, y, &label)));
}

static void many_rows_are_the_sum_of_single_ones(void **state)
{
    (void)state;
    enum { N = 150, LD = 16, K = 5 }; /* more than two of the blocks it works in */
    static float z[N * LD], p[N * LD];
    int32_t labels[N];
    const float w[K] = {.5f, 1, 1.5f, 2, .25f};
    const Loss loss = {.n_classes = K, .class_weight = w, .smoothing = 0.1f};
    for (int i = 0; i < N; i++) {
        labels[i] = i % 7 == 6 ? -1 : i % K;
        for (int c = 0; c < K; c++) z[i * LD + c] = p[i * LD + c] = (float)sin(i * K + c);
    }
    double sum = 0, weight = 0, want = 0, want_weight = 0;
    loss_rows(&loss, N, LD, p, labels, &sum, &weight);
    for (int i = 0; i < N; i++) {
        double total = 0;
        for (int c = 0; c < K; c++) total += exp((double)z[i * LD + c]);
        for (int c = 0; c < K; c++)
            check_close("probability", (double)p[i * LD + c], exp((double)z[i * LD + c]) / total, 1e-6);
        if (labels[i] < 0) continue;
        want += (double)w[labels[i]] * (log(total) - (double)z[i * LD + labels[i]]);
        want_weight += (double)w[labels[i]];
    }
    check_close("sum of losses", sum, want, 1e-4);
    check_close("sum of weights", weight, want_weight, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_pytorch),
        cmocka_unit_test(stays_stable),
        cmocka_unit_test(many_rows_are_the_sum_of_single_ones),
    };
    (void)golden_points, (void)golden_activation, (void)golden_optimizer, (void)golden_network;
    return cmocka_run_group_tests_name("engine/loss", tests, NULL, NULL);
}
