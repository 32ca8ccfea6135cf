/* The section of the page on a winner that predicts numbers or labels: charts of a target, and tables. */
#include "reports/html_sections.h"

#include <string.h>

enum { MOST_PARTS = 16 }; /* targets with tables of their own; report.json has all */

static bool part(Page *page, const Doc *evaluation, size_t t, bool several)
{
    Sheet sizes, worst;
    if (!sheet_sizes_of(evaluation, t, page->arena, &sizes, page->err)
        || !sheet_worst_of(evaluation, t, page->arena, &worst, page->err))
        return false;
    if (several) /* a script shows one of them at a time */
        text_print(page->out, "<div class=\"target\" data-target=\"%zu\">\n", t);
    page_sheet(page, &sizes);
    page_sheet(page, &worst);
    if (several) text_add(page->out, "</div>\n");
    return true;
}

static bool numbers(Page *page, const Doc *evaluation)
{
    const Doc *targets = doc_get(evaluation, "targets");
    const size_t n = doc_count(targets);
    text_add(page->out, "<div class=\"row\">\n");
    if (!page_table(page, sheet_targets, evaluation) || !page_table(page, sheet_intervals, evaluation)
        || !page_table(page, sheet_quantiles, evaluation))
        return false;
    text_add(page->out, "</div>\n<div class=\"targets\">\n<div class=\"pair\">\n");
    page_chart(page, "scatter", "Predicted against true: on the line it is right");
    page_chart(page, "residuals", "Errors by what was predicted");
    page_chart(page, "errors", "How large the errors are");
    page_chart(page, "sizes", "Error by the size of the true value, a tenth of the rows each");
    page_chart(page, "quantiles", "Quantiles: do they come true?");
    page_chart(page, "coverage", "Intervals: do they keep their promise?");
    text_add(page->out, "</div>\n");
    for (size_t t = 0; t < n && t < MOST_PARTS; t++)
        if (!part(page, evaluation, t, n > 1)) return false;
    text_add(page->out, "</div>\n");
    return true;
}

static bool labels(Page *page, const Doc *evaluation)
{
    if (!page_table(page, sheet_labels, evaluation)) return false;
    text_add(page->out, "<div class=\"targets\">\n<div class=\"pair\">\n");
    page_chart(page, "reliability", "Reliability: do the probabilities come true?");
    page_chart(page, "roc", "ROC: each label");
    page_chart(page, "pr", "Precision and recall: each label");
    text_add(page->out, "</div>\n</div>\n");
    return true;
}

bool section_targets(Page *page, const Doc *evaluation)
{
    bool of_numbers = strcmp(sheet_text(evaluation, "task"), "numbers") == 0;
    return (of_numbers ? numbers : labels)(page, evaluation);
}
