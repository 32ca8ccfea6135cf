/* Which kernels a processor gets, and how a product is cut into what they take. */
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

static int preferred; /* 0, but in a test */

void gemm_prefer(int i) { preferred = i; }

static const GemmKernels *chosen(void)
{
    const GemmKernels *kernels = gemm_variant(preferred);
    return kernels ? kernels : &baseline_kernels;
}

/* How the operands of a large product are cut, so that each piece stays in the cache it is read from:
 * a strip of the right one, DEPTH rows by 16 columns, in half a first-level cache; WIDTH columns of it
 * and HEIGHT rows of the left one in the second-level cache. */
enum {
    DEPTH = 256, WIDTH = 64, HEIGHT = 192, PITCH = DEPTH + 16,
    SMALL = 6144 /* floats of a matrix that stays in the first-level cache as it is */
};

/* Copies a (rows, depth) to a distance of PITCH, where `many` products will read it: at its own, often
 * a power of two, its rows would share a few cache sets. */
static const float *left_operand(bool many, int rows, int depth, const float *a, size_t lda,
                                 float *to, size_t *pitch)
{
    *pitch = lda;
    if (!many || lda <= PITCH) return a;
    for (int r = 0; r < rows; r++)
        memcpy(to + r * PITCH, a + (size_t)r * lda, (size_t)depth * sizeof *a);
    *pitch = PITCH;
    return to;
}

static void forward_large(const GemmKernels *kernels, int n, int k, int n_out, const float *x,
                          size_t ldx, const float *w, size_t ldw, float *z, size_t ldz)
{
    _Alignas(64) float left[HEIGHT * PITCH], right[DEPTH * WIDTH];
    for (int p = 0; p < k; p += DEPTH) {
        const int depth = k - p < DEPTH ? k - p : DEPTH;
        for (int r = 0; r < n; r += HEIGHT) {
            const int rows = n - r < HEIGHT ? n - r : HEIGHT;
            size_t pitch;
            const float *a = left_operand(n_out > 2 * WIDTH, rows, depth,
                                          x + (size_t)r * ldx + p, ldx, left, &pitch);
            for (int j = 0; j < n_out; j += WIDTH) {
                const int width = n_out - j < WIDTH ? n_out - j : WIDTH;
                kernels->pack(width, depth, w + (size_t)p * ldw + j, ldw, right);
                kernels->packed(rows, width, depth, a, pitch, 1, right, z + (size_t)r * ldz + j, ldz,
                                p > 0);
            }
        }
    }
}

void gemm_forward(int n, int k, int n_out, const float *x, int ldx, const float *w, int ldw, float *z,
                  int ldz)
{
    const GemmKernels *kernels = chosen();
    if (n < 16 || ldw <= kernels->columns || (size_t)k * (size_t)ldw <= SMALL)
        kernels->product(n, n_out, k, x, (size_t)ldx, 1, w, (size_t)ldw, z, (size_t)ldz, 0);
    else
        forward_large(kernels, n, k, n_out, x, (size_t)ldx, w, (size_t)ldw, z, (size_t)ldz);
}

/* X' has its summed index along the columns of x, a stride that would conflict in the cache: GROUP columns
 * are copied side by side first (an odd number of cache lines, so that they spread over all sets), and
 * then serve all columns of G. G is packed once for all groups, a block of columns at a time. */
enum { GROUP = 48, BLOCK = 65536 };

