/* job/config_read.c - from YAML to a Config: every key read, and all that needs more than one key checked,
 * before anything is trained. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "data/read.h"
#include "data/source.h"
#include "job/builtin.h"
#include "ensemble/asked.h"
#include "ensemble/thresholds.h"
#include "job/config.h"
#include "job/config_tables.h"
#include "job/kind.h"
#include "job/part.h"
#include "job/presets.h"
#include "tuner/search/samplers.h"

/* ---- metric and method ----------------------------------------------------------------------- */

/* W&B's launch has it: who searches (`engine`), and how many agents there are. */
static bool refuse_scheduler(const ConfNode *scheduler, Error *err)
{
    bool map = scheduler->kind == CONF_MAP;
    const ConfNode *workers = map ? conf_get(scheduler, "num_workers") : NULL;
    if (map && conf_get(scheduler, "engine"))
        return conf_key_error(scheduler, err, "`scheduler` runs Python; Consort searches itself: use"
                              " `method:`");
    if (workers && workers->kind == CONF_NUMBER)
        return conf_key_error(scheduler, err, "`scheduler` is about W&B's queues; leave it out;"
                              " `run.jobs: %.20s` runs so many trials at the same time", workers->text);
    return conf_key_error(scheduler, err, "`scheduler` is about W&B's queues; leave it out; `run.jobs: N` runs"
                          " N trials at the same time");
}

static bool read_unused(Config *config, Arena *arena, Error *err)
{
    const UnusedSection *u = &config->unused;
    if (u->scheduler) return refuse_scheduler(u->scheduler, err);
    const ConfNode *ignored[] = {u->job, u->image_uri, u->controller};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (ignored[i]
            && !config_notice(config, arena,
                              arena_print(arena, "%s:%d: `%s` is not used by Consort", ignored[i]->file,
                                          ignored[i]->key_line, ignored[i]->key)))
            return error_memory(err);
    return true;
}

static bool name_metric(Config *config, const char *name, Arena *arena, Error *err)
{
    bool known = config->metric != METRIC_COUNT;
    config->metric_name = known ? metric_name(config->metric) : name;
    config->metric_full = known ? arena_print(arena, "val_%s", config->metric_name) : name;
    return config->metric_full || error_memory(err);
}

/* Of several metrics the first is what one metric is elsewhere. */
static bool read_metrics(Config *config, Arena *arena, Error *err)
{
    Goals *goals = &config->goals;
    if (conf_get(config->conf->root, "metric"))
        return conf_key_error(config->metrics, err, "`metric` and `metrics` do not go together; keep one");
    if (!goals_read(config->metrics, config->kind->any_metric, goals, err)) return false;
    config->metric = goals->goal[0].metric;
    config->maximize = goals->goal[0].maximize;
    config->target = NAN; /* all of them at once: the study's goals know */
    return name_metric(config, goals->goal[0].name, arena, err);
}

static bool read_metric(Config *config, Arena *arena, Error *err)
{
    if (config->metrics) return read_metrics(config, arena, err);
    const MetricSection *section = &config->metric_section;
    const ConfNode *node = conf_get(config->conf->root, "metric");
    const ConfNode *name = node ? conf_get(node, "name") : NULL;
    const ConfNode *goal = node ? conf_get(node, "goal") : NULL;
    if (node && !name && section->pattern && config->kind->any_metric)
        config->metric_section.name = "metric"; /* what the pattern finds needs none of its own */
    else if (node && !name)
        return conf_error(node, err, "`metric` needs a `name`, such as val_f1_macro");
    if (!config->kind->read_metric(config, name, arena, err)) return false;
    if (section->goal) {
        bool minimize = strcmp(section->goal, "minimize") == 0;
        if (!minimize && strcmp(section->goal, "maximize") != 0)
            return conf_error(goal, err, "`goal` is `%s`; it is minimize or maximize",
                              section->goal);
        if (config->kind->any_metric)
            config->maximize = !minimize;
        else if (minimize == config->maximize)
            return conf_error(goal, err, "`%s` is better when it is %s; write `goal: %s` or leave it out",
                              section->name, config->maximize ? "larger" : "smaller",
                              config->maximize ? "maximize" : "minimize");
    }
    if (strcmp(section->impute, "worst") != 0)
        return conf_error(conf_get(node, "impute"), err,
                          "`impute: %s` is not supported; failed trials count as the worst seen",
                          section->impute);
    config->target = NAN;
    if (section->target) {
        if (section->target->kind != CONF_NUMBER || !isfinite(section->target->number))
            return conf_error(section->target, err, "`target` must be a finite number");
        config->target = section->target->number;
    }
    return true;
}

