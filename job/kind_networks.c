/* job/kind_networks.c - trials that train networks here: their metric, data, space and early termination in
 * the configuration, and the Objective that runs them. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/names.h"
#include "data/source.h"
#include "job/config_tables.h"
#include "job/kind.h"
#include "job/part.h"
#include "job/presets.h"

/* ---- metric and data ------------------------------------------------------------------------- */

/* The metrics of our own networks: the name says which way is better. */
static bool read_metric(Config *config, const ConfNode *name, Arena *arena, Error *err)
{
    const MetricSection *section = &config->metric_section;
    config->metric = metric_find(section->name);
    if (config->metric == METRIC_COUNT) {
        const char *bare = strncmp(section->name, "val_", 4) == 0 ? section->name + 4
                                                                  : section->name;
        return conf_error(name, err, "unknown metric `%s`%s", section->name,
                          names_suggest_as("; did you mean `val_", "`?", bare, metric_names,
                                           "; known: val_loss, val_accuracy, val_f1_macro, val_log_loss,"
                                           " val_balanced_accuracy, val_mcc, val_roc_auc, val_pr_auc, ..."
                                           " (`consort help config`)").text);
    }
    const ConfNode *node = conf_get(config->conf->root, "metric");
    if (section->pattern)
        return conf_error(conf_get(node, "pattern"), err, "`pattern` reads what a program prints; networks that"
                          " Consort trains have their metrics");
    if (section->take != 0)
        return conf_error(conf_get(node, "take"), err, "`take` is for programs; a network keeps the weights of"
                          " its best epoch (`train.best_of`)");
    if (section->numbers && strcmp(section->numbers, "auto") != 0) {
        const MetricId other = metric_find(section->numbers);
        if (other == METRIC_COUNT || !metric_is_for(other, TASK_NUMBERS))
            return conf_error(conf_get(node, "numbers"), err, "`numbers`: `%s` is no metric of numbers; write"
                              " auto or val_rmse", section->numbers);
    }
    config->maximize = metric_larger_is_better(config->metric);
    config->metric_name = metric_name(config->metric);
    config->metric_full = arena_print(arena, "val_%s", config->metric_name);
    return config->metric_full || error_memory(err);
}

/* "file.csv" or {images: a, labels: b}. */
static bool read_file(const ConfNode *node, DataFile *file, Error *err)
{
    static const char *const keys[] = {"images", "labels", NULL};
    if (node->kind == CONF_TEXT || node->kind == CONF_NUMBER) {
        file->images = node->text;
        return true;
    }
    if (node->kind != CONF_MAP)
        return conf_error(node, err, "`%s` is a path, or a map of images and labels", node->key);
    const char *where = strcmp(node->key, "test") == 0 ? "in `test`" : "in `train`";
    if (!conf_only_keys(node, where, keys, err)) return false;
    const ConfNode *images = conf_get(node, "images"), *labels = conf_get(node, "labels");
    if (!images || !labels || images->kind != CONF_TEXT || labels->kind != CONF_TEXT)
        return conf_error(node, err, "`%s` needs both `images` and `labels`, two paths", node->key);
    file->images = images->text;
    file->labels = labels->text;
    return true;
}

/* A path given with --set is relative to the working folder, whatever the configuration's is. */
static bool from_here(ConfNode *node, Arena *arena)
{
    char here[PATH_MAX];
    if (!node || node->line > 0 || node->kind != CONF_TEXT || !getcwd(here, sizeof here))
        return true;
    node->text = source_join(arena, here, node->text);
    return node->text != NULL;
}

