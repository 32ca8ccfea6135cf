#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "reports/classification.h"
#include "reports/columns.h"
#include "reports/inside_text.h"
#include "reports/markdown.h"
#include "tests/report_fixture.h"

static Doc *parse(const char *json)
{
    Error err = {0};
    Doc *doc = doc_parse(json, strlen(json), &err);
    if (!doc) fail_msg("%s", err.message);
    return doc;
}

/* tests/golden/classification_report.py wrote what scikit-learn prints. */
static void lays_out_as_scikit_learn_does(void **state)
{
    (void)state;
    Error err = {0};
    Bytes file;
    if (!file_read("tests/golden/classification_report.json", 0, &file, &err))
        fail_msg("%s", err.message);
    Doc *cases = doc_parse(file.bytes, file.n, &err);
    bytes_free(&file);
    if (!cases) fail_msg("%s", err.message);
    assert_int_equal(doc_count(cases), 8);
    for (size_t i = 0; i < doc_count(cases); i++) {
        const Doc *one = doc_at(cases, i);
        const char *want = doc_to_text(doc_get(one, "text"), "");
        Text got = {0};
        classification_report(doc_get(one, "evaluation"), 0, &got);
        assert_true(text_ok(&got) && got.n > strlen(want));
        if (strncmp(got.bytes, want, strlen(want)) != 0)
            fail_msg("%s:\n%s\nwanted:\n%s", doc_to_text(doc_get(one, "name"), ""), got.bytes, want);
        text_free(&got);
    }
    doc_free(cases);
}

static void adds_what_scikit_learn_leaves_out(void **state)
{
    (void)state;
    Doc *doc = parse("{\"rows\":2,\"classes\":[\"a\",\"b\"],\"metrics\":{\"accuracy\":{\"value\":0.5},"
                     "\"balanced_accuracy\":{\"value\":0.5,\"low95\":0.25,\"high95\":0.75},"
                     "\"mcc\":{\"value\":null},\"roc_auc\":{\"value\":0.75,\"low95\":0.625,\"high95\":0.875},"
                     "\"brier\":{\"value\":0.2},\"log_loss\":{\"value\":0.69314718},\"ece\":{\"value\":0.125}},"
                     "\"per_class\":[{\"label\":\"a\",\"precision\":0.5,\"recall\":1,\"f1\":0.6666666,"
                     "\"support\":1},{\"label\":\"b\",\"precision\":null,\"recall\":0,\"f1\":null,"
                     "\"support\":1}],\"averages\":{\"macro\":{\"precision\":0.25,\"recall\":0.5,\"f1\":0.33},"
                     "\"weighted\":{\"precision\":0.25,\"recall\":0.5,\"f1\":0.33}},"
                     "\"warnings\":[\"a is off\"],"
                     "\"decision\":{\"rule\":\"decides b when p(b) >= 0.3, else a\",\"asked\":\"f1_macro\"}}");
    Text got = {0};
    classification_report(doc, 0, &got);
    assert_non_null(strstr(got.bytes, "   balanced accuracy      0.5000   0.2500 to 0.7500\n"));
    assert_non_null(strstr(got.bytes, "                 MCC           –\n"));
    assert_non_null(strstr(got.bytes, "            log loss      0.6931\n"));
    assert_non_null(strstr(got.bytes, "             ROC AUC      0.7500   0.6250 to 0.8750\n"));
    assert_non_null(strstr(got.bytes, "         Brier score      0.2000\n"));
    assert_non_null(strstr(got.bytes, "\nwarning: a is off\n"));
    assert_non_null(strstr(got.bytes, "   calibration error      0.1250\n"));
    assert_non_null(strstr(got.bytes, "           b          –      0.00         –         1\n"));
    assert_non_null(strstr(got.bytes, "\ndecides b when p(b) >= 0.3, else a (for f1_macro)\n"));
    assert_non_null(strstr(got.bytes, "– undefined"));
    text_free(&got);
    doc_free(doc);
}

