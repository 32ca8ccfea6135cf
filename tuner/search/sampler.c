#include "tuner/search/sampler.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tuner/search/sampler_internal.h"

static const struct { const char *name; const Sampler *sampler; } table[] = {
    {"grid", &sampler_grid},   {"random", &sampler_random}, {"bayes", &sampler_bayes},
    {"qmc", &sampler_qmc},     {"gp", &sampler_gp},         {"tpe", &sampler_tpe},
    {"cmaes", &sampler_cmaes}, {"de", &sampler_de},         {"sobol", &sampler_qmc},
};
const char *const sampler_names[] = {"grid", "random", "bayes", "qmc",   "gp",
                                     "tpe",  "cmaes",  "de",    "sobol", NULL};

const Sampler *sampler_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) return table[i].sampler;
    return NULL;
}

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
