#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/rng.h"
#include "model/paired.h"

static Arena *arena;

#include "tests/golden/paired.h"

static void mcnemar_is_scipys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_mcnemar / sizeof *golden_mcnemar; i++) {
        double p = mcnemar_exact(golden_mcnemar[i].a, golden_mcnemar[i].b), turned = mcnemar_exact(golden_mcnemar[i].b, golden_mcnemar[i].a);
        assert_true(fabs(p - golden_mcnemar[i].p) <= 1e-9 * golden_mcnemar[i].p);
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
    assert_true(paired_compare(&(Pair){.n = N, .n_classes = 3, .a = x, .b = y, .labels = labels, .draws = 400, .seed = 7},
                               arena, out, &err));
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
    for (int m = 0; m < PAIRED_METRICS; m++) assert_true(p.delta[m].delta == 0 && p.delta[m].p == 1);
    for (int m = 1; m < PAIRED_METRICS; m++) assert_true(p.delta[m].low95 == 0 && p.delta[m].high95 == 0);
    /* that no row of so many differed does not say that none would */
    assert_float_equal(p.delta[0].high95, 3.8415 / (N + 3.8415), 1e-5);
    assert_float_equal(p.delta[0].low95, -3.8415 / (N + 3.8415), 1e-5);
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

static void tango_is_as_a_numerical_search_finds_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_tango / sizeof *golden_tango; i++) {
        double low, high, turned_low, turned_high;
        paired_share_interval(golden_tango[i].n, golden_tango[i].a, golden_tango[i].b, &low, &high);
        paired_share_interval(golden_tango[i].n, golden_tango[i].b, golden_tango[i].a, &turned_low, &turned_high);
        assert_float_equal(low, golden_tango[i].low, 1e-6);
        assert_float_equal(high, golden_tango[i].high, 1e-6);
        assert_float_equal(turned_low, -high, 1e-9);
        assert_float_equal(turned_high, -low, 1e-9);
    }
}

static void any_metric_as_scikit_learn_has_it(void **state)
{
    (void)state;
    enum { METRICS = sizeof golden_paired / sizeof *golden_paired };
    float two[2][2 * PAIRED_N];
    MetricId metrics[METRICS];
    PairedDelta got[METRICS], alone;
    Error err;
    for (int i = 0; i < PAIRED_N; i++) {
        two[0][2 * i + 1] = paired_a[i], two[0][2 * i] = 1 - paired_a[i];
        two[1][2 * i + 1] = paired_b[i], two[1][2 * i] = 1 - paired_b[i];
    }
    for (int m = 0; m < METRICS; m++) metrics[m] = golden_paired[m].metric;
    Pair pair = {.n = PAIRED_N, .n_classes = 2, .a = two[0], .b = two[1], .labels = paired_labels, .draws = 2000,
                 .seed = 3, .positive = -1};
    assert_true(paired_differences(&pair, metrics, METRICS, arena, got, &err));
    for (int m = 0; m < METRICS; m++) {
        assert_int_equal(got[m].n, PAIRED_N);
        assert_float_equal(got[m].a, golden_paired[m].a, 1e-6);
        assert_float_equal(got[m].b, golden_paired[m].b, 1e-6);
        assert_float_equal(got[m].delta, golden_paired[m].b - golden_paired[m].a, 2e-6);
        double width = (got[m].high95 - got[m].low95) / (2 * 1.96 * golden_paired[m].sd);
        assert_true(width > 0.9 && width < 1.1);
        assert_true((got[m].p < 0.05) == (got[m].low95 > 0 || got[m].high95 < 0) || got[m].p > 0.04);
        assert_string_equal(got[m].test, m == 0 ? "mcnemar" : "bootstrap");
        assert_true(paired_difference(&pair, metrics[m], arena, &alone, &err)); /* the same alone */
        assert_true(alone.low95 == got[m].low95 && alone.high95 == got[m].high95 && alone.p == got[m].p);
    }
    const double all_one[2] = {1e-9, 1}; /* decided by weights, as a model does */
    pair.decision_a = pair.decision_b = all_one;
    assert_true(paired_difference(&pair, METRIC_ACCURACY, arena, &alone, &err));
    assert_true(alone.a == alone.b && alone.p == 1);
}

/* Fresh test sets of two networks of known worth, the second with `shift` more signal: how often the interval
 * holds the true difference, and how often p < 0.05. */