/* Whatever an evaluation lacks, there is no crash and no nonsense such as "nan". */
static void prints_any_evaluation(void **state)
{
    (void)state;
    static const char *const odd[] = {"null", "{}", "[1,2]", "{\"per_class\":[null,{},7]}",
                                      "{\"per_class\":{\"a\":1},\"metrics\":3,\"averages\":\"x\"}",
                                      "{\"rows\":\"many\",\"classes\":[\"a\\nb\"],\"per_class\":[{}]}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Doc *doc = parse(odd[i]);
        Text got = {0};
        classification_report(doc, 0, &got);
        assert_true(text_ok(&got));
        assert_null(strstr(got.bytes, "nan"));
        assert_null(strstr(got.bytes, "a\nb"));
        text_free(&got);
        doc_free(doc);
    }
    Text got = {0};
    classification_report(NULL, 0, &got);
    assert_true(text_ok(&got));
    text_free(&got);
}

static void sets_numbers_right_and_words_left(void **state)
{
    (void)state;
    static const char *const titles[] = {"trial", "größe", "score", "what", NULL};
    static const char *const cells[3][4] = {{"7", "klein", "0.98", "a"}, {"12", "größer", "–", "b c\nd"}, {"103"}};
    Arena *arena = arena_create(0);
    Sheet sheet;
    Error err;
    Text got = {0};
    assert_true(sheet_plain(titles, 3, arena, &sheet, &err));
    sheet_print(&sheet, 0, &got);
    assert_string_equal(got.bytes, "trial  größe  score  what\n");
    text_free(&got);
    for (int r = 0; r < 3; r++) {
        Cell *cell = sheet_row(&sheet);
        for (int c = 0; c < 4; c++) cell[c].text = cells[r][c];
    }
    sheet_print(&sheet, 0, &got);
    assert_string_equal(got.bytes, "trial  größe   score  what\n"
                                   "    7  klein    0.98  a\n"
                                   "   12  größer      –  b c d\n"
                                   "  103                 \n");
    assert_false(sheet_whole(&sheet));
    text_free(&got);
    arena_destroy(arena);
}

static void goes_on_below_where_there_is_no_room(void **state)
{
    (void)state;
    static const char *const titles[] = {"level", "rows", "accuracy", "95 %", "what", NULL};
    static const char *const cells[2][5] = {{"employment of größter Länge: yes", "29", "0.75", "0.5 to 0.9", "a"},
                                            {"sex: m", "4", "–", "–", "b"}};
    Arena *arena = arena_create(0);
    Sheet sheet;
    Error err;
    Text whole = {0}, got = {0};
    assert_true(sheet_plain(titles, 2, arena, &sheet, &err));
    for (int r = 0; r < 2; r++) {
        Cell *cell = sheet_row(&sheet);
        for (int c = 0; c < 5; c++) cell[c].text = cells[r][c];
    }
    sheet_print(&sheet, 0, &whole);
    sheet_print(&sheet, 70, &got); /* it fits */
    assert_string_equal(got.bytes, whole.bytes);
    text_free(&got);
    sheet_print(&sheet, 60, &got); /* the longest words lose their middle */
    assert_string_equal(got.bytes, "level                       rows  accuracy        95 %  what\n"
                                   "employment of…r Länge: yes    29      0.75  0.5 to 0.9  a\n"
                                   "sex: m                         4         –           –  b\n");
    text_free(&got);
    sheet_print(&sheet, 36, &got);
    assert_string_equal(got.bytes, "level             rows  accuracy\n"
                                   "employme…ge: yes    29      0.75\n"
                                   "sex: m               4         –\n"
                                   "\n"
                                   "level                   95 %  what\n"
                                   "employme…ge: yes  0.5 to 0.9  a\n"
                                   "sex: m                     –  b\n");
    text_free(&got);
    text_free(&whole);
    arena_destroy(arena);
}

