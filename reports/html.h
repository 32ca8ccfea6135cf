/* reports/html.h - the document as one self-contained page: no network, under 2 MB for 1,000 trials.
 *
 * Tables and the verdict are real HTML and read well with scripts off; charts are drawn by the page
 * from the JSON inside it, with D3 (embedded at build time). reports/page/ holds the style and script.
 */
#ifndef CONSORT_REPORTS_HTML_H
#define CONSORT_REPORTS_HTML_H
#include "base/doc.h"
#include "base/error.h"
bool html_write(const Doc *document, Text *out, Error *err);
#endif
