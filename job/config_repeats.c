/* job/config_repeats.c - how often each trial is run: run.repeats, and what it means for networks. */
#include <math.h>
#include <string.h>

#include "job/config_tables.h"
#include "job/kind.h"

enum { MOST = 1000 };

static bool read_count(const ConfNode *node, int *out, Error *err)
{
    const double count = node->kind == CONF_NUMBER ? node->number : 0;
    if (count < 1 || count > MOST || count != floor(count))
        return conf_error(node, err, "`repeats` counts runs of a trial: a whole number from 1 to %d, or"
                          " {least: 1, most: 5}", MOST);
    *out = (int)count;
    return true;
}

static bool read_race(const ConfNode *node, Race *out, Error *err)
{
    static const char *const keys[] = {"least", "most", NULL};
    if (node->kind != CONF_MAP) {
        if (!read_count(node, &out->most, err)) return false;
        out->least = out->most;
        return true;
    }
    const ConfNode *least = conf_get(node, "least"), *most = conf_get(node, "most");
    if (!conf_only_keys(node, "in `repeats`", keys, err)) return false;
    if (!most) return conf_error(node, err, "`repeats` needs `most`, such as {least: 1, most: 5}");
    out->least = 1;
    if (!read_count(most, &out->most, err) || (least && !read_count(least, &out->least, err))) return false;
    return out->least <= out->most || conf_error(least, err, "`least` is more than `most`");
}

/* Networks have seeds for repeats. */
static bool take_seeds(Config *config, Error *err)
{
    const ConfNode *node = config->run.repeats, *train = conf_get(config->conf->root, "train");
    const ConfNode *seeds = train && train->kind == CONF_MAP ? conf_get(train, "seeds_per_trial") : NULL;
    bool searched = false;
    for (int i = 0; i < config->space->n_params; i++)
        searched |= strcmp(config->space->params[i].name, "seeds_per_trial") == 0;
    if (!node) {
        const int n = config->settings.train.seeds_per_trial;
        if (!searched && n > 1 && !config->presets) config->repeats = (Race){n, n};
        return true;
    }
    if (searched || (seeds && seeds->kind == CONF_NUMBER && (int)seeds->number != config->repeats.most))
        return conf_key_error(node, err, "`repeats` and `seeds_per_trial` are the same for networks; keep one");
    if (config->repeats.most > 64)
        return conf_error(node, err, "networks are trained with up to 64 seeds a trial");
    config->settings.train.seeds_per_trial = config->repeats.most;
    for (int p = 0; config->presets && p < PRESET_COUNT; p++) {
        if (!config->presets[p]) continue;
        Settings *settings = (Settings *)config->presets[p]; /* made for this configuration */
        settings->train.seeds_per_trial = config->repeats.most;
    }
    return true;
}

bool config_read_repeats(Config *config, Error *err)
{
    const ConfNode *node = config->run.repeats;
    config->repeats = (Race){0};
    if (node && node->kind == CONF_NULL) node = config->run.repeats = NULL;
    if (node && !read_race(node, &config->repeats, err)) return false;
    if (config->kind->trains) return take_seeds(config, err);
    if (config->repeats.most < 2 || config->metric_name) return true;
    return conf_key_error(node, err, "`repeats` takes the mean of a metric; add `metric: {name: ...}`, as the"
                          " program reports it");
}
