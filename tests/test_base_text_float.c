/* Floats as text are what printf makes of them, digit for digit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text_float.h"

static void check(float value)
{
    char want[64];
    Text text = {0};
    snprintf(want, sizeof want, "%.9g", (double)value);
    text_float(&text, value);
    assert_true(text_ok(&text));
    assert_string_equal(text.bytes, want);
    text_free(&text);
}

static float of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void test_edges(void **state)
{
    (void)state;
    static const float values[] = {0,      -0.0f,   1,     -1,     0.1f,        0.5f,       1e-4f,       9.99999975e-05f,
                                   1e-5f,  1e8f,    1e9f,  1e10f,  999999999.f, 99999999.f, 123456789.f, 0.99999994f,
                                   1e-38f, 1e-45f,  3e38f, 100,    1000000,     0.001f,     12.5f,       16777216.f,
                                   9.5f,   0.0625f, 2e-4f, 1048577 / 1024.f, NAN, INFINITY, -INFINITY, 0.3f};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) check(values[i]);
    for (float p = 1e-5f; p < 2e10f; p *= 10) check(p), check(nextafterf(p, 0)), check(nextafterf(p, INFINITY));
    for (int e = -30; e < 40; e++) check(ldexpf(1, e)), check(-ldexpf(3, e)), check(ldexpf(16777215, e - 23));
}

/* All exponents where there is no "e", and any bits at all. */
static void test_many(void **state)
{
    (void)state;
    uint32_t bits = 1;
    for (int i = 0; i < 300000; i++) {
        bits = bits * 1664525 + 1013904223;
        const uint32_t mixed = bits ^ bits >> 15;
        check(of_bits(mixed));
        check(of_bits((113 + (mixed >> 8) % 44) << 23 | (mixed & 0x7FFFFF)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_edges), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
