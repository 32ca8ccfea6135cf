/* engine/ramps.h - piecewise-linear columns in the first layer, for the price of two inputs each.
 *
 * A column of T bins is e = (1, .., 1, part, 0, .., 0), `part` in place b (data/rows.h). With the sums of its
 * weights C[0] = 0, C[t] = W[0] + .. + W[t - 1],
 *
 *     e W = (1 - part) C[b] + part C[b + 1]
 *
 * So with C in place of W a row has two inputs where it had T; what is not 0 in a batch is a short list:
 *
 *     ramps_gather     rows -> lists of hats, plain numbers and ones; no float of all features is written
 *     ramps_turn       the same lists input by input, for the weight gradient
 *     ramps_sums       W -> C, once a step; C[t] stands where W[t - 1] stood, others as they are
 *     ramps_adjoint    the gradient by C -> that by W, in place: dW[s] = dC[s + 1] + .. + dC[T]
 *
 * A row costs 2 products an output and column instead of T; a step besides a pass over the weights forward, and
 * one back. The network is the same function, its sums rounded in another order.
 *
 * Memory  the caller's: ramps_words(). Errors none.
 */
#ifndef CONSORT_ENGINE_RAMPS_H
#define CONSORT_ENGINE_RAMPS_H
#include <stdbool.h>

#include "data/rows.h"
#include "engine/sparse.h"

typedef struct {
    SparseLists rows;    /* (n) of inputs: times C they are the layer's products */
    SparseLists columns; /* (k) of rows: times the gradient they are that by C */
    uint32_t *memory;
    int most;            /* of a row */
} RampBatch;

/* Do rows of this shape have ramps, and so few other inputs that this is the faster way? */
bool ramps_pay(const Rows *rows);
/* 32-bit words of memory for batches of up to n rows; `turned`: with their columns. */
size_t ramps_words(const Rows *rows, int n, bool turned);
/* Rows index[0..n) (NULL: from, from + 1, ...) into out->rows; the memory stands in out->memory. */
void ramps_gather(const Rows *rows, const int32_t *index, int from, int n, RampBatch *out);
/* Fills out->columns from out->rows; k: features of a row. */
void ramps_turn(int k, RampBatch *out);
/* w, c: (k, ld). */
void ramps_sums(const Ramp *ramp, int n_ramps, int k, int ld, const float *w, float *c);
void ramps_adjoint(const Ramp *ramp, int n_ramps, int ld, float *dc);
#endif
