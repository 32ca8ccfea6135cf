/* What follows from settings and parameters: the space, early termination, what runs first. */
#include "job/config.h"
#include "job/config_tables.h"
#include "job/kind.h"
#include "job/transferred.h"

static bool read_space(Config *config, Arena *arena, Error *err)
{
    int64_t n_points;
    return config->kind->read_space(config, arena, err)
        && (!config->sampler->needs_grid || space_grid_size(config->space, &n_points, err));
}

/* A grid goes through everything, whatever is expected. */
static bool tell_of_priors(Config *config, Arena *arena, Error *err)
{
    for (int i = 0; config->sampler->needs_grid && i < config->space->n_params; i++) {
        const Param *p = &config->space->params[i];
        const ConfNode *node = p->prior ? conf_get(p->node, "prior") : NULL;
        if (node)
            return config_notice(config, arena,
                                 arena_print(arena,
                                             "%s:%d: `prior` is not looked at by `method: %s`, which goes"
                                             " through all there is", node->file, node->key_line,
                                                 config->method))
                || error_memory(err);
    }
    return true;
}

/* W&B's keys mean what they mean there, also where they judge too early; that is said. */
static bool read_pruner(Config *config, Arena *arena, Error *err)
{
    const ConfNode *node = config->early_terminate;
    PrunerOptions *pruner = &config->pruner;
    if (!field_defaults(&pruner_fields, pruner, arena, err)
        || !field_read(&pruner_fields, node, pruner, arena, err))
        return false;
    const char *why, *ignored = pruner_ignored(pruner, node, &why);
    if (ignored && !config_notice(config, arena,
                                  arena_print(arena, "%s:%d: `%s` is not looked at %s",
                                              node->file, node->key_line, ignored, why)))
        return error_memory(err);
    if (node && !pruner_check(pruner, node, err)) return false;
    return config->kind->read_pruner(config, arena, err);
}

bool config_settle(Config *config, Arena *arena, Error *err)
{
    return read_space(config, arena, err) && transfer_read(config, arena, err)
        && tell_of_priors(config, arena, err) && config_read_repeats(config, err)
        && read_pruner(config, arena, err)
        && config_enqueue(config, arena, err);
}
