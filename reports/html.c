/* The page, top to bottom. Text of the user's (names, labels, messages) goes through text_html; the
 * JSON in the page has its "<" written as \u003c, so that no text can end the script element. The
 * content policy forbids every load, so that the page cannot reach the network even if it is
 * edited. */
#include "reports/html.h"

#include <math.h>
#include <string.h>

#include "reports/html_parts.h"

/* embed.S */
extern const char page_css[], page_css_end[], page_js[], page_js_end[], page_d3[], page_d3_end[],
    page_license[], page_license_end[];

/* ---- sections ---------------------------------------------------------------------------------- */

/* The sections in order; a section shows in the page and in its index only if it has content. */
static const struct {
    const char *id, *title, *lead;
} sections[] = {
    {"scores", "Scores", NULL},
    {"data", "Data", NULL},
    {"leaderboard", "Leaderboard", NULL},
    {"search", "Search", "How the search went, and which settings it favoured."},
    {"curves", "Learning curves", "The best trials epoch by epoch, and the median trial for comparison."},
    {"detail", "The winner in detail", NULL},
    {"ensemble", "Ensemble", NULL},
    {"deployment", "Deployment", NULL},
    {"provenance", "Provenance", "What is needed to get the same result again."},
};
enum { N_SECTIONS = sizeof sections / sizeof *sections };

static void begin_section(Page *page, int s)
{
    page->section = sections[s].id;
    page->title = sections[s].title;
    page->lead = sections[s].lead;
}

static void end_section(Page *page)
{
    if (page->open) text_add(page->out, "</section>\n");
    page->open = false;
    page->section = NULL;
}

/* ---- the top ----------------------------------------------------------------------------------- */

static void figure(Page *page, const char *value, const char *label, const char *more)
{
    if (!value || strcmp(value, SHEET_DASH) == 0) return;
    text_add(page->out, "<div><dt>");
    text_html(page->out, label);
    text_add(page->out, "</dt><dd>");
    text_html(page->out, value);
    text_add(page->out, "</dd>");
    if (more && *more) {
        text_add(page->out, "<dd class=\"more\">");
        text_html(page->out, more);
        text_add(page->out, "</dd>");
    }
    text_add(page->out, "</div>\n");
}

static void trial_figures(Page *page)
{
    const Doc *counts = doc_get(page->document, "counts"), *trials = doc_get(page->document, "trials");
    static const char *const states[] = {"COMPLETE", "PRUNED", "FAILED", "INFEASIBLE"};
    static const char *const words[] = {"complete", "pruned", "failed", "infeasible"};
    Text more = {0};
    for (int s = 0; s < 4; s++) {
        double n = sheet_number(counts, states[s]);
        if (n > 0) text_print(&more, "%s%.0f %s", more.n ? ", " : "", n, words[s]);
    }
    figure(page, sheet_count(page->arena, sheet_number(counts, "total")), "trials", more.bytes);
    text_free(&more);
    const char *wall = sheet_seconds(page->arena, sheet_number(trials, "span_s"));
    figure(page, sheet_seconds(page->arena, sheet_number(trials, "trial_seconds")),
           sheet_is_program(page->document) ? "running" : "training",
           strcmp(wall, SHEET_DASH) ? arena_print(page->arena, "in %s of wall time", wall) : NULL);
}

static void key_figures(Page *page)
{
    Arena *arena = page->arena;
    const Doc *verdict = doc_get(page->document, "verdict"), *study = doc_get(page->document, "study");
    const Doc *ensemble = doc_get(page->document, "ensemble"), *score = doc_get(verdict, "score");
    bool up = doc_to_bool(doc_get(study, "maximize"), true);
    bool tested = strcmp(doc_to_text(doc_get(verdict, "split"), ""), "test") == 0;
    double low = sheet_number(score, "low95"), high = sheet_number(score, "high95");
    double gain = sheet_number(verdict, "gain"), bytes = sheet_number(ensemble, "bytes");
    const Doc *first = doc_at(doc_get(page->document, "leaderboard"), 0);
    text_add(page->out, "<dl class=\"figures\">\n");
    figure(page, sheet_score(arena, sheet_number(score, "value")),
           arena_print(arena, "%s%s %s",
                       tested ? "test " : sheet_is_program(page->document) ? "" : "validation ",
                       doc_to_text(doc_get(study, "metric_label"), "score"), up ? "↑" : "↓"),
           isfinite(low) && isfinite(high)
               ? arena_print(arena, "%s to %s", sheet_score(arena, low), sheet_score(arena, high))
               : NULL);
    if (isfinite(gain))
        figure(page, arena_print(arena, "%s%s", gain > 0 ? "+" : gain < 0 ? "−" : "",
                                 sheet_score(arena, fabs(gain))),
               "over best single", arena_print(arena, "trial %.0f",
                                                        sheet_number(verdict, "single_trial")));
    trial_figures(page);
    if (!isfinite(bytes)) bytes = sheet_number(first, "bytes");
    if (bytes > 0)
        figure(page, sheet_bytes(arena, bytes), "model",
           arena_print(arena, "%s weights", sheet_count(arena, isfinite(sheet_number(ensemble, "n_params"))
                       ? sheet_number(ensemble, "n_params") : sheet_number(first, "n_params"))));
    double micros = sheet_number(sheet_evaluation(page->document, NULL), "microseconds_per_row");
    if (isfinite(micros)) figure(page, arena_print(arena, "%.3g µs", micros), "per row", NULL);
    text_add(page->out, "</dl>\n");
}

