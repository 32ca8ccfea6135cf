#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/mat.h"
#include "plan/quantize.h"
#include "plan/run.h"
#include "plan/runtime/dense16.h"
#include "plan/runtime/dense16_relu.h"
#include "plan/runtime/dense8.h"
#include "plan/runtime/dense8_relu.h"
#include "plan/runtime/quantize16.h"
#include "plan/runtime/quantize8.h"
#include "tests/golden/quantize.h"
#include "tests/model_maker.h"

/* Plans of integers: the functions exactly, whole plans beside those of floats. */

static Error err;

static void functions_are_exact(void **state)
{
    (void)state;
    enum { N = sizeof floats / sizeof *floats };
    int8_t a[N];
    int16_t b[N];
    float y[N_OUT], one[N_OUT];
    for (int o = 0; o < N_OUT; o++) one[o] = 1;
    rt_dense8_relu(N_IN, N_OUT, w, bias8, multiplier, shift8, -128, 127, x8, a);
    assert_memory_equal(a, y8, sizeof y8);
    rt_dense16_relu(N_IN, N_OUT, w, bias16, multiplier, shift16, 0, 20011, x16, b);
    assert_memory_equal(b, y16, sizeof y16);
    rt_dense8(N_IN, N_OUT, w, bias8, one, x8, y);
    for (int o = 0; o < N_OUT; o++) assert_true(y[o] == (float)sum8[o]);
    rt_dense16(N_IN, N_OUT, w, bias16, one, x16, y);
    for (int o = 0; o < N_OUT; o++) assert_true(y[o] == (float)sum16[o]);
    rt_quantize8(N, 2, 3, floats, a);
    assert_memory_equal(a, q8, sizeof q8);
    rt_quantize16(N, 8, 1000, floats, b);
    assert_memory_equal(b, q16, sizeof q16);
}

static int largest(const float *p, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (p[i] > p[best]) best = i;
    return best;
}

/* How far a plan of integers is from one of floats: the mean over all values, and rows that decide
 * otherwise. */
static double apart(const Model *model, const Table *table, PlanNumbers numbers, int *otherwise, Arena *arena)
{
    const int k = model_values(model), n = table->n_rows;
    float *want = ARENA_NEW(arena, float, n * k), *got = ARENA_NEW(arena, float, n * k);
    Plan *plan = NULL, *integers = NULL;
    double sum = 0;
    if (!plan_make(model, arena, &plan, &err) || !plan_run(plan, table, arena, want, &err)
        || !plan_quantize(plan, numbers, table, arena, &integers, &err)
        || !plan_run(integers, table, arena, got, &err))
        fail_msg("%s", err.message);
    assert_int_equal(integers->numbers, numbers);
    for (int i = 0; i < n * k; i++) sum += fabs(got[i] - want[i]);
    *otherwise = 0;
    for (int i = 0; i < n; i++) *otherwise += largest(got + i * k, k) != largest(want + i * k, k);
    return sum / (n * k);
}

/* Random networks, whose classes lie closer than those of trained ones. */
static void integers_are_near_floats(void **state)
{
    (void)state;
    for (int kind = MAKE_COLOUR; kind <= MAKE_MIXED; kind++)
        for (int activation = ACT_RELU; activation <= ACT_TANH; activation += ACT_TANH - ACT_RELU) {
            enum { ROWS = 200 };
            Arena *arena = arena_create(0);
            Table *table = make_table((MakeKind)kind, ROWS, 4, 5, arena);
            Model *model = make_model(table, 2, activation, 2, arena, &err);
            int otherwise8, otherwise16;
            if (!model) fail_msg("%s", err.message);
            const double off8 = apart(model, table, PLAN_I8, &otherwise8, arena);
            const double off16 = apart(model, table, PLAN_I16, &otherwise16, arena);
            if (!(off8 < 0.02 && off16 < 0.006 && otherwise8 <= ROWS / 10 && otherwise16 <= ROWS / 25))
                fail_msg("kind %d, %s: off by %.5f and %.5f, %d and %d rows otherwise", kind,
                         activation_names[activation], off8, off16, otherwise8, otherwise16);
            arena_destroy(arena);
        }
}

/* Layers that end in relu hand on integers, with no step between; sums stay within 32 bits at any width. */
static void relu_stays_in_integers(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_NUMERIC, 50, 4, 5, arena);
    Model *model = make_model(table, 1, ACT_RELU, 2, arena, &err);
    Plan *plan = NULL, *integers = NULL;
    if (!plan_make(model, arena, &plan, &err) || !plan_quantize(plan, PLAN_I16, table, arena, &integers, &err))
        fail_msg("%s", err.message);
    int quantized = 0;
    for (int s = 0; s < integers->n_steps; s++) {
        const PlanStep *step = &integers->steps[s];
        quantized += step->op == PLAN_QUANTIZE;
        if (step->op != PLAN_DENSE) continue;
        const PlanVector *in = &integers->vectors[step->in];
        assert_non_null(step->integers);
        assert_int_equal(in->type, PLAN_INT16);
        for (int o = 0; o < integers->vectors[step->out].n; o++) {
            double most = fabs((double)step->integers->bias[o]);
            for (int i = 0; i < in->n; i++) most += (double)in->most * abs(step->integers->w[o * in->n + i]);
            assert_true(most < 0x1p31);
        }
    }
    int used = 0; /* preprocessings: the features of each are quantized once */
    for (int s = 0; s < plan->n_steps; s++)
        used += plan->steps[s].op <= PLAN_DERIVED && plan->steps[s].first == 0;
    assert_int_equal(quantized, used);
    assert_true(integers->scratch_bytes < plan->scratch_bytes + 2 * 50);
    arena_destroy(arena);
}

static void refusals(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_NUMERIC, 20, 4, 5, arena);
    Model *model = make_model(table, 1, ACT_RELU, 2, arena, &err);
    Plan *plan = NULL, *out = NULL;
    assert_true(plan_make(model, arena, &plan, &err));
    assert_false(plan_quantize(plan, PLAN_F32, table, arena, &out, &err));
    assert_int_equal(err.code, ERR_INVALID);
    Table none = *table;
    none.n_rows = 0;
    assert_false(plan_quantize(plan, PLAN_I8, &none, arena, &out, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_null(out);
    for (int n = 0;; n++) {
        arena_fail_after(arena, n);
        const bool ok = plan_quantize(plan, PLAN_I8, table, arena, &out, &err);
        arena_fail_after(arena, -1);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 10000);
    }
    arena_destroy(arena);
}

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_exact),
        cmocka_unit_test(integers_are_near_floats),
        cmocka_unit_test(relu_stays_in_integers),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
