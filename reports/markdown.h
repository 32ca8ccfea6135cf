/* reports/markdown.h - the document as Markdown. */
#ifndef CONSORT_REPORTS_MARKDOWN_H
#define CONSORT_REPORTS_MARKDOWN_H
#include "base/doc.h"
#include "base/error.h"

bool markdown_write(const Doc *document, Text *out, Error *err);
#endif