static void top(Page *page)
{
    const Doc *verdict = doc_get(page->document, "verdict");
    const char *name = doc_to_text(doc_get(doc_get(page->document, "study"), "name"), "study");
    text_add(page->out, "<header id=\"verdict\">\n<p class=\"study\">");
    text_html(page->out, name);
    text_add(page->out, "</p>\n<h1>");
    text_html(page->out, doc_to_text(doc_get(verdict, "headline"), "Report"));
    text_add(page->out, "</h1>\n");
    key_figures(page);
    page_list(page, "sentences", doc_get(verdict, "sentences"));
    if (doc_count(doc_get(verdict, "caveats")) > 0) {
        text_add(page->out, "<aside aria-labelledby=\"care\">\n<h2 id=\"care\">Read with care</h2>\n");
        page_list(page, "caveats", doc_get(verdict, "caveats"));
        text_add(page->out, "</aside>\n");
    }
    text_add(page->out, "<noscript><p class=\"note\">Charts are drawn by a script, and scripts are off here. "
                        "Text and tables are complete.</p></noscript>\n</header>\n");
}

/* ---- sections, one by one ----------------------------------------------------------------------- */

/* "60,000 rows and 10,000 test rows, 28 x 28 pixels, 10 classes, label `digit`." */
static void card_lead(Page *page, const Doc *card)
{
    Arena *arena = page->arena;
    const Doc *image = doc_get(card, "image");
    const char *label = doc_to_text(doc_get(card, "label"), NULL);
    Text text = {0};
    text_print(&text, "%s rows", sheet_count(arena, sheet_number(card, "rows")));
    if (isfinite(sheet_number(card, "test_rows")))
        text_print(&text, " and %s test rows", sheet_count(arena, sheet_number(card, "test_rows")));
    if (doc_kind(image) == DOC_OBJECT)
        text_print(&text, ", %.0f × %.0f pixels", sheet_number(image, "height"), sheet_number(image, "width"));
    else
        text_print(&text, ", %s features", sheet_count(arena, sheet_number(card, "columns")));
    text_print(&text, ", %s classes", sheet_count(arena, sheet_number(card, "classes")));
    if (label) text_print(&text, ", label “%s”", label);
    text_add(&text, ".");
    page_paragraph(page, "lead", text.bytes);
    text_free(&text);
}

static bool section_data(Page *page)
{
    const Doc *card = doc_get(page->document, "card");
    if (doc_kind(card) != DOC_OBJECT) return true;
    card_lead(page, card);
    page_list(page, "warnings", doc_get(card, "warnings"));
    page_list(page, "notes", doc_get(card, "notes"));
    if (!page_table(page, sheet_balance, page->document)) return false;
    if (doc_kind(doc_get(card, "image")) == DOC_OBJECT) return true; /* pixels have nothing to say one by one */
    if (doc_count(doc_get(card, "features")) > 12) {
        page_content(page);
        text_add(page->out, "<details><summary>All features</summary>\n");
        bool ok = page_table(page, sheet_features, page->document);
        text_add(page->out, "</details>\n");
        return ok;
    }
    return page_table(page, sheet_features, page->document);
}

static bool section_leaderboard(Page *page)
{
    Sheet sheet;
    if (!sheet_leaderboard(page->document, 0, page->arena, &sheet, page->err)) return false;
    page_sheet(page, &sheet);
    return page_table(page, sheet_finalists, page->document);
}

