/* The table of samplers, their names and their help. */
#include "tuner/search/samplers.h"

#include <string.h>

#define ADDRESS(name) &sampler_##name,
const Sampler *const samplers[] = {SAMPLER_LIST(ADDRESS) NULL};
#define NAME(name) #name,
const char *const sampler_names[] = {SAMPLER_LIST(NAME) "sobol", NULL};

const Sampler *sampler_find(const char *name)
{
    for (int i = 0; samplers[i]; i++) {
        const char *alias = samplers[i]->alias;
        if (strcmp(samplers[i]->name, name) == 0 || (alias && strcmp(alias, name) == 0)) return samplers[i];
    }
    return NULL;
}

void samplers_print(Text *out)
{
    for (int i = 0; samplers[i]; i++) {
        const Sampler *s = samplers[i];
        text_print(out, "%-8s %s\n", s->name, s->help);
        if (s->alias) text_print(out, "         another name for it: %s\n", s->alias);
        if (s->weighs_costs)
            text_add(out, "         can weigh what a trial promises by its cost: cost_aware\n");
        if (s->needs_grid)
            text_add(out, "         needs values, whole numbers, `q` or `steps` for every parameter\n");
        if (!s->learns) text_add(out, "         does not look at scores\n");
    }
}
