/* data/read.h - a file, whatever its format, becomes a Table.
 *
 * The format is the options' or found out: by what the first bytes look like, then by the name's ending;
 * what is neither is CSV. Text is made UTF-8 before a reader sees it. What the readers share is
 * data/reader.h; the list of formats stands in data/read_options.h.
 *
 * Memory   the table lives in the arena; the file's bytes are gone when the call returns.
 * Errors   ERR_DATA "file:line: ..." for the file, ERR_CONFIG for options that do not fit it, ERR_IO,
 *          ERR_MEMORY.
 */
#ifndef CONSORT_DATA_READ_H
#define CONSORT_DATA_READ_H
#include "data/read_options.h"
#include "data/table.h"

/* Reads a file. With a `schema`, columns are matched to it by name where both have names (any
 * order, extra columns ignored, a missing one is an error that names it) and by position
 * otherwise, typed as it says, and labels numbered as it says; a class it does not know is
 * ERR_DATA with the row, after trying without a trailing dot ("<=50K." in adult-test.csv). A
 * label column need not be there. */
bool table_read(const DataFile *file, const ReadOptions *options, const Schema *schema,
                Arena *arena, Table **out, Error *err);
/* Files come in pairs: MNIST's train-images-idx3-ubyte and train-labels-idx1-ubyte, scikit-learn's X_train.npy
 * and y_train.npy. The file of labels beside one of features, where it is there; else NULL. */
const char *labels_beside(const char *images, Arena *arena);
/* Is it the name of a file of rows, by its ending, packed or not; or a query? */
bool names_data(const char *path);
#endif
