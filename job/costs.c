/* job/costs.c - settles whether proposals weigh costs, by how far those of a space lie apart. */
#include "job/costs.h"

#include <stdlib.h>
#include <string.h>

#include "job/config_tables.h"
#include "job/kind.h"
#include "job/lookback.h"
#include "tuner/search/sobol.h"
#include "tuner/trial/cost.h"

enum { OVER_TRIALS = 50, POINTS = 64, LEAST_POINTS = 16 };
static const double apart = 3;

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* *ok: false where these values cannot be a network, or the table would be encoded in another way. */
static bool weigh(const Config *config, const Value *values, Arena *arena, double *work, bool *ok, Error *err)
{
    const Space *space = config->space;
    const int p = space_find(space, "preset");
    const char *preset = p >= 0 && values[p].kind == VALUE_TEXT ? values[p].text : NULL;
    Settings settings = *config_settings_of(config, preset);
    Error why = {0};
    *ok = memcmp(&settings.prep, &config->settings.prep, sizeof settings.prep) == 0;
    for (int i = 0; *ok && i < space->n_params; i++)
        if (values[i].kind != VALUE_NONE)
            *ok = settings_assign(&settings, space->params[i].name, &values[i], arena, &why);
    *ok = *ok && memcmp(&settings.prep, &config->settings.prep, sizeof settings.prep) == 0
       && cost_of_any_table(&settings, arena, work, &why);
    return *ok || why.code != ERR_MEMORY || error_memory(err);
}

static bool differ(const Config *config, Arena *arena, bool *out, Error *err)
{
    const Space *space = config->space;
    double u[SPACE_MAX_PARAMS], work[POINTS];
    Value values[SPACE_MAX_PARAMS];
    int n = 0;
    for (uint32_t i = 0; i < POINTS; i++) {
        bool ok;
        sobol_point(space->n_dims, 0, i, u);
        space_decode(space, u, values);
        if (!weigh(config, values, arena, &work[n], &ok, err)) return false;
        n += ok;
    }
    qsort(work, (size_t)n, sizeof *work, by_size);
    *out = n >= LEAST_POINTS && work[n - 1 - n / 10] > apart * work[n / 10];
    return true;
}

bool costs_settle(Config *config, const Place *place, Arena *arena, Error *err)
{
    Stored stored;
    bool found, weighs = false;
    if (config->cost_aware >= 0) return true;
    if (!lookback_stored(place, config->name, arena, &stored, &found, err)) return false;
    if (!found && config->sampler->weighs_costs && config->kind->trains && !differ(config, arena, &weighs, err))
        return false;
    config->cost_aware = found ? stored.cost_aware : weighs ? OVER_TRIALS : 0;
    return true;
}