static bool read_data(Config *config, Arena *arena, Error *err)
{
    DataOptions *data = &config->data;
    const ConfNode *section = conf_get(config->conf->root, "data");
    bool digits = data->read.format == FORMAT_DIGITS;
    if (!section)
        return error_set(err, ERR_CONFIG, "%s: there is no `data` section; it needs at least"
                         " `train: FILE` and, for tables, `label: COLUMN`", config->file);
    if (digits && data->train)
        return conf_key_error(data->train, err, "`format: digits` is generated; it takes `rows`,"
                              " `test_rows`, `digits_seed`, but no `train` file");
    if (!digits && !data->train)
        return conf_error(section, err, "`data` needs `train`, the file to learn from");
    ConfNode *map = config_member(config->conf->root, "data");
    const ConfNode *dir = conf_get(section, "dir");
    if (dir && dir->kind == CONF_NULL) dir = NULL;
    if (!dir
        && !(from_here(config_member(map, "train"), arena) && from_here(config_member(map, "test"), arena)))
        return error_memory(err);
    if (data->train && !read_file(data->train, &data->train_file, err)) return false;
    if (data->test) {
        bool part = data->test->kind == CONF_MAP && !conf_get(data->test, "images")
                 && !conf_get(data->test, "labels");
        if (part ? !field_read(&test_fields, data->test, &data->test_part, arena, err)
                 : !read_file(data->test, &data->test_file, err))
            return false;
    }
    if (data->train_file.images && data->test_file.images && strcmp(data->train_file.images, "-") == 0
        && strcmp(data->test_file.images, "-") == 0)
        return conf_error(data->test, err,
                          "`train` and `test` are both standard input, which is read once; write one"
                          " of them to a file");
    /* Relative paths are relative to the configuration file, those of --set to where one stands. */
    if (!dir)
        data->read.dir = config->folder;
    else if (dir->line > 0)
        data->read.dir = path_join(arena, config->folder, data->read.dir);
    if (!data->read.dir) return error_memory(err);
    Error why;
    if (split_check(&data->split, data->read.order, data->read.groups, false, &why)) return true;
    const ConfNode *split = conf_get(section, "split"); /* one that was not written has nothing to refuse */
    return split ? conf_error(split, err, "%s", why.message) : error_set(err, why.code, "%s", why.message);
}

/* ---- the space ------------------------------------------------------------------------------- */

/* The node of a setting that stands in a fixed section, by dotted name. */
static const ConfNode *fixed_node(const ConfNode *section, const char *name)
{
    char head[256];
    const char *dot = strchr(name, '.');
    const Field *wanted = settings_field(name);
    if (!section) return NULL;
    if (!dot) {
        for (const ConfNode *node = section->first; node; node = node->next)
            if (wanted && settings_field(node->key) == wanted) return node; /* by any of its names */
        return conf_get(section, name);
    }
    size_t n = (size_t)(dot - name);
    if (n >= sizeof head) return NULL;
    memcpy(head, name, n);
    head[n] = '\0';
    return fixed_node(conf_get(section, head), dot + 1);
}

/* By the setting's own name, whatever alias stands in the file. */
static const Param *find_param(const Space *space, const char *name)
{
    for (int i = 0; i < space->n_params; i++)
        if (strcmp(settings_field(space->params[i].name)->name, name) == 0)
            return &space->params[i];
    return NULL;
}

/* The largest whole number that a parameter can take. */
static int largest(const Param *param)
{
    if (param->distribution == DIST_DERIVED) return 0; /* only a trial knows */
    double most = param->n_choices > 0 ? 0 : param->high;
    for (int c = 0; c < param->n_choices; c++) most = fmax(most, param->choices[c].number);
    return isfinite(most) ? (int)fmin(most, TRAIN_MAX_WIDTHS) : TRAIN_MAX_WIDTHS;
}

/* Either `hidden`, or `num_layers` with a width for each layer it can count: a mixture would fail
 * every trial that meets it, so it is found here, before the first. */
