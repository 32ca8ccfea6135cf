/* The section of the page that shows what the network does: its weights, its layers, its rows, its columns. */
#include "reports/html_sections.h"
#include "reports/inside_text.h"

#include <math.h>
#include <string.h>

static void lead(Page *page, const Doc *inside)
{
    Arena *arena = page->arena;
    double looked = sheet_number(inside, "rows_looked"), asked = sheet_number(inside, "rows_asked");
    page_paragraph(page, "lead", arena_print(arena, "Shown is %s.", inside_who(inside, arena)));
    if (!(looked > 0)) return;
    bool folds = doc_to_bool(doc_get(doc_get(inside, "importance"), "out_of_fold"), false);
    const char *who = folds ? ", each by the networks that were not trained on it" : "";
    const char *where = doc_to_text(doc_get(inside, "where"), "data");
    page_paragraph(page, "note",
                   arena_print(arena, "Activations and gradients are those of %s rows of the %s. Predictions,"
                               " and what columns do, are the whole model's, on %s rows%s.",
                               sheet_count(arena, looked), where, sheet_count(arena, asked), who));
}

static bool folded_table(Page *page, MakeSheet make, const Doc *doc)
{
    Sheet sheet;
    if (!make(doc, page->arena, &sheet, page->err)) return false;
    if (sheet.n_rows == 0) return true;
    page_content(page);
    text_add(page->out, "<details><summary>The same as a table</summary>\n");
    page_sheet(page, &sheet);
    text_add(page->out, "</details>\n");
    return true;
}

static bool asked_row(Page *page, const Doc *inside)
{
    Arena *arena = page->arena;
    const Doc *row = doc_at(doc_get(inside, "rows"), 0);
    if (strcmp(doc_to_text(doc_get(row, "why"), ""), "asked") != 0) return true;
    const char *truth = doc_to_text(doc_get(row, "truth"), NULL), *id = doc_to_text(doc_get(row, "id"), NULL);
    page_content(page);
    text_print(page->out, "<h3>Row %.0f</h3>\n", sheet_number(row, "row"));
    const bool numbers = doc_get(row, "target") && isnan(sheet_number(row, "p"));
    page_paragraph(page, "note", arena_print(arena, "%s%s%sPredicted as %s%s%s%s%s.",
                                             id ? "Identifier " : "", id ? id : "", id ? ". " : "",
                                             doc_to_text(doc_get(row, "predicted"), SHEET_DASH),
                                             numbers ? "" : " with probability ",
                                             numbers ? "" : sheet_score(arena, sheet_number(row, "p")),
                                             !truth ? "" : doc_get(row, "target") ? "; in truth "
                                                                                  : "; its class is ",
                                             truth ? truth : ""));
    page_chart(page, "asked", "The row, and the gradient of the predicted class's score over it");
    return page_table(page, sheet_row_values, inside) && page_table(page, sheet_row_proba, inside);
}

bool section_inside(Page *page)
{
    const Doc *inside = doc_get(page->document, "inside");
    const Doc *first = doc_get(inside, "first_layer");
    if (doc_kind(inside) != DOC_OBJECT) return true;
    bool classes = doc_to_bool(doc_get(first, "classes"), false);
    lead(page, inside);
    if (!asked_row(page, inside)) return false;
    page_chart(page, "weights",
               classes ? "Weights of each class"
                       : "Weights of the first layer, the longest first: blue pulls up, orange pulls down");
    if (!folded_table(page, sheet_first_weights, inside)) return false;
    page_chart(page, "saliency", "A typical row of each class, and where its class's score rises (blue) or"
               " falls (orange) with the ink");
    page_chart(page, "templates", "What each class looks for: the mean gradient of its score over its rows");
    page_chart(page, "activations", "What the hidden layers make of a typical row of each class");
    page_chart(page, "permutation", "What the model loses when a column is shuffled, with 95 % intervals");
    if (!folded_table(page, sheet_permutation, inside)) return false;
    page_chart(page, "dependence", "Mean probability when a column is set to one value in every row; below,"
               " how often values occur");
    if (!page_table(page, sheet_layers, inside)) return false;
    page_chart(page, "histograms", "Weights, activations and gradients, layer by layer");
    page_chart(page, "training", "The same over the epochs of training, the first at the top");
    return true;
}
