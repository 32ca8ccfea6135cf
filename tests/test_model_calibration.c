#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "model/calibration_choose.h"
#include "model/model.h"
#include "tests/golden/calibration.h"

static const KnownRows golden = {CAL_N, CAL_K, cal_proba, cal_labels, NULL};

static double most_apart(int n, const double *a, const double *b)
{
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

static Calibration *fit(CalibrationMethod method, double most_temperature, Arena *arena)
{
    Calibration *out = NULL;
    Error err;
    if (!calibration_fit(&golden, NULL, method, most_temperature, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    static const CalibrationMethod methods[] = {CALIBRATION_BIAS, CALIBRATION_VECTOR, CALIBRATION_MATRIX};
    double z[CAL_N * CAL_K], row[CAL_K];
    for (int i = 0; i < CAL_N * CAL_K; i++) z[i] = log(fmax(cal_proba[i], 1e-12));
    for (int m = 0; m < 3; m++) {
        CalibrationLoss loss = {CAL_N, CAL_K, methods[m], z, cal_labels, row, NULL};
        const int n = (m == 0 ? 1 : m == 1 ? CAL_K : CAL_K * CAL_K) + CAL_K;
        double x[12], gradient[12], ignored[12];
        Rng rng = rng_stream(3, (uint32_t)m, RNG_TEST);
        for (int i = 0; i < n; i++) x[i] = 0.3 * rng_normal(&rng);
        x[0] += m == 0; /* a slope is above 0 */
        calibration_loss(&loss, x, gradient);
        for (int i = 0; i < n; i++) {
            const double at = x[i], h = 1e-5;
            x[i] = at + h;
            double high = calibration_loss(&loss, x, ignored);
            x[i] = at - h;
            double low = calibration_loss(&loss, x, ignored);
            x[i] = at;
            assert_true(fabs((high - low) / (2 * h) - gradient[i]) < 1e-6 * fmax(1, fabs(gradient[i])));
        }
    }
}

static void finds_scipys_optimum(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const Calibration *bias = fit(CALIBRATION_BIAS, 5, arena), *vector = fit(CALIBRATION_VECTOR, 5, arena);
    const Calibration *matrix = fit(CALIBRATION_MATRIX, 5, arena), *steps = fit(CALIBRATION_ISOTONIC, 5, arena);
    assert_true(bias->n_scale == 1 && fabs(bias->scale[0] - cal_bias[0]) < 1e-4);
    assert_true(most_apart(CAL_K, bias->bias, cal_bias + 1) < 1e-4);
    assert_true(vector->n_scale == CAL_K && most_apart(CAL_K, vector->scale, cal_vector) < 1e-4);
    assert_true(most_apart(CAL_K, vector->bias, cal_vector + CAL_K) < 1e-4);
    assert_true(matrix->n_scale == CAL_K * CAL_K);
    assert_true(most_apart(CAL_K * CAL_K, matrix->scale, cal_matrix) < 1e-4);
    assert_true(most_apart(CAL_K, matrix->bias, cal_matrix + CAL_K * CAL_K) < 1e-4);
    int n = 0;
    for (int c = 0; c < CAL_K; c++) {
        assert_int_equal(steps->n_knots[c], cal_n_knots[c]);
        n += cal_n_knots[c];
    }
    assert_true(most_apart(n, steps->at, cal_at) < 1e-4 && most_apart(n, steps->to, cal_to) < 1e-9);

    float p[CAL_K];
    memcpy(p, cal_proba, sizeof p);
    calibration_apply(bias, CAL_K, p);
    for (int c = 0; c < CAL_K; c++) assert_true(fabs(p[c] - cal_bias_row[c]) < 1e-4);
    /* No flatter than is allowed. */
    const Calibration *held = fit(CALIBRATION_BIAS, 1, arena);
    assert_true(cal_bias[0] < 1 && held->scale[0] == 1);
    arena_destroy(arena);
}

static void shares(const float *proba, double *mean)
{
    for (int c = 0; c < CAL_K; c++) {
        mean[c] = 0;
        for (int i = 0; i < CAL_N; i++) mean[c] += (double)proba[i * CAL_K + c] / CAL_N;
    }
}

static void has_the_shares_of_the_rows(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    double share[CAL_K] = {0}, mean[CAL_K];
    for (int i = 0; i < CAL_N; i++) share[cal_labels[i]] += 1.0 / CAL_N;
    shares(cal_proba, mean);
    assert_true(fabs(mean[2] - share[2]) > 0.05 && calibration_share_error(&golden) > 5);
    for (int m = CALIBRATION_BIAS; m <= CALIBRATION_ISOTONIC; m++) {
        float p[CAL_N * CAL_K];
        const Calibration *calibration = fit((CalibrationMethod)m, 5, arena);
        memcpy(p, cal_proba, sizeof p);
        for (int i = 0; i < CAL_N; i++) calibration_apply(calibration, CAL_K, p + i * CAL_K);
        shares(p, mean);
        for (int c = 0; c < CAL_K; c++)
            assert_true(fabs(mean[c] - share[c]) < (m == CALIBRATION_ISOTONIC ? 0.01 : 5e-4));
        const KnownRows after = {CAL_N, CAL_K, p, cal_labels, NULL};
        assert_true(calibration_share_error(&after) < 1);
    }
    arena_destroy(arena);
}

static void knots_keep_the_order(void **state)
{
    (void)state;
    const double at[] = {0, 0.3, 0.6, 1}, to[] = {0, 0.1, 0.9, 1};
    assert_true(calibration_step(4, at, to, 0) == 0 && calibration_step(4, at, to, 1) == 1);
    assert_true(fabs(calibration_step(4, at, to, 0.15) - 0.05) < 1e-15);
    assert_true(fabs(calibration_step(4, at, to, 0.45) - 0.5) < 1e-15);
    double last = -1;
    for (int i = 0; i <= 1000; i++) {
        double next = calibration_step(4, at, to, i / 1000.0);
        assert_true(next > last);
        last = next;
    }
}

/* Rows drawn from the probabilities that a known map makes of what is predicted. */
static void draw(const Calibration *truth, int n, int k, uint64_t seed, float *proba, int32_t *labels)
{
    Rng rng = rng_stream(seed, 5, RNG_TEST);
    for (int i = 0; i < n; i++) {
        float *p = proba + i * k, q[8];
        double sum = 0, u = rng_uniform(&rng);
        for (int c = 0; c < k; c++) sum += p[c] = (float)exp(1.5 * rng_normal(&rng));
        for (int c = 0; c < k; c++) q[c] = p[c] = (float)(p[c] / sum);
        if (truth) calibration_apply(truth, k, q);
        labels[i] = 0;
        while (labels[i] < k - 1 && u >= q[labels[i]]) u -= q[labels[i]++];
    }
}

enum { DRAWN = 3000 };
static float drawn[DRAWN * 4];
static int32_t drawn_labels[DRAWN];

static CalibrationChoice choose(unsigned allowed, const double *weight, int k, Arena *arena)
{
    CalibrationChoice out;
    Error err;
    const KnownRows rows = {DRAWN, k, drawn, drawn_labels, NULL};
    const CalibrationAsk ask = {allowed, 5, weight, 1};
    if (!calibration_choose(&rows, &ask, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

static void the_simplest_that_will_do(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const double zero[4] = {0}, half[1] = {0.5}, one[1] = {1}, bias[4] = {0, -1, 0.5, -0.4};
    const double vector[4] = {0.3, 1.5, 1, 0.6}, bent[16] = {1, 0, 0, 0.9, 0.8, 1, 0, 0, 0, 0, 1, 0, -0.9, 0, 0, 1};
    const Calibration sure = {1, half, zero, NULL, NULL, NULL}, moved = {1, one, bias, NULL, NULL, NULL};
    const Calibration each = {4, vector, bias, NULL, NULL, NULL}, full = {16, bent, zero, NULL, NULL, NULL};
    const struct {
        const Calibration *truth;
        CalibrationMethod method;
    } cases[] = {{NULL, CALIBRATION_NONE}, {&sure, CALIBRATION_TEMPERATURE}, {&moved, CALIBRATION_BIAS},
                 {&each, CALIBRATION_VECTOR}, {&full, CALIBRATION_MATRIX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        draw(cases[i].truth, DRAWN, 4, 14, drawn, drawn_labels);
        CalibrationChoice choice = choose(CALIBRATION_ALL, NULL, 4, arena);
        if (choice.method != cases[i].method)
            fail_msg("case %d: %s", (int)i, calibration_names[choice.method]);
        assert_true((choice.calibration != NULL) == (choice.method >= CALIBRATION_BIAS));
        calibration_choice_apply(&choice, DRAWN, 4, drawn);
        const KnownRows after = {DRAWN, 4, drawn, drawn_labels, NULL};
        assert_true(calibration_share_error(&after) < 2);
    }
    /* S-shaped, as of neither scale: for two classes. */
    const int n_knots[2] = {5, 5};
    const double at[10] = {0, 0.2, 0.5, 0.8, 1, 0, 0.2, 0.5, 0.8, 1}, to[10] = {0, 0.4, 0.5, 0.6, 1, 0, 0.4, 0.5, 0.6, 1};
    const Calibration wavy = {1, one, zero, n_knots, at, to};
    draw(&wavy, DRAWN, 2, 12, drawn, drawn_labels);
    assert_int_equal(choose(CALIBRATION_ALL, NULL, 2, arena).method, CALIBRATION_ISOTONIC);
    arena_destroy(arena);
}

static void class_weights_are_undone_exactly(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const double weight[3] = {0.5, 1, 4};
    double bias[3];
    for (int c = 0; c < 3; c++) bias[c] = -log(weight[c]);
    const Calibration undo = {1, (const double[]){1}, bias, NULL, NULL, NULL};
    draw(&undo, DRAWN, 3, 13, drawn, drawn_labels); /* the truth is p / w */
    static const unsigned sets[] = {CALIBRATION_SET(CALIBRATION_NONE), CALIBRATION_ALL};
    for (int s = 0; s < 2; s++) {
        CalibrationChoice choice = choose(sets[s], weight, 3, arena);
        assert_int_equal(choice.method, CALIBRATION_NONE);
        assert_true(choice.temperature == 1 && choice.calibration->n_scale == 1);
        assert_true(choice.calibration->scale[0] == 1 && most_apart(3, choice.calibration->bias, bias) < 1e-12);
    }
    /* The same rows, whose weights nobody told: biases find them. */
    CalibrationChoice choice = choose(CALIBRATION_ALL, NULL, 3, arena);
    assert_int_equal(choice.method, CALIBRATION_BIAS);
    assert_true(isnan(choice.loss[CALIBRATION_TEMPERATURE])); /* it cannot move shares: no candidate */
    assert_false(isnan(choice.loss[CALIBRATION_VECTOR]));
    assert_true(fabs(choice.calibration->bias[2] - choice.calibration->bias[0] - (bias[2] - bias[0])) < 0.25);
    /* Whatever is fitted on top: weights that are known and a class that is predicted less say the same. */
    for (int m = CALIBRATION_TEMPERATURE; m < CALIBRATION_COUNT; m++) {
        static float other[DRAWN * 3];
        CalibrationChoice plain;
        const KnownRows rows = {DRAWN, 3, drawn, drawn_labels, NULL};
        const double none[3] = {1, 1, 1};
        const CalibrationAsk ask = {CALIBRATION_SET((CalibrationMethod)m), 5, none, 1};
        choice = choose(CALIBRATION_SET((CalibrationMethod)m), weight, 3, arena);
        if (!calibration_choose(&rows, &ask, arena, &plain, NULL)) fail();
        memcpy(other, drawn, sizeof other);
        calibration_choice_apply(&choice, DRAWN, 3, other);
        const KnownRows after = {DRAWN, 3, other, drawn_labels, NULL};
        assert_true(calibration_share_error(&after) < 2);
        if (m != CALIBRATION_BIAS) continue; /* whose minimum is the same but for the little penalty */
        memcpy(other, drawn, sizeof other);
        for (int i = 0; i < 50; i++) {
            float p[3];
            memcpy(p, drawn + 3 * i, sizeof p);
            calibration_choice_apply(&choice, 1, 3, p);
            calibration_choice_apply(&plain, 1, 3, other + 3 * i);
            for (int c = 0; c < 3; c++) assert_true(fabs(p[c] - other[3 * i + c]) < 1e-3);
        }
    }
    arena_destroy(arena);
}

static void of_many_rows_all_are_fitted(void **state)
{
    (void)state;
    enum { MANY = 50000 };
    static float many[MANY * 2];
    static int32_t truth[MANY];
    Arena *arena = arena_create(0);
    const double one[1] = {1}, bias[2] = {0, -0.08};
    const Calibration moved = {1, one, bias, NULL, NULL, NULL};
    draw(&moved, MANY, 2, 15, many, truth);
    const KnownRows rows = {MANY, 2, many, truth, NULL};
    const CalibrationAsk ask = {CALIBRATION_ALL, 5, NULL, 1};
    CalibrationChoice choice;
    assert_true(calibration_share_error(&rows) > 5); /* of a third of them it would be less than that */
    assert_true(calibration_choose(&rows, &ask, arena, &choice, NULL));
    assert_int_equal(choice.method, CALIBRATION_BIAS);
    calibration_choice_apply(&choice, MANY, 2, many);
    assert_true(calibration_share_error(&rows) < 0.05);
    arena_destroy(arena);
}

static void few_or_strange_rows(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    float p[40];
    int32_t labels[20];
    CalibrationChoice choice;
    for (int n = 0; n <= 20; n++) { /* one class only, zeros, unknown rows */
        for (int i = 0; i < n; i++) p[2 * i] = i % 3 ? 1 : 0.5f, p[2 * i + 1] = 1 - p[2 * i], labels[i] = i % 4 ? 0 : -1;
        const KnownRows rows = {n, 2, p, labels, NULL};
        for (int m = 0; m <= CALIBRATION_COUNT; m++) {
            const CalibrationAsk ask = {m < CALIBRATION_COUNT ? CALIBRATION_SET((CalibrationMethod)m) : CALIBRATION_ALL,
                                        5, NULL, 1};
            assert_true(calibration_choose(&rows, &ask, arena, &choice, NULL));
            float q[2] = {0, 1};
            calibration_choice_apply(&choice, 1, 2, q);
            assert_true(q[0] >= 0 && q[0] <= 1 && fabsf(q[0] + q[1] - 1) < 1e-5f);
        }
    }
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (int m = CALIBRATION_BIAS; m <= CALIBRATION_ISOTONIC; m++) {
        bool fine = false;
        for (long n = 0; !fine; n++) {
            Error err;
            Calibration *out;
            arena_reset(arena);
            arena_fail_after(arena, n);
            fine = calibration_fit(&golden, NULL, (CalibrationMethod)m, 5, arena, &out, &err);
            arena_fail_after(arena, -1);
            if (!fine) assert_int_equal(err.code, ERR_MEMORY);
        }
    }
    bool fine = false;
    for (long n = 0; !fine; n++) {
        Error err;
        CalibrationChoice out;
        const CalibrationAsk ask = {CALIBRATION_ALL, 5, NULL, 1};
        arena_reset(arena);
        arena_fail_after(arena, n);
        fine = calibration_choose(&golden, &ask, arena, &out, &err);
        arena_fail_after(arena, -1);
        if (!fine) assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(finds_scipys_optimum),
        cmocka_unit_test(has_the_shares_of_the_rows),
        cmocka_unit_test(knots_keep_the_order),
        cmocka_unit_test(the_simplest_that_will_do),
        cmocka_unit_test(class_weights_are_undone_exactly),
        cmocka_unit_test(of_many_rows_all_are_fitted),
        cmocka_unit_test(few_or_strange_rows),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("model/calibration", tests, NULL, NULL);
}
