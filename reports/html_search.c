/* Sections of the page: how the search went, and learning curves. */
#include "reports/html_sections.h"

enum { MOST_HOSTS = 40 };

/* The table, or why there is none. */
static bool importance(Page *page)
{
    Sheet sheet;
    if (!sheet_importance(doc_get(page->document, "importance"), page->arena, &sheet, page->err)) return false;
    page_sheet(page, &sheet);
    if (sheet.n_rows == 0) page_paragraph(page, "note", sheet.note);
    return true;
}

static bool hosts(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_hosts(doc_get(document, "crew"), MOST_HOSTS, arena, out, err);
}

bool section_search(Page *page)
{
    if (sheet_number(doc_get(page->document, "counts"), "total") > 0) {
        page_paragraph(page, "note", doc_to_text(doc_get(doc_get(page->document, "trials"), "note"), NULL));
        page_chart(page, "history", "Every trial, and the best so far");
        page_chart(page, "distribution", "How the scores are spread");
        page_chart(page, "front", "The front: every trial by two of its goals");
        page_chart(page, "volume", "How the front grew: share of the box it covers");
        if (!page_table(page, sheet_front, doc_get(page->document, "front"))) return false;
        page_chart(page, "parallel", "Settings of all complete trials; the best tenth in colour");
        page_chart(page, "slices", "Score by each setting");
        page_chart(page, "importance", "What made the difference, with 95 % intervals");
        if (!importance(page)) return false;
        page_chart(page, "pair", "Any two settings: trials, and what the model expects");
        page_chart(page, "ablation", "The way to the winner: what each change brings, as the model expects");
        if (!page_table(page, sheet_ablation, page->document)) return false;
        if (!page_table(page, sheet_levels, page->document)) return false;
        page_chart(page, "stopping", "Is early termination safe here? The order after some epochs, and at the"
                                     " end");
        page_chart(page, "timeline", "When trials ran");
        page_chart(page, "crew", "How many seats there were, and how many were in use");
        if (!page_table(page, hosts, page->document)) return false;
        page_chart(page, "usage", "What trials used");
    }
    return page_table(page, sheet_failures, page->document);
}

bool section_curves(Page *page)
{
    if (doc_count(doc_get(page->document, "curves")) == 0) return true;
    page_chart(page, "curve-metric", "Validation score by epoch");
    text_add(page->out, "<div class=\"pair\">\n");
    page_chart(page, "curve-loss", "Loss of the best trial by epoch");
    page_chart(page, "curve-rate", "Learning rate of the best trial by epoch");
    text_add(page->out, "</div>\n");
    return true;
}
