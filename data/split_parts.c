/* data/split_parts.c - lists of rows from where each stands. */
#include "data/split_parts.h"

bool split_reserve(Split *split, int n_folds, Arena *arena, Error *err)
{
    split->n_folds = n_folds;
    split->fold_of = ARENA_NEW(arena, int32_t, split->n_rows);
    split->n_train = ARENA_NEW(arena, int, n_folds);
    split->n_valid = ARENA_NEW(arena, int, n_folds);
    split->train = ARENA_NEW(arena, int32_t *, n_folds);
    split->valid = ARENA_NEW(arena, int32_t *, n_folds);
    if (!split->fold_of || !split->n_train || !split->n_valid || !split->train || !split->valid)
        return error_memory(err);
    for (int i = 0; i < split->n_rows; i++) split->fold_of[i] = -1;
    return true;
}

bool split_fill(Split *split, int f, const uint8_t *side, Arena *arena, Error *err)
{
    int n_train = 0, n_valid = 0;
    for (int i = 0; i < split->n_rows; i++) {
        n_train += side[i] == SIDE_TRAIN;
        n_valid += side[i] == SIDE_VALID;
    }
    split->train[f] = ARENA_NEW(arena, int32_t, n_train);
    split->valid[f] = ARENA_NEW(arena, int32_t, n_valid);
    if (!split->train[f] || !split->valid[f]) return error_memory(err);
    for (int i = 0; i < split->n_rows; i++) {
        if (side[i] == SIDE_TRAIN) split->train[f][split->n_train[f]++] = i;
        if (side[i] != SIDE_VALID) continue;
        split->valid[f][split->n_valid[f]++] = i;
        if (split->fold_of[i] < 0) split->fold_of[i] = f;
    }
    return true;
}
