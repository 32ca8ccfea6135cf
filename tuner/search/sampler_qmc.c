/* Scrambled Sobol points: more even than independent draws, in any number. */
#include "tuner/search/sampler_qmc.h"

#include "tuner/search/sobol.h"

bool sampler_sobol(const Ask *ask, double *u)
{
    const Space *space = ask->space;
    double point[SPACE_MAX_PARAMS];
    bool found = false;
    /* A refused point is replaced by the one in the same place of another scrambling. Going on in
     * the sequence would take the points of later trials. */
    int tries = sampler_tries(space_size(space));
    for (int i = 0; i < tries && !found; i++) {
        sobol_point(space->n_dims, i ? rng_mix(ask->seed, (uint64_t)i) : ask->seed, ask->number, point);
        space_snap(space, point);
        found = ask->accept(ask->context, point);
    }
    if (!found) {
        Rng rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER);
        found = sampler_leftover(ask, &rng, point);
    }
    for (int d = 0; found && d < space->n_dims; d++) u[d] = point[d];
    return found;
}

static bool ask_qmc(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                    Error *err)
{
    (void)arena, (void)err;
    bool found = sampler_sobol(ask, u);
    trace_clear(trace, "sobol");
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_qmc = {
    .name = "qmc", .help = "scrambled Sobol points: spread more evenly than random draws",
    .ask = ask_qmc, .alias = "sobol"};
