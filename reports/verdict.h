/* reports/verdict.h - the sentences at the top of a report, from what the rest of the document says. */
#ifndef CONSORT_REPORTS_VERDICT_H
#define CONSORT_REPORTS_VERDICT_H
#include "reports/noise.h"

/* `ran` speaks of the finalists; "" for nothing. */
void document_verdict(const Facts *facts, const Noise *noise, const char *ran, Doc *document);
#endif
