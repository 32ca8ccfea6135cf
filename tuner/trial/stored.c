/* Goals and space out of a stored configuration: parsed once, and forgiven where it cannot be read. */
#include "tuner/trial/stored.h"

#include <string.h>

bool stored_read(const StudyInfo *study, Arena *arena, Stored *out, Error *err)
{
    Error why = {0};
    Conf *conf = NULL;
    Space *space = NULL;
    const char *yaml = study->config_yaml;
    *out = (Stored){0};
    if (!yaml || !*yaml) return true;
    if (!conf_read_text("stored configuration", yaml, strlen(yaml), arena, &conf, &why))
        return why.code != ERR_MEMORY || error_memory(err);
    const ConfNode *metrics = conf_get(conf->root, "metrics"), *parameters = conf_get(conf->root, "parameters");
    const ConfNode *run = conf_get(conf->root, "run"), *lookback = run ? conf_get(run, "lookback") : NULL;
    if (lookback && lookback->kind == CONF_NUMBER && lookback->number >= 1 && lookback->number <= 4096)
        out->lookback = (int)lookback->number;
    const ConfNode *cost = conf_get(conf->root, "cost_aware");
    if (cost && cost->kind == CONF_NUMBER && cost->number >= 1 && cost->number <= 1000000)
        out->cost_aware = (int)cost->number;
    bool program = study_runs_program(study);
    if (metrics && metrics->kind != CONF_NULL && !goals_read(metrics, program, &out->goals, &why))
        out->goals = (Goals){0};
    if (why.code != ERR_MEMORY && parameters && space_read(parameters, NULL, NULL, arena, &space, &why))
        out->space = space;
    return why.code != ERR_MEMORY || error_memory(err);
}