static bool read_method(Config *config, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "method");
    config->sampler = sampler_find(config->method);
    if (config->sampler) return true;
    if (strcmp(config->method, "custom") == 0 && config->metrics) { /* what W&B wants beside `metrics` */
        config->method = "bayes";
        config->sampler = sampler_find(config->method);
        return true;
    }
    if (strcmp(config->method, "custom") == 0)
        return conf_error(node, err, "`method: custom` means a search of your own;"
                          " Consort has " SAMPLER_METHODS);
    return conf_error(node, err, "unknown method `%s`%s", config->method,
                      names_suggest(config->method, sampler_names, "; one of " SAMPLER_METHODS).text);
}

/* ---- checks that need more than one key ------------------------------------------------------ */

/* Names that only the end of a sweep would look at: a night later is too late. */
static bool check_ensemble(const Config *config, Arena *arena, Error *err)
{
    const ConfNode *node = conf_get(conf_get(config->conf->root, "ensemble"), "metric");
    const char *name = config->ensemble.metric;
    Thresholds asked;
    if (node && name && metric_find(name) == METRIC_COUNT) {
        const char *bare = strncmp(name, "val_", 4) == 0 ? name + 4 : name;
        return conf_error(node, err, "`metric`: unknown metric `%s`%s", name,
                          names_suggest(bare, metric_names, "").text);
    }
    double level[CONFORMAL_MOST_LEVELS];
    int n_levels;
    return asked_levels(&config->ensemble, level, &n_levels, err)
        && thresholds_read(config->ensemble.thresholds, 0, NULL, arena, &asked, err);
}

static const char *default_name(const char *file, Arena *arena)
{
    return strcmp(file, "-") == 0 || *path_base(file) == '\0' ? "study" : path_stem(arena, file);
}

static bool check_name(const Config *config, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "name");
    if (*config->name == '\0' || strlen(config->name) > 200)
        return conf_error(node, err, "`name` needs 1 to 200 characters");
    for (const char *c = config->name; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127)
            return node ? conf_error(node, err, "`name` cannot contain control characters; it is one line")
                        : error_set(err, ERR_CONFIG, "%s: give the study a `name`", config->file);
    return true;
}

/* Before the file's own keys, which win. */
static bool apply_preset(Config *config, Arena *arena, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "preset");
    if (!node || node->kind == CONF_NULL) return true;
    const Preset *preset = preset_of(node, err);
    return preset && preset_apply(preset, false, &config->settings, arena, err);
}

static bool check_cost_aware(const Config *config, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "cost_aware");
    if (!node || config->cost_aware <= 0) return true;
    if (!config->sampler->weighs_costs)
        return conf_error(node, err, "`cost_aware` is for `method: bayes`; %s does not weigh what a trial"
                          " promises", config->method);
    if (!config->kind->trains)
        return conf_error(node, err, "`cost_aware`: what a run of a program costs is not known before it");
    return true;
}

static bool check_finalists(const Config *config, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "finalists");
    if (!node || config->finalists.seeds == 0) return true;
    if (config->goals.n > 0)
        return conf_key_error(node, err, "`finalists` are the best by one metric; with `metrics` there is a"
                              " front");
    if (!config->metric_name)
        return conf_key_error(node, err, "`finalists` are the best by a metric; add `metric: {name: ...}`, as"
                              " the program reports it");
    if (config->kind->trains && config->run.keep_models > 0 && config->finalists.top > config->run.keep_models)
        return conf_error(conf_get(node, "top"), err, "%d finalists, but only %d models are kept"
                          " (`run.keep_models`): the winner's might be gone", config->finalists.top,
                          config->run.keep_models);
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool interpret(Config *config, Arena *arena, Error *err)
{
    ConfigTables *tables = ARENA_NEW(arena, ConfigTables, 1);
    if (!tables) return error_memory(err);
    config_tables_make(tables);
    if (!field_defaults(&tables->root, config, arena, err)
        || !field_defaults(&test_fields, &config->data.test_part, arena, err)
        || !apply_preset(config, arena, err)
        || !field_read(&tables->root, config->conf->root, config, arena, err))
        return false;
    if (!config->name) config->name = default_name(config->file, arena);
    if (!config->name) return error_memory(err);
    for (int i = 0; i < config->conf->n_warnings; i++)
        if (!config_notice(config, arena, config->conf->warnings[i])) return error_memory(err);
    config->kind = kind_meant(config);
    config->lookback_auto = config->run.lookback == 0;
    if (!part_read(config, err)) return false;
    if (!columns_check(config->data.read.columns, err) || !soft_check(config->data.read.soft_labels, err) ||
        !check_name(config, err) ||
        !read_unused(config, arena, err) || !read_method(config, err))
        return false;
    /* A grid is what its file says, and a program has no defaults that we would know. */
    bool by_itself = !config->sampler->needs_grid && config->kind->trains;
    config->baseline = config->baseline && (by_itself || conf_get(config->conf->root, "baseline"));
    return config->kind->check_sections(config, err) && read_metric(config, arena, err)
        && config_check_numbers(config, arena, err) && check_ensemble(config, arena, err)
        && check_finalists(config, err) && config_settle(config, arena, err) && check_cost_aware(config, err);
}

