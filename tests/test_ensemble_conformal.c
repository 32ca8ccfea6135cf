#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/conformal_fit.h"
#include "ensemble/conformal_margin.h"

/* ---- margins --------------------------------------------------------------------------------- */

static void a_margin_is_an_order_statistic(void **state)
{
    (void)state;
    bool few = false;
    ConformalScore s[9];
    for (int i = 0; i < 9; i++) s[i] = (ConformalScore){(i * 4) % 9 + 1, 1};
    assert_true(conformal_margin(s, 9, 0.8, &few) == 8);  /* ceil(10 * 0.8) */
    assert_true(conformal_margin(s, 9, 0.5, &few) == 5);
    assert_true(conformal_margin(s, 9, 0.9, &few) == 9 && !few);
    assert_true(conformal_margin(s, 9, 0.95, &few) == 9 && few);
    few = false;
    assert_true(conformal_margin(s, 0, 0.5, &few) == 0 && few);
    /* what weighs nothing is not there, and doubled weights change nothing */
    ConformalScore twice[10] = {{100, 0}};
    for (int i = 1; i < 10; i++) twice[i] = (ConformalScore){i, 2};
    few = false;
    assert_true(conformal_margin(twice, 10, 0.5, &few) == 5 && !few);
}

/* ---- numbers --------------------------------------------------------------------------------- */

enum { N = 2000 };
typedef struct {
    Task task;
    Target target[2];
    double quantiles[3];
    float values[N * 6];
    double y[N * 2], weight[N];
    ConformalInput in;
    double level[2];
} Made;

/* y = x + noise; with `spread` the noise grows with x, else it is even. The second target is the first times 1000. */
static Made *numbers(uint64_t seed, double spread, int n_quantiles, Arena *arena)
{
    Made *made = ARENA_NEW(arena, Made, 1);
    Rng rng = rng_stream(seed, 1, RNG_TEST);
    *made = (Made){.level = {0.8, 0.9}, .quantiles = {0.1, 0.5, 0.9}};
    for (int t = 0; t < 2; t++)
        made->target[t] = (Target){.name = t ? "b" : "a", .unit = 1, .scale = 1, .logs = true, .log_scale = 1};
    made->task = (Task){.kind = TASK_NUMBERS, .n_targets = 2, .targets = made->target, .n_quantiles = n_quantiles,
                        .quantiles = made->quantiles};
    const int stride = task_stride(&made->task);
    for (int i = 0; i < N; i++) {
        double x = 5 + 5 * rng_uniform(&rng), noise = rng_normal(&rng);
        made->weight[i] = 1;
        for (int t = 0; t < 2; t++) {
            const double unit = t ? 1000 : 1, size = spread > 0 ? spread * (x - 4.9) : 0.3;
            made->y[2 * i + t] = unit * (x + size * noise);
            for (int q = 0; q < stride; q++)
                made->values[i * 2 * stride + t * stride + q] = (float)(unit * (x + 0.5 * (q - stride / 2)));
        }
    }
    made->in = (ConformalInput){.task = &made->task, .n = N / 2, .n_values = 2 * stride, .values = made->values,
                                .targets = made->y, .n_levels = 2, .level = made->level, .seed = seed};
    return made;
}

/* On the half of the rows that were not fitted on. */
static double covered(const Made *made, const Conformal *c, int l, int t, double *width)
{
    int n = 0;
    *width = 0;
    for (int i = N / 2; i < N; i++) {
        double low, high, y = made->y[2 * i + t];
        conformal_interval(c, &made->task, l, t, made->values + i * made->in.n_values, &low, &high);
        assert_true(low <= high);
        n += y >= low && y <= high;
        *width += (high - low) / (N / 2);
    }
    return (double)n / (N / 2);
}

