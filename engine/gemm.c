#include "engine/gemm.h"

#include <stdbool.h>
#include <string.h>

#include "engine/gemm_internal.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "fp-contract=fast")
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define GEMM_X86 1
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#define GEMM_NAME(name) avx512_##name
#define GEMM_LANES 16
#define GEMM_ROWS 8
#define GEMM_VECTORS 2
#include "engine/gemm_kernel.h"
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define GEMM_NAME(name) avx2_##name
#define GEMM_LANES 8
#define GEMM_ROWS 6
#define GEMM_VECTORS 2
#include "engine/gemm_kernel.h"
#pragma GCC pop_options
#endif

#define GEMM_NAME(name) baseline_##name
#define GEMM_LANES 4
#define GEMM_ROWS 4
#define GEMM_VECTORS 2
#include "engine/gemm_kernel.h"

const GemmKernels *gemm_variant(int i)
{
#ifdef GEMM_X86
    bool wide = __builtin_cpu_supports("avx512f"), fused = __builtin_cpu_supports("avx2") &&
                                                           __builtin_cpu_supports("fma");
    if (wide && i-- == 0) return &avx512_kernels;
    if (fused && i-- == 0) return &avx2_kernels;
#endif
    return i == 0 ? &baseline_kernels : NULL;
}

void gemm_forward(int n, int k, int n_out, const float *x, int ldx, const float *w, int ldw, float *z,
                  int ldz)
{
    gemm_variant(0)->product(n, n_out, k, x, (size_t)ldx, 1, w, (size_t)ldw, z, (size_t)ldz, 0);
}

/* X' has its summed index along the columns of x, a stride that would conflict in the cache: 16 columns
 * are copied side by side first, one cache line a row, and then serve all columns of G. */
enum { GROUP = 16, DEPTH = 1024 };

void gemm_weight_grad(int n, int k, int n_out, const float *x, int ldx, const float *g, int ldg,
                      float *dw, int ldw)
{
    _Alignas(64) float packed[DEPTH * GROUP];
    const GemmKernels *kernels = gemm_variant(0);
    for (int i = 0; i < k; i += GROUP) {
        int rows = k - i < GROUP ? k - i : GROUP;
        float *to = dw + (size_t)i * (size_t)ldw;
        for (int p = 0; p < n; p += DEPTH) {
            int depth = n - p < DEPTH ? n - p : DEPTH;
            for (int r = 0; r < depth; r++) {
                const float *from = x + (size_t)(p + r) * (size_t)ldx + i;
                if (rows == GROUP)
                    memcpy(packed + r * GROUP, from, GROUP * sizeof *from);
                else
                    memcpy(packed + r * GROUP, from, (size_t)rows * sizeof *from);
            }
            kernels->product(rows, n_out, depth, packed, 1, GROUP, g + (size_t)p * (size_t)ldg,
                             (size_t)ldg, to, (size_t)ldw, p > 0);
        }
    }
}

/* Transposes w (rows, k) into packed (k, PANEL), rows up to PANEL filled with zeros. Four by four,
 * where there are as many: k is a multiple of 16. */
enum { PANEL = 32 };
typedef float Vec4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int Choice __attribute__((vector_size(16)));

static void transpose(int rows, int k, const float *w, size_t ldw, float *packed)
{
    const Choice low = {0, 4, 1, 5}, high = {2, 6, 3, 7}, first = {0, 1, 4, 5}, last = {2, 3, 6, 7};
    int i = 0;
    for (; i + 4 <= rows; i += 4)
        for (int p = 0; p < k; p += 4) {
            const float *from = w + (size_t)i * ldw + (size_t)p;
            float *to = packed + p * PANEL + i;
            Vec4 a = *(const Vec4 *)from, b = *(const Vec4 *)(from + ldw);
            Vec4 c = *(const Vec4 *)(from + 2 * ldw), d = *(const Vec4 *)(from + 3 * ldw);
            Vec4 ab = __builtin_shuffle(a, b, low), cd = __builtin_shuffle(c, d, low);
            *(Vec4 *)to = __builtin_shuffle(ab, cd, first);
            *(Vec4 *)(to + PANEL) = __builtin_shuffle(ab, cd, last);
            ab = __builtin_shuffle(a, b, high), cd = __builtin_shuffle(c, d, high);
            *(Vec4 *)(to + 2 * PANEL) = __builtin_shuffle(ab, cd, first);
            *(Vec4 *)(to + 3 * PANEL) = __builtin_shuffle(ab, cd, last);
        }
    for (; i < PANEL; i++)
        for (int p = 0; p < k; p++)
            packed[p * PANEL + i] = i < rows ? w[(size_t)i * ldw + (size_t)p] : 0;
}

void gemm_input_grad(int n, int k, int n_out, const float *g, int ldg, const float *w, int ldw,
                     float *dx, int ldx)
{
    _Alignas(64) float packed[DEPTH * PANEL];
    const GemmKernels *kernels = gemm_variant(0);
    for (int i = 0; i < k; i += PANEL) {
        int rows = k - i < PANEL ? k - i : PANEL, columns = rows > 16 ? 32 : 16;
        for (int p = 0; p < n_out; p += DEPTH) {
            int depth = n_out - p < DEPTH ? n_out - p : DEPTH;
            transpose(rows, depth, w + (size_t)i * (size_t)ldw + p, (size_t)ldw, packed);
            kernels->product(n, columns, depth, g + p, (size_t)ldg, 1, packed, PANEL, dx + i,
                             (size_t)ldx, p > 0);
        }
    }
}

/* ---- sparse ---- */

static long words_of_index(int n, int k)
{
    long words = (long)n + 1 + (long)n * k + 1; /* the last place is written, then forgotten */
    return words + words % 2;
}

long gemm_sparse_words(int n, int k)
{
    return words_of_index(n, k) + 2L * ((n + 63) / 64) * k;
}

void gemm_sparse_make(int n, int k, const float *x, int ldx, uint32_t *memory, SparseBatch *out)
{
    int32_t *start = (int32_t *)memory, *index = start + n + 1, count = 0;
    uint64_t *mask = (uint64_t *)(void *)(memory + words_of_index(n, k));
    memset(mask, 0, (size_t)((n + 63) / 64) * (size_t)k * sizeof *mask);
    for (int r = 0; r < n; r++) {
        const float *row = x + (size_t)r * (size_t)ldx;
        uint64_t *column = mask + (size_t)(r / 64) * (size_t)k;
        start[r] = count;
        for (int i = 0; i < k; i += 8) {
            int end = i + 8 < k ? i + 8 : k;
            if (end - i == 8) {
                uint64_t two[4];
                memcpy(two, row + i, sizeof two);
                if ((two[0] | two[1] | two[2] | two[3]) == 0) continue;
            }
            for (int j = i; j < end; j++) { /* without a branch: who is zero cannot be guessed */
                uint64_t there = row[j] != 0;
                index[count] = j;
                count += (int32_t)there;
                column[j] |= there << r % 64;
            }
        }
    }
    start[n] = count;
    *out = (SparseBatch){n, k, x, ldx, start, index, mask};
}

void gemm_sparse_forward(const SparseBatch *x, int n_out, const float *w, int ldw, float *z, int ldz)
{
    gemm_variant(0)->sparse_forward(x, n_out, w, (size_t)ldw, z, (size_t)ldz);
}

void gemm_sparse_weight_grad(const SparseBatch *x, int from, int to, int n_out, const float *g,
                             int ldg, float *dw, int ldw)
{
    gemm_variant(0)->sparse_weight_grad(x, from, to, n_out, g, (size_t)ldg, dw, (size_t)ldw);
}
