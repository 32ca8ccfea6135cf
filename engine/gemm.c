/* How a product is cut into pieces that fit the caches, for the kernels of gemm_variants.c. */
#include "engine/gemm.h"

#include <stdbool.h>
#include <string.h>

#include "engine/gemm_variants.h"
#include "engine/lanes.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "fp-contract=fast")
#endif

static int preferred; /* 0, but where somebody asked for others */

void gemm_prefer(int i) { preferred = i; }

bool gemm_take(Isa isa)
{
    int i = 0;
    for (; isa != ISA_AUTO && gemm_variant(i) && gemm_variant(i)->isa != isa; i++) {}
    if (!gemm_variant(i)) return false;
    preferred = i;
    return true;
}

Isa gemm_isa(void) { return gemm_variant(preferred)->isa; }

static const GemmKernels *chosen(void) { return gemm_variant(preferred); }

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

static void transpose_strip(int rows, int k, const float *w, size_t ldw, int width, float *packed)
{
    int i = 0;
    for (; i + 4 <= rows; i += 4)
        for (int p = 0; p < k; p += 4) {
            const float *from = w + (size_t)i * ldw + (size_t)p;
            float *to = packed + p * width + i;
            Vec4 a = *(const Vec4 *)from, b = *(const Vec4 *)(from + ldw);
            Vec4 c = *(const Vec4 *)(from + 2 * ldw), d = *(const Vec4 *)(from + 3 * ldw);
            Vec4 ab = LANES4(a, b, 0, 4, 1, 5), cd = LANES4(c, d, 0, 4, 1, 5);
            *(Vec4 *)to = LANES4(ab, cd, 0, 1, 4, 5);
            *(Vec4 *)(to + width) = LANES4(ab, cd, 2, 3, 6, 7);
            ab = LANES4(a, b, 2, 6, 3, 7), cd = LANES4(c, d, 2, 6, 3, 7);
            *(Vec4 *)(to + 2 * width) = LANES4(ab, cd, 0, 1, 4, 5);
            *(Vec4 *)(to + 3 * width) = LANES4(ab, cd, 2, 3, 6, 7);
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

void gemm_sparse_forward(const SparseBatch *x, int n_out, const float *w, int ldw, float *z, int ldz)
{
    chosen()->sparse_forward(x, n_out, w, (size_t)ldw, z, (size_t)ldz);
}

void gemm_sparse_weight_grad(const SparseBatch *x, int from, int to, int n_out, const float *g,
                             int ldg, float *dw, int ldw)
{
    chosen()->sparse_weight_grad(x, from, to, n_out, g, (size_t)ldg, dw, (size_t)ldw);
}

void gemm_listed(const SparseLists *x, int n_out, const float *w, int ldw, float *z, int ldz)
{
    chosen()->listed(x, n_out, w, (size_t)ldw, z, (size_t)ldz);
}
