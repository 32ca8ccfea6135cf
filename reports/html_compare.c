/* A comparison of studies as a page, and as Markdown. */
#include "reports/compare.h"

#include "reports/html_parts.h"
#include "reports/markdown.h"

/* The names of the first studies, for titles. */
static const char *title_of(const Doc *document, Arena *arena)
{
    enum { MOST_NAMED = 4 };
    const Doc *studies = doc_get(document, "studies");
    size_t n = doc_count(studies);
    const char *out = "";
    for (size_t s = 0; out && s < n && s < MOST_NAMED; s++)
        out = arena_print(arena, "%s%s%s", out, s ? ", " : "", sheet_text(doc_at(studies, s), "label"));
    return out && n > MOST_NAMED ? arena_print(arena, "%s and %zu more", out, n - MOST_NAMED) : out;
}

/* The charts' script knows a report's study: its metric, and which way it is better. */
static Doc *for_the_page(const Doc *document, const char *title)
{
    const Doc *metric = doc_get(document, "metric");
    Doc *copy = doc_copy(document), *study = doc_set(copy, "study", doc_object());
    doc_set_text(study, "name", title);
    doc_set_text(study, "metric_label", sheet_text(metric, "label"));
    doc_set_bool(study, "maximize", doc_to_bool(doc_get(metric, "maximize"), true));
    return copy;
}

static void top(Page *page, const char *title)
{
    const Doc *verdict = doc_get(page->document, "verdict");
    text_add(page->out, "<main id=\"main\">\n<header id=\"verdict\">\n<p class=\"study\">");
    text_html(page->out, title);
    text_add(page->out, "</p>\n<h1>");
    text_html(page->out, sheet_text(verdict, "headline"));
    text_add(page->out, "</h1>\n");
    page_list(page, "sentences", doc_get(verdict, "sentences"));
    if (doc_count(doc_get(verdict, "caveats")) > 0) {
        text_add(page->out, "<aside aria-labelledby=\"care\">\n<h2 id=\"care\">Read with care</h2>\n");
        page_list(page, "caveats", doc_get(verdict, "caveats"));
        text_add(page->out, "</aside>\n");
    }
    text_add(page->out, "<noscript><p class=\"note\">Charts are drawn by a script, and scripts are off here. "
                        "Text and tables are complete.</p></noscript>\n</header>\n");
}

static bool section(Page *page, const char *id, const char *title, CompareSheet *const *sheets)
{
    page->section = id, page->title = title, page->lead = NULL, page->open = false;
    for (; *sheets; sheets++)
        if (!page_table(page, *sheets, page->document)) return false;
    if (page->open && id[0] == 's' && id[1] == 't') { /* studies: their curves belong to them */
        page_chart(page, "compare-trials", "Best so far, by trials");
        page_chart(page, "compare-cpu", "Best so far, by processor time");
    }
    if (page->open) text_add(page->out, "</section>\n");
    page->section = NULL;
    return true;
}

static bool write_page(Page *page, const char *title)
{
    static CompareSheet *const studies[] = {sheet_compare_studies, NULL};
    static CompareSheet *const tests[] = {sheet_compare_pairs, sheet_compare_spread, NULL};
    static CompareSheet *const settings[] = {sheet_compare_settings, sheet_compare_best, NULL};
    page_head(page);
    top(page, title);
    if (!section(page, "studies", "Studies", studies) || !section(page, "differences", "Differences", tests)
        || !section(page, "settings", "What they did differently", settings))
        return false;
    text_add(page->out, "</main>\n");
    if (!page_scripts(page)) return false;
    text_add(page->out, "</body>\n</html>\n");
    return true;
}

bool compare_html(const Doc *document, Text *out, Error *err)
{
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    const char *title = title_of(document, arena);
    Doc *copy = title ? for_the_page(document, title) : NULL;
    Page page = {.document = copy, .out = out, .arena = arena, .err = err};
    bool ok = title ? write_page(&page, title) : error_memory(err);
    doc_free(copy);
    arena_destroy(arena);
    if (ok && !text_ok(out)) return error_memory(err);
    if (ok && out->n > 0) text_calm(out->bytes, out->n, true);
    return ok;
}

bool compare_markdown(const Doc *document, Text *out, Error *err)
{
    Arena *arena = arena_create(0);
    const Doc *verdict = doc_get(document, "verdict");
    Sheet sheet;
    bool ok = arena != NULL || error_memory(err);
    text_add(out, "# ");
    markdown_text(out, sheet_text(verdict, "headline"));
    text_add(out, "\n\n");
    markdown_list(doc_get(verdict, "sentences"), out);
    if (doc_count(doc_get(verdict, "caveats")) > 0) text_add(out, "Read with care:\n\n");
    markdown_list(doc_get(verdict, "caveats"), out);
    for (int s = 0; ok && compare_sheets[s]; s++) {
        ok = compare_sheets[s](document, arena, &sheet, err);
        if (ok) markdown_sheet(&sheet, out);
    }
    arena_destroy(arena);
    return ok && (text_ok(out) || error_memory(err));
}
