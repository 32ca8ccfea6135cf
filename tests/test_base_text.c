#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "base/text.h"
#include "base/value.h"

/* tests/golden/base.py: Python's repr, which is the shortest text that reads back the same. */
static const struct {
    double number;
    const char *text;
} shortest[] = {
    {0x1.999999999999ap-4, "0.1"},
    {0x1.4f8b588e368f1p-17, "1e-05"},
    {0x1.5555555555555p-2, "0.3333333333333333"},
    {0x0.0000000000001p-1022, "5e-324"},
    {0x1.0000000000000p-1022, "2.2250738585072014e-308"},
    {0x1.fffffffffffffp+1023, "1.7976931348623157e+308"},
    {0x1.d6f3454800000p+26, "123456789.125"},
    {0x1.0f0cf064dd592p+73, "1e+22"},
    {0x1.5555555555555p-1, "0.6666666666666666"},
    {0x1.dd6122265b1f5p-441, "3.2839432695173066e-133"},
    {0x1.84f8cd8f16adfp-202, "2.3638456961415412e-61"},
    {0x1.9f134c386bbc4p-959, "3.3275237887358023e-289"},
    {0x1.bfae2414c343cp-903, "2.586079513346693e-272"},
    {0x1.39bd17ed4d57bp-244, "4.335199731352269e-74"},
    {0x1.944187311d8a3p-540, "4.387517052635629e-163"},
    {17, "17"},
    {-3, "-3"},
    {9007199254740992.0, "9007199254740992"},
    {NAN, "null"},
    {INFINITY, "null"},
};

static void numbers_print_shortest(void **state)
{
    (void)state;
    char out[32];
    for (size_t i = 0; i < sizeof shortest / sizeof *shortest; i++)
        assert_string_equal(text_number(shortest[i].number, out), shortest[i].text);
    assert_true(signbit(strtod(text_number(-0.0, out), NULL)));
}

static void numbers_read_back_the_same(void **state)
{
    (void)state;
    Rng rng = rng_stream(1, 0, RNG_TEST);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = (uint64_t)rng_u32(&rng) << 32 | rng_u32(&rng);
        double number, back;
        char out[32];
        memcpy(&number, &bits, 8);
        if (!isfinite(number)) continue;
        assert_true(text_to_number(text_number(number, out), &back));
        assert_memory_equal(&back, &number, 8);
    }
}

static void numbers_follow_yaml_1_2(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
    } good[] = {{"1e-3", 0.001}, {".5", 0.5},   {"0x1F", 31}, {"+2", 2},  {"017", 17},    {"0o17", 15},
                {"-1.", -1},     {"1E+2", 100}, {"0", 0},     {"-0", 0},  {"12.5e0", 12.5}};
    static const char *const wrong[] = {"", ".", "-", "e3", "1e", "1e+", "0x", "0xG", "-0x1F", "1_000", " 1", "1 ",
                                        "1,5", "nan", ".nan", "inf", ".inf", "1e999", "0b1", "1:30", "1.2.3",
                                        "infinity", "0x1p3", "--1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double number = -99;
        assert_true(text_to_number(good[i].text, &number));
        assert_true(number == good[i].number);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double number = -99;
        if (text_to_number(wrong[i], &number)) fail_msg("took %s", wrong[i]);
        assert_true(number == -99);
    }
}

static void durations_and_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"1h30m", 5400}, {"90s", 90}, {"15m", 900}, {"2.5", 2.5}, {"1d", 86400}, {"500ms", 0.5},
                {"1h 02m", 3720}, {"0", 0}, {"1.5h", 5400}, {"1m0.5s", 60.5}};
    static const char *const wrong[] = {"", "m", "-5", "5x", "1m1h", "1m1m", "1h30", "30 m ", "1e3s", "h1", "s"};
    static const struct {
        const char *text;
        double bytes;
    } sizes[] = {{"2GiB", 0x1p31}, {"500MB", 5e8}, {"1024", 1024}, {"1.5KiB", 1536}, {"1 kB", 1000}, {"0", 0},
                 {"3TiB", 3 * 0x1p40}, {"7B", 7}};
    static const char *const no_sizes[] = {"", "MB", "-1", "2G", "2gib", "1MB ", "1e999MB", "MB2"};
    double number;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(text_to_duration(good[i].text, &number));
        assert_true(fabs(number - good[i].seconds) < 1e-9);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (text_to_duration(wrong[i], &number)) fail_msg("took %s", wrong[i]);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_true(text_to_bytes(sizes[i].text, &number));
        assert_true(number == sizes[i].bytes);
    }
    for (size_t i = 0; i < sizeof no_sizes / sizeof *no_sizes; i++)
        if (text_to_bytes(no_sizes[i], &number)) fail_msg("took %s", no_sizes[i]);
    char out[32];
    assert_string_equal(text_bytes(740, out), "740 bytes");
    assert_string_equal(text_bytes(1.5 * 0x1p30, out), "1.5 GiB");
    assert_string_equal(text_bytes(12 * 0x1p30, out), "12 GiB");
    assert_string_equal(text_bytes(0x1p30 - 1, out), "1 GiB");
    assert_string_equal(text_bytes(700 * 0x1p20, out), "700 MiB");
    assert_string_equal(text_duration(12.44, out), "12.4s");
    assert_string_equal(text_duration(59.97, out), "1m 00s");
    assert_string_equal(text_duration(185, out), "3m 05s");
    assert_string_equal(text_duration(3599.6, out), "1h 00m");
    assert_string_equal(text_duration(3725, out), "1h 02m");
    assert_string_equal(text_duration(200000, out), "2d 07h");
    assert_string_equal(text_duration(NAN, out), "-");
    assert_string_equal(text_duration(1e300, out), "1.16e+295d");
}