static bool section_search(Page *page)
{
    if (sheet_number(doc_get(page->document, "counts"), "total") > 0) {
        page_paragraph(page, "note", doc_to_text(doc_get(doc_get(page->document, "trials"), "note"), NULL));
        page_chart(page, "history", "Every trial, and the best so far");
        page_chart(page, "front", "The front: every trial by two of its goals");
        page_chart(page, "volume", "How the front grew: share of the box it covers");
        if (!page_table(page, sheet_front, doc_get(page->document, "front"))) return false;
        page_chart(page, "parallel", "Settings of all complete trials; the best tenth in colour. "
              "Drag along an axis to select.");
        page_chart(page, "slices", "Score by each setting");
        page_chart(page, "importance", "What made the difference, with 95 % intervals");
        page_chart(page, "map", "What the model expects of the strongest pair of settings, whatever the others"
                   " are");
        if (!page_table(page, sheet_importance, doc_get(page->document, "importance"))) return false;
        page_chart(page, "timeline", "When trials ran");
    }
    return page_table(page, sheet_failures, page->document);
}

static bool section_curves(Page *page)
{
    if (doc_count(doc_get(page->document, "curves")) == 0) return true;
    page_chart(page, "curve-metric", "Validation score by epoch");
    page_chart(page, "curve-loss", "Loss of the best trial by epoch");
    page_chart(page, "curve-rate", "Learning rate of the best trial by epoch");
    return true;
}

static bool section_detail(Page *page)
{
    const char *where;
    const Doc *evaluation = sheet_evaluation(page->document, &where);
    Sheet counts, shares;
    if (!evaluation) return true;
    page_paragraph(page, "lead", arena_print(page->arena, "On the %s: %s rows.", where,
                                        sheet_count(page->arena, sheet_number(evaluation, "rows"))));
    if (!page_table(page, sheet_per_class, evaluation)) return false;
    if (!sheet_confusion(evaluation, false, page->arena, &counts, page->err)) return false;
    if (!sheet_confusion(evaluation, true, page->arena, &shares, page->err)) return false;
    text_add(page->out, "<h3>Confusion matrix</h3>\n");
    page_chart(page, "confusion", "Confusion matrix: rows are true classes, columns predictions");
    text_print(page->out, "<div class=\"%s\">\n", counts.n_rows <= 6 ? "pair" : "stack");
    page_sheet(page, &counts);
    page_sheet(page, &shares);
    text_add(page->out, "</div>\n<div class=\"pair\">\n");
    if (!page_table(page, sheet_confused, evaluation)) return false;
    page_chart(page, "reliability", "Reliability: how often a prediction is right, by its probability");
    text_add(page->out, "</div>\n<div class=\"pair\">\n");
    page_chart(page, "roc", "ROC: one class against the rest");
    page_chart(page, "pr", "Precision and recall: one class against the rest");
    text_add(page->out, "</div>\n");
    if (doc_count(doc_get(page->document, "images")) == 0) return page_table(page, sheet_mistakes, evaluation);
    page_chart(page, "mistakes", "The most confident mistakes");
    text_add(page->out, "<details><summary>The same as a table</summary>\n");
    bool ok = page_table(page, sheet_mistakes, evaluation);
    text_add(page->out, "</details>\n");
    return ok;
}

static bool section_ensemble(Page *page)
{
    const Doc *ensemble = doc_get(page->document, "ensemble");
    if (doc_kind(ensemble) != DOC_OBJECT) return true;
    const char *reason = doc_to_text(doc_get(ensemble, "reason"), "");
    char first = *reason >= 'a' && *reason <= 'z' ? (char)(*reason - 32) : *reason;
    size_t n = strlen(reason);
    if (n > 0)
        page_paragraph(page, "lead", arena_print(page->arena, "%c%s%s", first, reason + 1,
                                            reason[n - 1] == '.' ? "" : "."));
    if (!page_table(page, sheet_members, page->document)) return false;
    if (doc_count(doc_get(ensemble, "curve")) > 1)
        page_chart(page, "gain", "Score on the selection rows as members are added");
    if (!page_table(page, sheet_calibration, page->document)) return false;
    return page_table(page, sheet_disagreement, page->document);
}

