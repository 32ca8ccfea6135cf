/* The table of samplers and their names. */
#include "tuner/search/samplers.h"

#include <string.h>

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
