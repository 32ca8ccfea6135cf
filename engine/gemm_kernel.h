/* engine/gemm_kernel.h - the loops of gemm.c for one vector length, included once for each. The
 * includer defines GEMM_NAME(name), GEMM_LANES (floats in a vector) and GEMM_VECTORS, how many vectors
 * by GEMM_ROWS rows make a tile that fits the registers. No include guard: that is the point. */

typedef float GEMM_NAME(Vec) __attribute__((vector_size(GEMM_LANES * 4), aligned(4), may_alias));
#define Vec GEMM_NAME(Vec)
#define LANES GEMM_LANES
#define TILE_COLUMNS (GEMM_VECTORS * GEMM_LANES)

/* c (rows, vectors * LANES) (+)= sum over p of a[r * ar + p * ak] * b[p * ldb + j]. `rows` and
 * `vectors` are constants where it is called, so that acc lies in registers. */
static inline __attribute__((always_inline)) void
GEMM_NAME(tile)(int rows, int vectors, int k, const float *a, size_t ar, size_t ak, const float *b,
                size_t ldb, float *c, size_t ldc, int add)
{
    Vec acc[GEMM_ROWS * GEMM_VECTORS > 8 ? GEMM_ROWS * GEMM_VECTORS : 8];
#pragma GCC unroll 32
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
            acc[r * vectors + v] = add ? *(const Vec *)(c + (size_t)r * ldc + (size_t)v * LANES)
                                       : (Vec){0};
    for (int p = 0; p < k; p++) {
        Vec right[8];
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) right[v] = *(const Vec *)(b + (size_t)v * LANES);
#pragma GCC unroll 32
        for (int r = 0; r < rows; r++) {
            float left = a[(size_t)r * ar];
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) acc[r * vectors + v] += left * right[v];
        }
        a += ak;
        b += ldb;
    }
#pragma GCC unroll 32
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
            *(Vec *)(c + (size_t)r * ldc + (size_t)v * LANES) = acc[r * vectors + v];
}

/* All rows of a strip of `vectors` vectors. */
static inline __attribute__((always_inline)) void
GEMM_NAME(strip)(int rows, int vectors, int k, const float *a, size_t ar, size_t ak, const float *b,
                 size_t ldb, float *c, size_t ldc, int add)
{
    int r = 0;
    for (; r + GEMM_ROWS <= rows; r += GEMM_ROWS)
        GEMM_NAME(tile)(GEMM_ROWS, vectors, k, a + (size_t)r * ar, ar, ak, b, ldb,
                        c + (size_t)r * ldc, ldc, add);
    for (; r + 2 <= rows; r += 2)
        GEMM_NAME(tile)(2, vectors, k, a + (size_t)r * ar, ar, ak, b, ldb, c + (size_t)r * ldc,
                        ldc, add);
    if (r < rows)
        GEMM_NAME(tile)(1, vectors, k, a + (size_t)r * ar, ar, ak, b, ldb, c + (size_t)r * ldc,
                        ldc, add);
}

/* c (rows, columns) = or += a b, columns a multiple of 16. */
static void GEMM_NAME(product)(int rows, int columns, int k, const float *a, size_t ar, size_t ak,
                               const float *b, size_t ldb, float *c, size_t ldc, int add)
{
    int j = 0;
    if (rows == 1) { /* one row: as many independent sums as it takes to hide their latency */
        for (; j + 8 * LANES <= columns; j += 8 * LANES)
            GEMM_NAME(tile)(1, 8, k, a, ar, ak, b + j, ldb, c + j, ldc, add);
    }
    for (; j + TILE_COLUMNS <= columns; j += TILE_COLUMNS)
        GEMM_NAME(strip)(rows, GEMM_VECTORS, k, a, ar, ak, b + j, ldb, c + j, ldc, add);
    for (; j < columns; j += LANES)
        GEMM_NAME(strip)(rows, 1, k, a, ar, ak, b + j, ldb, c + j, ldc, add);
}

/* Rows of a sparse x times `vectors` vectors of w's columns: what is read of w stays in the cache from
 * row to row. */
static inline __attribute__((always_inline)) void
GEMM_NAME(sparse_strip)(const SparseBatch *x, int vectors, const float *w, size_t ldw, float *z,
                        size_t ldz)
{
    for (int r = 0; r < x->n; r++) {
        const float *row = x->x + (size_t)r * (size_t)x->ldx;
        const int32_t *index = x->index + x->start[r], *end = x->index + x->start[r + 1];
        Vec acc[8] = {{0}};
        for (; index < end; index++) {
            const float left = row[*index], *from = w + (size_t)*index * ldw;
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) acc[v] += left * *(const Vec *)(from + v * LANES);
        }
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) *(Vec *)(z + (size_t)r * ldz + v * LANES) = acc[v];
    }
}

static void GEMM_NAME(sparse_forward)(const SparseBatch *x, int columns, const float *w, size_t ldw,
                                      float *z, size_t ldz)
{
    int j = 0;
    for (; j + 8 * LANES <= columns; j += 8 * LANES)
        GEMM_NAME(sparse_strip)(x, 8, w + j, ldw, z + j, ldz);
    for (; j + 2 * LANES <= columns; j += 2 * LANES)
        GEMM_NAME(sparse_strip)(x, 2, w + j, ldw, z + j, ldz);
    for (; j < columns; j += LANES) GEMM_NAME(sparse_strip)(x, 1, w + j, ldw, z + j, ldz);
}

/* One input's row of dW: the sum over the rows that have it, in `vectors` vectors. */
static inline __attribute__((always_inline)) void
GEMM_NAME(sparse_row)(const SparseBatch *x, int i, int vectors, const float *g, size_t ldg,
                      float *dw)
{
    Vec acc[8] = {{0}};
    for (int word = 0; word * 64 < x->n; word++) {
        uint64_t bits = x->mask[(size_t)word * (size_t)x->k + (size_t)i];
        while (bits) {
            size_t r = (size_t)word * 64 + (size_t)__builtin_ctzll(bits);
            const float left = x->x[r * (size_t)x->ldx + (size_t)i], *from = g + r * ldg;
            bits &= bits - 1;
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) acc[v] += left * *(const Vec *)(from + v * LANES);
        }
    }
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) *(Vec *)(dw + v * LANES) = acc[v];
}

static void GEMM_NAME(sparse_weight_grad)(const SparseBatch *x, int from, int to, int columns,
                                          const float *g, size_t ldg, float *dw, size_t ldw)
{
    for (int i = from; i < to; i++, dw += ldw) {
        int j = 0;
        for (; j + 8 * LANES <= columns; j += 8 * LANES)
            GEMM_NAME(sparse_row)(x, i, 8, g + j, ldg, dw + j);
        for (; j + 2 * LANES <= columns; j += 2 * LANES)
            GEMM_NAME(sparse_row)(x, i, 2, g + j, ldg, dw + j);
        for (; j < columns; j += LANES) GEMM_NAME(sparse_row)(x, i, 1, g + j, ldg, dw + j);
    }
}

static const GemmKernels GEMM_NAME(kernels) = {
    GEMM_NAME(product), GEMM_NAME(sparse_forward), GEMM_NAME(sparse_weight_grad)};

#undef Vec
#undef LANES
#undef TILE_COLUMNS
#undef GEMM_NAME
#undef GEMM_LANES
#undef GEMM_ROWS
#undef GEMM_VECTORS
