#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/compare.h"
#include "tests/report_fixture.h"

/* Two studies with these test scores, a pair of them with this interval; a group of twins, or none. */
static Doc *comparison(double a, double b, double low, double high, bool paired, bool twins, bool maximize)
{
    char json[2000];
    snprintf(json, sizeof json,
             "{\"metric\":{\"name\":\"accuracy\",\"label\":\"accuracy\",\"maximize\":%s},\"studies\":["
             "{\"label\":\"one\",\"state\":\"DONE\",\"trials\":5,\"best\":{\"trial\":3,\"value\":0.9},"
             "\"test\":{\"value\":%.4f},\"cost\":{\"cpu_s\":61,\"wall_s\":30,\"cpu_known\":true}},"
             "{\"label\":\"two <b>\",\"state\":\"OPEN\",\"trials\":1234,\"best\":{\"trial\":1,\"value\":0.8},"
             "\"test\":{\"value\":%.4f},\"cost\":{\"cpu_s\":5,\"wall_s\":5,\"cpu_known\":false}}],"
             "\"pairs\":[{\"a\":\"one\",\"b\":\"two <b>\",\"what\":\"ensembles\",\"on\":\"test\",\"paired\":%s,"
             "\"why\":\"their test sets are not the same\",\"rows\":300,\"metrics\":{\"accuracy\":{\"a\":%.4f,"
             "\"b\":%.4f,\"difference\":%.4f,\"low95\":%.4f,\"high95\":%.4f,\"p\":0.04}}}],"
             "\"spread\":[%s],\"settings\":[{\"name\":\"run.seed\",\"values\":[\"1\",null]}],\"best_settings\":[]}",
             maximize ? "true" : "false", a, b, paired ? "true" : "false", a, b, b - a, low, high,
             twins ? "{\"studies\":[\"one\",\"two"
                     " <b>\"],\"best\":null,\"test\":{\"n\":2,\"mean\":0.9,\"sd\":0.01,"
                     "\"low\":0.89,\"high\":0.91}}" : "");
    return report_json(json);
}

static void check(Doc *document, const char *headline, const char *said, const char *care)
{
    Arena *arena = arena_create(0);
    compare_verdict(document, arena);
    const Doc *verdict = doc_get(document, "verdict");
    assert_string_equal(sheet_text(verdict, "headline"), headline);
    Text all = {0};
    doc_print(verdict, 0, &all);
    if (!strstr(all.bytes, said)) fail_msg("nobody says `%s`: %s", said, all.bytes);
    if (!strstr(all.bytes, care)) fail_msg("no `%s` in: %s", care, all.bytes);
    text_free(&all);
    doc_free(document);
    arena_destroy(arena);
}

static void words_follow_the_numbers(void **state)
{
    (void)state;
    check(comparison(.9, .93, .01, .05, true, false, true),
          "two <b> has the highest test accuracy, 0.9300 against 0.9000 of one: more than chance.",
          "two <b> minus one, ensembles on test rows: accuracy +0.0300 (95 % from 0.0100 to 0.0500; 300 rows in"
          " pairs, p = 0.04): better by more than chance.", "uses the test set up");
    check(comparison(.9, .93, .01, .05, true, false, false), /* a loss: smaller is better */
          "one has the lowest test accuracy, 0.9000 against 0.9300 of two <b>: more than chance.",
          "worse by more than chance", "one took 1m 01s of processor time and two <b> took 5.0s");
    check(comparison(.9, .93, -.01, .05, true, false, true),
          "two <b> has the highest test accuracy, 0.9300 against 0.9000 of one: this could be chance.",
          "this could be chance", "another seed gives others");
    check(comparison(.9, .9, 0, 0, true, false, true), "one and two <b> have the same test accuracy, 0.9000.",
          "no difference", "");
    check(comparison(.9, .93, .01, .05, true, true, true),
          "two <b> has the highest test accuracy, 0.9300 against 0.9000 of one: the luck of the seed.",
          "the seed does, for nothing else differs", "one and two <b> are one configuration with other seeds");
    check(comparison(.9, .93, .01, .05, false, false, true),
          "two <b> has the highest test accuracy, 0.9300 against 0.9000 of one: more than chance.",
          "(95 % from 0.0100 to 0.0500; not paired)", "not paired, because their test sets are not the same");
    check(report_json("{\"studies\":[{\"label\":\"a\"},{\"label\":\"b\"}],\"pairs\":[]}"),
          "None of these studies has a complete trial yet.", "", "");
    check(report_json("{\"studies\":[{\"label\":\"a\",\"best\":{\"value\":1}},{\"label\":\"b\"}]}"),
          "a has the highest validation , 1.0000.", "", "");
    check(report_json("{\"metric\":{\"label\":\"F1\"},\"studies\":[{\"label\":\"a\",\"best\":{\"value\":1}},"
                      "{\"label\":\"b\",\"best\":{\"value\":0.5}},{\"label\":\"c\",\"best\":{\"value\":1}}]}"),
          "Of 3 studies a and c share the highest validation F1, 1.0000.", "", "");
}

static void every_form_and_any_document(void **state)
{
    (void)state;
    static const int rows[] = {2, 1, 1, 1, 0};
    static const char *const odd[] = {"{}", "{\"studies\":3,\"pairs\":[1],\"spread\":[{}],\"settings\":[[]]}",
        "{\"studies\":[{},null],\"pairs\":[{\"metrics\":{\"x\":1}}],\"best_settings\":[{\"values\":[1]}]}"};
    for (size_t i = 0; i <= sizeof odd / sizeof *odd; i++) {
        Error err = {0};
        Arena *arena = arena_create(0);
        bool whole = i == sizeof odd / sizeof *odd;
        Doc *document = whole ? comparison(.9, .93, .01, .05, false, true, true) : report_json(odd[i]);
        Text html = {0}, markdown = {0};
        compare_verdict(document, arena);
        assert_true(compare_html(document, &html, &err) && compare_markdown(document, &markdown, &err));
        assert_non_null(strstr(html.bytes, "</html>"));
        for (int s = 0; compare_sheets[s]; s++) {
            Sheet sheet;
            assert_true(compare_sheets[s](document, arena, &sheet, &err));
            if (whole) assert_int_equal(sheet.n_rows, rows[s]);
        }
        if (whole) {
            assert_non_null(strstr(html.bytes, "two &lt;b&gt;"));
            char *script = strstr(html.bytes, "<script");
            if (script) *script = '\0';
            assert_null(strstr(html.bytes, "two <b>"));
            assert_non_null(strstr(html.bytes, "NOT PAIRED"));
            assert_non_null(strstr(html.bytes, "what they lasted stands for it"));
            assert_non_null(strstr(markdown.bytes, "two &lt;b>"));
        }
        text_free(&html);
        text_free(&markdown);
        doc_free(document);
        arena_destroy(arena);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    for (long n = 1; n < 400; n++) {
        Error err = {0};
        Arena *arena = arena_create(0);
        Doc *document = comparison(.9, .93, .01, .05, true, true, true);
        Sheet sheet;
        bool ok = true;
        arena_fail_after(arena, n);
        compare_verdict(document, arena);
        for (int s = 0; compare_sheets[s]; s++) ok &= compare_sheets[s](document, arena, &sheet, &err);
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
        doc_free(document);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_follow_the_numbers),
        cmocka_unit_test(every_form_and_any_document),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
