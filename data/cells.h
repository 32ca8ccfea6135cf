/* data/cells.h - cells as they come, row after row, of columns that become known on the way.
 *
 * What a stream of rows leaves behind when it has been read once (JSON, a query): for each column its numbers,
 * and its words as numbers of a set. A row that says nothing of a column is missing there; a column that
 * nobody has named before begins then. cells_table() makes a Table of it, by data/typed.h.
 *
 * Memory  columns on the heap, as long as their last cell: cells_free(). Words and names in the arena.
 * Errors  ERR_MEMORY; ERR_DATA where rows and columns together are more than any table that is meant.
 */
#ifndef CONSORT_DATA_CELLS_H
#define CONSORT_DATA_CELLS_H
#include "data/typed.h"

typedef struct {
    double *number; /* NaN: missing, or it is a word */
    int32_t *word;  /* -1: none; NULL: no word has come */
    int n, capacity;
    TextSet words;
} CellColumn;

typedef struct {
    Reading *reading;
    size_t n_bytes;     /* of what is read, as a measure of what may be there */
    int n_rows, n_lines, line_capacity;
    int32_t *line;      /* (n_rows) */
    CellColumn *columns;
    const char **names;
    int n_columns, capacity, name_capacity;
    Set by_name;
} Cells;

/* A new column, whatever it is called; -1 without memory or past all measure. */
int cells_add_column(Cells *cells, const char *name, size_t n, Error *err);
/* The column of that name, which may be new. */
int cells_find_column(Cells *cells, const char *name, size_t n, Error *err);
/* Begins the next row. */
bool cells_row(Cells *cells, long line, Error *err);
/* Has the row this cell already? */
bool cells_has(const Cells *cells, int column);
bool cells_number(Cells *cells, int column, double number, Error *err);
bool cells_text(Cells *cells, int column, const char *text, size_t n, Error *err);
bool cells_missing(Cells *cells, int column, Error *err);
bool cells_table(Cells *cells, bool text_numbers, bool absent_is_missing, Table **out, Error *err);
void cells_free(Cells *cells);
#endif
