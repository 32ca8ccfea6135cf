/* data/csv_survey.h - the first walk over a table's records: how many there are, of which type each column is,
 * and its cells wherever they can be stored before that is known.
 *
 * Cells are kept as numbers until one is none (data/csv_kinds.h says what a column is); a column whose first
 * cell cannot be a number in any style is nominal from there on. What is settled late, numbers and then a word,
 * is left to a second walk, and so is every cell that has to be refused: that walk says the first of them.
 */
#ifndef CONSORT_DATA_CSV_SURVEY_H
#define CONSORT_DATA_CSV_SURVEY_H
#include "data/csv_scan.h"

/* Settles the kinds and styles of the columns; those that have `stored` now need no second walk. */
bool csv_survey(Reading *reading, Scanner *scanner, int *n_rows, Error *err);
#endif
