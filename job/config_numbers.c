/* What a configuration says of numbers, `numbers` and the preset's own, laid over what it says of all tasks. */
#include <string.h>

#include "base/names.h"
#include "job/config.h"
#include "job/config_tables.h"
#include "job/portfolio.h"
#include "job/presets.h"

typedef struct {
    const char *preset;
    const ConfNode *train, *preprocess, *parameters;
    int run_cap, portfolio; /* -1: as the file has it */
} Numbers;

#define N(member) offsetof(Numbers, member)
static const Field numbers_list[] = {
    {"preset", FIELD_TEXT, N(preset), .help = "instead of the file's"},
    {"train", FIELD_NODE, N(train), .help = "over the file's"},
    {"preprocess", FIELD_NODE, N(preprocess), .help = "over data.preprocess"},
    {"parameters", FIELD_NODE, N(parameters), .help = "instead of the file's"},
    {"run_cap", FIELD_INT, N(run_cap), "-1", 1, 100000000, .help = "instead of the file's"},
    {"portfolio", FIELD_INT, N(portfolio), "-1", 0, PORTFOLIO_MOST, .help = "instead of the file's"},
};
const FieldTable config_numbers_fields = FIELD_TABLE("numbers", numbers_list);

/* Of the file; where there is none, nothing. */
static bool read_section(const Config *config, Numbers *out, Arena *arena, Error *err)
{
    *out = (Numbers){.run_cap = -1, .portfolio = -1};
    if (config->numbers && config->numbers->kind != CONF_MAP)
        return conf_error(config->numbers, err, "`numbers` is a map of preset, train, preprocess, parameters,"
                          " run_cap and portfolio");
    return field_read(&config_numbers_fields, config->numbers, out, arena, err);
}

static bool check_twice(const ConfNode *fixed, const char *key, const ConfNode *searched, Error *err)
{
    const ConfNode *said = fixed && fixed->kind == CONF_MAP ? conf_get(fixed, key) : NULL;
    if (!said || said->kind == CONF_NULL) return true;
    return conf_key_error(said, err, "`%s` is fixed here and searched in `parameters` (line %d); keep one", key,
                          searched->key_line);
}

/* Both in this section: what is fixed over the file's is not searched as well. */
static bool check_searched(const Config *config, const Numbers *ours, Error *err)
{
    const ConfNode *map = ours->parameters;
    for (const ConfNode *node = map && map->kind == CONF_MAP ? map->first : NULL; node; node = node->next) {
        const bool preset = strcmp(node->key, "preset") == 0;
        if (!check_twice(preset ? config->numbers : ours->train, node->key, node, err)
            || !check_twice(ours->preprocess, node->key, node, err))
            return false;
    }
    return true;
}

bool config_reports(const char *name)
{
    return names_find(metric_names, strncmp(name, "val_", 4) == 0 ? name + 4 : name) >= 0;
}

/* A mistake in them would be met when the rows are there, and only where these are numbers. */
static bool check_space(const Config *config, const ConfNode *parameters, Arena *arena, Error *err)
{
    Space *space;
    return !parameters || (space_read_limits(parameters, config->constraints, objective_extras, config_reports,
                                             arena, &space, err)
                           && settings_check_space(space, arena, err));
}

bool config_check_numbers(const Config *config, Arena *arena, Error *err)
{
    Numbers ours;
    Settings ignored;
    const ConfNode *preset = config->numbers ? conf_get(config->numbers, "preset") : NULL;
    return read_section(config, &ours, arena, err)
        && (!preset || preset->kind == CONF_NULL || preset_of(preset, err))
        && field_defaults(&train_fields, &ignored.train, arena, err)
        && field_defaults(&prep_fields, &ignored.prep, arena, err)
        && field_read(&train_fields, ours.train, &ignored.train, arena, err)
        && field_read(&prep_fields, ours.preprocess, &ignored.prep, arena, err)
        && check_searched(config, &ours, err) && check_space(config, ours.parameters, arena, err);
}

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

static bool stand_on(const Config *config, const Numbers *ours, const char *name, Settings *settings,
                     Arena *arena, Error *err)
{
    const ConfNode *root = config->conf->root, *data = conf_get(root, "data");
    const Preset *preset = name ? preset_find(name) : NULL;
    return field_defaults(&train_fields, &settings->train, arena, err)
        && field_defaults(&prep_fields, &settings->prep, arena, err)
        && field_defaults(&missing_fields, &settings->prep, arena, err)
        && (!preset || preset_apply(preset, config->for_numbers, settings, arena, err))
        && lay(&train_fields, conf_get(root, "train"), ours->train, &settings->train, arena, err)
        && lay(&prep_fields, data ? conf_get(data, "preprocess") : NULL, ours->preprocess, &settings->prep,
               arena, err)
        && field_read(&missing_fields, data ? conf_get(data, "missing") : NULL, &settings->prep, arena, err);
}

bool config_on_preset(const Config *config, const char *preset, Arena *arena, Settings *out, Error *err)
{
    Numbers ours = {.run_cap = -1, .portfolio = -1};
    return (!config->for_numbers || read_section(config, &ours, arena, err))
        && stand_on(config, &ours, preset, out, arena, err);
}

/* Is this one not to be searched: the command line fixes it, or quantiles have it (a loss of their own)? */
static bool is_settled(const Config *config, const char *key)
{
    const ConfNode *root = config->conf->root, *data = conf_get(root, "data");
    const ConfNode *sections[] = {conf_get(root, "train"), data ? conf_get(data, "preprocess") : NULL};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const bool map = sections[i] && sections[i]->kind == CONF_MAP;
        const ConfNode *said = map ? conf_get(sections[i], key) : NULL;
        if (said && said->line == 0) return true;
    }
    return config->data.read.quantiles.n > 0 && strcmp(key, "loss") == 0;
}

/* The parameters of numbers instead of the others, but for what the command line says. */
static bool take_parameters(Config *config, const ConfNode *ours, Arena *arena, Error *err)
{
    if (!ours) return true;
    ConfNode *top = said_on_top(config->parameters, arena), *map = ARENA_NEW(arena, ConfNode, 1);
    if (!top || !map) return error_memory(err);
    *map = *ours;
    map->first = top->first;
    map->n = top->n;
    ConfNode **end = &map->first;
    while (*end) end = &(*end)->next;
    for (const ConfNode *node = ours->kind == CONF_MAP ? ours->first : NULL; node; node = node->next) {
        if (conf_get(top, node->key) || is_settled(config, node->key)) continue;
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

/* Said on the command line, for classes and numbers alike? */
static bool is_on_top(const Config *config, const char *key)
{
    const ConfNode *node = conf_get(config->conf->root, key);
    return node && node->line == 0;
}

bool config_take_numbers(Config *config, Arena *arena, Error *err)
{
    Numbers ours;
    const int n_notices = config->n_notices;
    config->for_numbers = true;
    if (!read_section(config, &ours, arena, err)) return false;
    if (ours.preset) config->preset = ours.preset;
    if (ours.run_cap > 0 && !config->single && !is_on_top(config, "run_cap")) config->run_cap = ours.run_cap;
    if (ours.portfolio >= 0 && !is_on_top(config, "portfolio")) config->portfolio = ours.portfolio;
    if (!stand_on(config, &ours, config->preset, &config->settings, arena, err)
        || !take_parameters(config, ours.parameters, arena, err)
        || !config_settle(config, arena, err))
        return false;
    config->numbers = NULL;
    config->n_notices = n_notices;
    return true;
}