static bool section_provenance(Page *page)
{
    const Doc *constants = doc_get(page->document, "constants");
    const char *yaml = doc_to_text(doc_get(doc_get(page->document, "provenance"), "config_yaml"), "");
    if (!page_table(page, sheet_provenance, page->document)) return false;
    if (*yaml) {
        page_content(page);
        text_add(page->out, "<details><summary>The configuration as it was resolved</summary>\n<pre>");
        text_html(page->out, yaml);
        text_add(page->out, "</pre></details>\n");
    }
    if (doc_count(constants) > 0) {
        const char *key;
        const Doc *value;
        page_content(page);
        text_add(page->out, "<p class=\"note\">Settings that were the same in every trial: ");
        for (size_t i = 0; doc_member(constants, i, &key, &value); i++) {
            text_add(page->out, i ? ", " : "");
            text_html(page->out, key);
            text_add(page->out, " ");
            text_html(page->out, doc_to_text(value, ""));
        }
        text_add(page->out, ".</p>\n");
    }
    return true;
}

static bool write_section(Page *page, int s)
{
    begin_section(page, s);
    bool ok = true;
    switch (s) {
    case 0: ok = page_table(page, sheet_scores, page->document); break;
    case 1: ok = section_data(page); break;
    case 2: ok = section_leaderboard(page); break;
    case 3: ok = section_search(page); break;
    case 4: ok = section_curves(page); break;
    case 5: ok = section_detail(page); break;
    case 6: ok = section_ensemble(page); break;
    case 7: ok = page_table(page, sheet_deployment, page->document); break;
    case 8: ok = section_provenance(page); break;
    }
    end_section(page);
    return ok;
}

/* ---- the whole --------------------------------------------------------------------------------- */

static void add_bytes(Text *out, const char *from, const char *end)
{
    text_add_n(out, from, (size_t)(end - from));
}

static void add_head(Page *page)
{
    text_add(page->out,
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>");
    text_html(page->out, doc_to_text(doc_get(doc_get(page->document, "study"), "name"), "study"));
    text_add(page->out, " - Consort report</title>\n<style>\n");
    add_bytes(page->out, page_css, page_css_end);
    text_add(page->out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
}

static bool add_scripts(Page *page)
{
    Text json = {0};
    bool ok = doc_print(page->document, 0, &json) && text_ok(&json);
    text_add(page->out, "<script type=\"application/json\" id=\"document\">");
    for (size_t i = 0, from = 0; ok && i <= json.n; i++) {
        if (i < json.n && json.bytes[i] != '<') continue;
        text_add_n(page->out, json.bytes + from, i - from);
        if (i < json.n) text_add(page->out, "\\u003c");
        from = i + 1;
    }
    text_free(&json);
    text_add(page->out, "</script>\n<script>\n");
    add_bytes(page->out, page_license, page_license_end);
    add_bytes(page->out, page_d3, page_d3_end);
    text_add(page->out, "</script>\n<script>\n");
    add_bytes(page->out, page_js, page_js_end);
    text_add(page->out, "</script>\n");
    return ok || error_memory(page->err);
}

static bool write_page(Page *page, Text *body)
{
    Text *out = page->out;
    bool shown[N_SECTIONS];
    page->out = body; /* the index comes first and needs to know which sections have content */
    for (int s = 0; s < N_SECTIONS; s++) {
        size_t before = body->n;
        if (!write_section(page, s)) return false;
        shown[s] = body->n > before;
    }
    page->out = out;
    if (!text_ok(body)) return error_memory(page->err);
    add_head(page);
    text_add(out, "<nav aria-label=\"Sections\"><a href=\"#verdict\">Verdict</a>");
    for (int s = 0; s < N_SECTIONS; s++)
        if (shown[s]) text_print(out, "<a href=\"#%s\">%s</a>", sections[s].id, sections[s].title);
    text_add(out, "</nav>\n<main id=\"main\">\n");
    top(page);
    if (body->n) text_add_n(out, body->bytes, body->n);
    text_add(out, "</main>\n");
    if (!add_scripts(page)) return false;
    text_add(out, "</body>\n</html>\n");
    return true;
}

bool html_write(const Doc *document, Text *out, Error *err)
{
    Arena *arena = arena_create(0);
    Text body = {0};
    if (!arena) return error_memory(err);
    Page page = {.document = document, .out = out, .arena = arena, .err = err};
    bool ok = write_page(&page, &body);
    text_free(&body);
    arena_destroy(arena);
    if (ok && !text_ok(out)) return error_memory(err);
    if (ok && out->n > 0) text_calm(out->bytes, out->n, true);
    return ok;
}
