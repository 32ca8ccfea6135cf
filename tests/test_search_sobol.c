#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tuner/search/sampler.h"
#include "tuner/search/sobol.h"

/* tests/golden/sobol.py points: scipy.stats.qmc.Sobol(64, scramble=False). */
static const struct { uint32_t index; int dimension; uint32_t bits; } golden[] = {
    {1, 0, 2147483648}, {1, 1, 2147483648}, {1, 2, 2147483648}, {1, 9, 2147483648},
    {1, 31, 2147483648}, {1, 63, 2147483648}, {2, 0, 3221225472}, {2, 1, 1073741824},
    {2, 2, 1073741824}, {2, 9, 3221225472}, {2, 31, 1073741824}, {2, 63, 3221225472},
    {3, 0, 1073741824}, {3, 1, 3221225472}, {3, 2, 3221225472}, {3, 9, 1073741824},
    {3, 31, 3221225472}, {3, 63, 1073741824}, {7, 0, 536870912}, {7, 1, 2684354560},
    {7, 2, 1610612736}, {7, 9, 3758096384}, {7, 31, 3758096384}, {7, 63, 1610612736},
    {100, 0, 1778384896}, {100, 1, 1107296256}, {100, 2, 3321888768}, {100, 9, 2986344448},
    {100, 31, 1778384896}, {100, 63, 2785017856}, {1023, 0, 4194304}, {1023, 1, 3233808384},
    {1023, 2, 2629828608}, {1023, 9, 3653238784}, {1023, 31, 2638217216}, {1023, 63, 171966464},
    {4096, 0, 1572864}, {4096, 1, 2021130240}, {4096, 2, 3589799936}, {4096, 9, 4272422912},
    {4096, 31, 1536688128}, {4096, 63, 1914175488},
};

static void matches_scipy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        assert_int_equal(sobol_bits(golden[i].dimension, golden[i].index), golden[i].bits);
    /* Every direction number of every dimension enters this sum. */
    double sum = 0;
    for (uint32_t i = 0; i < 4097; i++)
        for (int d = 0; d < 64; d++)
            sum += (i % 7 + 1) * (d + 1) * (sobol_bits(d, i) * 0x1p-32);
    assert_true(fabs(sum - 17061175.400390625) < 1e-6);
}

/* The first 2^k points have one in each interval of length 2^-k, scrambled or not, and differently
 * for each seed. */
static void every_coordinate_is_even(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 4; seed++) {
        static unsigned char seen[64][256];
        for (int d = 0; d < 64; d++)
            for (int k = 0; k < 256; k++) seen[d][k] = 0;
        for (uint32_t i = 0; i < 256; i++) {
            double u[64];
            sobol_point(64, seed, i, u);
            for (int d = 0; d < 64; d++) {
                assert_true(u[d] > 0 && u[d] < 1);
                assert_int_equal(seen[d][(int)(u[d] * 256)]++, 0);
            }
        }
    }
}

/* Pairs of neighbouring coordinates: how many of the boxes of a 32 x 32 grid 1024 points reach. Nested
 * scrambling keeps what the plain sequence has (scipy's counts); random points would reach 647. */
static void pairs_stay_even(void **state)
{
    (void)state;
    const int want[11] = {1024, 1024, 512, 1024, 1024, 512, 1024, 1024, 1024, 1024, 1024};
    for (int d = 0; d < 11; d++) {
        static bool hit[32][32];
        int reached = 0;
        for (int a = 0; a < 1024; a++) hit[a / 32][a % 32] = false;
        for (uint32_t i = 0; i < 1024; i++) {
            double u[12];
            sobol_point(12, 5, i, u);
            bool *box = &hit[(int)(u[d] * 32)][(int)(u[d + 1] * 32)];
            reached += !*box;
            *box = true;
        }
        assert_int_equal(reached, want[d]);
    }
}

static void seeds_and_indices_matter(void **state)
{
    (void)state;
    double a[80], b[80], c[80];
    sobol_point(80, 1, 5, a);
    sobol_point(80, 1, 5, b);
    for (int d = 0; d < 80; d++) assert_true(a[d] == b[d]);
    sobol_point(80, 2, 5, b);
    sobol_point(80, 1, 6, c);
    int same = 0;
    for (int d = 0; d < 80; d++) same += (a[d] == b[d]) + (a[d] == c[d]);
    assert_int_equal(same, 0);
    for (int d = 64; d < 80; d++) assert_true(a[d] > 0 && a[d] < 1);
}

static void many_are_the_same_as_one_at_a_time(void **state)
{
    (void)state;
    static double u[300][80]; /* beyond the table, too */
    sobol_points(80, 77, 300, u[0]);
    for (uint32_t i = 0; i < 300; i++) {
        double own[80];
        sobol_point(80, 77, i, own);
        for (int d = 0; d < 80; d++) assert_true(own[d] == u[i][d]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_scipy),
        cmocka_unit_test(many_are_the_same_as_one_at_a_time),
        cmocka_unit_test(every_coordinate_is_even),
        cmocka_unit_test(pairs_stay_even),
        cmocka_unit_test(seeds_and_indices_matter),
    };
    return cmocka_run_group_tests_name("tuner/sobol", tests, NULL, NULL);
}
