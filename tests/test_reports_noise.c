/* How much of the best of many is luck: the correction against simulated studies, whose truth is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/rng.h"
#include "reports/noise.h"

static void largest_of_normal_draws(void **state)
{
    (void)state;
    /* 1 / sqrt(pi), 3 / (2 sqrt(pi)); of ten and a hundred: Harter, Biometrika 48 (1961), 151-165 */
    assert_true(expected_maximum(1) == 0);
    assert_true(fabs(expected_maximum(2) - 0.5641895835) < 1e-6);
    assert_true(fabs(expected_maximum(3) - 0.8462843753) < 1e-6);
    assert_true(fabs(expected_maximum(10) - 1.5387527308) < 1e-6);
    assert_true(fabs(expected_maximum(100) - 2.5075936364) < 1e-6);
}

static int largest_first(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

/* What is left on average, in standard errors, when the optimism is taken off the best of 40 scores. `common` is the
 * share of the error that the rows are guilty of, and all trials have; trials differ by `differ` standard errors. */
static double left(double common, double differ)
{
    enum { STUDIES = 1500, TRIALS = 40 };
    const double error = 0.01;
    double sum = 0;
    for (uint32_t s = 0; s < STUDIES; s++) {
        struct {
            double seen, truth;
        } trial[TRIALS];
        double value[TRIALS];
        Rng rng = rng_stream(31, s, RNG_TEST);
        double rows = sqrt(common) * rng_normal(&rng);
        for (int i = 0; i < TRIALS; i++) {
            trial[i].truth = 0.85 + differ * error * rng_normal(&rng);
            trial[i].seen = trial[i].truth + error * (rows + sqrt(1 - common) * rng_normal(&rng));
        }
        qsort(trial, TRIALS, sizeof *trial, largest_first); /* by what was seen, their first member */
        for (int i = 0; i < TRIALS; i++) value[i] = trial[i].seen;
        Noise noise = {.error = error};
        noise_among(value, TRIALS, &noise);
        assert_true(noise.n_alike >= 1 && noise.n_alike <= TRIALS && noise.optimism >= 0);
        sum += (trial[0].seen - noise.optimism - trial[0].truth) / error;
    }
    return sum / STUDIES;
}

static void the_correction_is_enough(void **state)
{
    (void)state;
    static const double common[] = {0.5, 0.8}, differ[] = {0, 0.5, 1};
    for (int c = 0; c < 2; c++)
        for (int d = 0; d < 3; d++) {
            double over = left(common[c], differ[d]);
            if (!(over < 0.05 && over > -1.8)) fail_msg("%g %g: %g", common[c], differ[d], over);
        }
    double alone = left(0, 0); /* nothing in common: nearly all of it */
    if (!(fabs(alone) < 0.6)) fail_msg("alone: %g", alone);
}

static void few_and_equal_ones(void **state)
{
    (void)state;
    Noise noise = {.error = 0.01};
    noise_among((double[]){0.9}, 1, &noise);
    assert_true(noise.n_alike == 1 && noise.optimism == 0);
    noise_among((double[]){0.9, 0.9, 0.9, 0.8}, 4, &noise);
    assert_true(noise.n_alike == 3 && fabs(noise.optimism - 0.01 * expected_maximum(3)) < 1e-15);
    noise_among((double[]){0.1, 0.11, 0.2}, 3, &noise); /* smaller is better */
    assert_true(noise.n_alike == 2 && fabs(noise.band - 0.02 * sqrt(2)) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(largest_of_normal_draws),
        cmocka_unit_test(the_correction_is_enough),
        cmocka_unit_test(few_and_equal_ones),
    };
    return cmocka_run_group_tests_name("reports/noise", tests, NULL, NULL);
}
