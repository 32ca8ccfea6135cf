/* job/config_space.c - points of the search space that a person names: the defaults, the portfolio, and
 * what is enqueued or wished for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/set.h"
#include "job/config.h"
#include "job/config_tables.h"
#include "job/defaults.h"
#include "job/kind.h"
#include "job/part.h"
#include "job/portfolio.h"
#include "tuner/search/distribution.h"

double config_size(const Config *config)
{
    int64_t n;
    if (config->sampler->needs_grid && space_grid_size(config->space, &n, NULL))
        return (double)n;
    return space_size(config->space);
}

/* The activation of a point, searched or fixed: what `init: auto` comes to follows from it. */
static const char *activation_of(const Config *config, const Settings *settings, const Value *values,
                                 Arena *arena)
{
    Value fixed;
    const int searched = space_find(config->space, "activation");
    if (searched >= 0 && values[searched].kind == VALUE_TEXT) return values[searched].text;
    return settings_get(settings, "activation", arena, &fixed) ? fixed.text : NULL;
}

/* The defaults, or what this preset has (NULL: the first one), where the space allows it; of lists the nearest
 * choice, the middle of the range elsewhere. */
static bool default_values(const Config *config, const char *preset, Arena *arena, Value *values, Error *err)
{
    const Space *space = config->space;
    const Settings *settings = config_settings_of(config, preset);
    double *u = ARENA_NEW(arena, double, space->n_dims);
    if (!u) return error_memory(err);
    for (int d = 0; d < space->n_dims; d++) u[d] = 0.5;
    space_decode(space, u, values);
    const bool ours = config->kind->trains; /* what the settings of others mean is not known */
    for (int i = 0; i < space->n_params; i++) {
        const Param *param = &space->params[i];
        Value value;
        if (param->dim < 0 || !settings_get(settings, param->name, arena, &value)) continue;
        bool inside = false;
        for (int c = 0; c < param->n_choices; c++)
            inside |= value_equal(&param->choices[c], &value);
        if (param->n_choices == 0 && (value.kind == VALUE_INT || value.kind == VALUE_REAL)) {
            bool exponents = param->distribution == DIST_LOG_UNIFORM
                          || param->distribution == DIST_Q_LOG_UNIFORM;
            double x = exponents && value.number > 0 ? log(value.number) : value.number;
            inside = (x >= param->low && x <= param->high)
                  || (param->zero_prob > 0 && value.number == 0);
        }
        if (inside) values[i] = value;
        else if (ours) default_choice(config, param, &value, NULL, &values[i]);
    }
    const char *activation = activation_of(config, settings, values, arena);
    for (int i = 0; ours && i < space->n_params; i++) {
        const Param *param = &space->params[i];
        Value value;
        if (param->dim >= 0 && strcmp(param->name, "init") == 0
            && settings_get(settings, param->name, arena, &value))
            default_choice(config, param, &value, activation, &values[i]);
    }
    space_encode(space, values, u);
    if (space_is_narrowed(space)) space_snap(space, u); /* what an edit has fixed is not searched any more */
    space_decode(space, u, values);
    return true;
}

/* `there`: the hashes of what is enqueued already; never the same configuration twice. */
static bool enqueue(Config *config, TextSet *there, const Value *values, const char *source, Arena *arena,
                    Error *err)
{
    char hash[65];
    const Space *space = config->space;
    space_hash(space, values, hash);
    if (text_set_find(there, hash, strlen(hash)) >= 0) return true;
    if (text_set_add(there, arena, hash, strlen(hash)) < 0) return error_memory(err);
    Value *copy = ARENA_NEW(arena, Value, space->n_params);
    if (!copy) return error_memory(err);
    memcpy(copy, values, (size_t)space->n_params * sizeof *copy);
    config->enqueued[config->n_enqueued] = copy;
    config->enqueued_source[config->n_enqueued++] = source;
    return true;
}

/* Is a value among the choices of its parameter, or a number where there is a range? Names what is. */
static bool check_kind(const Param *param, const Value *value, const ConfNode *node, Error *err)
{
    char list[200] = "", word[60], given[60];
    size_t used = 0;
    bool number = value->kind == VALUE_INT || value->kind == VALUE_REAL;
    if (param->n_choices == 0 && param->dim >= 0 && !(number && isfinite(value->number))) {
        bool words = node->kind == CONF_TEXT || node->kind == CONF_NUMBER || node->kind == CONF_BOOL;
        const char *what = words ? node->text : node->kind == CONF_NULL ? "null" : conf_kind_names[node->kind];
        snprintf(given, sizeof given, "%.50s", what);
        return conf_error(node, err, "`%s` cannot be %s here; it is a number from %.10g to %.10g", param->name,
                          given, param->least, param->most);
    }
    if (param->n_choices == 0 || value->kind == VALUE_NONE) return true;
    for (int i = 0; i < param->n_choices; i++) {
        if (value_equal(&param->choices[i], value)) return true;
        value_label(&param->choices[i], word, sizeof word);
        if (used < sizeof list) used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", "
                                                         : "", word);
    }
    value_label(value, given, sizeof given);
    return conf_error(node, err, "`%s` cannot be %s here; it is one of %s", param->name, given, list);
}

