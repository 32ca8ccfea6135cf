/* job/kind_program.c - trials that run a program of the user's: what the configuration may say then, and the
 * Program that runs them. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/config_tables.h"
#include "job/kind.h"
#include "job/part.h"
#include "tuner/trial/program.h"

static const char *const of_networks[] = {"data", "train", "preset", "numbers", "portfolio", "ensemble", NULL};

static const ConfNode *key_of_program(const Config *config)
{
    const ConfNode *node = conf_get(config->conf->root, "program");
    return node ? node : conf_get(config->conf->root, "command");
}

static bool is_meant(const Config *config)
{
    return config->program || config->command;
}

static bool check_sections(const Config *config, Error *err)
{
    const ConfNode *root = config->conf->root, *program = key_of_program(config);
    for (int i = 0; of_networks[i]; i++) {
        const ConfNode *node = conf_get(root, of_networks[i]);
        if (node)
            return conf_key_error(node, err, "`%s` is for networks that Consort trains, but `%s` (line %d)"
                                  " runs a program, which gets all it needs from `parameters` and"
                                  " `command`; leave out one of the two", node->key, program->key,
                                  program->key_line);
    }
    const ConfNode *run = conf_get(root, "run"), *cap = run ? conf_get(run, "memory_cap") : NULL;
    if (cap && config->run.memory_cap > 0)
        return conf_key_error(cap, err, "`memory_cap` is for networks that Consort trains: what a program"
                              " will take is not known; limit it in its `command` (ulimit, systemd-run)");
    return true;
}

/* Any name; minimized unless `goal` says otherwise, as W&B does. */
static bool read_metric(Config *config, const ConfNode *name, Arena *arena, Error *err)
{
    const ConfNode *root = config->conf->root, *node = conf_get(root, "metric");
    const MetricSection *section = &config->metric_section;
    config->metric = METRIC_COUNT;
    config->maximize = false;
    if (!node) { /* a grid of runs needs none */
        const ConfNode *method = conf_get(root, "method"), *early = config->early_terminate;
        config->metric_name = NULL;
        config->metric_full = "none";
        if (config->sampler == &sampler_grid || config->sampler == &sampler_random) {
            if (!early) return true;
            return conf_key_error(early, err, "`early_terminate` compares trials by a metric; add"
                                  " `metric: {name: ...}`, as the program reports it");
        }
        return conf_error(method ? method : root, err, "a search needs `metric: {name: ...}`, as the"
                          " program reports it; only `method: grid` and `random` do without");
    }
    if (!*section->name || strlen(section->name) > 200)
        return conf_error(name, err, "`name` needs 1 to 200 characters");
    if (section->pattern) {
        char why[160];
        Pattern *pattern = pattern_create(section->pattern, why);
        if (!pattern) return conf_error(conf_get(node, "pattern"), err, "`pattern`%s", why);
        pattern_destroy(pattern);
    }
    config->metric_name = config->metric_full = section->name;
    MetricId known = metric_find(section->name);
    if (section->goal || known == METRIC_COUNT || !metric_larger_is_better(known)) return true;
    const char *text = arena_print(arena, "%s:%d: `%s` is minimized, as W&B does where there is no `goal`;"
                                   " write `goal: maximize`", node->file, node->key_line, section->name);
    return config_notice(config, arena, text) || error_memory(err);
}

/* From where one stands, as `wandb agent` would; if it is not there, beside the configuration. The name of
 * a file gets a slash, so that it can be run, too; a module's name stays what it is. */
static const char *find_program(const Config *config, Arena *arena)
{
    const char *program = config->program;
    if (file_exists(program))
        return strchr(program, '/') ? program : arena_print(arena, "./%s", program);
    const char *beside = path_join(arena, config->folder, program);
    return !beside || file_exists(beside) ? beside : program;
}

static bool reports_any(const char *name)
{
    (void)name;
    return true;
}

/* What is no parameter is taken for a metric of the program's: said where a parameter has nearly that name. */
static bool say_limits(Config *config, Arena *arena, Error *err)
{
    const Space *space = config->space;
    const ConfNode *node = conf_get(config->conf->root, "constraints");
    const char **names = ARENA_NEW(arena, const char *, space->n_params + 1);
    if (!names) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) names[i] = space->params[i].name;
    for (int i = 0; i < space->n_limits; i++) {
        const char *name = space->limits[i].name, *near = text_nearest(name, names);
        if (!near) continue;
        char line[16] = "";
        if (node->key_line > 0) snprintf(line, sizeof line, ":%d", node->key_line);
        const char *text = arena_print(arena, "%s%s: `%s` is no parameter, and taken for a metric that the"
                                       " program reports; the parameter is `%s`", node->file, line, name, near);
        if (!config_notice(config, arena, text)) return error_memory(err);
    }
    return true;
}

