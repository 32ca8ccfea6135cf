/* job/config_keys.c - walks the tables of fields and names what they hold. */
#include "job/config_keys.h"

#include <string.h>

#include "base/grow.h"
#include "job/config_tables.h"
#include "tuner/search/pruner.h"
#include "tuner/search/samplers.h"

typedef struct {
    Arena *arena;
    ConfigKey *keys;
    int n, room;
} Keys;

static bool add(Keys *keys, const char *name, const Field *field)
{
    static const char *const truths[] = {"true", "false", NULL};
    if (!name || !GROW(keys->arena, keys->keys, keys->n, keys->room)) return false;
    const char *const *choices = field->kind == FIELD_BOOL ? truths : field->kind == FIELD_CHOICE
        ? field->choices
                               : strcmp(name, "method") == 0 ? sampler_names : NULL;
    keys->keys[keys->n++] = (ConfigKey){name, field->help, choices};
    return true;
}

static bool walk(Keys *keys, const FieldTable *table, const char *above)
{
    bool ok = true;
    for (int i = 0; ok && i < table->n; i++) {
        const Field *field = &table->fields[i];
        const char *name = arena_print(keys->arena, "%s%s%s", above, *above ? "." : "", field->name);
        if (strcmp(field->name, "early_terminate") == 0) ok = name && walk(keys, &pruner_fields, name);
        else if (field->kind == FIELD_SECTION) ok = name && walk(keys, field->section, name);
        else ok = add(keys, name, field);
    }
    return ok;
}

bool config_keys(Arena *arena, ConfigKey **out, int *n, Error *err)
{
    ConfigTables tables;
    Keys keys = {.arena = arena};
    config_tables_make(&tables);
    if (!walk(&keys, &tables.root, "")) return error_memory(err);
    *out = keys.keys;
    *n = keys.n;
    return true;
}
