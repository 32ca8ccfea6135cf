/* data/csv_kinds.h - what the cells of a column look like, and so of which kind and in which style it is.
 *
 * A column is numeric when every cell that is not missing is a number, or all are in one style
 * (data/dressed.h); whatever a user might want otherwise is said in a note, with a cell and its line.
 */
#ifndef CONSORT_DATA_CSV_KINDS_H
#define CONSORT_DATA_CSV_KINDS_H
#include "data/csv_scan.h"

enum { FEW_WORDS = 3 };

/* A cell to be named in a note. */
typedef struct {
    long line; /* 0: there is none */
    char text[48];
} Found;

/* One column, cell by cell; zero at first. */
typedef struct {
    bool asked;              /* is the column's kind, or how its numbers are written, still open? */
    int n_number, n_other;   /* cells that are bare numbers; that are none */
    int n_word, n_kinds;     /* of the others those that are not even dressed; different ones, to a few */
    uint32_t kinds[FEW_WORDS];
    Found odd, word, clash;  /* the first of the others; of the words; that is dressed unlike those before */
    Found zero;              /* that has leading zeros, as codes have */
    Found comma;             /* with a decimal comma that may separate thousands ... */
    bool decimal_comma;      /* ... and some cell has one that may not */
    Dress dress; /* of the cells that are no bare numbers */
} Look;

bool look_is_asked(const Reading *reading, int column);
/* A cell that is not missing, of a column that is asked: a bare number, or none. */
void look_at_number(const Reading *reading, Look *look, const Cell *cell, long line);
void look_at_other(const Reading *reading, Look *look, const Cell *cell, long line);
/* Settles kinds and styles. `data` stands at the first row: in rare cases the text is walked once more. */
void look_settles(Reading *reading, const Scanner *data, Look *looks);
#endif
