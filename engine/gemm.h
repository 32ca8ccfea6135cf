/* engine/gemm.h - the matrix products of a dense layer, for the shapes that small networks have.
 *
 *     forward       Z (n, N)  = X (n, K) W (K, N)
 *     weight grad   dW (K, N) = X' (K, n) G (n, N)
 *     input grad    dX (n, K) = G (n, N) W' (N, K)
 *
 * n = rows of the batch, K = inputs, N = outputs padded to a multiple of 16. Row-major; W, G, Z, dW and
 * dX have row distances that are multiples of 16; X may have any. dX is written up to K rounded up to a
 * multiple of 16, zeros beyond K.
 *
 * Why not BLAS: its kernels pack both operands on each call; half of the time of a 32 x 64 x 16 product
 * goes into that. Here a tile of the result stays in registers (6 rows by 16 columns in AVX2's
 * sixteen, 8 by 32 in AVX-512's) while the summed index runs, and operands that fit the first-level cache
 * are read where they lie. Larger ones are cut into pieces that fit a cache, and copied side by side
 * first, the right one always, the left one where many columns will read it: where they lie, the rows
 * of a matrix whose width is a power of two share a few cache sets. The copies live on the stack
 * (420 KiB at most). One row alone skips the inputs that are 0, which after a ReLU are many.
 *
 * One order  an element of the result is one sum, in increasing order of the summed index, each
 *            product fused with its addition. It depends on nothing else: not on n, nor on the row's
 *            place, nor on how rows are divided among calls or threads. A row predicted alone has
 *            the bits that it has among a thousand (as long as W is finite).
 * Sparse     the same products when most of X is 0: the order of the sum is the same, zeros are
 *            skipped, so the result is equal, bit for bit, unless W or G is not finite.
 * Kernels    one source, gemm_kernel.h, compiled by gemm_variants.c for AVX-512, AVX2 and the baseline;
 *            the machine decides which is used, or gemm_take, never a timing. Without a fused
 *            multiply-add (baseline) bits differ.
 *
 * Source  the register tile: Goto and van de Geijn, "Anatomy of high-performance matrix
 *         multiplication", ACM TOMS 2008.
 */
#ifndef CONSORT_ENGINE_GEMM_H
#define CONSORT_ENGINE_GEMM_H
#include "base/isa.h"
#include "engine/sparse.h"

void gemm_forward(int n, int k, int n_out, const float *x, int ldx, const float *w, int ldw, float *z,
                  int ldz);
void gemm_weight_grad(int n, int k, int n_out, const float *x, int ldx, const float *g, int ldg,
                      float *dw, int ldw);
void gemm_input_grad(int n, int k, int n_out, const float *g, int ldg, const float *w, int ldw,
                     float *dx, int ldx);

/* ---- the same where most of X is 0 ---- */

void gemm_sparse_forward(const SparseBatch *x, int n_out, const float *w, int ldw, float *z, int ldz);
/* Inputs from .. to - 1 alone, so that the rows of dW can be used while they are in cache. */
void gemm_sparse_weight_grad(const SparseBatch *x, int from, int to, int n_out, const float *g,
                             int ldg, float *dw, int ldw);

/* Z (x->n, N) = lists times W. */
void gemm_listed(const SparseLists *x, int n_out, const float *w, int ldw, float *z, int ldz);

/* These functions take the kernels of that set of instructions from now on; ISA_AUTO: of the last that the
 * processor has, as they do from the beginning. False, and as before, where the processor, or this program, has
 * none. Before any thread uses them. */
bool gemm_take(Isa isa);
Isa gemm_isa(void); /* of those in use; never ISA_AUTO */
/* These functions use variant i of gemm_variants.h from now on, which must exist. For tests, in one
 * thread. */
void gemm_prefer(int i);
#endif
