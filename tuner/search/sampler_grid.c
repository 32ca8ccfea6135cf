/* Every combination once, in order. The next one is the first that no earlier trial has taken and
 * that is accepted: a function of what was seen alone, so combinations that constraints forbid, or
 * that the user gave, shift nothing. */
#include <stdlib.h>

#include "tuner/search/sampler.h"

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool ask_grid(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                     Error *err)
{
    const Space *space = ask->space;
    int64_t size, *taken = ARENA_NEW(arena, int64_t, ask->n_seen);
    double *point = ARENA_NEW(arena, double, space->n_dims);
    if (!taken || !point) return error_memory(err);
    if (!space_grid_size(space, &size, err)) return false;
    for (int i = 0; i < ask->n_seen; i++) taken[i] = space_grid_index(space, ask->seen[i].u);
    if (ask->n_seen) qsort(taken, (size_t)ask->n_seen, sizeof *taken, by_size);

    trace_clear(trace, "grid");
    *result = ASK_EXHAUSTED;
    int next = 0;
    for (int64_t i = 0; i < size; i++) {
        while (next < ask->n_seen && taken[next] < i) next++;
        if (next < ask->n_seen && taken[next] == i) continue;
        space_grid_point(space, i, point);
        if (!ask->accept(ask->context, point)) continue;
        for (int d = 0; d < space->n_dims; d++) u[d] = point[d];
        *result = ASK_POINT;
        break;
    }
    return true;
}

const Sampler sampler_grid = {
    .name = "grid", .help = "every combination once, in order",
    .ask = ask_grid, .needs_grid = true};
