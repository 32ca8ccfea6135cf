/* export/writer.h - what the writers of the single formats share; export/write.c chooses among them.
 *
 * A writer sees a table as columns of numbers or words, the pixels of pictures among them, and appends a
 * file. What its format cannot say (words among sparse numbers, a line end in ARFF) is an error that names
 * column and row.
 *
 * Memory  `out` and `beside` are text of the caller's, to be freed in any case; the rest is the arena's.
 * Errors  ERR_CONFIG: the format cannot say what the table has; ERR_MEMORY.
 */
#ifndef CONSORT_EXPORT_WRITER_H
#define CONSORT_EXPORT_WRITER_H
#include "base/text.h"
#include "data/table.h"

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
double write_number(const WriteRows *rows, int row, int column);    /* of numbers; NaN: missing */
const char *write_word(const WriteRows *rows, int row, int column); /* of words; NULL: missing */
/* ERR_CONFIG where a column beside the label has words. */
bool write_numbers_only(const WriteRows *rows, const char *format, Error *err);

/* The formats. `beside`: what belongs into a file beside it, the labels of pictures. */
bool write_csv(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_arff(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_ndjson(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_libsvm(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_npy(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_npz(const WriteRows *rows, Text *out, Text *beside, Error *err);
bool write_idx(const WriteRows *rows, Text *out, Text *beside, Error *err);
#endif
