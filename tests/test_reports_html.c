#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ctype.h>

#include "reports/html.h"
#include "tests/report_numbers.h"

static Text write_page(const Doc *document)
{
    Text page = {0};
    Error err = {0};
    if (!html_write(document, &page, &err)) fail_msg("%s", err.message);
    return page;
}

/* A check of well-formedness that knows just enough HTML: every start tag that is not void is ended,
 * in order; attributes are quoted; there is no bare "<". Content of script and style is skipped. */
static void check_tags(const char *html)
{
    static const char *const voids[] = {"meta", "br", "doctype", "link", "wbr"};
    char stack[64][16];
    int depth = 0;
    while ((html = strchr(html, '<'))) {
        bool end = html[1] == '/', is_void = false, quoted = false;
        const char *name = html + 1 + (end || html[1] == '!');
        char tag[16];
        size_t n = 0;
        while (isalnum((unsigned char)name[n]) && n < 15) tag[n] = name[n], n++;
        tag[n] = '\0';
        if (n == 0) fail_msg("a bare < at: %.60s", html);
        const char *close = name;
        for (; *close && (quoted || *close != '>'); close++) {
            if (*close == '"') quoted = !quoted;
            else if (*close == '<') fail_msg("a < inside a tag: %.60s", html);
        }
        if (!*close) fail_msg("not closed: %.60s", html);
        for (size_t i = 0; i < sizeof voids / sizeof *voids; i++) is_void |= strcmp(tag, voids[i]) == 0;
        if (end) {
            if (depth == 0 || strcmp(stack[depth - 1], tag) != 0)
                fail_msg("</%s> ends <%s>: %.60s", tag, depth ? stack[depth - 1] : "nothing", html);
            depth--;
        } else if (!is_void) {
            assert_in_range(depth, 0, 63);
            strcpy(stack[depth++], tag);
        }
        html = close + 1;
        if (end || (strcmp(tag, "script") != 0 && strcmp(tag, "style") != 0)) continue;
        html = strstr(html, tag[1] == 'c' ? "</script" : "</style");
        assert_non_null(html);
    }
    assert_int_equal(depth, 0);
}

static void keep_page(const Text *page, const char *variable)
{
    const char *keep = getenv(variable); /* tests/browser.sh looks at it */
    Error err = {0};
    if (keep && !file_write(keep, page->bytes, page->n, &err)) fail_msg("%s", err.message);
}

static void is_well_formed_and_whole(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "id=\"verdict\"", "id=\"scores\"", "id=\"data\"", "id=\"leaderboard\"", "id=\"search\"",
        "id=\"curves\"",
        "id=\"detail\"", "id=\"ensemble\"", "id=\"deployment\"", "id=\"provenance\"",
        "id=\"table-leaderboard\"",
        "id=\"table-per-class\"", "id=\"table-confusion-counts\"", "id=\"table-confusion-shares\"",
        "id=\"table-members\"", "id=\"table-calibration\"",
        "id=\"table-thresholds\"", "data-chart=\"threshold\"", "Probabilities calibrated (bias)",
        "<p class=\"note\">It decides a&amp;b when p(a&amp;b) &gt;= 0.3, else &lt;!-- c (for {recall: {a&amp;b: 0.8}}).</p>",
        "<tr class=\"strong\"><th scope=\"row\" class=\"n\">0.3</th><td class=\"n\">0.7000</td><td class=\"n\">0.8000</td>",
        "<p class=\"lead\">The model decides &lt;i&gt;b (for f1_macro).</p>", "id=\"table-failures\"", "id=\"table-balance\"", "id=\"table-disagreement\"",
        "data-chart=\"history\"", "data-chart=\"parallel\"", "data-chart=\"slices\"", "data-chart=\"importance\"", "data-chart=\"front\"", "data-chart=\"timeline\"",
        "data-chart=\"curve-metric\"", "data-chart=\"reliability\"", "data-chart=\"gain\"",
        "data-chart=\"mistakes\"", "Redistribution and use in source and binary forms",
        /* a row of the leaderboard, and cells of the confusion matrix with their shades */
        "<th scope=\"row\" class=\"n\">1</th><td class=\"n\">24</td><td class=\"n\">0.9500</td>",
        "<td class=\"n hit\" style=\"--s:0.800\">320</td><td class=\"n\" style=\"--s:0.447\">80</td>",
        "<span class=\"iv\"", "<td class=\"n\">–</td><td class=\"n\">0.0000</td><td class=\"n\">–</td>"};
    Arena *arena = arena_create(0);
    Doc *document = report_full_document(40, arena);
    Text page = write_page(document);
    check_tags(page.bytes);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(page.bytes, parts[i])) fail_msg("the page lacks %s", parts[i]);
    keep_page(&page, "CONSORT_PAGE");
    text_free(&page);
    doc_free(document);
    arena_destroy(arena);
}

