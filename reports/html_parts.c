/* The pieces of a page: headings, tables, places for charts, lists. */
#include "reports/html_parts.h"

#include <math.h>
#include <string.h>

void page_content(Page *page)
{
    if (!page->section) return;
    text_print(page->out, "<section id=\"%s\">\n<h2>%s</h2>\n", page->section, page->title);
    if (page->lead) text_print(page->out, "<p class=\"lead\">%s</p>\n", page->lead);
    page->section = NULL;
    page->open = true;
}

/* ---- tables ------------------------------------------------------------------------------------ */

/* The name of a setting may break where its words do: its column is as wide as its values. */
static void add_name(Page *page, const char *name, bool breaks)
{
    while (breaks && name[strcspn(name, "_.")]) {
        size_t n = strcspn(name, "_.") + 1;
        const char *part = arena_copy_n(page->arena, name, n);
        text_html(page->out, part ? part : "");
        text_add(page->out, "<wbr>");
        name += n;
    }
    text_html(page->out, name);
}

static void add_heading_cell(Page *page, const Heading *heading, bool matrix)
{
    if (!*heading->title) { /* a head without a name is no head */
        text_add(page->out, "<td></td>");
        return;
    }
    text_print(page->out, "<th scope=\"col\"%s", heading->number ? " class=\"n\"" : "");
    if (heading->key) {
        text_add(page->out, " data-key=\"");
        text_html(page->out, heading->key);
        text_add(page->out, "\"");
    }
    const char *hint = heading->hint ? heading->hint : matrix ? heading->title : NULL;
    if (hint) { /* a long class name is cut in the head of a matrix */
        text_add(page->out, " title=\"");
        text_html(page->out, hint);
        text_add(page->out, "\"");
    }
    text_add(page->out, ">");
    add_name(page, heading->title, heading->key != NULL);
    if (heading->better)
        text_print(page->out, " <span class=\"better\" title=\"%s is better\">%s</span>",
                   heading->better > 0 ? "higher" : "lower", heading->better > 0 ? "↑" : "↓");
    text_add(page->out, "</th>");
}

static void add_cell(Page *page, const Sheet *sheet, int row, int column)
{
    const Cell *cell = &sheet->cell[row * sheet->n_columns + column];
    const char *text = cell->text ? cell->text : "";
    bool number = sheet->heading[column].number, hit = sheet->matrix && column == row + 1;
    const char *tag = column == 0 ? "th" : "td";
    text_print(page->out, "<%s%s", tag, column == 0 ? " scope=\"row\"" : "");
    if (number || hit || cell->bar > 0 || strcmp(text, "·") == 0)
        text_print(page->out, " class=\"%s%s%s%s\"", number ? "n" : "", hit ? " hit" : "",
                   cell->bar > 0 ? " bar" : "", strcmp(text, "·") == 0 ? " none" : "");
    if (cell->shade > 0)
        text_print(page->out, " style=\"--s:%.3f\"", cell->shade);
    else if (cell->bar > 0)
        text_print(page->out, " style=\"--b:%.3f\"", cell->bar);
    text_add(page->out, ">");
    if (sheet->prose) page_prose(page, text);
    else text_html(page->out, text);
    if (cell->high > 0)
        text_print(page->out, "<span class=\"iv\" aria-hidden=\"true\" style=\"--l:%.3f;--v:%.3f;--h:%.3f\">"
                   "<i></i></span>", cell->low, cell->at, cell->high);
    text_print(page->out, "</%s>", tag);
}

void page_prose(Page *page, const char *text)
{
    const char *open, *close;
    while ((open = strchr(text, '`')) && (close = strchr(open + 1, '`')) && close > open + 1) {
        const char *before = arena_copy_n(page->arena, text, (size_t)(open - text));
        const char *code = arena_copy_n(page->arena, open + 1, (size_t)(close - open - 1));
        text_html(page->out, before ? before : "");
        text_add(page->out, "<code>");
        text_html(page->out, code ? code : "");
        text_add(page->out, "</code>");
        text = close + 1;
    }
    text_html(page->out, text);
}

void page_sheet(Page *page, const Sheet *sheet)
{
    if (sheet->n_rows == 0) return;
    page_content(page);
    const char *shape = sheet->matrix ? sheet->n_rows > 14 ? " matrix dense" : " matrix"
                        : sheet->n_columns > 16 ? " many" : "";
    text_print(page->out, "<div class=\"table%s\" id=\"table-%s\" role=\"region\" tabindex=\"0\" aria-label=\"",
               shape, sheet->id);
    text_html(page->out, sheet->caption);
    text_add(page->out, "\"><table>\n<caption>");
    text_html(page->out, sheet->caption);
    text_add(page->out, "</caption>\n<thead><tr>");
    for (int c = 0; c < sheet->n_columns; c++) add_heading_cell(page, &sheet->heading[c], sheet->matrix);
    text_add(page->out, "</tr></thead>\n<tbody>\n");
    for (int r = 0; r < sheet->n_rows; r++) {
        text_add(page->out, sheet->strong[r] ? "<tr class=\"strong\">" : "<tr>");
        for (int c = 0; c < sheet->n_columns; c++) add_cell(page, sheet, r, c);
        text_add(page->out, "</tr>\n");
    }
    text_add(page->out, "</tbody></table></div>\n");
    if (!sheet->note) return;
    text_add(page->out, "<p class=\"note\">");
    page_prose(page, sheet->note);
    text_add(page->out, "</p>\n");
}

bool page_table(Page *page, MakeSheet make, const Doc *doc)
{
    Sheet sheet;
    if (!make(doc, page->arena, &sheet, page->err)) return false;
    page_sheet(page, &sheet);
    return true;
}

/* A place for a chart: the script shows it when it has something to draw. */
void page_chart(Page *page, const char *name, const char *caption)
{
    page_content(page);
    text_print(page->out, "<figure class=\"chart\" data-chart=\"%s\" hidden><figcaption>%s</figcaption>"
               "</figure>\n", name, caption);
}

void page_paragraph(Page *page, const char *class, const char *text)
{
    if (!text || !*text) return;
    page_content(page);
    text_print(page->out, "<p class=\"%s\">", class);
    page_prose(page, text);
    text_add(page->out, "</p>\n");
}

void page_list(Page *page, const char *class, const Doc *items)
{
    if (doc_count(items) == 0) return;
    page_content(page);
    text_print(page->out, "<ul class=\"%s\">\n", class);
    for (size_t i = 0; i < doc_count(items); i++) {
        text_add(page->out, "<li>");
        page_prose(page, doc_to_text(doc_at(items, i), ""));
        text_add(page->out, "</li>\n");
    }
    text_add(page->out, "</ul>\n");
}
