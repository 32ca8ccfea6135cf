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
    if (!*found && middle && space->n_dims > 0) {
        sobol_point(space->n_dims, ask->seed, 0, point); /* the levels of categories */
        for (int k = 0; k < space->n_dims; k++)
            if (space_dim_kind(space, k) != DIM_CATEGORY) point[k] = 0.5;
        *found = take(ask, point, "middle", u, trace);
    }
    if (!*found) *found = sampler_sobol_expected(ask, u, trace);
    return true;
}
