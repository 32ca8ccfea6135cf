/* Tournaments over trials: the best of many in one pass, the nearest by sorting. */
#include "tuner/search/crowd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024, BLOCKS_BACK = 16, PENDING_NEWEST = 24 };

bool seen_settled(const Seen *seen) { return seen->state != SEEN_PENDING; }

bool seen_scored(const Seen *seen)
{
    return (seen->state == SEEN_DONE || seen->state == SEEN_PRUNED) && isfinite(seen->score);
}

bool crowd_count(const Ask *ask, Arena *arena, Crowd *out, Error *err)
{
    const int from = ask->n_steady, rest = ask->n_seen - from;
    int *late = ARENA_NEW(arena, int, rest), *pending = ARENA_NEW(arena, int, rest);
    if (!late || !pending) return error_memory(err);
    *out = (Crowd){.n_settled = from, .late = late, .pending = pending};
    for (int i = from; i < ask->n_seen; i++) {
        if (seen_settled(&ask->seen[i])) late[out->n_late++] = i;
        else pending[out->n_pending++] = i;
    }
    out->n_settled += out->n_late;
    return true;
}

/* The row of settled trial number p. */
static int settled_row(const Ask *ask, const Crowd *crowd, int p)
{
    return p < ask->n_steady ? p : crowd->late[p - ask->n_steady];
}

/* ---- the best ---- */

typedef struct { int n, row[CROWD_BEST]; } Best; /* best first, of equals the first */

/* The row comes after all that are in. */
static void enter(const Ask *ask, int row, Best *best)
{
    const Seen *seen = &ask->seen[row];
    if (seen->state != SEEN_DONE || !isfinite(seen->score)) return;
    int at = best->n;
    while (at > 0 && ask->seen[best->row[at - 1]].score > seen->score) at--;
    if (at == CROWD_BEST) return;
    if (best->n < CROWD_BEST) best->n++;
    memmove(best->row + at + 1, best->row + at, (size_t)(best->n - at - 1) * sizeof *best->row);
    best->row[at] = row;
}

static MemoKey key_of_block(const Ask *ask, int block)
{
    static const char what[] = "the best of the first blocks";
    MemoKey key = memo_key(&ask->seed, sizeof ask->seed, memo_key(what, sizeof what, MEMO_START));
    return memo_key(&block, sizeof block, key);
}

/* Of the first blocks of steady rows. */
static void best_of_blocks(const Ask *ask, int blocks, Best *best)
{
    double kept[CROWD_BEST + 1];
    int known = blocks;
    const int least = blocks > BLOCKS_BACK ? blocks - BLOCKS_BACK : 0;
    while (known > least && !memo_get(ask->memo, key_of_block(ask, known), CROWD_BEST + 1, kept)) known--;
    if (known == least) known = 0;
    *best = (Best){0};
    if (known > 0) {
        best->n = (int)kept[CROWD_BEST];
        for (int i = 0; i < best->n; i++) best->row[i] = (int)kept[i];
    }
    if (known == blocks) return;
    for (int i = known * BLOCK; i < blocks * BLOCK; i++) enter(ask, i, best);
    for (int i = 0; i < CROWD_BEST; i++) kept[i] = i < best->n ? best->row[i] : -1;
    kept[CROWD_BEST] = best->n;
    memo_put(ask->memo, key_of_block(ask, blocks), CROWD_BEST + 1, kept);
}

static int by_size(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Sorted, each once. */
static int tidy(int *rows, int n)
{
    int m = 0;
    qsort(rows, (size_t)n, sizeof *rows, by_size);
    for (int i = 0; i < n; i++)
        if (i == 0 || rows[i] != rows[m - 1]) rows[m++] = rows[i];
    return m;
}

bool crowd_settled(const Ask *ask, const Crowd *crowd, int m, int *rows, int *n, Arena *arena, Error *err)
{
    Best *best = ARENA_NEW(arena, Best, 1);
    if (!best) return error_memory(err);
    *n = 0;
    if (m <= CROWD_SETTLED) {
        for (int p = 0; p < m; p++) rows[(*n)++] = settled_row(ask, crowd, p);
        return true;
    }
    const int blocks = (m < ask->n_steady ? m : ask->n_steady) / BLOCK;
    best_of_blocks(ask, blocks, best);
    for (int p = blocks * BLOCK; p < m; p++) enter(ask, settled_row(ask, crowd, p), best);
    for (int i = 0; i < best->n; i++) rows[(*n)++] = best->row[i];
    for (int p = m - CROWD_NEWEST; p < m; p++) rows[(*n)++] = settled_row(ask, crowd, p);
    for (int i = 0; i < CROWD_EVEN; i++)
        rows[(*n)++] = settled_row(ask, crowd, (int)((int64_t)(2 * i + 1) * m / (2 * CROWD_EVEN)));
    *n = tidy(rows, *n);
    return true;
}

/* ---- the nearest ---- */

typedef struct { double distance; int row; } Near;

static int nearest_first(const void *a, const void *b)
{
    const Near *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

bool crowd_pending(const Ask *ask, const Crowd *crowd, const double *u, const double *scales, int *rows, int *n,
                   Arena *arena, Error *err)
{
    const int d = ask->space->n_dims, all = crowd->n_pending;
    Near *near = ARENA_NEW(arena, Near, all);
    if (!near) return error_memory(err);
    const int others = all > PENDING_NEWEST ? all - PENDING_NEWEST : 0;
    *n = 0;
    for (int i = others; i < all; i++) rows[(*n)++] = crowd->pending[i];
    for (int i = 0; i < others; i++) {
        near[i] = (Near){0, crowd->pending[i]};
        const double *at = ask->seen[near[i].row].u;
        for (int k = 0; k < d; k++) {
            const bool category = space_dim_kind(ask->space, k) == DIM_CATEGORY;
            const double apart = (category ? at[k] != u[k] : at[k] - u[k]) / scales[k];
            near[i].distance += apart * apart;
        }
    }
    qsort(near, (size_t)others, sizeof *near, nearest_first);
    for (int i = 0; i < others && *n < CROWD_PENDING; i++) rows[(*n)++] = near[i].row;
    qsort(rows, (size_t)*n, sizeof *rows, by_size);
    return true;
}
