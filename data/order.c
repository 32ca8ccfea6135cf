/* Radix sorts of keys alone and of keys that carry a label. */
#include "data/order.h"

enum { BYTES = 8, VALUES = 256 };

/* From how often each value of a byte stands in the keys to where its keys begin; false: all n have one. */
static int starts(int *count, uint64_t first, int n)
{
    if (count[first] == n) return 0;
    for (int v = 0, sum = 0; v < VALUES; v++) {
        int here = count[v];
        count[v] = sum;
        sum += here;
    }
    return 1;
}

uint64_t *order_keys(uint64_t *keys, uint64_t *other, int n)
{
    int counts[BYTES][VALUES] = {{0}};
    for (int i = 0; i < n; i++)
        for (int b = 0; b < BYTES; b++) counts[b][keys[i] >> (8 * b) & 255]++;
    for (int b = 0; n > 0 && b < BYTES; b++) {
        int *start = counts[b];
        if (!starts(start, keys[0] >> (8 * b) & 255, n)) continue;
        for (int i = 0; i < n; i++) other[start[keys[i] >> (8 * b) & 255]++] = keys[i];
        uint64_t *swap = keys;
        keys = other;
        other = swap;
    }
    return keys;
}

Keyed *order_keyed(Keyed *keys, Keyed *other, int n)
{
    int counts[BYTES][VALUES] = {{0}}, bytes[BYTES], n_bytes = 0;
    uint64_t differ = 0;
    for (int i = 0; i < n; i++) differ |= keys[i].key ^ keys[0].key;
    for (int b = 0; b < BYTES; b++)
        if (differ >> (8 * b) & 255) bytes[n_bytes++] = b;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n_bytes; k++) counts[k][keys[i].key >> (8 * bytes[k]) & 255]++;
    for (int k = 0; k < n_bytes; k++) {
        int *start = counts[k], b = bytes[k];
        starts(start, keys[0].key >> (8 * b) & 255, n);
        for (int i = 0; i < n; i++) other[start[keys[i].key >> (8 * b) & 255]++] = keys[i];
        Keyed *swap = keys;
        keys = other;
        other = swap;
    }
    return keys;
}