static bool check_architecture(Config *config, Error *err)
{
    TrainOptions *train = &config->settings.train;
    const Space *space = config->space;
    const ConfNode *section = conf_get(config->conf->root, "train");
    const ConfNode *fixed_hidden = fixed_node(section, "hidden");
    const ConfNode *fixed_layers = fixed_node(section, "num_layers");
    const Param *layers = find_param(space, "num_layers"), *hidden = find_param(space, "hidden");
    const ConfNode *at = layers ? layers->node : fixed_layers;
    int n = layers ? largest(layers) : train->num_layers;
    if (n == 0 && !(layers && layers->distribution == DIST_DERIVED)) at = NULL;
    if (at && hidden)
        return conf_key_error(hidden->node, err, "`hidden` and `num_layers` (line %d) are two forms of"
                              " the same thing; keep one", at->key_line);
    if (at && fixed_hidden)
        return conf_key_error(fixed_hidden, err, "`hidden` and `num_layers` (line %d) are two forms of"
                              " the same thing; keep one", at->key_line);
    if (at) train->hidden.n = 0; /* the default gives way */
    if (at && config->presets)
        return conf_key_error(at, err, "a preset has `hidden`; with `preset` searched, widths are searched as"
                              " `hidden: {values: [[64], [128, 64]]}`");
    for (int i = 0; i < TRAIN_MAX_WIDTHS; i++) {
        char name[32];
        snprintf(name, sizeof name, "width_%d", i + 1);
        const Param *width = find_param(space, name);
        if (i < n && !width && train->width[i] == 0)
            return conf_key_error(at, err, "`num_layers` goes up to %d, but there is no `%s`; give it a"
                                  " range, or a value in `train`", n, name);
        if (width && !at)
            return conf_key_error(width->node, err, "`%s` needs `num_layers` beside it; or write the"
                                  " widths as `hidden: {values: [[64], [128, 64]]}`", name);
    }
    return true;
}

/* Where `preset` is searched: the settings of each, and the first of them for what needs one. */
static bool read_presets(Config *config, Arena *arena, Error *err)
{
    const Param *param = find_param(config->space, "preset");
    const ConfNode *said = conf_get(config->conf->root, "preset");
    const ConfNode *numbers = config->for_numbers ? conf_get(config->conf->root, "numbers") : NULL;
    if (numbers && conf_get(numbers, "preset")) said = conf_get(numbers, "preset");
    config->presets = NULL;
    if (!param) return true;
    if (param->n_choices == 0)
        return conf_error(param->node, err, "`preset` is one of a list: {values: [default, ple]}");
    if (said && said->kind != CONF_NULL)
        return conf_key_error(said, err, "`preset` is fixed here and searched in `parameters` (line %d);"
                              " keep one", param->node->key_line);
    config->preset = NULL;
    const Settings **of = ARENA_NEW(arena, const Settings *, PRESET_COUNT);
    if (!of) return error_memory(err);
    for (int c = param->n_choices; c-- > 0;) {
        Settings *settings = ARENA_NEW(arena, Settings, 1);
        if (!settings) return error_memory(err);
        if (!config_on_preset(config, param->choices[c].text, arena, settings, err)
            || !settings_assign(settings, "preset", &param->choices[c], arena, err))
            return false;
        of[settings->preset] = settings;
        config->settings = *settings;
    }
    config->presets = of;
    return true;
}

/* Of presets that are searched, one that is none is answered as where it is fixed. */
static bool check_presets(const Space *space, Error *err)
{
    const int p = space_find(space, "preset");
    const Param *param = p >= 0 ? &space->params[p] : NULL;
    for (int c = 0; param && c < param->n_choices; c++)
        if (param->choices[c].kind == VALUE_TEXT && !preset_named(param->choices[c].text, param->node, err))
            return false;
    return true;
}

static bool read_space(Config *config, Arena *arena, Error *err)
{
    const ConfNode *root = config->conf->root, *data = conf_get(root, "data");
    if (!read_data(config, arena, err)
        || !space_read_limits(config->parameters, config->constraints, objective_extras, config_reports, arena,
                              &config->space, err)
        || !check_presets(config->space, err) || !settings_check_space(config->space, arena, err)
        || !read_presets(config, arena, err))
        return false;
    for (int i = 0; i < config->space->n_params; i++) {
        const Param *param = &config->space->params[i];
        const ConfNode *fixed = fixed_node(conf_get(root, "train"), param->name);
        if (!fixed && data) fixed = fixed_node(conf_get(data, "preprocess"), param->name);
        if (fixed && !param->before)
            return conf_key_error(fixed, err,
                                  "`%s` is fixed here and searched in `parameters` (line %d);"
                                  " keep one", fixed->key, param->node->key_line);
        const Field *field = settings_field(param->name);
        for (int j = 0; j < i; j++)
            if (settings_field(config->space->params[j].name) == field)
                return conf_key_error(param->node, err, "`%s` and `%s` are the same setting; keep one",
                                      config->space->params[j].name, param->name);
    }
    return check_architecture(config, err);
}