/* The space, whose names are free, and the command line. */
static bool read_space(Config *config, Arena *arena, Error *err)
{
    static const char *const none[] = {NULL};
    if (config->program) {
        if (!*config->program)
            return conf_error(conf_get(config->conf->root, "program"), err, "`program` is empty");
        config->program = find_program(config, arena);
        if (!config->program) return error_memory(err);
    }
    return space_read_limits(config->parameters, config->constraints, none, reports_any, arena, &config->space,
                             err)
        && say_limits(config, arena, err)
        && command_read(config->program, config->command, config->space, config->parameters, arena,
                        &config->command_line, err);
}

static bool read_pruner(Config *config, Arena *arena, Error *err)
{
    (void)arena;
    PrunerOptions *pruner = &config->pruner;
    if (!pruner_pauses(pruner)) {
        pruner_resolve(pruner, 0);
        return true;
    }
    const ConfNode *node = config->early_terminate, *max = conf_get(node, "max_iter");
    if (!max)
        return conf_error(conf_get(node, "type"), err, "this type pauses a program at shares of a whole run: it"
                          " needs `max_iter`, how often a program reports when it runs to its end");
    if (pruner->max_iter < 2 || pruner->max_iter > TRIAL_MAX_CURVE || pruner->max_iter <= pruner->min_iter)
        return conf_error(max, err, "`max_iter` must be 2 to %d, and more than `min_iter`", TRIAL_MAX_CURVE);
    config->full_epochs = (int)pruner->max_iter;
    pruner_resolve(pruner, config->full_epochs);
    return true;
}

static void say_settings(const Config *config, Text *out)
{
    text_print(out, "program %s\n", config->program ? path_base(config->program) : "");
    if (config->command) conf_print(config->command, out);
}

/* Without what is about networks. */
static bool print(const Config *config, const Text *whole, Arena *arena, Text *out)
{
    Conf *conf;
    if (!text_ok(whole) || !conf_read_text("resolved", whole->bytes, whole->n, arena, &conf, NULL))
        return false;
    for (int i = 0; of_networks[i]; i++) config_remove(conf->root, of_networks[i]);
    if (!config->metric_name || config->metrics) config_remove(conf->root, "metric");
    return conf_print(conf->root, out);
}

/* ---- the study ------------------------------------------------------------------------------- */

static bool load(Config *config, Arena *arena, Data *out, Error *err)
{
    *out = (Data){0};
    return program_check(&config->command_line, arena, err);
}

static bool create(const Config *config, const Data *data, const char *folder, Arena *arena, Runner *out,
                   Error *err)
{
    (void)data;
    int n = config->goals.n;
    const char **metrics = ARENA_NEW(arena, const char *, n + 1);
    if (!metrics) return error_memory(err);
    for (int i = 0; i < n; i++) metrics[i] = config->goals.goal[i].name;
    if (n == 0 && config->metric_name) metrics[n++] = config->metric_name;
    ProgramOptions options = {
        .command = &config->command_line, .n_metrics = n, .metrics = metrics,
        .pattern = config->metrics ? NULL : config->metric_section.pattern,
        .take = config->metrics ? TAKE_LAST : config->metric_section.take,
        .maximize = config->maximize, .seed = part_seed(config), .name = config->name,
        .folder = folder, .time_cap_s = config->run.trial_time_cap, .grace_s = config->run.grace,
        .pruner = &config->pruner, .goals = &config->goals, .repeats = config->repeats,
        .full_reports = config->full_epochs};
    Program *program;
    if (!program_create(&options, &program, err)) return false;
    *out = program_runner(program);
    return true;
}

static void destroy(Runner *runner)
{
    program_destroy(runner->self);
}

const TrialKind program_kind = {
    .name = "program", .any_metric = true, .is_meant = is_meant, .check_sections = check_sections,
    .read_metric = read_metric, .read_space = read_space, .read_pruner = read_pruner,
    .say_settings = say_settings, .print = print, .load = load, .create = create, .destroy = destroy};
