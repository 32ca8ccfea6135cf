/* The page, top to bottom. Text of the user's (names, labels, messages) goes through text_html; the
 * JSON in the page has its "<" written as \u003c, so that no text can end the script element. The
 * content policy forbids every load, so that the page cannot reach the network even if it is
 * edited: pictures may come from the page itself alone (data:, which its icon and the saving of a chart as
 * PNG need), forms lead nowhere, addresses have no other base. */
#include "reports/html.h"

#include <math.h>
#include <string.h>

#include "reports/html_sections.h"

/* embed.S */
extern const char page_css[], page_css_end[], page_js[], page_js_end[], page_d3[], page_d3_end[],
    page_license[], page_license_end[];

/* ---- sections ---------------------------------------------------------------------------------- */

/* The sections in order; a section shows in the page and in its index only if it has content. First what was
 * won (the model: its scores, its errors, its inside, its members), then what it was chosen from and how it
 * was found, then what it was made of, and last what is needed to ship it and to make it again: who reads
 * only the first screens has read about what will run. */
static const struct {
    const char *id, *title, *lead;
    bool (*write)(Page *page);
} sections[] = {
    {"scores", "Scores", NULL, section_scores},
    {"detail", "The winner in detail", NULL, section_detail},
    {"inside", "Inside", NULL, section_inside},
    {"ensemble", "Ensemble", NULL, section_ensemble},
    {"leaderboard", "Leaderboard", NULL, section_leaderboard},
    {"search", "Search", "How the search went, and which settings it favoured.", section_search},
    {"curves", "Learning curves", "The best trials epoch by epoch, and the median trial for comparison.",
     section_curves},
    {"data", "Data", NULL, section_data},
    {"deployment", "Deployment", NULL, section_deployment},
    {"provenance", "Provenance", "What is needed to get the same result again.", section_provenance},
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
    figure(page, sheet_count(page->arena, sheet_number(counts, "total")),
           sheet_number(counts, "total") == 1 ? "trial" : "trials", more.bytes);
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
    if (doc_kind(score) != DOC_OBJECT) return; /* a page of one part: consort inspect --html */
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
    page_chart(page, "verdict", "The score and its interval, beside what it is compared with");
    text_add(page->out, "<div class=\"verdict\">\n");
    page_list(page, "sentences", doc_get(verdict, "sentences"));
    if (doc_count(doc_get(verdict, "caveats")) > 0) {
        text_add(page->out, "<aside aria-labelledby=\"care\">\n<h2 id=\"care\">Read with care</h2>\n");
        page_list(page, "caveats", doc_get(verdict, "caveats"));
        text_add(page->out, "</aside>\n");
    }
    text_add(page->out, "</div>\n");
    text_add(page->out, "<noscript><p class=\"note\">Charts are drawn by a script, and scripts are off here. "
                        "Text and tables are complete.</p></noscript>\n</header>\n");
}

/* ---- the whole --------------------------------------------------------------------------------- */

static void add_bytes(Text *out, const char *from, const char *end)
{
    text_add_n(out, from, (size_t)(end - from));
}

/* A rising line of trials with the best on top, in the page's accent. */
#define ICON "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "  \
             "viewBox='0 0 16 16'%3E%3Cpath d='M1.5 13.5h3.7v-4h3.7v-4h4' fill='none' "                        \
             "stroke='%230b62a8' stroke-width='2'/%3E"                                                         \
             "%3Ccircle cx='13' cy='4' r='2.5' fill='%23b8470b'/%3E%3C/svg%3E\">\n"

static void add_head(Page *page)
{
    text_add(page->out,
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
             "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
             "<meta name=\"description\" content=\"");
    text_html(page->out, doc_to_text(doc_get(doc_get(page->document, "verdict"), "headline"), "A study"));
    text_add(page->out, "\">\n" ICON "<title>");
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
        begin_section(page, s);
        if (!sections[s].write(page)) return false;
        end_section(page);
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

/* For other pages of the same look. */
void page_head(Page *page)
{
    add_head(page);
}

bool page_scripts(Page *page)
{
    return add_scripts(page);
}
