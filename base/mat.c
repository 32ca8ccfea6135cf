/* The few calls of BLAS and LAPACK that are made, behind names of our own. */
#include "base/mat.h"

#include <assert.h>
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

/* Calls come one at a time (`omp critical`): each that runs beside another would take one more buffer.
 *
 * LAPACK thinks in columns. A row-major lower triangle is, byte for byte, a column-major upper
 * one, so 'U' below is our lower and nothing is ever transposed or copied. */

#ifdef CONSORT_REFERENCE_BLAS /* Netlib's own: one thread, no buffer (make BLAS=reference) */

bool mat_init(Error *err)
{
    (void)err;
    return true;
}

const char *mat_library(void)
{
    return "reference BLAS and LAPACK";
}

const char *mat_core(void)
{
    return NULL;
}

/* All that it wants of Fortran's runtime: what its own would print of arguments that are wrong, and two words
 * put together in a fixed length. */
void xerbla_(const char *name, const int *argument, size_t n);
void xerbla_(const char *name, const int *argument, size_t n)
{
    (void)name, (void)argument, (void)n;
    assert(!"arguments of BLAS or LAPACK");
}

void _gfortran_concat_string(size_t n, char *to, size_t n_a, const char *a, size_t n_b, const char *b);
void _gfortran_concat_string(size_t n, char *to, size_t n_a, const char *a, size_t n_b, const char *b)
{
    for (size_t i = 0; i < n; i++) to[i] = i < n_a ? a[i] : i - n_a < n_b ? b[i - n_a] : ' ';
}

#else

/* More than the library takes on any processor that it knows. */
static const size_t BUFFER_BYTES = (size_t)160 << 20;

/* Factors a matrix of one element: the buffer that this takes is kept for all that follows. */
static bool make_buffer(void)
{
    double one = 1;
    int code;
#pragma omp critical
    code = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', 1, &one, 1);
    return code == 0;
}

static atomic_bool ready;

bool mat_init(Error *err)
{
    openblas_set_num_threads(1);
    if (atomic_load(&ready)) return true;
    void *volatile room = malloc(BUFFER_BYTES); /* address space alone: nothing is written there */
    if (!room)
        return error_set(err, ERR_MEMORY, "out of memory: linear algebra (OpenBLAS) needs %zu MiB of address"
                         " space; raise the limit (ulimit -v)", BUFFER_BYTES >> 20);
    free(room);
    atomic_store(&ready, make_buffer());
    return true;
}

const char *mat_library(void)
{
    return openblas_get_config();
}

const char *mat_core(void)
{
    return openblas_get_corename();
}

#endif

void mat_mul(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
             const float *b, int ldb, float beta, float *c, int ldc)
{
    if (m <= 0 || n <= 0) return;
    if (k <= 0) { /* an empty sum; BLAS would complain about leading dimensions of 0 */
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) {
                float *at = c + (size_t)i * (size_t)ldc + j;
                *at = beta == 0 ? 0 : beta * *at;
            }
        return;
    }
#pragma omp critical
    cblas_sgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans,
                trans_b ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

bool mat_cholesky(int n, double *a, int ld)
{
    if (n <= 0) return true;
    int code;
#pragma omp critical
    code = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', n, a, ld);
    if (code != 0) return false;
    for (int i = 0; i < n; i++) {
        double *row = a + (size_t)i * (size_t)ld;
        if (!(row[i] > 0) || !isfinite(row[i])) return false; /* a nan passes some kernels */
        for (int j = i + 1; j < n; j++) row[j] = 0;
    }
    return true;
}

void mat_solve_lower(int n, const double *l, int ld, double *x, bool transposed)
{
    if (n <= 0) return;
#pragma omp critical
    cblas_dtrsv(CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, n,
                l, ld, x, 1);
}

void mat_solve_lower_many(int n, const double *l, int ld, int m, double *b, int ld_b)
{
    if (n <= 0 || m <= 0) return;
#pragma omp critical
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, m, 1, l, ld, b,
                ld_b);
}

bool mat_inverse_from_cholesky(int n, const double *l, int ld, double *inverse, int ld_inverse)
{
    if (n <= 0) return true;
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            inverse[(size_t)i * (size_t)ld_inverse + (size_t)j] = l[(size_t)i * (size_t)ld + (size_t)j];
    int code;
#pragma omp critical
    code = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'U', n, inverse, ld_inverse);
    if (code != 0) return false;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            inverse[(size_t)j * (size_t)ld_inverse + (size_t)i] =
                inverse[(size_t)i * (size_t)ld_inverse + (size_t)j];
    return true;
}

bool mat_eigen(int n, double *a, int ld, double *values)
{
    if (n <= 0) return true;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (!isfinite(a[(size_t)i * (size_t)ld + (size_t)j])) return false;
    int code;
#pragma omp critical
    code = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', n, a, ld, values);
    if (code != 0) return false;
    for (int i = 0; i < n; i++) /* LAPACK's columns are our rows */
        for (int j = 0; j < i; j++) {
            double *x = &a[(size_t)i * (size_t)ld + (size_t)j], *y = &a[(size_t)j * (size_t)ld + (size_t)i];
            double swap = *x;
            *x = *y;
            *y = swap;
        }
    return true;
}
