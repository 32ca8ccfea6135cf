/* reports/compare.h - a comparison of studies (job/compare.h) as words, tables and a page.
 *
 * Errors  ERR_MEMORY only.
 */
#ifndef CONSORT_REPORTS_COMPARE_H
#define CONSORT_REPORTS_COMPARE_H
#include "reports/sheet.h"

/* Puts `verdict` {headline, sentences[], caveats[]} into the document, from what the rest of it says. */
void compare_verdict(Doc *document, Arena *arena);

/* The tables, in the order of the page; the list ends with NULL. One without rows has nothing to say. */
typedef bool CompareSheet(const Doc *document, Arena *arena, Sheet *out, Error *err);
extern CompareSheet *const compare_sheets[];
CompareSheet sheet_compare_studies;  /* state, trials, best, test, cost, size: a row a study */
CompareSheet sheet_compare_pairs;    /* the tests: a row a pair and metric */
CompareSheet sheet_compare_spread;   /* studies that differ in the seed alone */
CompareSheet sheet_compare_settings; /* what configurations say differently: a row a key */
CompareSheet sheet_compare_best;     /* the same of the best trials */

/* One page, as the report is one: no network, tables that read well with scripts off. */
bool compare_html(const Doc *document, Text *out, Error *err);
bool compare_markdown(const Doc *document, Text *out, Error *err);
#endif
