/* reports/classification.h - an evaluation (model/evaluate.h) as text for the terminal.
 *
 * scikit-learn's classification_report layout, then balanced accuracy, MCC, log loss and calibration error.
 * Undefined values are a dash, with a note.
 */
#ifndef CONSORT_REPORTS_CLASSIFICATION_H
#define CONSORT_REPORTS_CLASSIFICATION_H
#include "base/doc.h"

void classification_report(const Doc *evaluation, Text *out);
#endif
