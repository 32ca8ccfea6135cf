/* reports/html_parts.h - the pieces a page is made of; html.c puts them together.
 *
 * A section's heading is written when its first content comes, so that one without content leaves
 * nothing behind. Text of the user's is escaped here and nowhere else.
 */
#ifndef CONSORT_REPORTS_HTML_PARTS_H
#define CONSORT_REPORTS_HTML_PARTS_H
#include "reports/sheets.h"

typedef struct {
    const Doc *document;
    Text *out;
    Arena *arena;
    Error *err;
    const char *section; /* heading and id still to be written when the first content comes */
    const char *title, *lead;
    bool open;
} Page;

typedef bool (*MakeSheet)(const Doc *doc, Arena *arena, Sheet *out, Error *err);

/* Everything before the page's own content, titled with document.study.name; the document and the scripts that
 * draw from it. html.c has both. */
void page_head(Page *page);
bool page_scripts(Page *page);

void page_content(Page *page); /* writes the section's heading unless that is done */
void page_sheet(Page *page, const Sheet *sheet);
bool page_table(Page *page, MakeSheet make, const Doc *doc); /* ERR_MEMORY only */
void page_chart(Page *page, const char *name, const char *caption);
/* Our own sentences: what stands between backticks is code. Everything is escaped all the same. */
void page_prose(Page *page, const char *text);
void page_paragraph(Page *page, const char *class, const char *text); /* NULL or "": none */
void page_list(Page *page, const char *class, const Doc *items);
#endif
