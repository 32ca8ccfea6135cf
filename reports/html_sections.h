/* reports/html_sections.h - the sections of a page, one function each; html.c has their order.
 *
 * A section without content writes nothing, and then does not show in the page's index either.
 * Errors  ERR_MEMORY only.
 */
#ifndef CONSORT_REPORTS_HTML_SECTIONS_H
#define CONSORT_REPORTS_HTML_SECTIONS_H
#include "reports/html_parts.h"

bool section_scores(Page *page);
bool section_data(Page *page);
bool section_leaderboard(Page *page);
bool section_search(Page *page);
bool section_curves(Page *page);
bool section_detail(Page *page);
/* html_targets.c: the same of numbers and labels, for section_detail. */
bool section_targets(Page *page, const Doc *evaluation);
bool section_inside(Page *page);
bool section_ensemble(Page *page);
bool section_deployment(Page *page);
bool section_provenance(Page *page);
#endif