/* Numbers and labels have charts and tables of their own, and nothing that belongs to classes. */
static void numbers_and_labels(void **state)
{
    (void)state;
    static const struct {
        int targets;
        const char *has[14], *lacks[14];
    } want[] = {
        {1, {"data-chart=\"scatter\"", "data-chart=\"residuals\"", "data-chart=\"errors\"", "data-chart=\"sizes\"",
             "data-chart=\"quantiles\"", "data-chart=\"coverage\"", "id=\"table-sizes\"", "id=\"table-worst\"",
             "id=\"table-intervals\"", "id=\"table-quantiles\"", "data-key=\"metrics.r2\"", "&lt;u&gt;3", "cv+ &lt;i&gt;"},
         {"table-per-class", "table-confusion", "table-balance", "data-chart=\"roc\"", "data-chart=\"confusion\"",
          "classes", "id=\"table-targets\"", "data-target=", "table-labels", "<em>area", "data-key=\"metrics.accuracy\""}},
        {2, {"id=\"table-targets\"", "id=\"table-sizes-2\"", "id=\"table-worst-2\"", "data-target=\"1\"", "&lt;em&gt;area",
             "2 targets"},
         {"table-per-class", "table-confusion", "table-balance", "data-chart=\"roc\"", "<em>area"}},
        {0, {"id=\"table-labels\"", "data-chart=\"roc\"", "data-chart=\"pr\"", "data-chart=\"reliability\"",
             "&lt;b&gt;happy", "<td class=\"n\">180</td><td class=\"n\">0.8824</td><td class=\"n\">0.8333</td>"
             "<td class=\"n\">0.8571</td>", "2 labels", "micro F1"},
         {"table-per-class", "table-confusion", "data-chart=\"scatter\"", "<b>happy", "id=\"table-worst\""}},
    };
    Arena *arena = arena_create(0);
    for (size_t w = 0; w < sizeof want / sizeof *want; w++) {
        Doc *document = numbers_document(want[w].targets, arena);
        Text page = write_page(document);
        check_tags(page.bytes);
        for (int i = 0; want[w].has[i]; i++)
            if (!strstr(page.bytes, want[w].has[i])) fail_msg("%zu lacks %s", w, want[w].has[i]);
        char *script = strstr(page.bytes, "<script type=\"application/json\""), *style = strstr(page.bytes, "</style>");
        *script = '\0'; /* what is seen without scripts */
        for (int i = 0; want[w].lacks[i]; i++)
            if (strstr(style, want[w].lacks[i])) fail_msg("%zu has %s", w, want[w].lacks[i]);
        *script = '<';
        keep_page(&page, want[w].targets == 2 ? "CONSORT_PAGE_NUMBERS" : want[w].targets == 1 ? "CONSORT_PAGE_NUMBER"
                  : "CONSORT_PAGE_LABELS");
        text_free(&page);
        doc_free(document);
    }
    arena_destroy(arena);
}

