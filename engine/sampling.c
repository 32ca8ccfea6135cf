/* engine/sampling.c - rows of an epoch, dealt out by class. */
#include "engine/sampling.h"

#include <string.h>

int sampling_most(Sampling kind, int n_rows, int n_classes)
{
    int64_t times = n_classes < SAMPLING_MOST ? n_classes : SAMPLING_MOST, most = times * n_rows;
    if (kind != SAMPLING_OVERSAMPLE) return n_rows;
    return most < INT32_MAX / 2 ? (int)most : n_rows;
}

size_t sampling_bytes(Sampling kind, int n_rows, int n_classes)
{
    if (kind == SAMPLING_NONE) return 0;
    return (2 * (size_t)n_rows + (size_t)sampling_most(kind, n_rows, n_classes) + 3 * (size_t)n_classes + 2)
             * sizeof(int32_t) + 6 * 64;
}

/* Rows of an epoch, from those of the largest and the smallest class. */
static int epoch_rows(Sampling kind, int n_rows, int n_classes, int largest, int smallest)
{
    const int most = sampling_most(kind, n_rows, n_classes);
    int64_t n = kind == SAMPLING_BALANCED ? n_rows
              : (int64_t)n_classes * (kind == SAMPLING_OVERSAMPLE ? largest : smallest);
    if (n > most) n = most;
    return n > n_classes ? (int)n : n_classes;
}

bool sampling_create(Sampling kind, const Rows *rows, Arena *arena, EpochRows *out, Error *err)
{
    *out = (EpochRows){.kind = kind, .n_rows = rows->n_rows, .n_epoch = rows->n_rows};
    if (kind == SAMPLING_NONE) return true;
    if (!rows->labels)
        return error_set(err, ERR_INVALID, "sampling: %s is for classes, and here are none",
                         sampling_names[kind]);
    const int k = rows->n_classes;
    int *count = ARENA_NEW(arena, int, k + 1), largest = 0, smallest = rows->n_rows;
    out->start = ARENA_NEW(arena, int, k + 1);
    out->used = ARENA_NEW(arena, int, k);
    out->row = ARENA_NEW(arena, int32_t, rows->n_rows);
    out->turn = ARENA_NEW(arena, int32_t, rows->n_rows);
    if (!count || !out->start || !out->used || !out->row || !out->turn) return error_memory(err);
    for (int i = 0; i < rows->n_rows; i++) count[rows->labels[i]]++;
    for (int c = 0; c < k; c++) { /* `count` becomes the number among those that have rows */
        const int n = count[c];
        count[c] = out->n_classes;
        if (n == 0) continue;
        out->start[out->n_classes + 1] = out->start[out->n_classes] + n;
        out->n_classes++;
        if (n > largest) largest = n;
        if (n < smallest) smallest = n;
    }
    for (int i = 0; i < rows->n_rows; i++) {
        const int c = count[rows->labels[i]];
        out->row[out->start[c] + out->used[c]++] = i;
    }
    out->n_epoch = epoch_rows(kind, rows->n_rows, out->n_classes, largest, smallest);
    out->class = ARENA_NEW(arena, int32_t, out->n_epoch);
    return out->class || error_memory(err);
}

/* Rounds of all classes, each in an order of its own. */
static void deal_turns(EpochRows *r, Rng *rng)
{
    for (int from = 0; from < r->n_epoch; from += r->n_classes) {
        int32_t *round = r->class + from;
        const int left = r->n_epoch - from;
        if (left < r->n_classes) { /* the last: some of them */
            for (int i = 0; i < left; i++) round[i] = (int32_t)rng_below(rng, (uint32_t)r->n_classes);
            return;
        }
        for (int c = 0; c < r->n_classes; c++) round[c] = c;
        rng_shuffle(rng, round, (size_t)r->n_classes);
    }
}

void sampling_epoch(EpochRows *r, uint64_t seed, uint32_t stream, int epoch, int32_t *order)
{
    Rng rng = rng_stream(rng_mix(seed, (uint64_t)epoch), stream, RNG_SHUFFLE);
    if (r->kind == SAMPLING_NONE) {
        /* From the sorted order each time, so that an epoch's order depends on its number alone. */
        for (int i = 0; i < r->n_rows; i++) order[i] = i;
        rng_shuffle(&rng, order, (size_t)r->n_rows);
        return;
    }
    memcpy(r->turn, r->row, (size_t)r->n_rows * sizeof *r->turn);
    deal_turns(r, &rng);
    for (int c = 0; c < r->n_classes; c++) {
        rng_shuffle(&rng, r->turn + r->start[c], (size_t)(r->start[c + 1] - r->start[c]));
        r->used[c] = 0;
    }
    for (int i = 0; i < r->n_epoch; i++) {
        const int c = r->class[i], n = r->start[c + 1] - r->start[c];
        if (r->used[c] == n) {
            rng_shuffle(&rng, r->turn + r->start[c], (size_t)n);
            r->used[c] = 0;
        }
        order[i] = r->turn[r->start[c] + r->used[c]++];
    }
}

void sampling_weights(Sampling kind, const Rows *rows, float *weight)
{
    int n_classes = 0;
    for (int c = 0; c < rows->n_classes; c++) weight[c] = 0;
    for (int i = 0; i < rows->n_rows; i++) weight[rows->labels[i]]++;
    for (int c = 0; c < rows->n_classes; c++) n_classes += weight[c] > 0;
    for (int c = 0; c < rows->n_classes; c++)
        weight[c] = kind == SAMPLING_NONE || weight[c] == 0
                  ? 1 : (float)((double)rows->n_rows / n_classes / (double)weight[c]);
}
