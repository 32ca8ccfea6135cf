/* Sections of the page: scores, the winner in detail, the ensemble. */
#include "reports/html_sections.h"

#include <string.h>

bool section_scores(Page *page)
{
    return page_table(page, sheet_rivals, page->document)
        && page_table(page, sheet_scores, page->document);
}

/* The rule in use, in words, over thresholds, and as a table. */
static bool decision(Page *page, const Doc *evaluation)
{
    const Doc *rule = doc_get(evaluation, "decision");
    const char *words = doc_to_text(doc_get(rule, "rule"), NULL);
    const char *asked = doc_to_text(doc_get(rule, "asked"), NULL);
    if (!words) return true; /* of an older program */
    text_add(page->out, "<h3>Decision</h3>\n");
    page_paragraph(page, "note", arena_print(page->arena, "It %s%s%s%s.", words, asked ? " (for " : "",
                                             asked ? asked : "", asked ? ")" : ""));
    if (doc_kind(doc_get(evaluation, "threshold_curve")) != DOC_OBJECT) return true;
    text_add(page->out, "<div class=\"pair\">\n");
    page_chart(page, "threshold", "What thresholds come to: recall, precision, F1 and the share flagged");
    bool ok = page_table(page, sheet_thresholds, evaluation);
    text_add(page->out, "</div>\n");
    return ok;
}

bool section_detail(Page *page)
{
    const char *where;
    const Doc *evaluation = sheet_evaluation(page->document, &where);
    Sheet counts, shares;
    if (!evaluation) return true;
    page_paragraph(page, "lead", arena_print(page->arena, "On the %s: %s rows.", where,
                                        sheet_count(page->arena, sheet_number(evaluation, "rows"))));
    page_list(page, "warnings", doc_get(evaluation, "warnings"));
    if (doc_kind(doc_get(evaluation, "targets")) == DOC_ARRAY) return section_targets(page, evaluation);
    text_add(page->out, "<div class=\"row\">\n");
    if (!page_table(page, sheet_per_class, evaluation)) return false;
    if (!sheet_confusion(evaluation, false, page->arena, &counts, page->err)) return false;
    if (!sheet_confusion(evaluation, true, page->arena, &shares, page->err)) return false;
    text_add(page->out, "<div class=\"switch\">\n"); /* a script shows one of the two at a time */
    page_sheet(page, &counts);
    page_sheet(page, &shares);
    text_add(page->out, "</div>\n");
    /* Of two classes the matrix has the pairs already. */
    if (counts.n_rows > 2 && !page_table(page, sheet_confused, evaluation)) return false;
    text_add(page->out, "</div>\n");
    page_chart(page, "confusion", "Confusion matrix: rows are true classes, columns predictions");
    text_add(page->out, "<div class=\"pair\">\n");
    page_chart(page, "reliability", "Reliability: do the probabilities come true?");
    page_chart(page, "roc", "ROC: one class against the rest");
    page_chart(page, "pr", "Precision and recall: one class against the rest");
    text_add(page->out, "</div>\n");
    if (!decision(page, evaluation) || !page_table(page, sheet_sets, evaluation)) return false;
    if (!page_table(page, sheet_segments, evaluation)) return false;
    if (doc_count(doc_get(page->document, "images")) == 0) return page_table(page, sheet_mistakes, evaluation);
    page_chart(page, "mistakes", "The most confident mistakes");
    text_add(page->out, "<details><summary>The same as a table</summary>\n");
    bool ok = page_table(page, sheet_mistakes, evaluation);
    text_add(page->out, "</details>\n");
    return ok;
}

bool section_ensemble(Page *page)
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
    if (doc_count(doc_get(ensemble, "members")) > 1) /* one member gained nothing */
        page_chart(page, "gain", "Score on the selection rows as members are added");
    text_add(page->out, "<div class=\"row\">\n");
    bool ok = page_table(page, sheet_calibration, page->document)
           && page_table(page, sheet_disagreement, page->document);
    text_add(page->out, "</div>\n");
    return ok;
}