static bool check_number(const Param *param, const ConfNode *node, double nearest, Error *err)
{
    double given = node->number;
    bool scaled = param->dim >= 0 && param->n_choices == 0;
    if (scaled ? param_rounds(param, given, nearest) : fabs(nearest - given) <= 1e-9 * fabs(given)) return true;
    if (scaled && (given < param->least || given > param->most))
        return conf_error(node, err, "`%s` is %.10g here, outside of %.10g to %.10g; the nearest in the search"
                          " space is %.10g", param->name, given, param->least, param->most, nearest);
    return conf_error(node, err, "`%s` is %.10g here; the nearest in the search space is %.10g", param->name,
                      given, nearest);
}

bool config_wish(const Config *config, const ConfNode *item, Arena *arena, Value *values, Error *err)
{
    const Space *space = config->space;
    double *u = ARENA_NEW(arena, double, space->n_dims);
    const char **names = ARENA_NEW(arena, const char *, space->n_params + 1);
    if (!u || !names) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) names[i] = space->params[i].name;
    if (item->kind != CONF_MAP) return conf_error(item, err, "a configuration is a map of parameters");
    const ConfNode *preset = config->presets && item->kind == CONF_MAP ? conf_get(item, "preset") : NULL;
    const char *drawn = preset && preset->kind == CONF_TEXT ? preset->text : NULL;
    if (!conf_only_keys(item, "in `enqueue`", names, err)
        || !default_values(config, drawn, arena, values, err))
        return false;
    for (int i = 0; i < space->n_params; i++) {
        const ConfNode *node = conf_get(item, names[i]);
        if (node && (!conf_value(node, arena, &values[i], err)
                     || !check_kind(&space->params[i], &values[i], node, err)))
            return false;
    }
    if (!space_encode(space, values, u))
        return conf_error(item, err, "a value of this configuration is not in the search space");
    space_decode(space, u, values);
    for (int i = 0; i < space->n_params; i++) { /* encoding clamps; a wish is rounded, not clamped */
        const ConfNode *node = conf_get(item, names[i]);
        if (!node || node->kind != CONF_NUMBER || values[i].kind == VALUE_NONE) continue;
        if (!check_number(&space->params[i], node, values[i].number, err)) return false;
    }
    return true;
}

bool config_enqueue(Config *config, Arena *arena, Error *err)
{
    const Space *space = config->space;
    const ConfNode *list = config->enqueue;
    TextSet there = {0};
    if (list && list->kind != CONF_LIST)
        return conf_error(list, err, "`enqueue` is a list of configurations: - {learning_rate: 0.01}");
    int most = 1 + (list ? list->n : 0) + config->portfolio;
    config->enqueued = ARENA_NEW(arena, const Value *, most);
    config->enqueued_source = ARENA_NEW(arena, const char *, most);
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    if (!config->enqueued || !config->enqueued_source || !values) return error_memory(err);
    config->n_enqueued = 0;
    if (!default_values(config, NULL, arena, values, err)) return false;
    if (config->baseline && !enqueue(config, &there, values, trial_source_names[SOURCE_BASELINE], arena, err))
        return false;
    for (const ConfNode *item = list ? list->first : NULL; item; item = item->next) {
        if (!config_wish(config, item, arena, values, err)) return false;
        if (!enqueue(config, &there, values, trial_source_names[SOURCE_USER], arena, err)) return false;
    }
    const int p = config->presets ? space_find(space, "preset") : -1;
    for (int i = 0; i < config->portfolio && i < (p < 0 ? PORTFOLIO_SIZE : space->params[p].n_choices); i++) {
        const char *preset = p < 0 ? NULL : space->params[p].choices[i].text;
        if (!default_values(config, preset, arena, values, err)) return false;
        if (p < 0 && !portfolio_fit(i, config->for_numbers, space, arena, values)) return error_memory(err);
        if (!enqueue(config, &there, values, trial_source_names[SOURCE_PORTFOLIO], arena, err)) return false;
    }
    if (config->single && config->n_enqueued > 0) {
        config->n_enqueued = 1;
        config->enqueued_source[0] = trial_source_names[SOURCE_USER];
    }
    part_share_enqueued(config);
    return true;
}
