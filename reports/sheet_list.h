/* reports/sheet_list.h - all tables of a report, once, for whoever writes each into a file. */
#ifndef CONSORT_REPORTS_SHEET_LIST_H
#define CONSORT_REPORTS_SHEET_LIST_H
#include "reports/sheets.h"

typedef bool AnySheet(const Doc *document, Arena *arena, Sheet *out, Error *err);
/* Each takes the whole document; ends with NULL. One without rows has nothing to say. */
extern AnySheet *const report_sheets[];
#endif
