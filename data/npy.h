/* data/npy.h - one array as NumPy's save() writes it: taken apart, and written.
 *
 *     "\x93NUMPY" major minor length {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } cells
 *
 * Versions 1 to 3; booleans, whole numbers, floats of 2, 4 and 8 bytes, bytes and Unicode of fixed length,
 * in either order of bytes, by rows (C) or by columns (Fortran); dates, as their ISO texts; and records of
 * these, which have names. Not read, with what to do instead: objects (they are pickled programs), complex
 * and long doubles.
 *
 * Source   NEP 1 and numpy.lib.format.
 * Memory   an Npy points into the bytes it was parsed from; names are the arena's.
 * Errors   ERR_DATA, `path` first.
 */
#ifndef CONSORT_DATA_NPY_H
#define CONSORT_DATA_NPY_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "data/typed.h"

enum { NPY_DIMENSIONS = 4 };

typedef struct {
    const char *name; /* of a record's field, else NULL */
    char kind;        /* b, i, u, f, S, U, M; V: what is none of the table's */
    char unit[4];     /* of M: D, s, ms, ... */
    int size;         /* bytes of a cell */
    bool swapped;
    size_t at;        /* in a record */
} NpyType;

typedef struct {
    int n_types;          /* 1 for an array of plain cells */
    const NpyType *types;
    bool is_record, by_columns;
    int n_dims;
    uint64_t shape[NPY_DIMENSIONS];
    const unsigned char *cells;
    uint64_t n_cells;     /* the product of shape; 1 of no dimensions */
    size_t size;          /* of a cell or record */
} Npy;

bool npy_parse(const char *path, const char *bytes, size_t n, Arena *arena, Npy *out, Error *err);
/* The cell at a place in C's order, whatever the order in the file. `text` is room for words, kept for the
 * next. */
TypedCell npy_cell(const Npy *npy, int type, uint64_t index, Text *text);
bool npy_has_words(const Npy *npy, int type);
/* Begins an array: what stands in front of the cells, which follow in C's order and little-endian. */
void npy_header(Text *out, const char *descr, const uint64_t *shape, int n_dims);
#endif