static void escapes(void **state)
{
    (void)state;
    Text text = {0};
    text_json(&text, "a\"b\\c\n\x01\x7f\xC3\xA4\xFF\xED\xA0\x80");
    assert_string_equal(text.bytes, "\"a\\\"b\\\\c\\n\\u0001\\u007f\xC3\xA4"
                                    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    text_free(&text);
    text_html(&text, "<a href=\"x\">'&'</a>");
    assert_string_equal(text.bytes, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    text_free(&text);
    assert_true(text_is_utf8("\xF0\x9F\x8E\xBB", 4));
    assert_true(text_is_utf8("", 0));
    static const char *const wrong[] = {"\xC0\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                                        "\x80", "\xC3", "\xE2\x82", "\xC3(", "\xFF"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(text_is_utf8(wrong[i], strlen(wrong[i])));
}

static void grows_and_breaks_once(void **state)
{
    (void)state;
    Text text = {0};
    for (int i = 0; i < 1000; i++) text_print(&text, "%d,", i);
    assert_int_equal(text.n, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(text.bytes), text.n);
    assert_true(text_ok(&text));
    text_add_n(&text, NULL, SIZE_MAX / 2); /* cannot be had: broken, and so it stays */
    assert_false(text_ok(&text));
    size_t n = text.n;
    text_add(&text, "more");
    text_print(&text, "more");
    text_json(&text, "more");
    assert_int_equal(text.n, n);
    text_free(&text);
    assert_true(text_ok(&text));
}

static void finds_what_was_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"sgd", "rmsprop", "adam", "adamw", "learning_rate", "batch_size", "tanh", NULL};
    static const struct {
        const char *word, *meant;
    } cases[] = {{"adma", "adam"}, {"learing_rate", "learning_rate"}, {"Learning-Rate", "learning_rate"},
                 {"batchsize", "batch_size"}, {"ADAM", "adam"}, {"lion", NULL}, {"sdg", "sgd"}, {"adamW", "adamw"}, {"", NULL},
                 {"x", NULL}, {"learning", NULL}, {"rmspropp", "rmsprop"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = text_nearest(cases[i].word, names);
        if (cases[i].meant) assert_string_equal(found, cases[i].meant);
        else assert_null(found);
    }
    char huge[500];
    memset(huge, 'a', sizeof huge - 1), huge[sizeof huge - 1] = '\0';
    assert_null(text_nearest(huge, names));
}

static void values_compare_and_print(void **state)
{
    (void)state;
    Value one = value_int(1), one_real = value_real(1), yes = value_bool(true), word = value_text("a\"b");
    Value none = value_none(), list = value_list("[256,128]"), pi = value_real(3.14159265358979);
    assert_true(value_equal(&one, &one_real));
    assert_false(value_equal(&one, &yes));
    assert_false(value_equal(&word, &list));
    assert_true(value_equal(&none, &none));
    assert_true(value_equal(&word, &(Value){VALUE_TEXT, 0, "a\"b"}));
    char out[64];
    value_json(&word, out, sizeof out), assert_string_equal(out, "\"a\\\"b\"");
    value_json(&none, out, sizeof out), assert_string_equal(out, "null");
    value_json(&yes, out, sizeof out), assert_string_equal(out, "true");
    value_json(&list, out, sizeof out), assert_string_equal(out, "[256,128]");
    value_json(&pi, out, sizeof out), assert_string_equal(out, "3.14159265358979");
    value_label(&pi, out, sizeof out), assert_string_equal(out, "3.14159");
    value_label(&word, out, sizeof out), assert_string_equal(out, "a\"b");
    value_label(&(Value){VALUE_INT, 1500000, NULL}, out, sizeof out), assert_string_equal(out, "1500000");
    assert_int_equal(value_json(&list, out, 4), 9); /* as snprintf: what it would have been */
    assert_string_equal(out, "[25");
    assert_int_equal(value_json(&word, NULL, 0), 6);
}

static void words_of_a_shell(void **state)
{
    static const char *const words[][2] = {{"runs/plain", "runs/plain"}, {"", "''"}, {"a b", "'a b'"}, {"=cmd", "'=cmd'"},
        {"it's", "'it'\\''s'"}, {"$HOME;`x`", "'$HOME;`x`'"}, {"\\", "'\\'"}, {"\xc3\xbc", "\xc3\xbc"}, {"~", "'~'"}};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        Text text = {0};
        text_shell(&text, words[i][0]);
        assert_true(text_ok(&text));
        assert_string_equal(text.bytes, words[i][1]);
        text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_print_shortest),  cmocka_unit_test(numbers_read_back_the_same),
        cmocka_unit_test(numbers_follow_yaml_1_2), cmocka_unit_test(durations_and_sizes),
        cmocka_unit_test(words_of_a_shell),
        cmocka_unit_test(escapes),                 cmocka_unit_test(grows_and_breaks_once),
        cmocka_unit_test(finds_what_was_meant),    cmocka_unit_test(values_compare_and_print),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
