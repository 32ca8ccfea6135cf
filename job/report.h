/* job/report.h - the report of a study: report.html, report.json, report.md. */
#ifndef CONSORT_JOB_REPORT_H
#define CONSORT_JOB_REPORT_H
#include "job/finished.h"

/* Where the configuration's `report` section says, else in the study's folder. `top`: rows of the
 * leaderboard, 0: as configured. `page` gets the path of the HTML page. */
bool product_report(Finished *finished, int top, const char **page, Error *err);
/* The same in two steps: report_document fits what is missing of the baselines and compares what is not
 * compared; the document is the caller's to free. */
bool report_document(Finished *finished, int top, Doc **document, Error *err);
bool report_write(Finished *finished, const Doc *document, const char **page, Error *err);
#endif
