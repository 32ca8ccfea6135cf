/* base/mat.h - dense matrix products and factorizations. The one caller of BLAS and LAPACK.
 *
 * Matrices are row-major; `ld` is the distance between rows in elements. The kernel for a shape
 * depends on the shape only, never on a timing, so that results repeat. Everything here runs on
 * the calling thread: the library's own threads are switched off before the first call.
 *
 * The library is OpenBLAS, or with `make BLAS=reference` Netlib's own, linked statically: a twentieth of the
 * size, slower where matrices are large, and equal but for the last bits.
 *
 * Memory  OpenBLAS works in a buffer of 128 MiB of address space for each call at a time, and where it
 *         gets none, it tries for ever. mat_init sees that there is room and has the first one made; calls
 *         that take one come one at a time, so it stays the only one.
 * Errors  ERR_MEMORY: there is no room for the buffer.
 */
#ifndef CONSORT_BASE_MAT_H
#define CONSORT_BASE_MAT_H
#include <stdbool.h>

#include "base/error.h"

/* Call before any thread starts and before all else here: switches off BLAS's own threads, gets its buffer. */
bool mat_init(Error *err);
/* Name and version of the BLAS in use, for `doctor`. */
const char *mat_library(void);

/* The kernels that it takes, by the name OPENBLAS_CORETYPE gives them ("Haswell"); NULL: it has but one kind.
 * */
const char *mat_core(void);

/* C (m, n) = alpha op(A) op(B) + beta C, op(X) = X or its transpose; k is the summed size. */
void mat_mul(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
             const float *b, int ldb, float beta, float *c, int ldc);
/* In place: A (n, n) symmetric -> lower L with L L' = A; false when A is not positive definite. */
bool mat_cholesky(int n, double *a, int ld);
/* Solves L x = b (or L' x = b) in place. */
void mat_solve_lower(int n, const double *l, int ld, double *x, bool transposed);
/* Solves L X = B in place, B (n, m). */
void mat_solve_lower_many(int n, const double *l, int ld, int m, double *b, int ld_b);
/* From L: the inverse of A = L L', full symmetric, into `inverse` (n, n). */
bool mat_inverse_from_cholesky(int n, const double *l, int ld, double *inverse, int ld_inverse);
/* In place: A (n, n) symmetric -> its eigenvectors as columns; eigenvalues ascending. False when it does
 * not converge. */
bool mat_eigen(int n, double *a, int ld, double *values);
#endif
