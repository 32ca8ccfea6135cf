/* data/given.h - rows that a program has in memory become a Table, as if they had been read from a file.
 *
 * They are columns (numbers, words, or codes of levels), a matrix of numbers, rows of cells as text, or
 * pictures with columns beside them. What is not said of a column is found out as in any file
 * (data/typed.h); what is said wins over that, and what the options say wins over both:
 *
 *     numbers    a numeric column; of kind DATE seconds since 1970
 *     words      words, dates or running text, whichever they are; NULL is missing
 *     codes      a nominal column of these levels, or of kind ORDERED from low to high; -1 is missing, and a
 *                level is that word whatever it looks like, also `NA`
 *     cells      numbers where all cells of a column are; else as words
 *
 * With a schema columns go by their names, in any order; without names by their places.
 *
 * Shapes   N = n_rows, D = n_columns. Memory borrowed while the call lasts; the table is the arena's.
 * Errors   ERR_DATA with `path` as the file's name and rows from 1; ERR_MEMORY.
 */
#ifndef CONSORT_DATA_GIVEN_H
#define CONSORT_DATA_GIVEN_H
#include "data/read_options.h"
#include "data/table.h"

enum { GIVEN_KIND_OPEN = -1 }; /* nobody said */

typedef struct {
    const char *name;         /* NULL where none of the columns has one */
    int kind;                 /* ColumnKind, or GIVEN_KIND_OPEN */
    const double *numbers;    /* (N) NaN is missing; or */
    const char *const *words; /* (N) UTF-8; or */
    const int32_t *codes;     /* (N) in [-1, n_levels) */
    int n_levels;
    const char *const *levels; /* (n_levels) UTF-8, distinct, none empty */
} GivenColumn;

typedef struct GivenRows GivenRows;
struct GivenRows {
    const char *path; /* memory:NAME, what messages call them */
    int n_rows, n_columns;
    const GivenColumn *columns;   /* (D) or */
    const double *doubles;        /* (N, D), `ld` apart, or */
    const float *floats;          /* alike, or */
    size_t ld;
    const char *const *cells;     /* (N, D) UTF-8, NULL is missing */
    const char *const *names;     /* (D) of a matrix and of cells; NULL: by place */
    const uint8_t *pixels;        /* (N, height, width, channels); `columns` are beside them, the label */
    int height, width, channels;
};

/* Those of options->given that have this path; ERR_DATA where none has. */
bool given_read(const char *path, const ReadOptions *options, const Schema *schema, Arena *arena, Table **out,
                Error *err);
#endif
