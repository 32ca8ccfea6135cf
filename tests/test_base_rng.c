#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/rng.h"

/* The known-answer vectors of Random123 1.14 (kat_vectors) for philox4x32-10. */
static void matches_the_published_vectors(void **state)
{
    (void)state;
    Rng zero = {0};
    const uint32_t want_zero[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (int i = 0; i < 4; i++) assert_int_equal(rng_u32(&zero), want_zero[i]);
    Rng ones = {.key = {~0u, ~0u}, .counter = {~0u, ~0u, ~0u, ~0u}};
    const uint32_t want_ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    for (int i = 0; i < 4; i++) assert_int_equal(rng_u32(&ones), want_ones[i]);
    Rng pi = {.key = {0xa4093822, 0x299f31d0},
              .counter = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}};
    const uint32_t want_pi[4] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    for (int i = 0; i < 4; i++) assert_int_equal(rng_u32(&pi), want_pi[i]);
}

static void fills_like_single_draws(void **state)
{
    (void)state;
    Rng one = rng_stream(7, 3, RNG_TEST), block = one;
    uint32_t words[23];
    (void)rng_u32(&one), (void)rng_u32(&block);
    rng_fill(&block, words, 23);
    for (int i = 0; i < 23; i++) assert_int_equal(rng_u32(&one), words[i]);
    /* Long fills go many blocks at a time, over the carry of the counter too. */
    static uint32_t many[1000];
    for (int round = 0; round < 40; round++) {
        uint64_t at = round < 20 ? (uint64_t)round * 7 : ((uint64_t)1 << 34) - (uint64_t)round * 9;
        size_t n = (size_t)(1000 - 17 * round);
        Rng fill = rng_stream(8, 3, RNG_TEST);
        fill.counter[0] = (uint32_t)(at / 4), fill.counter[1] = (uint32_t)(at / 4 >> 32);
        for (uint64_t skip = at % 4; skip > 0; skip--) rng_u32(&fill);
        one = fill;
        rng_fill(&fill, many, n);
        for (size_t i = 0; i < n; i++) assert_int_equal(rng_u32(&one), many[i]);
        assert_int_equal(rng_u32(&one), rng_u32(&fill));
    }
}

static void draws_lie_where_they_should(void **state)
{
    (void)state;
    Rng rng = rng_stream(1, 0, RNG_TEST);
    double sum = 0, square = 0;
    int count[7] = {0};
    for (int i = 0; i < 70000; i++) {
        double u = rng_uniform(&rng), z = rng_normal(&rng);
        assert_true(u >= 0 && u < 1);
        sum += z;
        square += z * z;
        count[rng_below(&rng, 7)]++;
    }
    assert_true(sum / 70000 < 0.02 && sum / 70000 > -0.02);
    assert_true(square / 70000 > 0.97 && square / 70000 < 1.03);
    for (int i = 0; i < 7; i++) assert_in_range(count[i], 9500, 10500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_published_vectors),
        cmocka_unit_test(fills_like_single_draws),
        cmocka_unit_test(draws_lie_where_they_should),
    };
    return cmocka_run_group_tests_name("base/rng", tests, NULL, NULL);
}