void gemm_weight_grad(int n, int k, int n_out, const float *x, int ldx, const float *g, int ldg,
                      float *dw, int ldw)
{
    _Alignas(64) float group[DEPTH * GROUP], block[BLOCK];
    const GemmKernels *kernels = chosen();
    for (int p = 0; p < n; p += DEPTH) {
        const int depth = n - p < DEPTH ? n - p : DEPTH;
        const int most = BLOCK / depth / kernels->columns * kernels->columns;
        for (int j = 0; j < n_out; j += most) {
            const int columns = n_out - j < most ? n_out - j : most;
            const float *gj = g + (size_t)p * (size_t)ldg + j;
            const bool pack = k > GROUP && ldg != kernels->columns && depth * ldg > SMALL;
            if (pack) kernels->pack(columns, depth, gj, (size_t)ldg, block);
            for (int i = 0; i < k; i += GROUP) {
                const int rows = k - i < GROUP ? k - i : GROUP;
                const float *from = x + (size_t)p * (size_t)ldx + i;
                float *to = dw + (size_t)i * (size_t)ldw + j;
                for (int r = 0; r < depth; r++, from += ldx) {
                    if (rows == GROUP)
                        memcpy(group + r * GROUP, from, GROUP * sizeof *from);
                    else
                        memcpy(group + r * GROUP, from, (size_t)rows * sizeof *from);
                }
                if (pack)
                    kernels->packed(rows, columns, depth, group, 1, GROUP, block, to, (size_t)ldw,
                                    p > 0);
                else
                    kernels->product(rows, columns, depth, group, 1, GROUP, gj, (size_t)ldg, to,
                                     (size_t)ldw, p > 0);
            }
        }
    }
}

/* Transposes w (rows, k) into strips of `width`, each (k, width), as kernels->pack would leave them; rows
 * up to a whole strip are filled with zeros. Four by four, where there are as many: k is a multiple of
 * 16. */
enum { PANEL = 32 };
typedef float Vec4 __attribute__((vector_size(16), aligned(4), may_alias));

/* Four lanes of the eight that two vectors have, in each compiler's own words. */
#ifdef __clang__
#define PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
typedef int Choice __attribute__((vector_size(16)));
#define PICK(a, b, i, j, k, l) __builtin_shuffle(a, b, (Choice){i, j, k, l})
#endif

static void transpose_strip(int rows, int k, const float *w, size_t ldw, int width, float *packed)
{
    int i = 0;
    for (; i + 4 <= rows; i += 4)
        for (int p = 0; p < k; p += 4) {
            const float *from = w + (size_t)i * ldw + (size_t)p;
            float *to = packed + p * width + i;
            Vec4 a = *(const Vec4 *)from, b = *(const Vec4 *)(from + ldw);
            Vec4 c = *(const Vec4 *)(from + 2 * ldw), d = *(const Vec4 *)(from + 3 * ldw);
            Vec4 ab = PICK(a, b, 0, 4, 1, 5), cd = PICK(c, d, 0, 4, 1, 5);
            *(Vec4 *)to = PICK(ab, cd, 0, 1, 4, 5);
            *(Vec4 *)(to + width) = PICK(ab, cd, 2, 3, 6, 7);
            ab = PICK(a, b, 2, 6, 3, 7), cd = PICK(c, d, 2, 6, 3, 7);
            *(Vec4 *)(to + 2 * width) = PICK(ab, cd, 0, 1, 4, 5);
            *(Vec4 *)(to + 3 * width) = PICK(ab, cd, 2, 3, 6, 7);
        }
    for (; i < width; i++)
        for (int p = 0; p < k; p++)
            packed[p * width + i] = i < rows ? w[(size_t)i * ldw + (size_t)p] : 0;
}

void gemm_input_grad(int n, int k, int n_out, const float *g, int ldg, const float *w, int ldw,
                     float *dx, int ldx)
{
    _Alignas(64) float left[HEIGHT * PITCH], right[DEPTH * PANEL];
    const GemmKernels *kernels = chosen();
    const int width = kernels->columns < PANEL ? kernels->columns : PANEL;
    const int padded = (k + 15) / 16 * 16; /* what pads dx is to be 0 */
    for (int p = 0; p < n_out; p += DEPTH) {
        const int depth = n_out - p < DEPTH ? n_out - p : DEPTH;
        for (int r = 0; r < n; r += HEIGHT) {
            const int rows = n - r < HEIGHT ? n - r : HEIGHT;
            size_t pitch;
            const float *a = left_operand(k > 2 * WIDTH, rows, depth,
                                          g + (size_t)r * (size_t)ldg + p, (size_t)ldg, left,
                                          &pitch);
            float *to = dx + (size_t)r * (size_t)ldx;
            for (int i = 0; i < padded; i += width) {
                const int inputs = i >= k ? 0 : k - i < width ? k - i : width;
                const int columns = padded - i < width ? padded - i : width;
                transpose_strip(inputs, depth, w + (size_t)i * (size_t)ldw + p, (size_t)ldw, width,
                                right);
                kernels->packed(rows, columns, depth, a, pitch, 1, right, to + i, (size_t)ldx, p > 0);
            }
        }
    }
}

