/* data/csv_header.h - is the first record of a table a row, or the names of its columns?
 *
 * Each cell of the first record is compared with the cells of its own column below. A word above numbers, or
 * one that never comes up in a column whose other words come again and again, is a name; a word that
 * comes up again is a cell, unless no other word of its column does and another column speaks for names,
 * or more columns do, one of numbers among them.
 * A word with digits of one shape with all below it (a date, a code) is a cell. Numbers are names only
 *
 *     as 0, 1, 2, ... or 1, 2, 3, ... over every column (but for an empty corner, or words that are names),
 *     as a 0 alone beside an empty corner above an index,
 *     as whole and increasing numbers beside words that are names: many, or outside of what stands below,
 *     as years outside of what stands below, in either order,
 *     as three and more increasing fractions beside names and outside of what stands below (wavelengths),
 *     or where they alone are quoted.
 *
 * A wrong "yes" loses a row, a wrong "no" spoils every column, so what is decided on little is said in a note.
 */
#ifndef CONSORT_DATA_CSV_HEADER_H
#define CONSORT_DATA_CSV_HEADER_H
#include "data/csv_scan.h"

/* `after` stands behind the first record, whose cells are `first`. */
bool csv_looks_like_header(Reading *reading, const Scanner *after, const Cell *first, int n);
#endif
