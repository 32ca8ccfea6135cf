/* Parts of the library's rows. */
#include "ensemble/parts.h"

#include "base/rng.h"

bool parts_deal(const Library *l, int n, uint64_t seed, Arena *arena, uint8_t **out, Error *err)
{
    uint8_t *part = ARENA_NEW(arena, uint8_t, l->n_rows);
    int32_t *order = ARENA_NEW(arena, int32_t, l->n_rows);
    int *next = ARENA_NEW(arena, int, l->n_classes + 1); /* rows of the classes before, and those dealt */
    if (!part || !order || !next) return error_memory(err);
    Rng rng = rng_stream(seed, 0, RNG_BOOTSTRAP);
    for (int i = 0; i < l->n_rows; i++) order[i] = i;
    rng_shuffle(&rng, order, (size_t)l->n_rows);
    for (int i = 0; l->labels && i < l->n_rows; i++)
        if (l->labels[i] >= 0) next[l->labels[i] + 1]++;
    for (int c = 1; c <= l->n_classes; c++) next[c] += next[c - 1];
    for (int i = 0; i < l->n_rows; i++) {
        const int label = l->labels ? l->labels[order[i]] : 0;
        part[order[i]] = (uint8_t)(next[label < 0 ? l->n_classes : label]++ % n);
    }
    *out = part;
    return true;
}
