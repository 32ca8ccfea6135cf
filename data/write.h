/* data/write.h - a table becomes a file again, in any format of FORMAT_LIST that has a writer.
 *
 * What was read is written so that reading it again gives the same: numbers with the fewest digits that are
 * exactly them, missing as the format says it, words in quotes where they need them. What a format cannot say
 * (words among sparse numbers, a line end in ARFF) is an error that names column and row. Pictures become rows of
 * their pixels where a format has no pictures.
 *
 * Which column is the label matters to formats that keep it apart (libsvm, npz), or last (npy). A table for them
 * is read with all of its columns, `label: none`.
 *
 * Memory  `out` and `beside` are text of the caller's, to be freed in any case; the rest is the arena's.
 * Errors  ERR_CONFIG: there is no such writer, or it cannot say what the table has; ERR_MEMORY.
 */
#ifndef CONSORT_DATA_WRITE_H
#define CONSORT_DATA_WRITE_H
#include "base/text.h"
#include "data/read_options.h"
#include "data/table.h"

/* A table as writers see it: columns of numbers or words, the pixels of pictures among them. */
typedef struct {
    const Table *table;
    Arena *arena;
    int n_rows, n_columns;
    int label;      /* its column; -1: none */
    char delimiter; /* CSV */
} WriteRows;

WriteRows write_rows(const Table *table, int label, Arena *arena);
const char *write_name(const WriteRows *rows, int column); /* NULL: no memory */
bool write_is_number(const WriteRows *rows, int column);
double write_number(const WriteRows *rows, int row, int column);      /* of numbers; NaN: missing */
const char *write_word(const WriteRows *rows, int row, int column);   /* of words; NULL: missing */

/* The format that a file of this name has, FORMAT_AUTO if none that can be written. */
DataFormat write_format_of(const char *path);
/* Appends the file. `beside`: what belongs into a file beside it (the labels of pictures), if anything does. */
bool table_write(const WriteRows *rows, DataFormat format, Text *out, Text *beside, Error *err);
bool write_can(int format);
/* "csv, arff, ...": what can be written. */
const char *write_formats(Arena *arena);

/* The formats. */
bool write_csv(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_arff(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_ndjson(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_libsvm(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_npy(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_npz(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_idx(const WriteRows *rows, Text *out, Text *beside, Error *err);
/* ERR_CONFIG where a column beside the label has words. */
bool write_numbers_only(const WriteRows *rows, const char *format, Error *err);
#endif
