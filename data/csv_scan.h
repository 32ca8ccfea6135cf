/* data/csv_scan.h - the records of a text: where its fields begin and end, and what separates them.
 *
 *     record  fields between delimiters, up to a line end outside quotes (\n, \r\n or \r)
 *     field   "..." with "" for a quote, anything inside; or plain text. Blanks at both ends are trimmed,
 *             inside quotes as well: a program that writes the table again drops the quotes, and what an
 *             exported model is handed has none.
 *
 * A line is blank, and skipped, when it has no delimiter and the table has more than one column; of one
 * column an empty line is a cell that is missing. A trailing line end begins no record.
 *
 * Memory   cells point into the text, or into the scanner where a doubled quote had to go; both hold until
 *          the next record.
 * Errors   ERR_DATA "file:line: ...".
 */
#ifndef CONSORT_DATA_CSV_SCAN_H
#define CONSORT_DATA_CSV_SCAN_H
#include "base/pieces.h"
#include "base/text.h"
#include "data/reader.h"

typedef struct {
    const char *text;
    size_t n;
    bool quoted;
    Decimal decimal; /* what a plain one says, if the scanner was asked */
} Cell;

typedef enum { CUT_NONE, CUT_FIRST, CUT_LAST } Cut; /* last cells are cut if they are empty */

typedef struct {
    const char *path;
    const char *at, *end;
    Pieces *pieces;      /* of a large file, of which `end` is then only as far as has been read; or NULL */
    char delimiter;      /* ' ': runs of blanks and tabs */
    bool decimals;       /* cells that are plain decimals are read as such on the way */
    bool one_column;  /* known to be so: an empty line is a record */
    const char *comment; /* lines that begin so are skipped; NULL: none */
    Cut cut;          /* what is taken off records of more cells (CUT_FIRST: one more) than ... */
    int width;        /* ... the table has columns */
    long line;        /* of `at` */
    long record_line; /* where the record that was read began */
    Cell *cells;
    int n_cells, capacity;
    Text unescaped; /* quoted cells with doubled quotes, those of one record */
} Scanner;

typedef enum { RECORD, RECORD_END, RECORD_BAD } Scan;

/* Another scanner at the same place, with nothing read yet. */
Scanner scan_from(const Scanner *start);
/* The same where scan_done() was called behind it. */
Scanner scan_again(const Scanner *start);
/* What is before `at` is not needed, unless by scan_again(). */
void scan_done(const Scanner *scanner);
size_t scan_left(const Scanner *scanner); /* bytes up to the end of the text */
void scan_free(Scanner *scanner);
/* Reads the next record into `cells`. */
Scan scan_record(Scanner *scanner, Error *err);
/* Reads on so that the line is all there; scan_record() needs no such call. */
void scan_reach_line(Scanner *scanner);
void scan_skip_line(Scanner *scanner);
/* Has the record nothing but empty cells? */
bool scan_is_empty(const Scanner *scanner);
#endif