static void simulate(double shift, int runs, const double truth[4], int covered[4], int said[4])
{
    enum { ROWS = 250 };
    static const MetricId metrics[4] = {METRIC_ACCURACY, METRIC_BRIER, METRIC_ROC_AUC, METRIC_F1_MACRO};
    static float pa[2 * ROWS], pb[2 * ROWS];
    static int32_t y[ROWS];
    PairedDelta got[4];
    Error err;
    for (int run = 0; run < runs; run++) {
        Rng rng = rng_stream(11, (uint32_t)run, RNG_TEST);
        Arena *own = arena_create(0);
        for (int i = 0; i < ROWS; i++) {
            y[i] = rng_uniform(&rng) < 0.35;
            double common = rng_normal(&rng), side = y[i] ? 1.0 : -1.0;
            double za = side + 0.8 * common + 0.8 * rng_normal(&rng) - 0.3;
            double zb = side * (1 + shift) + 0.8 * common + 0.8 * rng_normal(&rng) - 0.3;
            pa[2 * i + 1] = (float)(1 / (1 + exp(-za))), pa[2 * i] = 1 - pa[2 * i + 1];
            pb[2 * i + 1] = (float)(1 / (1 + exp(-zb))), pb[2 * i] = 1 - pb[2 * i + 1];
        }
        const Pair pair = {.n = ROWS, .n_classes = 2, .a = pa, .b = pb, .labels = y, .draws = 199,
                           .seed = (uint64_t)run, .positive = -1};
        assert_true(paired_differences(&pair, metrics, 4, own, got, &err));
        for (int m = 0; m < 4; m++) {
            covered[m] += got[m].low95 <= truth[m] && truth[m] <= got[m].high95;
            said[m] += got[m].p < 0.05;
        }
        arena_destroy(own);
    }
}

/* The truth of two normal classes: accuracy and AUC in closed form, the others by 4,000,000 rows (numpy). */
static void level_and_coverage_are_as_promised(void **state)
{
    (void)state;
    enum { RUNS = 400 };
    const double none[4] = {0};
    int covered[4] = {0}, said[4] = {0};
    simulate(0, RUNS, none, covered, said);
    for (int m = 0; m < 4; m++) {
        assert_in_range(covered[m], 0.92 * RUNS, 0.985 * RUNS);
        assert_in_range(said[m], 0, 0.08 * RUNS);
    }
    assert_true(said[0] > 0 && said[1] > 0.02 * RUNS);
    const double truth[4] = {TRUE_ACCURACY, TRUE_BRIER, TRUE_AUC, TRUE_F1};
    int covered_too[4] = {0}, found[4] = {0};
    simulate(0.3, RUNS, truth, covered_too, found);
    for (int m = 0; m < 4; m++) {
        assert_in_range(covered_too[m], 0.92 * RUNS, 0.985 * RUNS);
        assert_true(found[m] > said[m]);
    }
}

/* From so few rows of a class a bootstrap finds differences that are none: nothing is said of what hangs on the class. */
static void too_few_rows_of_a_class_say_nothing(void **state)
{
    (void)state;
    enum { ROWS = 200, WHICH = 4 };
    static const MetricId metrics[WHICH] = {METRIC_ROC_AUC, METRIC_F1_MACRO, METRIC_MCC, METRIC_LOG_LOSS};
    static float pa[2 * ROWS], pb[2 * ROWS];
    static int32_t y[ROWS];
    PairedDelta got[WHICH];
    Error err;
    Rng rng = rng_stream(13, 1, RNG_TEST);
    for (int i = 0; i < ROWS; i++) {
        pa[2 * i + 1] = (float)rng_uniform(&rng), pa[2 * i] = 1 - pa[2 * i + 1];
        pb[2 * i + 1] = (float)rng_uniform(&rng), pb[2 * i] = 1 - pb[2 * i + 1];
    }
    for (int of_class = 9; of_class <= 10; of_class++) {
        for (int i = 0; i < ROWS; i++) y[i] = i < of_class;
        const Pair pair = {.n = ROWS, .n_classes = 2, .a = pa, .b = pb, .labels = y, .draws = 50, .seed = 1,
                           .positive = -1};
        assert_true(paired_differences(&pair, metrics, WHICH, arena, got, &err));
        for (int m = 0; m < WHICH; m++) {
            bool said = of_class == 10 || metrics[m] == METRIC_LOG_LOSS;
            assert_true(isfinite(got[m].delta));
            assert_true(isfinite(got[m].p) == said && isfinite(got[m].low95) == said && isfinite(got[m].high95) == said);
        }
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
        cmocka_unit_test(tango_is_as_a_numerical_search_finds_it),
        cmocka_unit_test(any_metric_as_scikit_learn_has_it),
        cmocka_unit_test(too_few_rows_of_a_class_say_nothing),
        cmocka_unit_test(level_and_coverage_are_as_promised),
    };
    return cmocka_run_group_tests_name("ensemble/paired", tests, start, end);
}
