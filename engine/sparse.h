/* engine/sparse.h - a batch of rows with its zeros left out, for inputs that are mostly 0: pictures, one-hot
 * columns.
 *
 * Found once a batch, and used by both products of the first layer (gemm.h): the forward pass goes
 * along the rows, by `index`; the weight gradient goes down the columns, by `mask`.
 *
 * Memory  the caller's: sparse_words says how much. Borrows x.
 */
#ifndef CONSORT_ENGINE_SPARSE_H
#define CONSORT_ENGINE_SPARSE_H
#include <stdint.h>

typedef struct {
    int n, k;
    const float *x; /* (n, ldx) as it was */
    int ldx;
    int32_t *start; /* (n + 1) row r has the inputs index[start[r]] .. index[start[r + 1] - 1] */
    int32_t *index; /* increasing in a row */
    uint64_t *mask; /* (ceil(n / 64), k) bit r of column i: x[r][i] is not 0 */
} SparseBatch;

/* 32-bit words of memory that a sparse batch of up to n rows takes (aligned to 8 bytes). */
long sparse_words(int n, int k);
/* Finds what is not 0 in x. */
void sparse_make(int n, int k, const float *x, int ldx, uint32_t *memory, SparseBatch *out);

/* A product's left side as lists (ramps.h): row r of the result is the sum, in this order, of value[e] times
 * row at[e] of the right side, e in [start[r], start[r + 1]). */
typedef struct {
    int n;
    const int32_t *start, *at; /* (n + 1), (start[n]) */
    const float *value;
} SparseLists;
#endif
