#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/figure.h"
#include "reports/figures.h"
#include "reports/sheet_print.h"
#include "tests/report_numbers.h"

/* ---- scales ---------------------------------------------------------------------------------- */

static void check_ticks(const Axis *scale, const char *expected)
{
    Text got = {0};
    char label[32];
    for (int i = 0; i < scale->n_ticks; i++)
        text_print(&got, "%s%s", i ? " " : "", axis_label(scale, scale->tick[i], label));
    assert_string_equal(got.bytes ? got.bytes : "", expected);
    text_free(&got);
}

static void ticks_are_round_numbers_inside(void **state)
{
    (void)state;
    const struct {
        double low, high, room;
        bool log, upright;
        const char *ticks;
    } rows[] = {
        {0, 1, 200, false, false, "0 0.2 0.4 0.6 0.8 1.0"},
        {0.9, 0.991, 100, false, true, "0.90 0.92 0.94 0.96 0.98"},
        {0, 37, 200, false, false, "0 10 20 30"},
        {-1, 1, 100, false, true, "-1.0 -0.5 0 0.5 1.0"},
        {0, 250000, 200, false, false, "0 50k 100k 150k 200k 250k"},
        {0, 3e6, 200, false, false, "0 1M 2M 3M"},
        {0.0001, 0.1, 200, true, false, "1e-4 0.001 0.01 0.1"},
        {0.002, 0.02, 200, true, false, "0.002 0.005 0.01 0.02"},
        {800, 90000, 200, true, false, "1000 3000 10k 30k"},
        {1e-12, 1, 100, true, true, "1e-12 1e-8 1e-4 1"},
        {5, 5, 100, false, true, "4.8 4.9 5.0 5.1 5.2"},
        {NAN, NAN, 100, false, true, "0 0.2 0.4 0.6 0.8 1.0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double from = rows[i].upright ? rows[i].room : 0, to = rows[i].upright ? 0 : rows[i].room;
        Axis scale = (rows[i].log ? axis_log : axis_linear)(rows[i].low, rows[i].high, from, to);
        check_ticks(&scale, rows[i].ticks);
        for (int k = 0; k < scale.n_ticks; k++) {
            double at = axis_at(&scale, scale.tick[k]);
            assert_true(at >= -1e-6 && at <= rows[i].room + 1e-6);
        }
    }
    Axis log = axis_log(1, 100, 0, 200);
    assert_float_equal(axis_at(&log, 10), 100, 1e-9);
    assert_true(isnan(axis_at(&log, 0)) && isnan(axis_at(&log, -1)));
    Axis no_log = axis_log(0, 10, 0, 100); /* zero has no place there */
    assert_false(no_log.log);
}

/* ---- elements -------------------------------------------------------------------------------- */

static void text_is_escaped_and_cut_between_letters(void **state)
{
    (void)state;
    Figure f;
    Text out = {0};
    figure_begin(&f, 100, 50, EVIL, &out);
    figure_text(&f, (Spot){1, 2}, 's', TONE_INK, 4, "αβγδε");
    figure_text(&f, (Spot){1, 2}, 'e', TONE_INK, 5, "αβγδε");
    figure_text(&f, (Spot){NAN, 2}, 'e', TONE_INK, 0, "nowhere");
    figure_text(&f, (Spot){1, 2}, 'm', TONE_INK, 0, "a\x01" "b</text>&");
    figure_label(&f, (Spot){1, 2}, 's', 0, "\"quoted\"");
    figure_axis_y(&f, &(Axis){.high = 1}, "<svg onload='x'>");
    figure_end(&f);
    assert_non_null(strstr(out.bytes, ">αβγ…</text>"));
    assert_non_null(strstr(out.bytes, ">αβγδε</text>"));
    assert_non_null(strstr(out.bytes, ">a b&lt;/text&gt;&amp;</text>"));
    assert_non_null(strstr(out.bytes, "&quot;quoted&quot;"));
    assert_null(strstr(out.bytes, "nowhere"));
    assert_null(strstr(out.bytes, "<script"));
    assert_null(strstr(out.bytes, "<svg onload"));
    text_free(&out);
}

static void what_is_not_finite_is_a_gap(void **state)
{
    (void)state;
    Figure f;
    Text out = {0};
    const Spot spots[] = {{0, 0}, {1, 1}, {NAN, 2}, {3, 3}, {4, INFINITY}, {5, 5}, {6, 6}};
    figure_begin(&f, 100, 50, "t", &out);
    size_t before = out.n;
    figure_line(&f, spots, 7, TONE_INK, 1, LINE_STEPS);
    assert_non_null(strstr(out.bytes + before, "M0.00 0.00H1.00V1.00M3.00 3.00M5.00 5.00H6.00V6.00\""));
    before = out.n;
    figure_line(&f, (Spot[]){{NAN, NAN}}, 1, TONE_INK, 1, LINE_PLAIN);
    figure_dots(&f, (Spot[]){{NAN, NAN}}, 1, 1, TONE_INK);
    figure_bar(&f, (Spot){0, NAN}, (Spot){1, 1}, TONE_INK, 1);
    figure_segment(&f, (Spot){0, NAN}, (Spot){1, 1}, TONE_INK, 1);
    figure_ring(&f, (Spot){0, NAN}, 1, TONE_INK);
    figure_cross(&f, (Spot){0, NAN}, 1, TONE_INK);
    assert_int_equal(out.n, before);
    assert_null(strstr(out.bytes, "nan"));
    text_free(&out);
}

/* ---- all figures ----------------------------------------------------------------------------- */

/* Every element is closed and every attribute quoted, as far as these elements go. */
static void check_xml(const char *name, const char *svg)
{
    char stack[8][16];
    int depth = 0;
    assert_memory_equal(svg, "<?xml ", 6);
    for (const char *at = strstr(svg, "<svg"); at && *at; at = strchr(at + 1, '<')) {
        const char *close = strchr(at, '>');
        char tag[16] = "";
        if (!close) fail_msg("%s: a tag without an end: %.60s", name, at);
        for (const char *c = at + 1; c < close; c++)
            if (*c == '<') fail_msg("%s: < in a tag: %.60s", name, at);
        sscanf(at[1] == '/' ? at + 2 : at + 1, "%15[a-z]", tag);
        if (at[1] == '/') {
            if (depth == 0 || strcmp(stack[--depth], tag) != 0) fail_msg("%s: </%s> ends another", name, tag);
        } else if (close[-1] != '/') {
            assert_in_range(depth, 0, 7);
            strcpy(stack[depth++], tag);
        }
    }
    if (depth != 0) fail_msg("%s: not closed", name);
    if (strstr(svg, "nan") || strstr(svg, "inf\"")) fail_msg("%s: a number that is none", name);
    if (strstr(svg, "<script")) fail_msg("%s: markup of the user's", name);
}

static void all_are_drawn_and_the_same_again(void **state)
{
    Arena *arena = *state;
    Doc *document = report_full_document(40, arena);
    static const char *const absent[] = {"permutation", "scatter", "residuals", "errors", "sizes", "quantiles",
                                         "coverage", NULL}; /* what the fixture has not */
    for (int k = 0; figure_kinds[k].name; k++) {
        Text first = {0}, again = {0};
        bool drawn = figure_kinds[k].draw(document, arena, &first);
        bool expected = names_find(absent, figure_kinds[k].name) < 0;
        if (drawn != expected) fail_msg("%s is %sdrawn", figure_kinds[k].name, drawn ? "" : "not ");
        if (!drawn) assert_int_equal(first.n, 0);
        if (!drawn) continue;
        check_xml(figure_kinds[k].name, first.bytes);
        assert_true(figure_kinds[k].draw(document, arena, &again));
        assert_string_equal(first.bytes, again.bytes);
        text_free(&first);
        text_free(&again);
    }
    doc_free(document);
}

/* Of numbers and labels their own, and nothing of classes. */
static void numbers_and_labels_have_theirs(void **state)
{
    Arena *arena = *state;
    static const char *const all[] = {"verdict", "history", "best-so-far", "distribution", "parallel", "slices",
                                      "timeline", "curve-metric", "curve-loss", "curve-rate", "gain", "front", "volume",
                                      "importance", "ablation", "map", "stopping", NULL};
    static const char *const own[2][7] = {{"roc", "pr", NULL},
                                          {"scatter", "residuals", "errors", "sizes", "quantiles", "coverage", NULL}};
    for (int targets = 0; targets < 2; targets++) {
        Doc *document = numbers_document(targets, arena);
        for (int k = 0; figure_kinds[k].name; k++) {
            Text out = {0};
            bool drawn = figure_kinds[k].draw(document, arena, &out), its = names_find(own[targets],
                                                                                       figure_kinds[k].name) >= 0;
            if (its && !drawn) fail_msg("%s is not drawn", figure_kinds[k].name);
            if (drawn && !its && names_find(all, figure_kinds[k].name) < 0)
                fail_msg("%s is drawn", figure_kinds[k].name);
            if (drawn) check_xml(figure_kinds[k].name, out.bytes);
            text_free(&out);
        }
        doc_free(document);
    }
}

static void threshold_and_intervals_where_there_are(void **state)
{
    Arena *arena = *state;
    Text out = {0};
    Doc *document = report_json(
        "{\"test\":{\"threshold_curve\":{\"label\":\"<b>\",\"at\":[0,0.5,1],\"precision\":[0.3,0.6,null],"
        "\"recall\":[1,0.7,0],\"f1\":[0.4,0.65,0],\"flagged\":[1,0.4,0],\"cost\":null,\"chosen\":1},"
        "\"class_reliability\":[{\"label\":\"bad\",\"bins\":["
        "{\"low\":0,\"high\":0.5,\"n\":30,\"mean_p\":0.2,\"share\":0.25,\"low95\":0.1,\"high95\":0.4},"
        "{\"low\":0.5,\"high\":1,\"n\":10,\"mean_p\":0.7,\"share\":0.6,\"low95\":0.3,\"high95\":0.85},"
        "{\"low\":1,\"high\":1,\"n\":0,\"mean_p\":null,\"share\":null,\"low95\":null,\"high95\":null}]}]}}");
    assert_true(figure_threshold(document, arena, &out));
    check_xml("threshold", out.bytes);
    assert_non_null(strstr(out.bytes, ">0.500</text>"));
    assert_non_null(strstr(out.bytes, "&lt;b&gt;"));
    text_free(&out);
    out = (Text){0};
    assert_true(figure_reliability(document, arena, &out));
    check_xml("reliability", out.bytes);
    assert_non_null(strstr(out.bytes, "share that is bad"));
    text_free(&out);
    doc_free(document);
}

static void rows_with_intervals(void **state)
{
    Arena *arena = *state;
    const struct {
        DrawFigure *draw;
        const char *json, *has;
    } rows[] = {
        {figure_verdict,
         "{\"study\":{\"metric_label\":\"F1\"},\"verdict\":{\"winner\":\"ensemble\",\"split\":\"test\","
         "\"score\":{\"value\":0.9,\"low95\":0.88,\"high95\":0.92},\"single\":{\"value\":0.89}},\"baselines\":["
         "{\"name\":\"majority class\",\"score\":{\"value\":0.4,\"low95\":0.38,\"high95\":0.42}},"
         "{\"name\":\"<i>\",\"score\":{\"value\":null}}]}", "majority class"},
        {figure_ablation,
         "{\"ablation\":{\"from\":{\"trial\":0,\"what\":\"baseline\"},\"start\":{\"value\":0.8,\"low95\":0.7,"
         "\"high95\":0.9},\"steps\":[{\"name\":\"hidden\",\"before\":[8],\"after\":[64],\"score\":{\"value\":0.9,"
         "\"low95\":0.85,\"high95\":0.95}}]}}", "hidden → [64]"},
        {figure_permutation,
         "{\"inside\":{\"importance\":{\"metric_label\":\"accuracy\",\"features\":[{\"name\":\"a&b\","
         "\"drop\":0.1,\"low95\":0.05,\"high95\":0.15},{\"name\":\"c\",\"drop\":-0.01,\"low95\":-0.03,"
         "\"high95\":0.01}]}}}", "a&amp;b"},
        {figure_stopping, "{\"stopping\":{\"epoch\":[1,2,4],\"rho\":[0.2,0.7,0.95],\"low95\":[-0.3,0.4,0.9],"
         "\"high95\":[0.6,0.9,0.99],\"safe_epoch\":4}}", "at least 0.9 from here on"},
        {figure_map,
         "{\"study\":{\"maximize\":false},\"importance\":{\"pairs\":[{\"a\":\"x\",\"b\":\"y\",\"effect\":0.2}],"
         "\"maps\":[{\"a\":\"x\",\"b\":\"y<\",\"a_values\":[1,2],\"b_values\":[\"u\",null],\"mean\":[[0.5,0.6],"
         "[0.7,null]]}]}}", "from 0.7 (pale) to 0.5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Text out = {0};
        Doc *document = report_json(rows[i].json);
        if (!rows[i].draw(document, arena, &out)) fail_msg("not drawn: %s", rows[i].json);
        check_xml(rows[i].has, out.bytes);
        if (!strstr(out.bytes, rows[i].has)) fail_msg("no `%s` in %s", rows[i].has, out.bytes);
        text_free(&out);
        doc_free(document);
    }
}

static void nothing_is_drawn_of_nothing(void **state)
{
    Arena *arena = *state;
    static const char *const documents[] = {"{}", "{\"trials\":{\"number\":[0],\"state\":[\"FAILED\"]}}",
        "{\"trials\":3,\"test\":[],\"curves\":{},\"parameters\":\"x\",\"front\":{\"values\":[[1],[2,3]],"
        "\"members\":[{},{}]},\"ensemble\":{\"curve\":[null,null]},\"studies\":[{}],\"importance\":{}}"};
    for (size_t d = 0; d < sizeof documents / sizeof *documents; d++) {
        Doc *document = report_json(documents[d]);
        for (int k = 0; figure_kinds[k].name; k++) {
            Text out = {0};
            if (figure_kinds[k].draw(document, arena, &out)) fail_msg("%s of %s", figure_kinds[k].name,
                                                                      documents[d]);
            assert_int_equal(out.n, 0);
        }
        Text out = {0};
        assert_false(figure_compare_trials(document, arena, &out) || figure_compare_cpu(document, arena, &out));
        doc_free(document);
    }
}

/* Without memory a figure says so, or is not drawn: it never stops halfway and looks whole. */
static void memory_may_run_out(void **state)
{
    Arena *arena = *state, *own = arena_create(0);
    Doc *classes = report_full_document(30, arena), *numbers = numbers_document(1, arena);
    for (int k = 0; figure_kinds[k].name; k++) {
        const Doc *document = figure_kinds[k].draw == figure_scatter || figure_kinds[k].draw == figure_residuals
                           || figure_kinds[k].draw == figure_errors || figure_kinds[k].draw == figure_sizes
                           || figure_kinds[k].draw == figure_quantiles || figure_kinds[k].draw == figure_coverage
                              ? numbers : classes;
        Text whole = {0};
        figure_kinds[k].draw(document, arena, &whole);
        for (long n = 1; n < 200; n++) {
            Text out = {0};
            arena_reset(own);
            arena_fail_after(own, n);
            bool drawn = figure_kinds[k].draw(document, own, &out);
            bool same = drawn && text_ok(&out) && whole.bytes && strcmp(out.bytes, whole.bytes) == 0;
            if (whole.bytes && !same && !out.broken)
                fail_msg("%s without memory (%ld) looks whole", figure_kinds[k].name, n);
            text_free(&out);
            if (same) break;
            if (n == 199 && whole.bytes) fail_msg("%s never comes out", figure_kinds[k].name);
        }
        text_free(&whole);
    }
    arena_fail_after(own, -1);
    arena_destroy(own);
    doc_free(classes), doc_free(numbers);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void latex_prints_what_it_would_obey(void **state)
{
    (void)state;
    const struct {
        const char *text, *latex;
    } rows[] = {
        {"\\input{/etc/passwd}", "\\textbackslash{}input\\{/etc/passwd\\}"},
        {"50 % of a_b & c#d $x^2~", "50 \\% of a\\_b \\& c\\#d \\$x\\textasciicircum{}2\\textasciitilde{}"},
        {"<=50K|\"x\" 'y' `z`", "\\textless{}=50K\\textbar{}{\\char34}x{\\char34} {\\char39}y{\\char39}"
                                " {\\char96}z{\\char96}"},
        {"[256]", "{[}256]"}, {"*", "{*}"}, {"--out", "-{}-out"}, {"a\nb\tc", "a b c"},
        {"0.95 ↑ – × ±", "0.95 $\\uparrow$ -- $\\times$ $\\pm$"}, {"Größe", "Größe"}, {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Text out = {0};
        text_latex(&out, rows[i].text);
        assert_string_equal(out.bytes ? out.bytes : "", rows[i].latex);
        text_free(&out);
    }
}

static void tables_as_files(void **state)
{
    Arena *arena = *state;
    Error err = {0};
    Sheet sheet;
    Text csv = {0}, latex = {0};
    assert_true(sheet_create("t-1", "Cap_tion", 3, 3, arena, &sheet, &err));
    sheet_column(&sheet, "=name", false, 0, NULL);
    sheet_column(&sheet, "score", true, 1, NULL);
    sheet_column(&sheet, "time", true, 0, NULL);
    const char *cells[3][3] = {{"=1+1", "-0.5", "109,386"}, {"a,\"b\"", SHEET_DASH, "3m 05s"}, {"[x", "·",
                                                                                                NULL}};
    for (int r = 0; r < 3; r++) {
        Cell *row = sheet_row(&sheet);
        for (int c = 0; c < 3; c++) row[c].text = cells[r][c];
    }
    sheet_csv(&sheet, &csv);
    assert_string_equal(csv.bytes, "'=name,score,time\n'=1+1,-0.5,109386\n\"a,\"\"b\"\"\",,3m 05s\n[x,0,\n");
    sheet.note = "50 %";
    sheet_latex(&sheet, &latex);
    assert_string_equal(latex.bytes, "% \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n "
                                     " \\caption{Cap\\_tion}\n"
                        "  \\label{tab:t-1}\n  \\begin{tabular}{lrr}\n    \\toprule\n"
                        "    =name & score $\\uparrow$ & time \\\\\n    \\midrule\n"
                        "    =1+1 & $-$0.5 & 109,386 \\\\\n    a,{\\char34}b{\\char34} & -- & 3m 05s \\\\\n"
                        "    {[}x & $\\cdot$ &  \\\\\n    \\bottomrule\n  \\end{tabular}\n"
                        "  \\par\\smallskip{\\footnotesize 50 \\%}\n\\end{table}\n");
    text_free(&csv);
    text_free(&latex);
}

static int setup(void **state)
{
    if (folder_make(state) != 0) return -1;
    *state = arena_create(0);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    arena_destroy(*state);
    return folder_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_numbers_inside),
        cmocka_unit_test(text_is_escaped_and_cut_between_letters),
        cmocka_unit_test(what_is_not_finite_is_a_gap),
        cmocka_unit_test(all_are_drawn_and_the_same_again),
        cmocka_unit_test(numbers_and_labels_have_theirs),
        cmocka_unit_test(threshold_and_intervals_where_there_are),
        cmocka_unit_test(rows_with_intervals),
        cmocka_unit_test(nothing_is_drawn_of_nothing),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(latex_prints_what_it_would_obey),
        cmocka_unit_test(tables_as_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
