#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "golden/samplers.h"
#include "tuner/search/parzen.h"

/* Kernel densities against scipy's truncated normal, and as densities. */

static Arena *arena;
static const char space_text[] =
    "parameters:\n"
    "  a: {min: 0.0, max: 1.0}\n"
    "  n: {min: 1, max: 4}\n"
    "  c: {values: [x, y, z]}\n"
    "  m: {min: 0.0, max: 1.0, when: 'n >= 3'}\n";
enum { D = 4, N = 5 };
static const double data[N][D] = {{0.1, 0.125, 1. / 6, 0.5}, {0.9, 0.375, 0.5, 0.5}, {0.5, 0.625, 5. / 6, 0.2},
                                  {0.3, 0.875, 1. / 6, 0.7}, {0.7, 0.125, 0.5, 0.5}};
static double points[N][D];
static const double *rows[N];

static Space *read_space(void)
{
    Conf *conf;
    Space *space;
    Error err = {0};
    if (!conf_read_text("t.yaml", space_text, strlen(space_text), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s", err.message);
    for (int i = 0; i < N; i++) {
        memcpy(points[i], data[i], sizeof points[i]);
        space_snap(space, points[i]);
        rows[i] = points[i];
    }
    return space;
}

static double log_density(const Parzen *parzen, const double *u)
{
    double out = NAN;
    Error err = {0};
    Arena *own = arena_create(0);
    assert_true(own && parzen_log_densities(parzen, 1, u, own, &out, &err));
    arena_destroy(own);
    return out;
}

static void matches_the_second_implementation(void **state)
{
    (void)state;
    static const double at[3][D] = {{0.15, 0.125, 1. / 6, 0.5}, {0.55, 0.875, 0.5, 0.35},
                                    {0, 0.625, 5. / 6, 0.99}};
    Space *space = read_space();
    Parzen *parzen;
    Error err = {0};
    assert_true(parzen_fit(space, N, rows, arena, &parzen, &err));
    for (int k = 0; k < D; k++) assert_true(fabs(parzen_width(parzen, k) - parzen_widths[k]) < 1e-9);
    for (int i = 0; i < 3; i++) {
        double u[D];
        memcpy(u, at[i], sizeof u);
        space_snap(space, u);
        assert_true(fabs(log_density(parzen, u) - parzen_logs[i]) < 1e-6);
    }
}

/* The mean of the density under uniform draws is 1: it is a density over the whole conditional tree. And the
 * mean of 1 / density over its own draws is 1: the draws follow it. */
static void check_density(const Space *space, int n, const double *const *of)
{
    enum { ROUNDS = 100, DRAWS = 400 };
    Parzen *parzen;
    Error err = {0};
    Arena *own = arena_create(0);
    Rng rng = rng_stream(5, 0, RNG_TEST);
    double mean = 0, inverse = 0;
    assert_true(own && parzen_fit(space, n, of, arena, &parzen, &err));
    for (int round = 0; round < ROUNDS; round++) {
        double u[2 * DRAWS][D], logs[2 * DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            for (int k = 0; k < D; k++) u[i][k] = rng_uniform(&rng);
            space_snap(space, u[i]);
            parzen_draw(parzen, &rng, u[DRAWS + i]);
        }
        arena_reset(own);
        assert_true(parzen_log_densities(parzen, 2 * DRAWS, u[0], own, logs, &err));
        for (int i = 0; i < DRAWS; i++) {
            mean += exp(logs[i]) / (ROUNDS * DRAWS);
            inverse += exp(-logs[DRAWS + i]) / (ROUNDS * DRAWS);
        }
    }
    if (fabs(mean - 1) > 0.03 || fabs(inverse - 1) > 0.03) fail_msg("%g and %g, not 1", mean, inverse);
    arena_destroy(own);
}

static void it_is_a_density_and_draws_follow_it(void **state)
{
    (void)state;
    enum { MANY = 700 };
    Space *space = read_space();
    Rng rng = rng_stream(7, 0, RNG_TEST);
    static double u[MANY][D];
    static const double *of[MANY];
    for (int i = 0; i < MANY; i++) {
        for (int k = 0; k < D; k++) u[i][k] = 0.5 * rng_uniform(&rng) + 0.5 * rng_uniform(&rng);
        space_snap(space, u[i]);
        of[i] = u[i];
    }
    check_density(space, N, rows);
    check_density(space, MANY, of);
}

static void without_points_it_is_the_prior(void **state)
{
    (void)state;
    Space *space = read_space();
    Parzen *parzen;
    Error err = {0};
    Rng rng = rng_stream(6, 0, RNG_TEST);
    assert_true(parzen_fit(space, 0, NULL, arena, &parzen, &err));
    for (int i = 0; i < 100; i++) {
        double u[D], snapped[D];
        parzen_draw(parzen, &rng, u);
        memcpy(snapped, u, sizeof u);
        space_snap(space, snapped);
        assert_memory_equal(u, snapped, sizeof u);
        assert_true(log_density(parzen, u) == 0);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    Space *space = read_space();
    Arena *own = arena_create(0);
    bool ok = false;
    for (long n = 0; !ok; n++) {
        Error err = {0};
        Parzen *parzen = NULL;
        arena_reset(own);
        arena_fail_after(own, n);
        ok = parzen_fit(space, N, rows, own, &parzen, &err);
        if (!ok) assert_true(err.code == ERR_MEMORY && parzen == NULL);
        assert_true(n < 30);
    }
    arena_destroy(own);
}

static int set_up(void **state)
{
    (void)state;
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
    (void)cma_mean, (void)cma_sigma, (void)cma_c, (void)cma_p_sigma, (void)cma_p_c;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_second_implementation),
        cmocka_unit_test(it_is_a_density_and_draws_follow_it),
        cmocka_unit_test(without_points_it_is_the_prior),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/parzen", tests, set_up, tear_down);
}
