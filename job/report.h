/* job/report.h - the report of a study: report.html, report.json, report.md. */
#ifndef CONSORT_JOB_REPORT_H
#define CONSORT_JOB_REPORT_H
#include "job/finished.h"

/* Where the configuration's `report` section says, else in the study's folder. `top`: rows of the
 * leaderboard, 0: as configured. `page` gets the path of the HTML page. */
bool product_report(Finished *finished, int top, const char **page, Error *err);
#endif
