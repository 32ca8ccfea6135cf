/* data/typed.h - rows whose cells say themselves whether they are numbers or words become a Table.
 *
 * CSV and ARFF are text, and what a cell is has to be found out or is declared. In arrays, JSON and databases
 * each cell has a type. Their readers describe rows as TypedRows, a function from row and column to a cell, and
 * typed_table() does the rest: names to reading_plan(), kinds, cells, Table.
 *
 * Kinds    A column of numbers is numeric, one with words nominal; numbers among words are words. Where a
 *          format keeps numbers as text (SQLite's imports, NumPy's arrays of strings) `text_numbers` says so:
 *          then words that are all numbers are numbers, unless one begins with a zero as codes do. Options and
 *          schema come first, as for any reader.
 * Missing  is a cell without value, NaN, and a word that means missing (data.missing_tokens).
 * Errors   as in data/reader.h; `line` of a row is what messages call it.
 */
#ifndef CONSORT_DATA_TYPED_H
#define CONSORT_DATA_TYPED_H
#include "data/reader.h"

/* LEVEL: a word that somebody has declared, whatever it looks like. */
typedef enum { TYPED_MISSING, TYPED_NUMBER, TYPED_TEXT, TYPED_LEVEL } TypedKind;
typedef struct {
    TypedKind kind;
    double number;
    const char *text; /* UTF-8; until the next cell is asked for */
    size_t n;
} TypedCell;

typedef struct TypedRows TypedRows;
struct TypedRows {
    int n_rows, n_columns;
    const char **names; /* NULL: by place */
    void *of;           /* the reader's */
    TypedCell (*cell)(const TypedRows *rows, int row, int column); /* of a row, columns come in rising order */
    bool (*is_numbers)(const TypedRows *rows, int column);         /* has it no words for sure? NULL: never */
    long (*line)(const TypedRows *rows, int row);                  /* NULL: the row, from 1 */
    /* What is known of the planned columns beforehand; NULL: nothing. */
    bool (*declare)(const TypedRows *rows, Reading *reading, Error *err);
    bool text_numbers;
    bool absent_is_missing; /* with a schema: columns that are not there at all, if others are */
};

bool typed_table(Reading *reading, const TypedRows *rows, Table **out, Error *err);
/* A number as a cell of the table: of a column of words it is the word that the shortest way to write it is. */
bool reading_value(Reading *reading, int row, int column, double value, long line, Error *err);
/* Columns that have no names of their own, to a model that has names: the first `n` are called as the
 * model's, in its order, if they are as many; or as many as its training file had beside the label. `names`
 * are the reader's, none of which the model knows. */
void typed_take_order(const Reading *reading, const char **names, int n);
/* Too many cells to be meant, for `n` bytes of a file: what is sparse there may claim more than a machine
 * has. */
bool typed_too_large(int64_t rows, int64_t columns, size_t n);
#endif
