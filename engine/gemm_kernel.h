/* engine/gemm_kernel.h - the loops of the matrix products for one vector length, included once for each. The
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

/* `rows` rows of a strip, as few tiles as possible and all about equally high: 32 rows are 6, 6, 5, 5, 5, 5
 * and not five of 6 and a slow one of 2. */
static inline __attribute__((always_inline)) void
GEMM_NAME(strip)(int rows, int vectors, int k, const float *a, size_t ar, size_t ak, const float *b,
                 size_t ldb, float *c, size_t ldc, int add)
{
    int tiles = (rows + GEMM_ROWS - 1) / GEMM_ROWS, low = rows / tiles, higher = rows % tiles;
    for (int i = 0; i < tiles; i++) {
        const int height = i < higher ? low + 1 : low;
        switch (height) {
#define GEMM_TILE(n) \
    case n: GEMM_NAME(tile)(n, vectors, k, a, ar, ak, b, ldb, c, ldc, add); break
            GEMM_TILE(1);
            GEMM_TILE(2);
            GEMM_TILE(3);
            GEMM_TILE(4);
#if GEMM_ROWS > 4
            GEMM_TILE(5);
            GEMM_TILE(6);
#endif
#if GEMM_ROWS > 6
            GEMM_TILE(7);
            GEMM_TILE(8);
#endif
#undef GEMM_TILE
        }
        a += (size_t)height * ar;
        c += (size_t)height * ldc;
    }
}

/* c (columns) += sum over i of left[i] b[index[i]], four terms at a time, each sweep from left to right,
 * the order that memory likes; meanwhile the next four rows are asked for. */
static void GEMM_NAME(sweep)(int columns, int n, const float *left, const int32_t *index, const float *b,
                             size_t ldb, float *c)
{
    for (int i = 0; i < n; i += 4) {
        const float *from[4], *next[4];
        float factor[4];
        for (int q = 0; q < 4; q++) { /* a missing term is 0 times the last row */
            int at = i + q < n ? i + q : n - 1, later = i + q + 4 < n ? i + q + 4 : n - 1;
            from[q] = b + (size_t)index[at] * ldb;
            next[q] = b + (size_t)index[later] * ldb;
            factor[q] = i + q < n ? left[at] : 0;
        }
        for (int j = 0; j < columns; j += 16) {
#pragma GCC unroll 4
            for (int q = 0; q < 4; q++) __builtin_prefetch(next[q] + j);
#pragma GCC unroll 4
            for (int v = 0; v < 16; v += LANES) {
                Vec acc = *(const Vec *)(c + j + v);
#pragma GCC unroll 4
                for (int q = 0; q < 4; q++) acc += factor[q] * *(const Vec *)(from[q] + j + v);
                *(Vec *)(c + j + v) = acc;
            }
        }
    }
}

/* One row: c (columns) (+)= sum over p of a[p * ak] b[p]. Few columns stay in registers, as many
 * independent sums as it takes to hide their latency. Many are swept, inputs that are 0 left out. */
static void GEMM_NAME(one_row)(int columns, int k, const float *a, size_t ak, const float *b,
                               size_t ldb, float *c, int add)
{
    enum { CHUNK = 512 };
    float left[CHUNK + 1];
    int32_t index[CHUNK + 1];
    int j = 0;
    if (columns > 16 * LANES) {
        if (!add) memset(c, 0, (size_t)columns * sizeof *c);
        for (int p = 0; p < k;) {
            int n = 0, end = k - p < CHUNK ? k : p + CHUNK;
            for (; p < end; p++) {
                left[n] = a[(size_t)p * ak];
                index[n] = p;
                n += left[n] != 0;
            }
            GEMM_NAME(sweep)(columns, n, left, index, b, ldb, c);
        }
        return;
    }
    for (; j + 8 * LANES <= columns; j += 8 * LANES)
        GEMM_NAME(tile)(1, 8, k, a, 0, ak, b + j, ldb, c + j, 0, add);
    for (; j + 2 * LANES <= columns; j += 2 * LANES)
        GEMM_NAME(tile)(1, 2, k, a, 0, ak, b + j, ldb, c + j, 0, add);
    for (; j < columns; j += LANES)
        GEMM_NAME(tile)(1, 1, k, a, 0, ak, b + j, ldb, c + j, 0, add);
}

