/* First points: what a person or an earlier study expects, then points that are spread evenly. */
#include "tuner/search/first.h"

#include <string.h>

#include "tuner/search/prior.h"
#include "tuner/search/sampler_qmc.h"
#include "tuner/search/sobol.h"
#include "tuner/search/transfer.h"

/* Takes the point, snapped, unless it is refused. */
static bool take(const Ask *ask, double *point, const char *kind, double *u, Trace *trace)
{
    space_snap(ask->space, point);
    if (!ask->accept(ask->context, point)) return false;
    memcpy(u, point, (size_t)ask->space->n_dims * sizeof *u);
    trace_clear(trace, kind);
    return true;
}

/* Numbers in the middle of their ranges; categories as the first Sobol point has them. */
static bool take_middle(const Ask *ask, double *u, Trace *trace)
{
    double point[SPACE_MAX_PARAMS];
    sobol_point(ask->space->n_dims, ask->seed, 0, point);
    for (int d = 0; d < ask->space->n_dims; d++)
        if (space_dim_kind(ask->space, d) != DIM_CATEGORY) point[d] = 0.5;
    return take(ask, point, "middle", u, trace);
}

bool sampler_first(const Ask *ask, bool middle, Arena *arena, double *u, Trace *trace, bool *found, Error *err)
{
    const Space *space = ask->space;
    double point[SPACE_MAX_PARAMS];
    *found = false;
    if (space->n_dims > 0 && space_has_prior(space)) {
        space_prior_mode(space, point);
        *found = take(ask, point, sampler_prior, u, trace);
    }
    if (!*found && ask->transfer) {
        const double *first[TRANSFER_FIRST];
        int n;
        if (!transfer_first(ask, first, &n, arena, err)) return false;
        for (int i = 0; i < n && !*found; i++) {
            memcpy(point, first[i], (size_t)space->n_dims * sizeof *point);
            *found = take(ask, point, sampler_transfer, u, trace);
        }
    }
    if (!*found && middle && ask->number == 0) *found = take_middle(ask, u, trace);
    if (!*found) *found = sampler_sobol_expected(ask, u, trace);
    return true;
}
