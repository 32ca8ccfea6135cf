/* reports/targets_text.h - an evaluation of numbers or labels (model/evaluate.h) as text for the terminal.
 *
 * All scores with their intervals (of several targets their means), then a line a target. */
#ifndef CONSORT_REPORTS_TARGETS_TEXT_H
#define CONSORT_REPORTS_TARGETS_TEXT_H
#include "base/doc.h"

/* Is the evaluation of numbers or labels? */
bool targets_report_is_for(const Doc *evaluation);
void targets_report(const Doc *evaluation, int room, Text *out);
#endif
