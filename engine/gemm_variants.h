/* engine/gemm_variants.h - the kernels that gemm.c chooses from: the same loops, gemm_kernel.h, for each
 * length of vector. */
#ifndef CONSORT_ENGINE_GEMM_VARIANTS_H
#define CONSORT_ENGINE_GEMM_VARIANTS_H
#include <stddef.h>

#include "base/isa.h"
#include "engine/sparse.h"

typedef struct {
    Isa isa;
    int columns; /* of a packed strip */
    /* c (rows, columns) = a b, or += with `add`; a[r][p] lies at a[r * ar + p * ak]. */
    void (*product)(int rows, int columns, int k, const float *a, size_t ar, size_t ak,
                    const float *b, size_t ldb, float *c, size_t ldc, int add);
    /* The same in two parts, for a b that serves several products: columns rounded up to whole
     * strips times k floats. */
    void (*pack)(int columns, int k, const float *b, size_t ldb, float *to);
    void (*packed)(int rows, int columns, int k, const float *a, size_t ar, size_t ak,
                   const float *b, float *c, size_t ldc, int add);
    void (*sparse_forward)(const SparseBatch *x, int columns, const float *w, size_t ldw, float *z,
                           size_t ldz);
    void (*sparse_weight_grad)(const SparseBatch *x, int from, int to, int columns, const float *g,
                               size_t ldg, float *dw, size_t ldw);
    void (*listed)(const SparseLists *x, int columns, const float *w, size_t ldw, float *z, size_t ldz);
} GemmKernels;

/* Variant i, the widest vectors first, or NULL when there are no more that this machine can run. */
const GemmKernels *gemm_variant(int i);
#endif