/* Copies b (k, columns) into strips of TILE_COLUMNS, one after the other, 64 columns of a row at a time
 * where there are as many: b may be far away and a row long. */
static void GEMM_NAME(pack)(int columns, int k, const float *b, size_t ldb, float *to)
{
    enum { STRIPS = 64 / TILE_COLUMNS };
    const size_t strip = (size_t)k * TILE_COLUMNS;
    int j = 0;
    for (; j + 64 <= columns; j += 64, to += STRIPS * strip)
        for (int p = 0; p < k; p++) {
            const float *from = b + (size_t)p * ldb + j;
            float *at = to + (size_t)p * TILE_COLUMNS;
#pragma GCC unroll 16
            for (int v = 0; v < 64 / LANES; v++)
                *(Vec *)(at + v / GEMM_VECTORS * strip + v % GEMM_VECTORS * LANES) =
                    *(const Vec *)(from + v * LANES);
        }
    for (; j < columns; j += TILE_COLUMNS, to += strip) {
        const int vectors = columns - j >= TILE_COLUMNS ? GEMM_VECTORS : 1;
        for (int p = 0; p < k; p++)
            for (int v = 0; v < vectors; v++)
                *(Vec *)(to + (size_t)p * TILE_COLUMNS + v * LANES) =
                    *(const Vec *)(b + (size_t)p * ldb + j + v * LANES);
    }
}

/* c (rows, columns) = or += a times a b that was packed. */
static void GEMM_NAME(packed)(int rows, int columns, int k, const float *a, size_t ar, size_t ak,
                              const float *b, float *c, size_t ldc, int add)
{
    for (int j = 0; j < columns; j += TILE_COLUMNS, b += (size_t)k * TILE_COLUMNS) {
        if (columns - j >= TILE_COLUMNS)
            GEMM_NAME(strip)(rows, GEMM_VECTORS, k, a, ar, ak, b, TILE_COLUMNS, c + j, ldc, add);
        else
            GEMM_NAME(strip)(rows, 1, k, a, ar, ak, b, TILE_COLUMNS, c + j, ldc, add);
    }
}

/* c (rows, columns) = or += a b, columns a multiple of 16, b read where it lies. */
static void GEMM_NAME(product)(int rows, int columns, int k, const float *a, size_t ar, size_t ak,
                               const float *b, size_t ldb, float *c, size_t ldc, int add)
{
    int j = 0;
    if (rows == 1) {
        GEMM_NAME(one_row)(columns, k, a, ak, b, ldb, c, add);
        return;
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

/* The same of lists. */
static inline __attribute__((always_inline)) void
GEMM_NAME(listed_strip)(const SparseLists *x, int vectors, const float *w, size_t ldw, float *z, size_t ldz)
{
    for (int r = 0; r < x->n; r++) {
        Vec acc[8] = {{0}};
        for (int32_t e = x->start[r]; e < x->start[r + 1]; e++) {
            const float left = x->value[e], *from = w + (size_t)x->at[e] * ldw;
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) acc[v] += left * *(const Vec *)(from + v * LANES);
        }
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) *(Vec *)(z + (size_t)r * ldz + v * LANES) = acc[v];
    }
}

static void GEMM_NAME(listed)(const SparseLists *x, int columns, const float *w, size_t ldw, float *z,
                              size_t ldz)
{
    int j = 0;
    for (; j + 8 * LANES <= columns; j += 8 * LANES)
        GEMM_NAME(listed_strip)(x, 8, w + j, ldw, z + j, ldz);
    for (; j + 2 * LANES <= columns; j += 2 * LANES)
        GEMM_NAME(listed_strip)(x, 2, w + j, ldw, z + j, ldz);
    for (; j < columns; j += LANES) GEMM_NAME(listed_strip)(x, 1, w + j, ldw, z + j, ldz);
}

static const GemmKernels GEMM_NAME(kernels) = {
    GEMM_ISA, TILE_COLUMNS, GEMM_NAME(product), GEMM_NAME(pack), GEMM_NAME(packed),
    GEMM_NAME(sparse_forward), GEMM_NAME(sparse_weight_grad), GEMM_NAME(listed)};

#undef Vec
#undef LANES
#undef TILE_COLUMNS
#undef GEMM_NAME
#undef GEMM_ISA
#undef GEMM_LANES
#undef GEMM_ROWS
#undef GEMM_VECTORS
