/* Scrambled Sobol points: more even than independent draws, in any number. */
#include "tuner/search/sampler_qmc.h"

#include "tuner/search/prior.h"
#include "tuner/search/sobol.h"

static bool sobol(const Ask *ask, bool expected, double *u)
{
    const Space *space = ask->space;
    double point[SPACE_MAX_PARAMS];
    bool found = false;
    /* A refused point is replaced by the one in the same place of another scrambling. Going on in
     * the sequence would take the points of later trials. */
    int tries = sampler_tries(space_size(space));
    for (int i = 0; i < tries && !found; i++) {
        sobol_point(space->n_dims, i ? rng_mix(ask->seed, (uint64_t)i) : ask->seed, ask->number, point);
        if (expected) space_prior_at(space, point);
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

bool sampler_sobol(const Ask *ask, double *u) { return sobol(ask, false, u); }

bool sampler_expects(const Ask *ask)
{
    return ask->number % 2 == 1 && space_has_prior(ask->space);
}

bool sampler_sobol_expected(const Ask *ask, double *u, Trace *trace)
{
    const bool expected = sampler_expects(ask);
    trace_clear(trace, expected ? sampler_prior : "sobol");
    return sobol(ask, expected, u);
}

static bool ask_qmc(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                    Error *err)
{
    (void)arena, (void)err;
    const bool found = sampler_sobol_expected(ask, u, trace);
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_qmc = {
    .name = "qmc", .help = "scrambled Sobol points: spread more evenly than random draws",
    .ask = ask_qmc, .alias = "sobol"};
