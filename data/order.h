/* data/order.h - numbers in increasing order: a radix sort on the bits of doubles.
 *
 * A double becomes an unsigned number in the same order (-0 before 0, infinities at the ends; no NaN).
 * Eight passes of a byte each, least significant first, and a byte that all keys share costs none:
 * linear in the numbers, the same for any input, and equal keys stay in the order they came in.
 *
 * Memory  the caller's: two arrays of n, of which one is returned.
 */
#ifndef CONSORT_DATA_ORDER_H
#define CONSORT_DATA_ORDER_H
#include <stdint.h>
#include <string.h>

typedef struct {
    uint64_t key;
    int32_t label;
} Keyed;

/* Positive numbers get the top bit, negative ones are turned over. */
static inline uint64_t order_key(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static inline double order_value(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* By the bits `by` alone, whole bytes of them; the others are carried along. */
uint64_t *order_keys(uint64_t *keys, uint64_t *other, int n, uint64_t by);
Keyed *order_keyed(Keyed *keys, Keyed *other, int n);
#endif
