/* What a configuration says of numbers, `numbers` and the preset's own, laid over what it says of all tasks. */
#include <string.h>

#include "job/config.h"
#include "job/presets.h"

/* What was said on the command line, of a map: no line of a file has it. */
static ConfNode *said_on_top(const ConfNode *map, Arena *arena)
{
    ConfNode *copy = ARENA_NEW(arena, ConfNode, 1);
    ConfNode **end = copy ? &copy->first : NULL;
    if (!copy) return NULL;
    copy->kind = CONF_MAP;
    for (const ConfNode *node = map && map->kind == CONF_MAP ? map->first : NULL; node; node = node->next) {
        if (node->line > 0) continue;
        ConfNode *one = ARENA_NEW(arena, ConfNode, 1);
        if (!one) return NULL;
        *one = *node;
        one->next = NULL;
        *end = one;
        end = &one->next;
        copy->n++;
    }
    return copy;
}

/* The file's settings with those of numbers on top, and the command line's on top of both. */
static bool lay(const FieldTable *table, const ConfNode *all, const ConfNode *numbers, void *record,
                Arena *arena, Error *err)
{
    const ConfNode *top = said_on_top(all, arena);
    if (!top) return error_memory(err);
    return field_read(table, all, record, arena, err) && field_read(table, numbers, record, arena, err)
        && field_read(table, top, record, arena, err);
}

/* Its preset instead of the file's. */
static bool take_preset(Config *config, Error *err)
{
    const ConfNode *node = config->numbers ? conf_get(config->numbers, "preset") : NULL;
    if (!node || node->kind == CONF_NULL) return true;
    const Preset *preset = preset_of(node, err);
    if (preset) config->preset = preset->name;
    return preset != NULL;
}

static bool take_settings(Config *config, Arena *arena, Error *err)
{
    const ConfNode *root = config->conf->root, *data = conf_get(root, "data"), *ours = config->numbers;
    const Preset *preset = config->preset ? preset_find(config->preset) : NULL;
    Settings *settings = &config->settings;
    return field_defaults(&train_fields, &settings->train, arena, err)
        && field_defaults(&prep_fields, &settings->prep, arena, err)
        && field_defaults(&missing_fields, &settings->prep, arena, err)
        && (!preset || preset_apply(preset, true, settings, arena, err))
        && lay(&train_fields, conf_get(root, "train"), ours ? conf_get(ours, "train") : NULL, &settings->train,
               arena, err)
        && lay(&prep_fields, data ? conf_get(data, "preprocess") : NULL, ours ? conf_get(ours, "preprocess")
               : NULL, &settings->prep, arena, err)
        && field_read(&missing_fields, data ? conf_get(data, "missing") : NULL, &settings->prep, arena, err);
}

/* The parameters of numbers instead of the others, but for what the command line says. */
static bool take_parameters(Config *config, Arena *arena, Error *err)
{
    const ConfNode *ours = config->numbers ? conf_get(config->numbers, "parameters") : NULL;
    if (!ours) return true;
    ConfNode *top = said_on_top(config->parameters, arena), *map = ARENA_NEW(arena, ConfNode, 1);
    if (!top || !map) return error_memory(err);
    *map = *ours;
    map->first = top->first;
    map->n = top->n;
    ConfNode **end = &map->first;
    while (*end) end = &(*end)->next;
    for (const ConfNode *node = ours->kind == CONF_MAP ? ours->first : NULL; node; node = node->next) {
        if (conf_get(top, node->key)) continue;
        ConfNode *one = ARENA_NEW(arena, ConfNode, 1);
        if (!one) return error_memory(err);
        *one = *node;
        one->next = NULL;
        *end = one;
        end = &one->next;
        map->n++;
    }
    config->parameters = map;
    return true;
}

bool config_take_numbers(Config *config, Arena *arena, Error *err)
{
    const int n_notices = config->n_notices;
    config->for_numbers = true;
    if (!take_preset(config, err) || !take_settings(config, arena, err) || !take_parameters(config, arena, err)
        || !config_settle(config, arena, err))
        return false;
    config->numbers = NULL;
    config->n_notices = n_notices;
    return true;
}
