/* reports/columns.h - tables for the terminal: aligned columns, numbers set right. */
#ifndef CONSORT_REPORTS_COLUMNS_H
#define CONSORT_REPORTS_COLUMNS_H
#include "reports/sheet.h"

/* A column is set right where all its cells are numbers or dashes, whatever its heading says. Columns beyond
 * the 64th are left out. In `room` columns of the terminal (0: as many as it takes) long words lose their
 * middle, and what still does not fit stands below, behind the first column once more. */
void sheet_print(const Sheet *sheet, int room, Text *out);

int columns_letters(const char *text); /* on the terminal: bytes that do not continue a UTF-8 character */
void columns_pad(Text *out, int n);
/* In at most `width` letters, an ellipsis for its middle: long names often differ in the last word. */
void columns_cut(Text *out, const char *cell, int width);
void columns_right(Text *out, const char *cell, int width);
/* The same, and a line break in a class name must not break the table. */
void columns_name(Text *out, const char *name, int width);
#endif
