/* data/read_csv.h - the two halves of reading separated values, for a text that comes in blocks
 * (data/blocks.h):
 * what stands above the rows, and rows.
 */
#ifndef CONSORT_DATA_READ_CSV_H
#define CONSORT_DATA_READ_CSV_H
#include "data/csv_scan.h"

/* `scanner` is at the beginning of the text, with ',' for a delimiter. Leaves it at the first row, knowing what
 * separates fields; the reading knows its columns. */
bool csv_begin(Reading *reading, Scanner *scanner, Error *err);
/* Reads all rows from where such a scanner stands; reading_finish() is left to the caller. */
bool csv_rows(Reading *reading, Scanner *scanner, Error *err);
#endif