static void escapes_all_that_users_wrote(void **state)
{
    (void)state;
    static const char *const raw[] = {"<script>alert", "<b>0", "<i>f", "<u>id", "<s>adam", "<em>helps", "<q>m",
                                      "<x>cpu", "</pre></script>", "<!-- c"};
    Arena *arena = arena_create(0);
    Doc *document = report_full_document(20, arena);
    Text page = write_page(document);
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        if (strstr(page.bytes, raw[i])) fail_msg("%s is in the page as it was", raw[i]);
    assert_non_null(strstr(page.bytes, "&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)"));
    /* The JSON in the page holds the document, whatever the texts are. */
    char *json = strstr(page.bytes, "id=\"document\">") + strlen("id=\"document\">");
    size_t n = (size_t)(strstr(json, "</script>") - json);
    assert_null(memchr(json, '<', n));
    Error err = {0};
    Text want = {0}, got = {0};
    Doc *back = doc_parse(json, n, &err);
    if (!back) fail_msg("%s", err.message);
    assert_true(doc_print(document, 0, &want) && doc_print(back, 0, &got));
    assert_string_equal(got.bytes, want.bytes);
    text_free(&want), text_free(&got), text_free(&page);
    doc_free(back);
    doc_free(document);
    arena_destroy(arena);
}

/* No network: the policy forbids it, and nothing in the page asks for it. */
static void loads_nothing(void **state)
{
    (void)state;
    static const char *const loads[] = {" src=", "@import", "url(h", "url(\"", "fetch(",
                                        "<iframe", "<img"};
    Arena *arena = arena_create(0);
    Doc *document = report_full_document(20, arena);
    Text page = write_page(document);
    assert_non_null(strstr(page.bytes, "content=\"default-src 'none'; img-src data:; "
                                       "style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                                       "base-uri 'none'; form-action 'none'\""));
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        if (strstr(page.bytes, loads[i])) fail_msg("the page has %s", loads[i]);
    for (const char *at = page.bytes; (at = strstr(at, "href=\"")); at++)
        assert_true(at[6] == '#' || strncmp(at + 6, "data:image/svg+xml,", 19) == 0); /* the icon */
    for (const char *at = page.bytes; (at = strstr(at, "://")); at++) /* names of namespaces, in D3 */
        if (strncmp(at, "://www.w3.org/", 14) != 0) fail_msg("an address in the page: %.40s", at - 5);
    text_free(&page);
    doc_free(document);
    arena_destroy(arena);
}

static void stays_small(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = report_full_document(1000, arena);
    Text page = write_page(document);
    assert_int_equal(doc_count(doc_get(doc_get(document, "trials"), "number")), 1000);
    assert_in_range(page.n, 300000, 2000000);
    text_free(&page);
    doc_free(document);
    arena_destroy(arena);
}

static void thins_charts_and_says_so(void **state)
{
    (void)state;
    enum { N = 2500 };
    Arena *arena = arena_create(0);
    Doc *document = report_full_document(N, arena);
    const Doc *trials = doc_get(document, "trials"), *number = doc_get(trials, "number");
    assert_int_equal(doc_to_number(doc_get(trials, "total"), 0), N);
    assert_int_equal(doc_to_number(doc_get(trials, "shown"), 0), 2000);
    assert_int_equal(doc_count(number), 2000);
    assert_int_equal(doc_count(doc_get(doc_at(doc_get(document, "parameters"), 0), "values")), 2000);
    int best = 0, before = -1;
    for (size_t i = 0; i < 2000; i++) {
        int at = (int)doc_to_number(doc_at(number, i), -1);
        assert_true(at > before && at - before < 12); /* in order, and even */
        before = at;
        best += at >= 1400 && at < 1600 && report_state(at) == TRIAL_COMPLETE;
    }
    assert_int_equal(best, 140); /* around the best, all complete ones are there */
    Text page = write_page(document);
    assert_non_null(strstr(page.bytes, "Charts show 2000 of 2500 trials"));
    assert_in_range(page.n, 300000, 2000000);
    text_free(&page);
    doc_free(document);
    arena_destroy(arena);
}

