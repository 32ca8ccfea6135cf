/* Flat rows of JSON in one walk: the same as the whole reader's, or left to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tests/json_row_same.h"

static void check(const char *text, bool taken)
{
    bool did;
    if (!json_row_same(text, strlen(text), &did)) fail_msg("differs: %s", text);
    if (did != taken) fail_msg("%s: %s", did ? "taken" : "not taken", text);
}

static void forms(void **state)
{
    (void)state;
    check("{}", true);
    check(" { } rest", true);
    check("{\"a\":1}", true);
    check("{ \"a\" : -1.5e+3 , \"b\":\"x y\",\n\"c\":null,\"d\":true,\"e\":false}", true);
    check("{\"\":\"\"}", true);
    check("{\"\xc3\xa9\":\"\xf0\x9f\x98\x80\"}", true);
    static const char *const left[] = {
        "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}",
        "{\"a\":{}}", "{\"a\":[1]}", "{\"a\":\"\\n\"}", "{\"a\\u0041\":1}", "{\"a\":\"\t\"}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}",
        "{\"a\":1.}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":0x1}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":1e999}", "{\"a\":tru}",
        "{\"a\":truE}", "{\"a\":1234567890123456789012}", "{\"a\":nul", "{\"a\":\"x"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) check(left[i], false);
}

static void numbers(void **state)
{
    (void)state;
    static const char *const some[] = {"0", "-0", "-0.0", "0e5", "1", "123456789012345678", "0.1", "1e22", "1e23", "1e-7", "5e-324",
                                       "2.2250738585072014e-308", "1.7976931348623157e308", "9007199254740993", "1e-999", "0.30000000000000004",
                                       "3.14159265358979323846264338327950288"};
    char text[120];
    Rng rng = rng_stream(3, 1, RNG_TEST);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        snprintf(text, sizeof text, "{\"a\":%s,\"b\":-%s}", some[i], *some[i] == '-' ? "7" : some[i]);
        check(text, true);
    }
    for (int i = 0; i < 20000; i++) {
        const double v = rng_normal(&rng) * pow(10, (double)rng_below(&rng, 40) - 20);
        snprintf(text, sizeof text, "{\"a\":%.*g,\"b\":%.*f}", 1 + (int)rng_below(&rng, 17), v, (int)rng_below(&rng, 12),
                 fmod(v, 1e6));
        check(text, true);
    }
}

/* Any byte changed: never taken for something else. */
static void spoiled(void **state)
{
    (void)state;
    static const char base[] = "{\"ab\": -12.5e-3, \"c\": \"x\", \"d\": null, \"e\": true}";
    static const char bytes[] = "{}[]:,\"\\0123456789.eE+-tfn aN\n\x01";
    char text[sizeof base];
    bool taken;
    for (size_t i = 0; i + 1 < sizeof base; i++)
        for (size_t k = 0; k + 1 < sizeof bytes; k++) {
            memcpy(text, base, sizeof base);
            text[i] = bytes[k];
            if (!json_row_same(text, sizeof base - 1, &taken)) fail_msg("differs: %s", text);
            if (!json_row_same(text, i, &taken)) fail_msg("differs: %.*s", (int)i, text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(numbers), cmocka_unit_test(spoiled)};
    return cmocka_run_group_tests_name("data/json_row", tests, NULL, NULL);
}
