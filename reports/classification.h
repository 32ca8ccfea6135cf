/* reports/classification.h - an evaluation (model/evaluate.h) as text for the terminal.
 *
 * scikit-learn's classification_report layout, then all scores with their intervals, warnings, and the
 * scores by the levels of columns. Undefined values are a dash, with a note. Of numbers and labels as
 * reports/targets_text.h has it.
 */
#ifndef CONSORT_REPORTS_CLASSIFICATION_H
#define CONSORT_REPORTS_CLASSIFICATION_H
#include "base/doc.h"

/* `room` is sheet_print's (reports/columns.h). */
void classification_report(const Doc *evaluation, int room, Text *out);
#endif