static void our_sentences_have_code(void **state)
{
    (void)state;
    Doc *document = report_json("{\"verdict\":{\"headline\":\"h\",\"sentences\":[\"class `<=50K` of `x\"]},"
                                "\"deployment\":[{\"path\":\"`p`\",\"note\":\"run `consort <i>`\"}]}");
    Text page = write_page(document);
    assert_non_null(strstr(page.bytes, "<li>class <code>&lt;=50K</code> of `x</li>"));
    assert_non_null(strstr(page.bytes, "run <code>consort &lt;i&gt;</code>"));
    text_free(&page);
    doc_free(document);
}

/* The document is ours, but its parts come from elsewhere: none may break the page. */
static void takes_any_document(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "null", "[]", "{\"study\":3,\"verdict\":[],\"trials\":{\"number\":7}}",
        "{\"leaderboard\":[null,1,{}],\"parameters\":[{}],\"failures\":[[]],\"card\":{\"features\":[1]}}",
        "{\"test\":{\"per_class\":[1],\"confusion\":[[1],[2,3]],\"confused\":[{}],\"mistakes\":[{}],"
        "\"metrics\":{\"f1_macro\":{}}},\"ensemble\":{\"members\":[{}],\"disagreement\":[[1],[]]}}",
        "{\"test\":{\"decision\":{\"rule\":\"x\"},\"threshold_curve\":{\"at\":[0.1,\"x\",null,1e300,0.1],\"cost\":3,"
        "\"recall\":{},\"chosen\":-1}}}", "{\"test\":{\"decision\":[],\"threshold_curve\":{\"at\":7,\"chosen\":9}}}",
        "{\"test\":{\"per_class\":[{\"f1\":1e300,\"low95\":-5,\"high95\":1e9}],"
        "\"confusion\":[[-1,1e300],[0,0]]},"
        "\"deployment\":[{\"bytes\":-1}],\"images\":[{}],\"curves\":[1]}",
        "{\"inside\":{\"first_layer\":{\"kind\":\"tiles\",\"tiles\":[1],\"height\":1e300,\"width\":-1,\"pixels\":5},"
        "\"layers\":[1,{\"dead\":3,\"n_dead\":1e300}],\"rows\":[{\"why\":\"asked\",\"proba\":[null],\"values\":[1]}],"
        "\"importance\":{\"features\":[1,{}]},\"network\":{\"widths\":[{}]}},\"augmented\":{\"sets\":7}}",
        "{\"inside\":{\"rows\":7,\"layers\":{},\"first_layer\":{\"rows\":[{}],\"shown\":[1e300],\"classes\":true}}}",
        "{\"test\":{\"task\":\"numbers\",\"targets\":[1,{\"worst\":[1,{}],\"by_truth\":[{\"rmse\":-1},7],\"interval\":[1,{}],"
        "\"quantiles\":[{}]},{\"interval\":{},\"by_truth\":{}}]}}", "{\"test\":{\"task\":\"numbers\",\"targets\":[]}}",
        "{\"test\":{\"task\":\"labels\",\"targets\":[1,{\"confusion\":[[1]],\"roc\":3}]},\"study\":{\"task\":\"labels\"}}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Doc *document = report_json(odd[i]);
        Text page = write_page(document);
        check_tags(page.bytes);
        text_free(&page);
        doc_free(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_well_formed_and_whole),
        cmocka_unit_test(numbers_and_labels),
        cmocka_unit_test(escapes_all_that_users_wrote),
        cmocka_unit_test(loads_nothing),
        cmocka_unit_test(stays_small),
        cmocka_unit_test(thins_charts_and_says_so),
        cmocka_unit_test(our_sentences_have_code),
        cmocka_unit_test(takes_any_document),
    };
    return cmocka_run_group_tests_name("reports/html", tests, folder_make, folder_drop);
}
