/* job/report.h - the report of a study: report.html, report.json, report.md. */
#ifndef CONSORT_JOB_REPORT_H
#define CONSORT_JOB_REPORT_H
#include "job/finished.h"

/* Where the configuration's `report` section says, else in the study's folder. `top`: rows of the
 * leaderboard, 0: as configured. `page` gets the path of the HTML page. */
bool product_report(Finished *finished, int top, const char **page, Error *err);

/* The same in two steps: what the report says (the caller frees it), and the files that say it. What is missing
 * of the baselines is fitted, and what was not compared is compared, before the first. */
typedef struct {
    const char *html, *json, *markdown;
} ReportFiles;
bool report_document(Finished *finished, int top, Doc **out, Error *err);
bool report_write(Finished *finished, const Doc *document, ReportFiles *out, Error *err);
#endif