static void escapes_what_would_be_markup(void **state)
{
    (void)state;
    Doc *doc = parse("{\"study\":{\"name\":\"#a|b <i>*c*</i>\\n# d\"},"
                     "\"verdict\":{\"sentences\":[\"> class `<=50K` is `a|b`\","
                     "\"`a`<b>`\", \"``c`\"]},\"failures\":[{\"code\":\"IO\",\"n\":2,"
                     "\"trial\":4,\"text\":\"x | y `z`\"}],"
                     "\"provenance\":{\"config_yaml\":\"a: 1\\n```\\nb: 2\\n\"}}");
    Text got = {0};
    Error err = {0};
    assert_true(markdown_write(doc, &got, &err));
    assert_non_null(strstr(got.bytes, "# \\#a\\|b &lt;i>\\*c\\*&lt;/i> # d\n"));
    /* Our own sentences: code stays code, and ends where a reader of Markdown ends it. */
    assert_non_null(strstr(got.bytes, "- \\> class `<=50K` is `a\\|b`\n- `a`&lt;b>\\`\n- \\`\\`c\\`\n"));
    assert_non_null(strstr(got.bytes, "| IO | 2 | 4 | x \\| y \\`z\\` |\n"));
    assert_non_null(strstr(got.bytes, "\n    a: 1\n    ```\n    b: 2\n"));
    text_free(&got);
    doc_free(doc);
}

/* 68.2 + 31.9 is 100.1: what is shown sums to the whole. */
static void shares_sum_to_the_whole(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const char *text[4];
    const double two[] = {0.68150001, 0.31849999}, three[] = {1.0 / 3, 1.0 / 3, 1.0 / 3}, part[] = {0.5, 0.25};
    const double odd[] = {0.3, 0.3, 0.4, 0};
    assert_true(sheet_shares(arena, two, 2, text));
    assert_string_equal(text[0], "68.2 %");
    assert_string_equal(text[1], "31.8 %");
    assert_true(sheet_shares(arena, three, 3, text));
    assert_string_equal(text[0], "33.4 %");
    assert_string_equal(text[2], "33.3 %");
    assert_true(sheet_shares(arena, odd, 4, text));
    assert_string_equal(text[0], "30.0 %");
    assert_string_equal(text[3], "0.0 %");
    assert_true(sheet_shares(arena, part, 2, text));
    assert_string_equal(text[1], "25.0 %");
    arena_destroy(arena);
}

/* The terminal's form of a network: pictures of characters, tables, and nothing of what is not there. */
static void shows_the_inside(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Doc *inside = report_inside(), *augmented = report_augmented();
    Text text = {0};
    assert_true(inside_text(inside, 0, arena, &text, &err));
    assert_non_null(strstr(text.bytes, "<b>s: network 1 of 3 of trial 18, the heaviest of 2 members: 4-2-2 units, relu\n"));
    assert_non_null(strstr(text.bytes, "row 7 (<i>k7): <!-- c with probability 0.9000; its class is a&b\n"));
    assert_non_null(strstr(text.bytes, "+0.2500"));
    assert_non_null(strstr(text.bytes, "1: 1")); /* the dead unit */
    augmented_text(augmented, arena, &text);
    assert_non_null(strstr(text.bytes, "as configured: rotate_deg 8\n<b>0, row 3, and as training sees it\n"));
    text_free(&text);
    doc_free(inside);
    doc_free(augmented);
    static const char *const odd[] = {
        "null", "{\"rows\":[{\"why\":\"asked\",\"height\":2,\"width\":2,\"pixels\":\"!\",\"saliency\":7}]}",
        "{\"first_layer\":{\"kind\":\"tiles\",\"height\":4096,\"width\":4096,\"tiles\":[1,2],\"pixels\":\"AAAA\"}}",
        "{\"height\":2,\"width\":1e9,\"versions\":-1,\"originals\":[{}],\"sets\":[{},1]}",
        "{\"height\":2,\"width\":2,\"versions\":100,\"originals\":[{}],\"pixels\":\"AICA/w==\",\"sets\":[{}]}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Doc *document = report_json(odd[i]);
        Text out = {0};
        assert_true(inside_text(document, 0, arena, &out, &err));
        augmented_text(document, arena, &out);
        text_free(&out);
        doc_free(document);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_sum_to_the_whole),
        cmocka_unit_test(shows_the_inside),
        cmocka_unit_test(lays_out_as_scikit_learn_does),
        cmocka_unit_test(adds_what_scikit_learn_leaves_out),
        cmocka_unit_test(prints_any_evaluation),
        cmocka_unit_test(sets_numbers_right_and_words_left),
        cmocka_unit_test(goes_on_below_where_there_is_no_room),
        cmocka_unit_test(escapes_what_would_be_markup),
    };
    return cmocka_run_group_tests_name("reports/text", tests, NULL, NULL);
}
