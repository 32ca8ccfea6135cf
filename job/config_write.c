/* job/config_write.c - the configuration as YAML: whole, with the winner's values, or as the page that
 * explains its keys. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/config.h"
#include "job/config_tables.h"
#include "job/kind.h"

/* What is printed may be read from anywhere: paths are made absolute. */
static bool print(const Config *config, bool whole_record, Text *out)
{
    ConfigTables tables;
    Error ignored;
    Config printed = *config;
    char absolute[PATH_MAX], program[PATH_MAX];
    const char *dir = config->data.read.dir;
    Text whole = {0};
    Arena *arena = arena_create(0);
    if (realpath(dir && *dir ? dir : ".", absolute))
        printed.data.read.dir = absolute;
    else if (arena && getcwd(absolute, sizeof absolute)) /* the folder is not there yet */
        printed.data.read.dir = path_join(arena, absolute, dir);
    config_tables_make(&tables);
    if (config->program && realpath(config->program, program))
        printed.program = program;
    Config *defaults = arena && !whole_record ? ARENA_NEW(arena, Config, 1) : NULL;
    bool ok = arena && (whole_record || defaults);
    if (defaults) { /* what a preset says stands by itself; no files, no folder */
        printed.preset = NULL;
        if (!printed.data.train_file.images && !printed.data.test_file.images) printed.data.read.dir = NULL;
        ok = field_defaults(&tables.root, defaults, arena, &ignored);
    }
    if (ok && defaults) field_print_changed(&tables.root, &printed, defaults, 0, &whole);
    else field_print_yaml(&tables.root, &printed, 0, &whole);
    ok = ok && config->kind->print(config, &whole, arena, out);
    text_free(&whole);
    arena_destroy(arena);
    return ok && text_ok(out);
}

bool config_print(const Config *config, Text *out)
{
    return print(config, true, out);
}

static int active_below(const Config *config, const ConfNode *map, const Value *values)
{
    int n = 0;
    for (const ConfNode *node = map->first; node; node = node->next) {
        const ConfNode *inner = conf_get(node, "parameters");
        if (inner) n += active_below(config, inner, values);
        for (int i = 0; i < config->space->n_params; i++)
            n += config->space->params[i].node == node && values[i].kind != VALUE_NONE;
    }
    return n;
}

/* The parameters with one value each, in their groups as they stand in the file. */
static bool print_values(const Config *config, const ConfNode *map, const Value *values, int indent,
                         Text *out)
{
    if (!map || active_below(config, map, values) == 0) return true;
    text_print(out, "%*sparameters:\n", indent, "");
    for (const ConfNode *node = map->first; node; node = node->next) {
        const ConfNode *inner = conf_get(node, "parameters");
        if (inner && active_below(config, inner, values) > 0) {
            text_print(out, "%*s%s:\n", indent + 2, "", node->key);
            print_values(config, inner, values, indent + 4, out);
        }
        for (int i = 0; i < config->space->n_params; i++) {
            if (config->space->params[i].node != node || values[i].kind == VALUE_NONE) continue;
            text_print(out, "%*s%s:\n%*svalue: ", indent + 2, "", node->key, indent + 4, "");
            conf_print_scalar(out, &values[i]);
            text_add(out, "\n");
        }
    }
    return true;
}

/* YAML of ours as readers of YAML 1.1 want it. */
static bool print_portable(const Text *yaml, Arena *arena, Text *out)
{
    Conf *conf;
    return text_ok(yaml) && conf_read_text("resolved", yaml->bytes, yaml->n, arena, &conf, NULL)
        && conf_print_portable(conf->root, out);
}

bool config_print_resolved(const Config *config, Text *out)
{
    Text text = {0};
    Arena *arena = arena_create(0);
    bool ok = arena && config_print(config, &text) && print_portable(&text, arena, out);
    arena_destroy(arena);
    text_free(&text);
    return ok;
}

/* What these have of a parameter, they do not have as it was before that was one. */
static Space *without_before(const Space *space, const Value *values, Arena *arena)
{
    Space *copy = ARENA_NEW(arena, Space, 1);
    Param *params = ARENA_NEW(arena, Param, space->n_params + 1);
    if (!copy || !params) return NULL;
    *copy = *space;
    for (int i = 0; i < space->n_params; i++) {
        params[i] = space->params[i];
        if (values[i].kind != VALUE_NONE) params[i].before = NULL;
    }
    copy->params = params;
    return copy;
}

bool config_print_fixed(const Config *config, const Value *values, bool whole, Text *out)
{
    Config fixed = *config;
    fixed.parameters = fixed.constraints = fixed.enqueue = fixed.transfer = NULL;
    fixed.baseline = true;
    fixed.portfolio = 0;
    Text text = {0};
    Arena *arena = arena_create(0);
    bool ok = arena && (fixed.space = without_before(config->space, values, arena))
           && print(&fixed, whole, &text) && print_values(config, config->parameters, values, 0, &text)
           && print_portable(&text, arena, out);
    arena_destroy(arena);
    text_free(&text);
    return ok;
}

void config_print_help(Text *out)
{
    ConfigTables tables;
    config_tables_make(&tables);
    /* early_terminate is kept as it was written (which of its keys may stand depends on its type), so
     * the root table does not know its keys. */
    for (int i = 0; i < tables.root.n; i++) {
        const FieldTable one = {"", &tables.root_fields[i], 1};
        field_print_help(&one, 0, out);
        if (tables.root_fields[i].offset == offsetof(Config, early_terminate))
            field_print_help(&pruner_fields, 2, out);
    }
}
