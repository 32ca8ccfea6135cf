/* The study's data and settings as its trials share them, and whether a trial fits into the memory there is. */
#include "tuner/trial/objective.h"

#include <math.h>
#include <stdlib.h>

#include "base/machine.h"
#include "base/text.h"
#include "tuner/trial/footprint.h"

enum { ENCODED_CAP_BYTES = 1 << 30 };

/* The table is there already, and is counted in what trials may take, not in what is free. */
static void look_at_memory(Objective *objective)
{
    MachineMemory memory = machine_memory("");
    double table = footprint_table(objective->o.table), cap = objective->o.memory_cap;
    if (cap <= 0) cap = memory.total > 0 ? memory.total : INFINITY;
    objective->cap = cap - table;
    objective->room = memory.total > 0 && memory.available < objective->cap ? memory.available : objective->cap;
}

bool objective_create(const ObjectiveOptions *options, Objective **out, Error *err)
{
    Objective *objective = calloc(1, sizeof *objective);
    if (!objective) return error_memory(err);
    objective->o = *options;
    look_at_memory(objective);
    double cache = objective->room / 8;
    objective->encoded = encoded_create(options->table, options->split,
                                        cache < ENCODED_CAP_BYTES ? (size_t)fmax(cache, 0) : ENCODED_CAP_BYTES);
    objective->gate = gate_create(isfinite(objective->room) ? objective->room : 0);
    if (!objective->encoded || !objective->gate) {
        objective_destroy(objective);
        return error_memory(err);
    }
    *out = objective;
    return true;
}

void objective_destroy(Objective *objective)
{
    if (!objective) return;
    encoded_destroy(objective->encoded);
    gate_destroy(objective->gate);
    free(objective);
}

bool objective_settings(const Objective *objective, const Value *values, Arena *arena, Settings *out,
                        Error *err)
{
    const Space *space = objective->o.space;
    *out = *objective->o.settings;
    for (int i = 0; i < space->n_params; i++)
        if (values[i].kind != VALUE_NONE
            && !settings_assign(out, space->params[i].name, &values[i], arena, err))
            return false;
    return true;
}

bool objective_footprint(const Objective *objective, const Settings *settings, Arena *arena, double *bytes,
                         Error *err)
{
    const ObjectiveOptions *o = &objective->o;
    return footprint_trial(&(FootprintOptions){o->table, o->split, &settings->train, &settings->prep,
                                               o->folder != NULL}, arena, bytes, err);
}

bool objective_fits(const Objective *objective, const Value *values, Error *err)
{
    Settings settings;
    double bytes;
    char need[32], have[32];
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    bool fits = !objective_settings(objective, values, arena, &settings, NULL)
             || !objective_footprint(objective, &settings, arena, &bytes, NULL) || bytes <= objective->cap;
    arena_destroy(arena);
    if (fits) return true;
    text_bytes(bytes, need);
    text_bytes(fmax(objective->cap, 0), have);
    return objective->o.memory_cap > 0
        ? error_set(err, ERR_MEMORY, "training it takes %s of memory, and run.memory_cap leaves %s", need, have)
        : error_set(err, ERR_MEMORY, "training it takes %s of memory, and this machine has %s", need, have);
}
