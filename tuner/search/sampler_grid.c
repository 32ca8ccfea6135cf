/* Every combination once, in order. The next one is the first that is accepted, and what was taken before is
 * not: combinations that constraints forbid, or that the user gave, shift nothing. */
#include "tuner/search/sampler.h"

static bool ask_grid(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                     Error *err)
{
    const Space *space = ask->space;
    int64_t size, i = ask->grid_from ? *ask->grid_from : 0;
    double *point = ARENA_NEW(arena, double, space->n_dims);
    if (!point) return error_memory(err);
    if (!space_grid_size(space, &size, err)) return false;
    trace_clear(trace, "grid");
    *result = ASK_EXHAUSTED;
    for (; i < size && *result == ASK_EXHAUSTED; i++) {
        space_grid_point(space, i, point);
        if (!ask->accept(ask->context, point)) continue;
        for (int d = 0; d < space->n_dims; d++) u[d] = point[d];
        *result = ASK_POINT;
    }
    /* One that is returned is the caller's to take: the next ask looks at it again. */
    if (ask->grid_from) *ask->grid_from = *result == ASK_POINT ? i - 1 : i;
    return true;
}

const Sampler sampler_grid = {
    .name = "grid", .help = "every combination once, in order",
    .ask = ask_grid, .needs_grid = true};