/* ---- sparse ---- */

static long words_of_index(int n, int k)
{
    long words = (long)n + 1 + (long)n * k + 4; /* four places are written at a time */
    return words + words % 2;
}

long gemm_sparse_words(int n, int k)
{
    return words_of_index(n, k) + 2L * ((n + 63) / 64) * k;
}

typedef int Int4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint64_t Long2 __attribute__((vector_size(16), aligned(8), may_alias));

/* Bit i of the answer: is lane i of `there` (all ones or 0) set? */
static inline unsigned lanes_set(Int4 there)
{
#if defined(__SSE__) && defined(__GNUC__) && !defined(__clang__)
    return (unsigned)__builtin_ia32_movmskps((Vec4)there);
#else
    const Int4 bit = there & (Int4){1, 2, 4, 8};
    return (unsigned)(bit[0] | bit[1] | bit[2] | bit[3]);
#endif
}

/* Adds what is not 0 of four inputs, of row `bit`, to the index and to the columns' masks. Without a
 * branch: who is zero cannot be guessed. */
static inline int32_t *note_four(const float *x, int at, uint64_t bit, int32_t *index, uint64_t *column)
{
    static const Int4 places[16] = {{0}, {0}, {1}, {0, 1}, {2}, {0, 2}, {1, 2}, {0, 1, 2},
                                    {3}, {0, 3}, {1, 3}, {0, 1, 3}, {2, 3}, {0, 2, 3}, {1, 2, 3},
                                    {0, 1, 2, 3}};
    static const unsigned char count[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    const Int4 there = *(const Vec4 *)x != (Vec4){0};
    const unsigned set = lanes_set(there);
    *(Int4 *)index = places[set] + at;
    *(Long2 *)column |= (Long2)PICK(there, there, 0, 0, 1, 1) & bit;
    *(Long2 *)(column + 2) |= (Long2)PICK(there, there, 2, 2, 3, 3) & bit;
    return index + count[set];
}

void gemm_sparse_make(int n, int k, const float *x, int ldx, uint32_t *memory, SparseBatch *out)
{
    int32_t *start = (int32_t *)memory, *const index = start + n + 1, *next = index;
    uint64_t *mask = (uint64_t *)(void *)(memory + words_of_index(n, k));
    memset(mask, 0, (size_t)((n + 63) / 64) * (size_t)k * sizeof *mask);
    for (int r = 0; r < n; r++) {
        const float *row = x + (size_t)r * (size_t)ldx;
        uint64_t *column = mask + (size_t)(r / 64) * (size_t)k, bit = (uint64_t)1 << r % 64;
        int i = 0;
        start[r] = (int32_t)(next - index);
        for (; i + 8 <= k; i += 8) {
            const Int4 any = (*(const Vec4 *)(row + i) != (Vec4){0}) |
                             (*(const Vec4 *)(row + i + 4) != (Vec4){0});
            if (lanes_set(any) == 0) continue;
            next = note_four(row + i, i, bit, next, column + i);
            next = note_four(row + i + 4, i + 4, bit, next, column + i + 4);
        }
        for (; i < k; i++)
            if (row[i] != 0) *next++ = i, column[i] |= bit;
    }
    start[n] = (int32_t)(next - index);
    *out = (SparseBatch){n, k, x, ldx, start, index, mask};
}

void gemm_sparse_forward(const SparseBatch *x, int n_out, const float *w, int ldw, float *z, int ldz)
{
    chosen()->sparse_forward(x, n_out, w, (size_t)ldw, z, (size_t)ldz);
}

void gemm_sparse_weight_grad(const SparseBatch *x, int from, int to, int n_out, const float *g,
                             int ldg, float *dw, int ldw)
{
    chosen()->sparse_weight_grad(x, from, to, n_out, g, (size_t)ldg, dw, (size_t)ldw);
}
