/* reports/document.h - everything a report says, as one JSON document.
 *
 * Reports are data first: this document is `report.json`; the HTML page draws it, Markdown and the
 * terminal print it, and no number is shown anywhere that is not in it. Its keys are listed in
 * docs/reference/report.md and versioned by "schema".
 */
#ifndef CONSORT_REPORTS_DOCUMENT_H
#define CONSORT_REPORTS_DOCUMENT_H
#include "reports/facts.h"

bool document_make(const ReportInput *input, Arena *arena, Doc **out, Error *err);
#endif
