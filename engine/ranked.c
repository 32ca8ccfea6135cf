/* Scores sorted by their bits, three passes of 11 each. */
#include "engine/ranked.h"

const uint64_t *ranked_sort(size_t n, int shift, uint64_t *items, uint64_t *other)
{
    enum { BITS = 11, SIZE = 1 << BITS };
    for (int from = shift; from < shift + 32; from += BITS) {
        size_t start[SIZE] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++) start[items[i] >> from & (SIZE - 1)]++;
        for (int b = 0; b < SIZE; b++) {
            size_t count = start[b];
            start[b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++) other[start[items[i] >> from & (SIZE - 1)]++] = items[i];
        uint64_t *swap = items;
        items = other;
        other = swap;
    }
    return items;
}
