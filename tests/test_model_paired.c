#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/rng.h"
#include "model/paired.h"

static Arena *arena;

/* tests/golden/paired.py: scipy.stats.binomtest */
static const struct { int a, b; double p; } golden[] = {
    {0, 0, 1},
    {1, 0, 1},
    {5, 5, 1},
    {6, 5, 1},
    {10, 2, 0.03857421875},
    {228, 10, 6.2800985484387833e-55},
    {0, 20, 1.9073486328125e-06},
    {1000, 1100, 0.03072070786424249},
    {100000, 99000, 0.025127217688360817},
};

static void mcnemar_is_scipys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        double p = mcnemar_exact(golden[i].a, golden[i].b), turned = mcnemar_exact(golden[i].b, golden[i].a);
        assert_true(fabs(p - golden[i].p) <= 1e-9 * golden[i].p);
        assert_true(p == turned);
    }
}

/* Two classifiers of three classes: the second is right in a share of the rows where the first is not. */
static void make(int n, double gain, float *a, float *b, int32_t *labels)
{
    Rng rng = rng_stream(5, 1, RNG_TEST);
    for (int i = 0; i < n; i++) {
        labels[i] = (int32_t)rng_below(&rng, 3);
        int wrong = (labels[i] + 1) % 3;
        bool right_a = rng_uniform(&rng) < 0.7, right_b = rng_uniform(&rng) < 0.7 + gain;
        for (int c = 0; c < 3; c++) {
            a[3 * i + c] = c == (right_a ? labels[i] : wrong) ? 0.8f : 0.1f;
            b[3 * i + c] = c == (right_b ? labels[i] : wrong) ? 0.8f : 0.1f;
        }
    }
}

enum { N = 1500 };
static float a[3 * N], b[3 * N];
static int32_t labels[N];

static void compare(const float *x, const float *y, Paired *out)
{
    Error err;
    assert_true(paired_compare(&(Pair){N, 3, x, y, labels, 400, 7}, arena, out, &err));
}

static void a_real_difference_is_seen(void **state)
{
    (void)state;
    Paired p;
    make(N, 0.1, a, b, labels);
    compare(a, b, &p);
    assert_int_equal(p.n, N);
    assert_true(p.mcnemar_p < 1e-4 && p.delta[0].p == p.mcnemar_p);
    for (int m = 0; m < PAIRED_METRICS; m++) {
        const PairedDelta *d = &p.delta[m];
        bool up = metric_larger_is_better(d->metric);
        assert_true(d->delta == d->b - d->a);
        assert_true(d->low95 < d->delta && d->delta < d->high95);
        assert_true(up ? d->low95 > 0 : d->high95 < 0);
        assert_true(d->p < 0.02);
    }
    assert_float_equal(p.delta[0].delta, (double)(p.only_b - p.only_a) / N, 1e-12);
    /* The sd of the accuracy's difference is known: sqrt(b + c - (b - c)^2 / n) / n. */
    double sd = sqrt(p.only_a + p.only_b - pow(p.only_b - p.only_a, 2) / N) / N;
    double width = (p.delta[0].high95 - p.delta[0].low95) / (2 * 1.96 * sd);
    assert_true(width > 0.85 && width < 1.15);
}

static void chance_is_not(void **state)
{
    (void)state;
    Paired p;
    make(N, 0, a, b, labels);
    compare(a, b, &p);
    assert_true(p.mcnemar_p > 0.05);
    for (int m = 0; m < PAIRED_METRICS; m++) assert_true(p.delta[m].low95 < 0 && p.delta[m].high95 > 0);
    compare(a, a, &p);
    assert_true(p.mcnemar_p == 1 && p.only_a == 0 && p.only_b == 0);
    for (int m = 0; m < PAIRED_METRICS; m++) {
        assert_true(p.delta[m].delta == 0 && p.delta[m].low95 == 0 && p.delta[m].high95 == 0);
        assert_true(p.delta[m].p == 1);
    }
}

static void turned_around(void **state)
{
    (void)state;
    Paired p, q;
    make(N, 0.05, a, b, labels);
    compare(a, b, &p);
    compare(b, a, &q);
    for (int m = 0; m < PAIRED_METRICS; m++) {
        assert_true(p.delta[m].delta == -q.delta[m].delta);
        assert_float_equal(p.delta[m].low95, -q.delta[m].high95, 1e-3);
    }
}

static int start(void **state)
{
    (void)state;
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mcnemar_is_scipys),
        cmocka_unit_test(a_real_difference_is_seen),
        cmocka_unit_test(chance_is_not),
        cmocka_unit_test(turned_around),
    };
    return cmocka_run_group_tests_name("ensemble/paired", tests, start, end);
}
