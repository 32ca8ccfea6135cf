/* The study's data and settings as its trials share them, and whether a trial fits into the memory there is. */
#include "tuner/trial/objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/names.h"
#include "base/text.h"
#include "data/reader.h"
#include "tuner/trial/footprint.h"

enum { ENCODED_CAP_BYTES = 1 << 30 };
static const double worth_saying = 0.7; /* of the memory */

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

const Settings *objective_base(const Objective *objective, const Value *values)
{
    const ObjectiveOptions *o = &objective->o;
    const int p = o->presets ? space_find(o->space, "preset") : -1;
    const int drawn = p >= 0 && values[p].kind == VALUE_TEXT ? names_find(preset_names, values[p].text) : -1;
    return drawn >= 0 && o->presets[drawn] ? o->presets[drawn] : o->settings;
}

bool objective_settings(const Objective *objective, const Value *values, Arena *arena, Settings *out,
                        Error *err)
{
    const Space *space = objective->o.space;
    *out = *objective_base(objective, values);
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

const char *objective_memory_cure(const Objective *objective, const Settings *settings, double bytes,
                                  Arena *arena)
{
    enum { NAMED = 2 };
    const Table *table = objective->o.table;
    const Column *widest[NAMED + 1] = {NULL};
    Settings embedded = *settings;
    double less;
    char need[32], name[48];
    embedded.prep.text_features = 1024;
    if (settings->prep.text_features > embedded.prep.text_features
        && objective_footprint(objective, &embedded, arena, &less, NULL) && less < worth_saying * bytes) {
        const char *fewer = arena_print(arena, "; `data.preprocess.text_features: 1024` takes %s",
                                        text_bytes(less, need));
        return fewer ? fewer : "";
    }
    embedded.prep = settings->prep;
    embedded.prep.categorical = CATEGORY_EMBED;
    if (settings->prep.categorical == CATEGORY_EMBED || table->n_columns == 0 ||
        !objective_footprint(objective, &embedded, arena, &less, NULL) || less > worth_saying * bytes)
        return "";
    for (int j = 0; j < table->n_columns; j++) {
        const Column *column = &table->columns[j];
        if (column->kind != COLUMN_NOMINAL) continue;
        int at = NAMED;
        for (; at > 0 && (!widest[at - 1] || widest[at - 1]->n_levels < column->n_levels); at--)
            widest[at] = widest[at - 1];
        widest[at] = column;
    }
    Text text = {0};
    for (int i = 0; i < NAMED && widest[i] && 4 * widest[i]->n_levels > widest[0]->n_levels; i++)
        text_print(&text, "%s`%s` has %d different words", i ? ", " : "; ",
                   cell_quote(widest[i]->name, strlen(widest[i]->name), name), widest[i]->n_levels);
    text_print(&text, ": `data.preprocess.categorical: embed` takes %s", text_bytes(less, need));
    const char *copy = text_ok(&text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return copy ? copy : "";
}

double objective_memory(const Objective *objective, const Value *values)
{
    Settings settings;
    double bytes = 0;
    Arena *arena = arena_create(0);
    if (!arena || !objective_settings(objective, values, arena, &settings, NULL)
        || !objective_footprint(objective, &settings, arena, &bytes, NULL))
        bytes = 0;
    arena_destroy(arena);
    return bytes;
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
    if (!fits)
        error_set(err, ERR_MEMORY, "training it takes %s of memory, and %s %s%s", text_bytes(bytes, need),
                  objective->o.memory_cap > 0 ? "run.memory_cap leaves" : "this machine has",
                  text_bytes(fmax(objective->cap, 0), have),
                  err ? objective_memory_cure(objective, &settings, bytes, arena) : "");
    arena_destroy(arena);
    return fits;
}
