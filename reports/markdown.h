/* reports/markdown.h - the document as Markdown. */
#ifndef CONSORT_REPORTS_MARKDOWN_H
#define CONSORT_REPORTS_MARKDOWN_H
#include "base/doc.h"
#include "base/error.h"
#include "reports/sheet.h"

/* Pieces, for other documents: a table with its caption, a list of sentences, text with its markup escaped. */
void markdown_sheet(const Sheet *sheet, Text *out);
void markdown_list(const Doc *list, Text *out);
void markdown_text(Text *out, const char *text);

bool markdown_write(const Doc *document, Text *out, Error *err);
#endif
