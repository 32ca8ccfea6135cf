/* reports/sheet_print.h - a table (reports/sheet.h) as a file for other programs and for papers.
 *
 * CSV     numbers without thousands' commas, nothing for what is not known, and (base/text.h) an apostrophe in
 * front
 *         of what a spreadsheet would run.
 * LaTeX   a `table` with booktabs rules. Text is anybody's: all that TeX would obey is escaped, so that a class
 *         called \input{x} is printed and not read.
 */
#ifndef CONSORT_REPORTS_SHEET_PRINT_H
#define CONSORT_REPORTS_SHEET_PRINT_H
#include "reports/sheet.h"

void sheet_csv(const Sheet *sheet, Text *out);
void sheet_latex(const Sheet *sheet, Text *out);
/* Text of anybody's inside of LaTeX. */
void text_latex(Text *out, const char *text);
#endif
