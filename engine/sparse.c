/* What is not 0 in a batch, found without a branch for each number. */
#include "engine/sparse.h"

#include <string.h>

#include "engine/lanes.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

static long words_of_index(int n, int k)
{
    long words = (long)n + 1 + (long)n * k + 4; /* four places are written at a time */
    return words + words % 2;
}

long sparse_words(int n, int k)
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
    *(Long2 *)column |= (Long2)LANES4(there, there, 0, 0, 1, 1) & bit;
    *(Long2 *)(column + 2) |= (Long2)LANES4(there, there, 2, 2, 3, 3) & bit;
    return index + count[set];
}

void sparse_make(int n, int k, const float *x, int ldx, uint32_t *memory, SparseBatch *out)
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
