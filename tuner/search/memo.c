/* The table of what was worked out lately, and the hash of arguments. */
#include "tuner/search/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { ENTRIES = 32 };

struct Memo {
    struct { MemoKey key; int n; double *values; } entry[ENTRIES];
    int next;
};

Memo *memo_create(void) { return calloc(1, sizeof(Memo)); }

void memo_destroy(Memo *memo)
{
    if (!memo) return;
    for (int i = 0; i < ENTRIES; i++) free(memo->entry[i].values);
    free(memo);
}

MemoKey memo_key(const void *bytes, size_t n, MemoKey key)
{
    const unsigned char *from = bytes;
    for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, from + i, n - i < sizeof word ? n - i : sizeof word);
        key.a = rng_mix(key.a, word);
        key.b = rng_mix(key.b ^ word, key.a);
    }
    key.a = rng_mix(key.a, n);
    return key;
}

bool memo_get(const Memo *memo, MemoKey key, int n, double *values)
{
    if (!memo) return false;
    for (int i = 0; i < ENTRIES; i++) {
        if (!memo->entry[i].values || memo->entry[i].n != n) continue;
        if (memo->entry[i].key.a != key.a || memo->entry[i].key.b != key.b) continue;
        memcpy(values, memo->entry[i].values, (size_t)n * sizeof *values);
        return true;
    }
    return false;
}

void memo_put(Memo *memo, MemoKey key, int n, const double *values)
{
    if (!memo || n <= 0) return;
    double *copy = realloc(memo->entry[memo->next].values, (size_t)n * sizeof *copy);
    if (!copy) return;
    memcpy(copy, values, (size_t)n * sizeof *copy);
    memo->entry[memo->next].values = copy;
    memo->entry[memo->next].key = key;
    memo->entry[memo->next].n = n;
    memo->next = (memo->next + 1) % ENTRIES;
}
