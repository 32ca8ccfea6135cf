/* engine/ranked.h - scores in falling order, for areas under curves: a radix sort on the bits of floats.
 *
 * A score becomes 32 bits that sort the largest first (0 and -0 alike; no NaN). What is to be carried along, a
 * truth or the number of a row, stands in the bits below.
 *
 * Memory  the caller's: two arrays of n, of which one is returned. Errors none.
 */
#ifndef CONSORT_ENGINE_RANKED_H
#define CONSORT_ENGINE_RANKED_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t ranked_score(float score)
{
    uint32_t bits;
    if (score == 0) score = 0; /* -0 ties with 0 */
    memcpy(&bits, &score, sizeof bits);
    uint32_t ascending = bits >> 31 ? ~bits : bits | 0x80000000u;
    return ~ascending;
}

/* By the 32 bits from `shift` on; equal ones stay in their order. Returns where the result is, `items` or
 * `other`. Radix sort, 11 bits a pass: linear, and allocates nothing. */
const uint64_t *ranked_sort(size_t n, int shift, uint64_t *items, uint64_t *other);
#endif
