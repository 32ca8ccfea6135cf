/* Sections of the page: the data, the leaderboard, and what is needed to get the same again. */
#include "reports/html_sections.h"

#include <math.h>

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
        text_print(&text, ", %.0f × %.0f pixels%s", sheet_number(image, "height"), sheet_number(image, "width"),
                   sheet_number(image, "channels") == 3 ? " in colour" : "");
    else
        text_print(&text, ", %s features", sheet_count(arena, sheet_number(card, "columns")));
    const Doc *targets = doc_get(doc_get(page->document, "study"), "targets");
    if (doc_count(targets) == 0)
        text_print(&text, ", %s classes", sheet_count(arena, sheet_number(card, "classes")));
    else if (doc_count(targets) > 1)
        text_print(&text, ", %zu %s", doc_count(targets),
                   sheet_task(page->document) == TASK_LABELS ? "labels" : "targets");
    if (label && doc_count(targets) < 2) text_print(&text, ", label “%s”", label);
    text_add(&text, ".");
    sheet_split_said(card, &text);
    page_paragraph(page, "lead", text.bytes);
    text_free(&text);
}

/* Folded where they are many. */
static bool features(Page *page, const Doc *card)
{
    if (doc_kind(doc_get(card, "image")) == DOC_OBJECT) return true; /* pixels have nothing to say one by one */
    if (doc_count(doc_get(card, "features")) <= 12) return page_table(page, sheet_features, page->document);
    page_content(page);
    text_add(page->out, "<details><summary>All features</summary>\n");
    bool ok = page_table(page, sheet_features, page->document);
    text_add(page->out, "</details>\n");
    return ok;
}

static bool card_part(Page *page, const Doc *card)
{
    if (doc_kind(card) != DOC_OBJECT) return true;
    card_lead(page, card);
    page_list(page, "warnings", doc_get(card, "warnings"));
    page_list(page, "notes", doc_get(card, "notes"));
    text_add(page->out, "<div class=\"row\">\n");
    bool ok = page_table(page, sheet_balance, page->document)
           && page_table(page, sheet_card_targets, card) && features(page, card);
    text_add(page->out, "</div>\n");
    return ok;
}

bool section_data(Page *page)
{
    if (!card_part(page, doc_get(page->document, "card"))) return false;
    if (doc_kind(doc_get(page->document, "augmented")) == DOC_OBJECT)
        page_chart(page, "augmented", "Pictures, and what training makes of them");
    return true;
}

bool section_leaderboard(Page *page)
{
    Sheet sheet;
    if (!sheet_leaderboard(page->document, 0, page->arena, &sheet, page->err)) return false;
    page_sheet(page, &sheet);
    return page_table(page, sheet_finalists, page->document);
}

bool section_deployment(Page *page)
{
    const Doc *ensemble = doc_get(page->document, "ensemble");
    const char *rule = doc_to_text(doc_get(ensemble, "rule"), NULL);
    const char *asked = doc_to_text(doc_get(ensemble, "asked"), NULL);
    if (rule)
        page_paragraph(page, "lead",
                       arena_print(page->arena, "The model %s%s%s%s.", rule, asked ? " (for " : "",
                                   asked ? asked : "", asked ? ")" : ""));
    return page_table(page, sheet_deployment, page->document);
}

bool section_provenance(Page *page)
{
    const Doc *constants = doc_get(page->document, "constants");
    const char *yaml = doc_to_text(doc_get(doc_get(page->document, "provenance"), "config_yaml"), "");
    if (doc_kind(doc_get(page->document, "provenance")) != DOC_OBJECT) return true; /* a page of one part */
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
