/* data/dates: against Python's datetime, every day of ten thousand years, and what is no date. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "data/dates.h"
#include "golden/dates.h"

static void agrees_with_python(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_dates / sizeof *golden_dates; i++) {
        double seconds, part[DATE_PART_COUNT];
        const char *why;
        if (!date_format_check(golden_dates[i].format, &why)) fail_msg("%s: %s", golden_dates[i].format, why);
        if (!date_read(golden_dates[i].format, golden_dates[i].text, strlen(golden_dates[i].text), &seconds))
            fail_msg("%s was not read as %s", golden_dates[i].text, golden_dates[i].format);
        if (!(fabs(seconds - golden_dates[i].seconds) <= 1e-5))
            fail_msg("%s: %.17g, wanted %.17g", golden_dates[i].text, seconds, golden_dates[i].seconds);
        date_parts(seconds, part);
        for (int p = 0; p < DATE_PART_COUNT; p++)
            if (!(fabs(part[p] - golden_dates[i].part[p]) <= 1e-7))
                fail_msg("%s: %s %.17g, wanted %.17g", golden_dates[i].text, date_part_names[p], part[p],
                         golden_dates[i].part[p]);
    }
}

/* Day by day through the Gregorian calendar: text and back, weekdays in turn. */
static void knows_every_day(void **state)
{
    (void)state;
    int weekday = 0, days = 0;
    for (double at = DATE_LEAST; at < DATE_MOST; at += 86400, days++, weekday = (weekday + 1) % 7) {
        char text[40];
        double back, part[DATE_PART_COUNT];
        date_text(at, false, text);
        date_parts(at, part);
        if (part[DATE_WEEKDAY] != weekday || part[DATE_HOUR] != 0) fail_msg("%s: weekday", text);
        if (!date_read("%Y-%m-%d", text, strlen(text), &back) || back != at) fail_msg("%s: %.17g", text, back);
    }
    assert_int_equal(days, 3652059); /* datetime.date.max.toordinal() */
}

static void refuses_what_is_no_date(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"%Y-%m-%d", "2021-02-29"}, {"%Y-%m-%d", "1900-02-29"}, {"%Y-%m-%d", "2020-13-01"},
        {"%Y-%m-%d", "2020-00-01"}, {"%Y-%m-%d", "2020-04-31"}, {"%Y-%m-%d", "0000-01-01"},
        {"%Y-%m-%d", "20-01-01"}, {"%Y-%m-%d", "2020-01-01x"}, {"%Y-%m-%d", ""}, {"%Y-%m-%d", "2020-01-"},
        {"%H:%M", "24:00"}, {"%H:%M", "12:60"}, {"%H:%M", "1:2"}, {"%H:%M %p", "13:00 PM"}, {"%H:%M %p", "0:00 AM"},
        {"%d %b %Y", "3 Foo 2020"}, {"%d %b %Y", "3 Ma 2020"}, {"%d %b %Y", "3 Marc 2020"}, {"%Y%m%d", "2020111"},
        {"%s", "1e9"}, {"%s", "-"}, {"%s", "999999999999999"}, {"%Y-%m-%d %z", "2020-01-01 +25:00"},
        {"%Y-%m-%d %z", "2020-01-01 CET"}, {"[%Y-[%m]", "2020"}};
    double seconds = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad - 1; i++)
        if (date_read(bad[i][0], bad[i][1], strlen(bad[i][1]), &seconds))
            fail_msg("`%s` was read as %s", bad[i][1], bad[i][0]);
    assert_true(date_read("%Y-%m-%d", "0000-00-00", 10, &seconds) && isnan(seconds));
    static const char *const formats[] = {"", "year", "%Y-%q", "%", "%Y%", "[%Y", "%Y]", "%d.%m.",
                                          "[[[[[[[[[[[[[%Y]]]]]]]]]]]]]"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *why;
        if (date_format_check(formats[i], &why) || !why) fail_msg("`%s` passes", formats[i]);
    }
}

/* Bytes at random, near dates and far from them: read or not, never beyond the end, always within the years. */
static void survives_anything(void **state)
{
    (void)state;
    Rng rng = rng_stream(3, 0, RNG_TEST);
    static const char letters[] = "0123456789-/.: TZ+,JanFebMonAMPMutc%[]\x80\xff";
    for (int round = 0; round < 20000; round++) {
        char text[24];
        size_t n = rng_below(&rng, sizeof text);
        double seconds;
        for (size_t i = 0; i < n; i++) text[i] = letters[rng_below(&rng, sizeof letters)];
        for (int f = 0; f < DATE_FORMAT_COUNT; f++)
            if (date_read(date_formats[f], text, n, &seconds)) assert_true(isnan(seconds) || date_is_there(seconds));
    }
}

static void finds_the_format(void **state)
{
    (void)state;
    DateLook look = {0};
    assert_true(date_look_add(&look, "3/4/2020", 8));
    int best = date_look_best(&look, true), other = date_other_order(best);
    assert_int_equal(date_formats[best][1], 'm');
    assert_int_equal(date_formats[other][1], 'd');
    assert_int_equal(look.read[best], look.read[other]);
    assert_true(date_look_add(&look, "13/4/2020 10:30", 15));
    assert_int_equal(date_look_best(&look, true), other);
    assert_false(date_look_add(&look, "2020-01-01", 10));
    assert_int_equal(date_look_best(&look, true), -1);
    assert_int_equal(date_look_best(&look, false), other);
    for (int f = 0; f < DATE_FORMAT_COUNT; f++) {
        const char *why;
        if (!date_format_check(date_formats[f], &why)) fail_msg("%s: %s", date_formats[f], why);
        if (date_other_order(f) >= 0) assert_int_equal(date_other_order(date_other_order(f)), f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_python),      cmocka_unit_test(knows_every_day),
        cmocka_unit_test(refuses_what_is_no_date), cmocka_unit_test(survives_anything),
        cmocka_unit_test(finds_the_format),
    };
    return cmocka_run_group_tests_name("data/dates", tests, NULL, NULL);
}
