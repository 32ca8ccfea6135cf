#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mat.h"
#include "base/rng.h"
#include "golden/samplers.h"
#include "tuner/search/cma.h"

/* The state of CMA-ES against the `cmaes` package, and what must hold of any strategy. */

static Arena *arena;

static double value_of(int d, const double *x)
{
    double sum = 0;
    for (int k = 0; k < d; k++) sum += (k + 1) * (x[k] - 0.3) * (x[k] - 0.3);
    return sum;
}

/* Rows of x, by value. */
static void sort_rows(int n, int d, const double *x, const double **order)
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && value_of(d, order[at - 1]) > value_of(d, x + i * d); at--) order[at] = order[at - 1];
        order[at] = x + i * d;
    }
}

static void matches_the_package(void **state)
{
    (void)state;
    enum { D = 4 };
    Cma *cma;
    Error err = {0};
    assert_true(cma_create(D, 0, 0.25, arena, &cma, &err));
    assert_int_equal(cma->lambda, CMA_LAMBDA);
    for (int k = 0; k < D; k++) cma->mean[k] = 0.5;
    for (int g = 0; g < 6; g++) {
        double x[CMA_LAMBDA * D];
        const double *order[CMA_LAMBDA];
        for (int i = 0; i < CMA_LAMBDA; i++)
            for (int k = 0; k < D; k++)
                x[i * D + k] = 0.5 + 0.3 * pow(0.8, g) * sin(1.7 * (i + 1) + 2.3 * (k + 1) + 0.9 * g);
        sort_rows(CMA_LAMBDA, D, x, order);
        assert_true(cma_update(cma, order, &err));
    }
    assert_true(fabs(cma->sigma - cma_sigma[0]) < 1e-10);
    for (int k = 0; k < D; k++) {
        assert_true(fabs(cma->mean[k] - cma_mean[k]) < 1e-10);
        assert_true(fabs(cma->p_sigma[k] - cma_p_sigma[k]) < 1e-9);
        assert_true(fabs(cma->p_c[k] - cma_p_c[k]) < 1e-9);
        for (int j = 0; j < D; j++) assert_true(fabs(cma->c[k * D + j] - cma_c[k * D + j]) < 1e-9);
    }
}

/* axes diag(length^2) axes' is C, and axes is orthogonal. */
static void axes_decompose_the_covariance(void **state)
{
    (void)state;
    enum { D = 6, LAMBDA = 9 };
    Cma *cma;
    Error err = {0};
    Rng rng = rng_stream(3, 0, RNG_TEST);
    assert_true(cma_create(D, 0, 0.3, arena, &cma, &err));
    assert_int_equal(cma->lambda, LAMBDA);
    double first = 0;
    for (int g = 0; g < 60; g++) {
        double x[LAMBDA * D], z[D];
        const double *order[LAMBDA];
        for (int i = 0; i < LAMBDA; i++) {
            for (int k = 0; k < D; k++) z[k] = rng_normal(&rng);
            cma_point(cma, z, x + i * D);
        }
        sort_rows(LAMBDA, D, x, order);
        if (g == 0) first = value_of(D, order[0]);
        assert_true(cma_update(cma, order, &err));
        for (int a = 0; a < D; a++)
            for (int b = 0; b < D; b++) {
                double c = 0, one = 0;
                for (int j = 0; j < D; j++) {
                    c += cma->axes[a * D + j] * cma->length[j] * cma->length[j] * cma->axes[b * D + j];
                    one += cma->axes[a * D + j] * cma->axes[b * D + j];
                }
                assert_true(fabs(c - cma->c[a * D + b]) < 1e-9 * (1 + fabs(c)));
                assert_true(fabs(one - (a == b)) < 1e-9);
            }
    }
    assert_true(value_of(D, cma->mean) < 1e-4 * first); /* it converges on a bowl */
}

static void a_bad_covariance_is_an_error(void **state)
{
    (void)state;
    Cma *cma;
    Error err = {0};
    assert_true(cma_create(2, 0, 0.3, arena, &cma, &err));
    double x[6][2] = {{NAN, 0}, {1, 2}, {2, 1}, {0, 0}, {1, 1}, {3, 3}};
    const double *rows[6] = {x[0], x[1], x[2], x[3], x[4], x[5]};
    assert_int_equal(cma->lambda, 6);
    assert_false(cma_update(cma, rows, &err));
    assert_int_equal(err.code, ERR_NUMERIC);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    Arena *own = arena_create(0);
    bool ok = false;
    for (long n = 0; !ok; n++) {
        Error err = {0};
        Cma *cma = NULL;
        arena_reset(own);
        arena_fail_after(own, n);
        ok = cma_create(5, 0, 0.3, own, &cma, &err);
        if (!ok) assert_true(err.code == ERR_MEMORY && cma == NULL);
        assert_true(n < 30);
    }
    arena_destroy(own);
}

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    (void)parzen_widths, (void)parzen_logs;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_package),
        cmocka_unit_test(axes_decompose_the_covariance),
        cmocka_unit_test(a_bad_covariance_is_an_error),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/evolution", tests, set_up, tear_down);
}
