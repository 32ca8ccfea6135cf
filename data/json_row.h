/* data/json_row.h - a row of JSON as nearly all are: one flat object of plain cells.
 *
 * What is here is a subset of what base/doc.h reads, and means the same: strings without escapes, numbers
 * of at most 18 digits before the point, true, false, null. Anything else, whatever is wrong included, is
 * left to that: then the answer is false and nothing has happened. It takes a fifth of the time, for most
 * of a document's goes into building it.
 *
 * Memory  texts point into the bytes; the cells are the caller's array, on the heap, which grows.
 */
#ifndef CONSORT_DATA_JSON_ROW_H
#define CONSORT_DATA_JSON_ROW_H
#include "data/typed.h"

typedef struct {
    const char *key;
    size_t n_key;
    TypedCell cell;
    int column; /* the caller's, from row to row; 0 at first */
} JsonCell;

typedef struct {
    JsonCell *cells;
    int n, capacity;
} JsonRow;

/* `at` is the row's first brace, and the bytes are UTF-8. `*behind` gets the place behind its last. */
bool json_row(const char *at, const char *end, JsonRow *row, const char **behind);
#endif
