/* reports/sheet_internal.h - building sheets, for sheet.c and sheet_model.c. */
#ifndef CONSORT_REPORTS_SHEET_INTERNAL_H
#define CONSORT_REPORTS_SHEET_INTERNAL_H
#include "reports/sheet.h"

/* Columns grow first, then rows; both are limited by what was asked for here. */
bool sheet_create(const char *id, const char *caption, size_t most_columns, size_t most_rows,
                  Arena *arena, Sheet *out, Error *err);
void sheet_column(Sheet *sheet, const char *title, bool number, int better, const char *hint);
Cell *sheet_row(Sheet *sheet); /* its cells */
double sheet_number(const Doc *object, const char *key); /* NaN when absent */
const char *sheet_text(const Doc *object, const char *key);
#endif