/* 0: nothing that counts as a number of jobs. */
static int jobs_said(const ConfNode *root)
{
    const ConfNode *run = conf_get(root, "run");
    const ConfNode *jobs = run && run->kind == CONF_MAP ? conf_get(run, "jobs") : NULL;
    bool said = jobs && jobs->kind == CONF_NUMBER && jobs->number >= 1 && jobs->number <= 4096;
    return said ? (int)jobs->number : 0;
}

/* The tree is there: what is said on top, and all that follows from it. */
static bool finish(Config *config, const Override *overrides, int n_overrides, Arena *arena, Config **out,
                   Error *err)
{
    config->file_jobs = jobs_said(config->conf->root);
    for (int i = 0; i < n_overrides; i++)
        if (!conf_set_at(config->conf, overrides[i].assignment, overrides[i].place, err)) return false;
    if (!interpret(config, arena, err)) return false;
    *out = config;
    return true;
}

/* What cannot be read may be rows, or one of our own that is not here. */
static bool not_read(const char *file, Error *err)
{
    const Builtin *ours = builtin_of_file(file);
    if (err->code == ERR_IO) err->code = ERR_CONFIG; /* a mistyped path: exit code 2 */
    if (ours && !file_exists(file)) {
        Error read = *err;
        if (ours->whole)
            return error_set(err, ERR_CONFIG, "%s; it is inside the program, too: `consort run %s`, and"
                                          " `consort init %s` prints it", read.message, ours->name, ours->name);
        return error_set(err, ERR_CONFIG, "%s; `consort init %s` prints it", read.message, ours->name);
    }
    return false;
}

bool config_refuse_data(const char *file, Error *err)
{
    if (!names_data(file) || !(file_exists(file) || source_is_query(file))) return true;
    return error_set(err, ERR_CONFIG, "%s is a data file, not a configuration; `consort run %s --label COLUMN`"
                     " learns from it, `consort init %s --label COLUMN` writes a configuration for it", file,
                     file, file);
}

bool config_read(const char *file, const Override *overrides, int n_overrides, Arena *arena,
                 Config **out, Error *err)
{
    const Builtin *ours = builtin_find(file);
    if (ours && ours->whole && !file_exists(file))
        return config_read_said(file, ours->text, "", overrides, n_overrides, arena, out, err);
    if (!config_refuse_data(file, err)) return false;
    Config *config = ARENA_NEW(arena, Config, 1);
    if (!config) return error_memory(err);
    config->file = file;
    config->folder = path_folder(arena, file);
    if (!config->folder) return error_memory(err);
    if (!conf_read_file(file, arena, &config->conf, err)) return not_read(file, err);
    return finish(config, overrides, n_overrides, arena, out, err);
}

bool config_read_said(const char *name, const char *text, const char *folder, const Override *overrides,
                      int n_overrides, Arena *arena, Config **out, Error *err)
{
    Config *config = ARENA_NEW(arena, Config, 1);
    if (!config) return error_memory(err);
    config->file = name;
    config->folder = folder;
    return conf_read_text(name, text, strlen(text), arena, &config->conf, err)
        && finish(config, overrides, n_overrides, arena, out, err);
}

bool config_read_text(const char *name, const char *text, const char *folder, Arena *arena,
                      Config **out, Error *err)
{
    return config_read_said(name, text, folder, NULL, 0, arena, out, err);
}