static void intervals_cover_what_they_promise(void **state)
{
    Arena *arena = *state;
    const struct {
        int choice, n_quantiles;
        double spread;
    } cases[] = {{CONFORMAL_AUTO, 0, 0}, {CONFORMAL_AUTO, 0, 0.3}, {1 + CONFORMAL_PLAIN, 0, 0.3},
                 {1 + CONFORMAL_RATIO, 0, 0}, {1 + CONFORMAL_SCALED, 0, 0.3}, {1 + CONFORMAL_QUANTILES, 3, 0.3},
                 {CONFORMAL_AUTO, 3, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double sum[2] = {0, 0}, width;
        for (uint64_t seed = 1; seed <= 10; seed++) {
            Made *made = numbers(seed, cases[k].spread, cases[k].n_quantiles, arena);
            ConformalFit fit;
            Error err;
            made->in.choice = cases[k].choice;
            assert_true(conformal_fit(&made->in, arena, &fit, &err));
            for (int l = 0; l < 2; l++)
                for (int t = 0; t < 2; t++) sum[l] += covered(made, fit.conformal, l, t, &width) / 20;
            if (cases[k].choice != CONFORMAL_AUTO)
                assert_int_equal(fit.conformal->method[0], cases[k].choice - 1);
            arena_reset(arena);
        }
        /* ten times 1,000 rows: standard error .006 with the margins' own */
        assert_true(fabs(sum[0] - 0.8) < 0.02 && fabs(sum[1] - 0.9) < 0.016);
    }
}

static void errors_that_grow_are_scaled(void **state)
{
    Arena *arena = *state;
    ConformalFit even, growing;
    Error err;
    assert_true(conformal_fit(&numbers(3, 0, 0, arena)->in, arena, &even, &err));
    assert_int_equal(even.conformal->method[0], CONFORMAL_PLAIN);
    Made *made = numbers(3, 0.3, 0, arena);
    assert_true(conformal_fit(&made->in, arena, &growing, &err));
    assert_int_equal(growing.conformal->method[0], CONFORMAL_SCALED);
    assert_true(growing.compared[0][CONFORMAL_SCALED] < 0.98 * growing.compared[0][CONFORMAL_PLAIN]);
    /* the second target is the first in another unit; other tenths of its rows are left out */
    for (int l = 0; l < 2; l++)
        assert_true(fabs(growing.width[2 + l] / growing.width[l] / 1000 - 1) < 0.05);
    assert_true(conformal_scale(growing.conformal, 0, 9.5) > 3 * conformal_scale(growing.conformal, 0, 5.5));
    assert_true(conformal_scale(growing.conformal, 0, -1e9) == growing.conformal->scale[0]);
    assert_true(isfinite(conformal_scale(growing.conformal, 0, 1e300)));
    assert_int_equal(conformal_find(growing.conformal, 0.9), 1);
    assert_int_equal(conformal_find(growing.conformal, 0.7), -1);
}

static void weights_and_unknown_rows(void **state)
{
    Arena *arena = *state;
    ConformalFit all, half;
    Error err;
    Made *made = numbers(5, 0, 0, arena), *other = numbers(5, 0, 0, arena);
    /* rows without weight are as rows that are not known */
    for (int i = 0; i < N / 2; i++)
        if (i % 3 == 0) made->weight[i] = 0, other->y[2 * i] = other->y[2 * i + 1] = NAN;
    made->in.weight = made->weight;
    made->in.choice = other->in.choice = 1 + CONFORMAL_PLAIN;
    assert_true(conformal_fit(&made->in, arena, &all, &err) && conformal_fit(&other->in, arena, &half, &err));
    /* but for the one beyond: (n + 1) of all against (n + 1) of those that count */
    assert_true(fabs(all.conformal->margin[0] / half.conformal->margin[0] - 1) < 0.01);
    other->in.n = 4; /* too few for 0.8 and 0.9 */
    assert_true(conformal_fit(&other->in, arena, &half, &err) && half.few);
}

/* ---- classes --------------------------------------------------------------------------------- */

typedef struct {
    Task task;
    float proba[N * 4];
    int32_t labels[N];
    ConformalInput in;
    double level[1];
} Classes;

/* Of four classes the last is rare, and poorly told. */
static Classes *classes(uint64_t seed, Arena *arena)
{
    Classes *made = ARENA_NEW(arena, Classes, 1);
    Rng rng = rng_stream(seed, 2, RNG_TEST);
    *made = (Classes){.task = {.kind = TASK_CLASSES}, .level = {0.9}};
    for (int i = 0; i < N; i++) {
        double p[4], sum = 0, u = rng_uniform(&rng);
        made->labels[i] = u < 0.1 ? 3 : (int32_t)(u * 3 / 1.01);
        for (int c = 0; c < 4; c++)
            sum += p[c] = exp(rng_normal(&rng) + (c == made->labels[i]) * (c == 3 ? 0.5 : 2.5));
        for (int c = 0; c < 4; c++) made->proba[4 * i + c] = (float)(p[c] / sum);
    }
    made->in = (ConformalInput){.task = &made->task, .n = N / 2, .n_values = 4, .values = made->proba,
                                .labels = made->labels, .n_levels = 1, .level = made->level, .seed = seed};
    return made;
}

static void sets_cover_what_they_promise(void **state)
{
    Arena *arena = *state;
    double size[3] = {0};
    const int choices[3] = {CONFORMAL_AUTO, 1 + CONFORMAL_APS, 1 + CONFORMAL_BY_CLASS};
    for (int k = 0; k < 3; k++) {
        double all = 0, rare = 0, n_rare = 0;
        for (uint64_t seed = 1; seed <= 10; seed++) {
            Classes *made = classes(seed, arena);
            ConformalFit fit;
            Error err;
            made->in.choice = choices[k];
            assert_true(conformal_fit(&made->in, arena, &fit, &err));
            for (int i = N / 2; i < N; i++) {
                bool in[4];
                int n = conformal_set(fit.conformal, 0, 4, made->proba + 4 * i, in);
                size[k] += n / (10.0 * N / 2);
                all += in[made->labels[i]] / (10.0 * N / 2);
                if (made->labels[i] == 3) rare += in[3], n_rare++;
                if (k == 1) assert_true(n > 0);
            }
            arena_reset(arena);
        }
        assert_true(fabs(all - 0.9) < (k == 1 ? 0.03 : 0.015));
        if (k == 0) assert_true(rare / n_rare < 0.8); /* the promise is of all rows together */
        if (k == 2) assert_true(fabs(rare / n_rare - 0.9) < 0.04);
    }
    assert_true(size[0] < size[1] && size[0] < size[2]);
}

static void lac_is_its_formula(void **state)
{
    Arena *arena = *state;
    Classes *made = classes(11, arena);
    ConformalFit fit;
    Error err;
    assert_true(conformal_fit(&made->in, arena, &fit, &err));
    /* as many rows are at most the margin as ceil((n + 1) 0.9) */
    int n = 0;
    for (int i = 0; i < N / 2; i++) n += 1.0 - made->proba[4 * i + made->labels[i]] <= fit.conformal->margin[0];
    assert_int_equal(n, 901);
}

static void what_does_not_fit_is_refused(void **state)
{
    Arena *arena = *state;
    ConformalFit fit;
    Error err;
    Made *made = numbers(1, 0, 0, arena);
    Classes *labels = classes(1, arena);
    made->in.choice = 1 + CONFORMAL_LAC;
    labels->in.choice = 1 + CONFORMAL_SCALED;
    assert_false(conformal_fit(&made->in, arena, &fit, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_false(conformal_fit(&labels->in, arena, &fit, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    made->in.n_levels = 0;
    assert_true(conformal_fit(&made->in, arena, &fit, &err) && !fit.conformal);
    /* nothing is below what ratios are to: a prediction that is has none */
    made = numbers(1, 0, 0, arena);
    made->in.choice = 1 + CONFORMAL_RATIO;
    for (int i = 0; i < N / 2; i++) made->values[2 * i] = -1;
    assert_true(conformal_fit(&made->in, arena, &fit, &err));
    assert_int_equal(fit.conformal->method[0], CONFORMAL_PLAIN);
    assert_int_equal(fit.conformal->method[1], CONFORMAL_RATIO);
}

static void failed_allocations_are_errors(void **state)
{
    Arena *arena = *state;
    Made *made = numbers(2, 0.3, 0, arena);
    Classes *labels = classes(2, arena);
    for (int which = 0; which < 2; which++) {
        bool fine = false;
        for (int n = 0; !fine && n < 200; n++) {
            ConformalFit fit;
            Error err = {0};
            Arena *poor = arena_create(0);
            arena_fail_after(poor, n);
            fine = conformal_fit(which ? &labels->in : &made->in, poor, &fit, &err);
            arena_fail_after(poor, -1);
            if (!fine) assert_int_equal(err.code, ERR_MEMORY);
            arena_destroy(poor);
        }
        assert_true(fine);
    }
}

static int begin(void **state)
{
    return (*state = arena_create(0)) ? 0 : -1;
}

static int end(void **state)
{
    arena_destroy(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_margin_is_an_order_statistic), TEST(intervals_cover_what_they_promise),
        TEST(errors_that_grow_are_scaled), TEST(weights_and_unknown_rows), TEST(sets_cover_what_they_promise),
        TEST(lac_is_its_formula), TEST(what_does_not_fit_is_refused), TEST(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
