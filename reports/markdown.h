/* reports/markdown.h - the document as Markdown, and its tables as text for the terminal. */
#ifndef CONSORT_REPORTS_MARKDOWN_H
#define CONSORT_REPORTS_MARKDOWN_H
#include "base/doc.h"
#include "base/error.h"
bool markdown_write(const Doc *document, Text *out, Error *err);
/* scikit-learn's classification_report layout from an evaluation (model/evaluate.h), then balanced
 * accuracy, MCC, log loss and calibration error. Undefined values are a dash, with a note. */
void classification_report(const Doc *evaluation, Text *out);
/* Aligned columns for the terminal: `header` and rows of cells, NULL-terminated arrays; numbers right. */
void text_table(const char *const *header, const char *const *const *rows, int n_rows, Text *out);
#endif