/* ---- early termination ----------------------------------------------------------------------- */

static int most_epochs(const Config *config)
{
    double most = 0;
    for (int i = 0; i < config->space->n_params; i++) {
        const Param *param = &config->space->params[i];
        if (settings_field(param->name) != settings_field("epochs")) continue;
        for (int c = 0; c < param->n_choices; c++) most = fmax(most, param->choices[c].number);
        if (param->n_choices == 0 && param->distribution != DIST_DERIVED) most = fmax(most, param->most);
    }
    if (most >= 1 && most < INT_MAX) return (int)most;
    for (int p = 0; config->presets && p < PRESET_COUNT; p++)
        if (config->presets[p]) most = fmax(most, config->presets[p]->train.epochs);
    return fmax(most, config->settings.train.epochs);
}

static bool read_pruner(Config *config, Arena *arena, Error *err)
{
    const ConfNode *node = config->early_terminate;
    PrunerOptions *pruner = &config->pruner;
    const ConfNode *max = node && pruner_pauses(pruner) ? conf_get(node, "max_iter") : NULL;
    if (max)
        return conf_key_error(max, err, "`max_iter`: the epochs of a network are known (`train.epochs`); for"
                              " this type the key is for programs");
    if (pruner->type == PRUNER_PATIENCE)
        return conf_error(conf_get(node, "type"), err, "`type: patience` is for programs; networks have"
                          " `train.patience`");
    int epochs = most_epochs(config), grace = pruner_grace(epochs);
    config->full_epochs = epochs;
    const ConfNode *min = node ? conf_get(node, "min_iter") : NULL;
    bool too_early = pruner->min_iter < 3 || 2 * pruner->min_iter < grace;
    if (min && too_early && 2 * grace <= epochs) {
        char *said = arena_print(arena, "`early_terminate.min_iter`: trials are judged from epoch %g of %d,"
                                 " when their order says little yet; without `min_iter` it would be epoch %d",
                                 pruner->min_iter, epochs, grace);
        if (!said || !config_notice(config, arena, said)) return error_memory(err);
    }
    pruner_resolve(pruner, epochs);
    if (config->goals.n > 0 && pruner->type != PRUNER_NONE && pruner->type != PRUNER_FORECAST
        && !config_notice(config, arena,
                   arena_print(arena, "`early_terminate` looks at %s alone: it stops trials that are worse"
                               " there, even if they would be better in what else is asked for",
                               config->goals.goal[0].name)))
        return error_memory(err);
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Of a map as printed only what `said` or `also` has: what a preset says, it says when it is read. */
static void keep_said(ConfNode *map, const ConfNode *said, const ConfNode *also)
{
    for (ConfNode **at = map ? &map->first : NULL; at && *at;) {
        ConfNode *node = *at;
        const ConfNode *one = fixed_node(said, node->key), *other = fixed_node(also, node->key);
        if (one || other) {
            if (node->kind == CONF_MAP) keep_said(node, one, other);
            at = &node->next;
            continue;
        }
        *at = node->next;
        map->n--;
    }
}

static void keep_what_is_said(const Config *config, ConfNode *train, ConfNode *prep)
{
    const ConfNode *root = config->conf->root, *data = conf_get(root, "data");
    const ConfNode *numbers = config->for_numbers ? conf_get(root, "numbers") : NULL;
    keep_said(train, conf_get(root, "train"), numbers ? conf_get(numbers, "train") : NULL);
    keep_said(prep, data ? conf_get(data, "preprocess") : NULL,
              numbers ? conf_get(numbers, "preprocess") : NULL);
}

/* What is searched is not fixed as well: the settings that `parameters` names are left out. */
static bool print_unsearched(const Config *config, const Text *whole, Arena *arena, Text *out)
{
    Conf *conf;
    Error err;
    if (!text_ok(whole)
        || !conf_read_text("resolved", whole->bytes, whole->n, arena, &conf, &err))
        return false;
    if (config->metrics) config_remove(conf->root, "metric"); /* one or the other */
    ConfNode *train = config_member(conf->root, "train"), *data = config_member(conf->root, "data");
    ConfNode *prep = data ? config_member(data, "preprocess") : NULL;
    if (config->presets) keep_what_is_said(config, train, prep);
    const TrainOptions *t = &config->settings.train;
    /* Of the two forms of architecture only the one in use is printed. */
    bool layers = t->num_layers > 0;
    for (int i = 0; i < config->space->n_params; i++)
        layers |= settings_field(config->space->params[i].name) == settings_field("num_layers");
    if (layers) config_remove(train, "hidden");
    else config_remove(train, "num_layers");
    for (int i = 0; i < TRAIN_MAX_WIDTHS; i++) {
        char width[32];
        snprintf(width, sizeof width, "width_%d", i + 1);
        if (t->width[i] == 0) config_remove(train, width);
    }
    for (int i = 0; i < config->space->n_params; i++) {
        const char *name = config->space->params[i].name;
        if (config->space->params[i].before) continue; /* trials from before it was searched have it so */
        if (!strchr(name, '.')) name = settings_field(name)->name; /* an alias is printed in full */
        config_remove(train, name);
        config_remove(prep, name);
    }
    return conf_print(conf->root, out);
}

static void say_all(const Settings *settings, Text *out)
{
    field_print_yaml(&train_fields, &settings->train, 0, out);
    field_print_yaml(&prep_fields, &settings->prep, 0, out);
    field_print_yaml(&missing_fields, &settings->prep, 0, out);
}

static void say_settings(const Config *c, Text *out)
{
    if (!c->presets) say_all(&c->settings, out);
    for (int p = 0; c->presets && p < PRESET_COUNT; p++)
        if (c->presets[p]) text_print(out, "%s:\n", preset_names[p]), say_all(c->presets[p], out);
}

/* ---- the study ------------------------------------------------------------------------------- */

static bool is_meant(const Config *config)
{
    (void)config; /* where nothing else is */
    return true;
}

static bool check_sections(const Config *config, Error *err)
{
    if (conf_get(config->conf->root, "data")) return true; /* all other sections are about networks, too */
    return error_set(err, ERR_CONFIG, "%s: there is neither `program` nor a `data` section: `program: train.py`"
                     " runs a program of yours for each trial, `data: {train: FILE.csv, label: COLUMN}` trains"
                     " networks", config->file);
}

static bool create(const Config *config, const Data *data, const char *folder, Arena *arena, Runner *out,
                   Error *err)
{
    (void)arena;
    ObjectiveOptions options = {
        .table = data->train, .split = data->split, .settings = &config->settings, .presets = config->presets,
        .space = config->space, .metric = config->metric, .positive = data->positive,
        .seed = part_seed(config), .name = config->name, .folder = folder,
        .time_cap_s = config->run.trial_time_cap, .repeats = config->repeats, .pruner = &config->pruner,
        .goals = &config->goals, .memory_cap = config->run.memory_cap,
        .threads = config->run.threads_per_trial, .checkpoint_s = config->run.checkpoint_every};
    Objective *objective;
    if (!objective_create(&options, &objective, err)) return false;
    *out = objective_runner(objective);
    return true;
}

static void destroy(Runner *runner)
{
    objective_destroy(runner->self);
}

const TrialKind networks_kind = {
    .name = "networks", .trains = true, .is_meant = is_meant, .check_sections = check_sections,
    .read_metric = read_metric, .read_space = read_space, .read_pruner = read_pruner,
    .say_settings = say_settings, .print = print_unsearched, .load = data_load, .create = create,
    .destroy = destroy};
