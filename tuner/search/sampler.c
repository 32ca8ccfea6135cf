/* What samplers share: an empty trace, and the last cells of a small space that is nearly used up. */
#include "tuner/search/sampler.h"

#include <math.h>
#include <stdio.h>

const char sampler_prior[] = "prior", sampler_transfer[] = "transfer";

void trace_clear(Trace *trace, const char *kind)
{
    *trace = (Trace){.acquisition = NAN, .mean = NAN, .sigma = NAN, .noise = NAN, .lambda = NAN};
    snprintf(trace->kind, sizeof trace->kind, "%s", kind);
}

int sampler_tries(double space_size)
{
    return space_size <= SAMPLER_ENUMERATE ? 64 : SAMPLER_TRIES;
}

bool sampler_leftover(const Ask *ask, Rng *rng, double *u)
{
    double size = space_size(ask->space);
    if (size > SAMPLER_ENUMERATE) return false;
    uint32_t n = (uint32_t)size, start = rng_below(rng, n);
    for (uint32_t i = 0; i < n; i++) {
        space_cell(ask->space, (start + i) % n, u);
        if (ask->accept(ask->context, u)) return true;
    }
    return false;
}
