/* Independent draws from the distributions of the space, every other one from its prior. */
#include "tuner/search/prior.h"
#include "tuner/search/sampler_qmc.h"

static bool ask_random(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                       Error *err)
{
    const Space *space = ask->space;
    double *draw = ARENA_NEW(arena, double, space->n_dims);
    if (!draw) return error_memory(err);
    Rng rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER);
    const bool expected = sampler_expects(ask);
    bool found = false;
    for (int left = sampler_tries(space_size(space)); left > 0 && !found; left--) {
        for (int d = 0; d < space->n_dims; d++) draw[d] = rng_uniform(&rng);
        if (expected) space_prior_at(space, draw);
        space_snap(space, draw);
        found = ask->accept(ask->context, draw);
    }
    if (!found) found = sampler_leftover(ask, &rng, draw);
    for (int d = 0; found && d < space->n_dims; d++) u[d] = draw[d];
    trace_clear(trace, expected ? sampler_prior : "random");
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_random = {
    .name = "random", .help = "independent draws; any number of trials, nothing learnt from them",
    .ask = ask_random};
