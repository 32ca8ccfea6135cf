/* Radix sorts of keys alone and of keys that carry a label. */
#include "data/order.h"

enum { BYTES = 8, VALUES = 256 };

/* From how often each value of a byte stands in the keys to where its keys begin. */
static void starts(int *count)
{
    for (int v = 0, sum = 0; v < VALUES; v++) {
        int here = count[v];
        count[v] = sum;
        sum += here;
    }
}

/* The bytes in which keys are not all the same; how many. */
static int bytes_of(uint64_t differ, int bytes[BYTES])
{
    int n = 0;
    for (int b = 0; b < BYTES; b++)
        if (differ >> (8 * b) & 255) bytes[n++] = b;
    return n;
}

uint64_t *order_keys(uint64_t *keys, uint64_t *other, int n, uint64_t by)
{
    int counts[BYTES][VALUES] = {{0}}, bytes[BYTES];
    uint64_t differ = 0;
    for (int i = 0; i < n; i++) differ |= (keys[i] ^ keys[0]) & by;
    const int n_bytes = bytes_of(differ, bytes);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n_bytes; k++) counts[k][keys[i] >> (8 * bytes[k]) & 255]++;
    for (int k = 0; k < n_bytes; k++) {
        int *start = counts[k], b = bytes[k];
        starts(start);
        for (int i = 0; i < n; i++) other[start[keys[i] >> (8 * b) & 255]++] = keys[i];
        uint64_t *swap = keys;
        keys = other;
        other = swap;
    }
    return keys;
}

Keyed *order_keyed(Keyed *keys, Keyed *other, int n)
{
    int counts[BYTES][VALUES] = {{0}}, bytes[BYTES];
    uint64_t differ = 0;
    for (int i = 0; i < n; i++) differ |= keys[i].key ^ keys[0].key;
    const int n_bytes = bytes_of(differ, bytes);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n_bytes; k++) counts[k][keys[i].key >> (8 * bytes[k]) & 255]++;
    for (int k = 0; k < n_bytes; k++) {
        int *start = counts[k], b = bytes[k];
        starts(start);
        for (int i = 0; i < n; i++) other[start[keys[i].key >> (8 * b) & 255]++] = keys[i];
        Keyed *swap = keys;
        keys = other;
        other = swap;
    }
    return keys;
}
