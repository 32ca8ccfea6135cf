/* data/csv_start.h - what a text of separated values is like, before its first row: what separates the
 * fields, and what people and programs put around the table.
 *
 *     sep=;                       Excel's hint, a first line of its own
 *     # made today                remarks, and titles of one field, above the first line of several
 *     |1x3 Cross validator        C4.5's remark
 *     a,b,y / 1,5,6,p             R's write.table: no name above the names of the rows, which are left out
 *     a,b,y,, / 1,2,p,,           delimiters at the end of each line, of all but the header, or of that alone
 *
 * Each is said in a note. `data.skip` and `data.comment` name lines that this does not find. What was
 * decided is the file's Layout, which a model keeps (data/table.h).
 */
#ifndef CONSORT_DATA_CSV_START_H
#define CONSORT_DATA_CSV_START_H
#include "data/csv_scan.h"

/* Moves to the first line of the table. What the options do not say is `as` the training file had it, or
 * found out where that is NULL. `found` gets what is known by then. */
bool csv_find_start(Reading *reading, Scanner *scanner, const Layout *as, Layout *found, Error *err);
/* Has one of the first `lines` lines as many fields as a row? `file` stands at the beginning, with the
 * delimiter. */
bool csv_skips_a_row(const Scanner *file, int lines, int width);
/* The first record has been read: sets what is to be cut from records. True if it has other fields than all
 * others, and thus is the header. */
bool csv_choose_cut(Reading *reading, Scanner *scanner);
#endif
