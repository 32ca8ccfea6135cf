#include "job/config.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/config_internal.h"
#include "job/portfolio.h"
#include "job/presets.h"
#include "tuner/search/samplers.h"

static const char *const interval_names[] = {"none", "bootstrap", NULL};
static const char *const truths[] = {"true", "false", NULL}; /* older files have them as words */

/* ---- the tables ------------------------------------------------------------------------------ */

#define R(member) offsetof(RunOptions, member)
static const Field run_list[] = {
    {"dir", FIELD_TEXT, R(dir), .help = "the study's folder (default runs/NAME)"},
    {"db", FIELD_TEXT, R(db), .help = "a database shared by many studies (default DIR/trials.db)"},
    {"jobs", FIELD_INT, R(jobs), "auto", 0, 4096, .zero_word = "auto",
     .help = "trials at the same time; auto: one a core; programs: one"},
    {"threads_per_trial", FIELD_INT, R(threads_per_trial), "1", 1, 256,
     .help = "threads that share each step of a trial: for single runs of large networks; same result"},
    {"seed", FIELD_INT, R(seed), "0", 0, 2147483647, .help = "everything random follows from it"},
    {"lookback", FIELD_INT, R(lookback), "8", 1, 4096,
     .help = "proposal n sees results up to n - lookback; part of the study's identity"},
    {"time_cap", FIELD_DURATION, R(time_cap), "none", .zero_word = "none",
     .help = "start no trial after this long: 15m, 8h"},
    {"trial_time_cap", FIELD_DURATION, R(trial_time_cap), "none", .zero_word = "none",
     .help = "a trial that takes longer fails with TIMEOUT; makes the study depend on the clock"},
    {"max_failed", FIELD_INT, R(max_failed), "none", 0, 1000000, .zero_word = "none",
     .help = "stop the sweep after this many failed trials"},
    {"deterministic", FIELD_CHOICE, R(async), "true", .choices = truths,
     .help = "the same study for any number of jobs; false: look at every result at once (--async)"},
    {"keep_models", FIELD_INT, R(keep_models), "20", 0, 1000000, .zero_word = "all",
     .help = "weights and predictions are kept of the best so many trials"},
    {"disk_cap", FIELD_BYTES, R(disk_cap), "none", .zero_word = "none",
     .help = "keep fewer when they take more than this: 2GiB"},
    {"memory_cap", FIELD_BYTES, R(memory_cap), "none", .zero_word = "none",
     .help = "of all trials together; one that needs more is INFEASIBLE; none: what the machine has"},
    {"checkpoint_every", FIELD_DURATION, R(checkpoint_every), "1m", .zero_word = "never",
     .help = "how often a long run's state is written, so that a killed trial goes on from there"},
    {"grace", FIELD_DURATION, R(grace), "10s",
     .help = "a program that is to stop gets SIGTERM, and this long after it SIGKILL"},
};
const FieldTable run_fields = FIELD_TABLE("run", run_list);

#define P(member) offsetof(ReportOptions, member)
static const Field report_list[] = {
    {"html", FIELD_TEXT, P(html), .help = "where to write the page (default DIR/report.html)"},
    {"json", FIELD_TEXT, P(json), .help = "where to write the numbers (default DIR/report.json)"},
    {"markdown", FIELD_TEXT, P(markdown), .help = "where to write the text (default DIR/report.md)"},
    {"positive_class", FIELD_TEXT, P(positive_class),
     .help = "for ROC and PR of two classes (default: the second)"},
    {"ci", FIELD_CHOICE, P(ci), "bootstrap", .choices = interval_names,
     .help = "95 % intervals of every metric"},
    {"top", FIELD_INT, P(top), "20", 1, 100000, .help = "rows of the leaderboard"},
};
const FieldTable report_fields = FIELD_TABLE("report", report_list);

#define M(member) offsetof(MetricSection, member)
static const Field metric_list[] = {
    {"name", FIELD_TEXT, M(name), "val_loss", .help = "val_loss, val_accuracy, val_f1_macro, ..."},
    {"goal", FIELD_TEXT, M(goal), .help = "minimize or maximize (default: what the metric means)"},
    {"target", FIELD_NODE, M(target), .help = "stop the sweep when a trial reaches it"},
    {"impute", FIELD_TEXT, M(impute), "worst",
     .help = "value of failed trials in bayes; only worst is supported"},
    {"impute_while_running", FIELD_TEXT, M(impute_while_running), "false",
     .help = "accepted; pending trials are believed at the model's mean"},
};
static const FieldTable metric_fields = FIELD_TABLE("metric", metric_list);

static const Field plateau_list[] = {
    {"trials", FIELD_INT, offsetof(PlateauOptions, trials), "0", 0, 1000000,
     .help = "stop when so many trials in a row bring no gain; 0: off"},
    {"min_delta", FIELD_REAL, offsetof(PlateauOptions, min_delta), "0.0005", 0, 1e9,
     .help = "what counts as a gain"},
};
static const FieldTable plateau_fields = FIELD_TABLE("plateau", plateau_list);
static const Field stop_list[] = {
    {"plateau", FIELD_SECTION, 0, .section = &plateau_fields, .help = "no more progress"},
};
static const FieldTable stop_fields = FIELD_TABLE("stop", stop_list);

static const Field finalists_list[] = {
    {"top", FIELD_INT, offsetof(FinalistOptions, top), "3", 1, 1000, .help = "the best so many trials"},
    {"seeds", FIELD_INT, offsetof(FinalistOptions, seeds), "0", 0, 1000,
     .help = "each is run again on so many fresh seeds; 0: off"},
};
static const FieldTable finalists_fields = FIELD_TABLE("finalists", finalists_list);

#define C(member) offsetof(Config, member)
static const Field data_list[] = {
    {"train", FIELD_NODE, C(data.train), .help = "a file, or {images: FILE, labels: FILE}"},
    {"test", FIELD_NODE, C(data.test),
     .help = "a file, {images, labels}, or {fraction: 0.2, stratify: true, seed: 99}"},
    {"split", FIELD_SECTION, C(data.split), .section = &split_fields, .help = "validation rows"},
    {"preprocess", FIELD_SECTION, C(settings.prep), .section = &prep_fields,
     .help = "how columns become numbers"},
    {"missing", FIELD_SECTION, C(settings.prep), .section = &missing_fields,
     .help = "what missing cells become"},
};

static const Field root_list[] = {
    {"name", FIELD_TEXT, C(name), .help = "the study's name (default: the file's)"},
    {"description", FIELD_TEXT, C(description), .help = "a line or two about it"},
    {"project", FIELD_TEXT, C(project), .help = "a tag"},
    {"preset", FIELD_TEXT, C(preset),
     .help = "defaults of train and data.preprocess in one word: see `consort help presets`"},
    {"method", FIELD_TEXT, C(method), "bayes", .help = SAMPLER_METHODS},
    {"metric", FIELD_SECTION, C(metric_section), .section = &metric_fields,
     .help = "what is optimized"},
    {"metrics", FIELD_NODE, C(metrics),
     .help = "several at once, instead of `metric`: a list of {name, goal, target}"},
    {"run_cap", FIELD_INT, C(run_cap), "none", 0, 100000000, .zero_word = "none",
     .help = "trials of the whole study"},
    {"cost_aware", FIELD_INT, C(cost_aware), "none", 0, 1000000, .zero_word = "none",
     .help = "bayes: prefer what trains quickly, less and less over so many trials"},
    {"early_terminate", FIELD_NODE, C(early_terminate),
     .help = "stop a trial that falls behind; its keys:"},
    {"baseline", FIELD_BOOL, C(baseline), "true",
     .help = "trial 0 is the defaults (grid: only when asked for)"},
    {"portfolio", FIELD_INT, C(portfolio), "0", 0, PORTFOLIO_SIZE,
     .help = "tables: so many settings that did well on others run first"},
    {"enqueue", FIELD_NODE, C(enqueue), .help = "configurations to run first: a list of maps"},
    {"parameters", FIELD_NODE, C(parameters), .help = "the search space"},
    {"constraints", FIELD_NODE, C(constraints),
     .help = "expressions over parameters and n_params, model_bytes, flops, latency_us"},
    {"program", FIELD_TEXT, C(program),
     .help = "a program of your own, run for each trial instead of training networks"},
    {"command", FIELD_NODE, C(command),
     .help = "its command line: a list of words, with W&B's macros ${program}, ${args}, ..."},
    {"data", FIELD_SECTION, 0, .help = "what is learned from"},
    {"train", FIELD_SECTION, C(settings.train), .section = &train_fields,
     .help = "settings that are not searched"},
    {"run", FIELD_SECTION, C(run), .section = &run_fields, .help = "how the sweep is run"},
    {"stop", FIELD_SECTION, C(plateau), .section = &stop_fields, .help = "when it has had enough"},
    {"finalists", FIELD_SECTION, C(finalists), .section = &finalists_fields,
     .help = "the leaders run again when the search is over; who has the best mean wins"},
    {"ensemble", FIELD_SECTION, C(ensemble), .section = &ensemble_fields,
     .help = "what is built from the trials"},
    {"report", FIELD_SECTION, C(report), .section = &report_fields, .help = "what is written"},
    {"apiVersion", FIELD_NODE, C(unused.api_version), .help = "W&B's; ignored"},
    {"kind", FIELD_NODE, C(unused.kind), .help = "W&B's; ignored"},
    {"entity", FIELD_NODE, C(unused.entity), .help = "W&B's; ignored"},
    {"job", FIELD_NODE, C(unused.job), .help = "W&B's; not used by Consort"},
    {"image_uri", FIELD_NODE, C(unused.image_uri), .help = "W&B's; not used by Consort"},
    {"controller", FIELD_NODE, C(unused.controller), .help = "W&B's; not used by Consort"},
    {"scheduler", FIELD_NODE, C(unused.scheduler), .help = "W&B's; runs Python, refused"},
};
enum { N_ROOT = sizeof root_list / sizeof *root_list, N_DATA = sizeof data_list / sizeof *data_list };

/* The root table with its `data` section, which is the readers' table and ours as one. */
typedef struct {
    FieldTable root, data;
    Field root_fields[N_ROOT], data_fields[64];
} Tables;

static void tables_make(Tables *tables)
{
    memcpy(tables->root_fields, root_list, sizeof root_list);
    int n = 0;
    for (int i = 0; i < N_DATA; i++) tables->data_fields[n++] = data_list[i];
    for (int i = 0; i < read_fields.n && n < 64; i++) {
        tables->data_fields[n] = read_fields.fields[i];
        tables->data_fields[n++].offset += C(data.read);
    }
    tables->data = (FieldTable){"data", tables->data_fields, n};
    tables->root = (FieldTable){"the configuration", tables->root_fields, N_ROOT};
    for (int i = 0; i < N_ROOT; i++)
        if (strcmp(tables->root_fields[i].name, "data") == 0)
            tables->root_fields[i].section = &tables->data;
}

/* ---- checks that need more than one key ------------------------------------------------------ */

bool config_notice(Config *config, Arena *arena, const char *text)
{
    enum { MOST = 64 };
    if (!config->notices) config->notices = ARENA_NEW(arena, const char *, MOST);
    if (!config->notices || !text) return false;
    if (config->n_notices < MOST) config->notices[config->n_notices++] = text;
    return true;
}

static bool read_unused(Config *config, Arena *arena, Error *err)
{
    const UnusedSection *u = &config->unused;
    if (u->scheduler)
        return conf_key_error(u->scheduler, err,
                              "`scheduler` runs Python; Consort searches itself: use `method:`");
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
    if (!goals_read(config->metrics, config->runs_program, goals, err)) return false;
    config->metric = goals->goal[0].metric;
    config->maximize = goals->goal[0].maximize;
    config->target = NAN; /* all of them at once: the study's goals know */
    return name_metric(config, goals->goal[0].name, arena, err);
}

/* The metrics of our own networks: the name says which way is better. */
static bool read_known_metric(Config *config, const ConfNode *name, Arena *arena, Error *err)
{
    const MetricSection *section = &config->metric_section;
    config->metric = metric_find(section->name);
    if (config->metric == METRIC_COUNT) {
        const char *bare = strncmp(section->name, "val_", 4) == 0 ? section->name + 4
                                                                  : section->name;
        const char *near = text_nearest(bare, metric_names);
        if (near)
            return conf_error(name, err, "unknown metric `%s`; did you mean `val_%s`?",
                              section->name, near);
        return conf_error(name, err, "unknown metric `%s`; known: val_loss, val_accuracy,"
                          " val_f1_macro, val_log_loss, val_balanced_accuracy, val_mcc,"
                          " val_roc_auc, val_pr_auc, ... (`consort help config`)", section->name);
    }
    config->maximize = metric_larger_is_better(config->metric);
    return name_metric(config, section->name, arena, err);
}

static bool read_metric(Config *config, Arena *arena, Error *err)
{
    if (config->metrics) return read_metrics(config, arena, err);
    const MetricSection *section = &config->metric_section;
    const ConfNode *node = conf_get(config->conf->root, "metric");
    const ConfNode *name = node ? conf_get(node, "name") : NULL;
    const ConfNode *goal = node ? conf_get(node, "goal") : NULL;
    if (node && !name) return conf_error(node, err, "`metric` needs a `name`, such as val_f1_macro");
    if (config->runs_program ? !config_program_metric(config, arena, err)
                             : !read_known_metric(config, name, arena, err))
        return false;
    if (section->goal) {
        bool minimize = strcmp(section->goal, "minimize") == 0;
        if (!minimize && strcmp(section->goal, "maximize") != 0)
            return conf_error(goal, err, "`goal` is `%s`; it is minimize or maximize",
                              section->goal);
        if (config->runs_program)
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
        if (section->target->kind != CONF_NUMBER)
            return conf_error(section->target, err, "`target` must be a number");
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
    const char *near = text_nearest(config->method, sampler_names);
    if (near)
        return conf_error(node, err, "unknown method `%s`; did you mean `%s`?", config->method,
                          near);
    return conf_error(node, err, "unknown method `%s`; one of " SAMPLER_METHODS,
                      config->method);
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

static ConfNode *member(ConfNode *map, const char *key)
{
    for (ConfNode *node = map->first; node; node = node->next)
        if (strcmp(node->key, key) == 0) return node;
    return NULL;
}

/* A path given with --set is relative to the working folder, whatever the configuration's is. */
static bool from_here(ConfNode *node, Arena *arena)
{
    char here[PATH_MAX];
    if (!node || node->line > 0 || node->kind != CONF_TEXT || !getcwd(here, sizeof here))
        return true;
    node->text = path_join(arena, here, node->text);
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
    ConfNode *map = member(config->conf->root, "data");
    if (!conf_get(section, "dir")
        && !(from_here(member(map, "train"), arena) && from_here(member(map, "test"), arena)))
        return error_memory(err);
    if (data->train && !read_file(data->train, &data->train_file, err)) return false;
    if (data->test) {
        bool part = data->test->kind == CONF_MAP && !conf_get(data->test, "images")
                 && !conf_get(data->test, "labels");
        if (part ? !field_read(&test_fields, data->test, &data->test_part, arena, err)
                 : !read_file(data->test, &data->test_file, err))
            return false;
    }
    /* Relative paths are relative to the configuration file, those of --set to where one stands. */
    const ConfNode *dir = conf_get(section, "dir");
    if (!dir)
        data->read.dir = config->folder;
    else if (dir->line > 0)
        data->read.dir = path_join(arena, config->folder, data->read.dir);
    return data->read.dir || error_memory(err);
}

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

static bool read_space(Config *config, Arena *arena, Error *err)
{
    const ConfNode *root = config->conf->root, *data = conf_get(root, "data");
    int64_t n_points;
    if (config->runs_program)
        return config_program_space(config, arena, err)
            && (config->sampler != &sampler_grid || space_grid_size(config->space, &n_points, err));
    if (!space_read(config->parameters, config->constraints, objective_extras, arena,
                    &config->space, err)
        || !settings_check_space(&config->settings, config->space, arena, err))
        return false;
    for (int i = 0; i < config->space->n_params; i++) {
        const Param *param = &config->space->params[i];
        const ConfNode *fixed = fixed_node(conf_get(root, "train"), param->name);
        if (!fixed && data) fixed = fixed_node(conf_get(data, "preprocess"), param->name);
        if (fixed)
            return conf_key_error(fixed, err,
                                  "`%s` is fixed here and searched in `parameters` (line %d);"
                                  " keep one", fixed->key, param->node->key_line);
        const Field *field = settings_field(param->name);
        for (int j = 0; j < i; j++)
            if (settings_field(config->space->params[j].name) == field)
                return conf_key_error(param->node, err, "`%s` and `%s` are the same setting; keep one",
                                      config->space->params[j].name, param->name);
    }
    return check_architecture(config, err)
        && (config->sampler != &sampler_grid || space_grid_size(config->space, &n_points, err));
}

/* Names that only the end of a sweep would look at: a night later is too late. */
static bool check_ensemble(const Config *config, Error *err)
{
    const ConfNode *section = conf_get(config->conf->root, "ensemble");
    const char *keys[] = {"metric", "thresholds"};
    for (size_t i = 0; section && i < sizeof keys / sizeof *keys; i++) {
        const ConfNode *node = conf_get(section, keys[i]);
        const char *name = i ? config->ensemble.thresholds : config->ensemble.metric;
        if (!node || !name || (i && strcmp(name, "none") == 0) || metric_find(name) < METRIC_COUNT)
            continue;
        const char *bare = strncmp(name, "val_", 4) == 0 ? name + 4 : name;
        const char *near = text_nearest(bare, metric_names);
        return conf_error(node, err, "`%s`: unknown metric `%s`%s%s%s", keys[i], name,
                          near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
    return true;
}

double config_size(const Config *config)
{
    int64_t n;
    if (config->sampler == &sampler_grid && space_grid_size(config->space, &n, NULL))
        return (double)n;
    return space_size(config->space);
}

/* ---- configurations to run first ------------------------------------------------------------- */

/* The defaults where the space allows them, the middle of the range elsewhere. */
static bool default_values(const Config *config, Arena *arena, Value *values, Error *err)
{
    const Space *space = config->space;
    double *u = ARENA_NEW(arena, double, space->n_dims);
    if (!u) return error_memory(err);
    for (int d = 0; d < space->n_dims; d++) u[d] = 0.5;
    space_decode(space, u, values);
    for (int i = 0; i < space->n_params; i++) {
        const Param *param = &space->params[i];
        Value value;
        if (param->dim < 0 || !settings_get(&config->settings, param->name, arena, &value)) continue;
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
    }
    space_encode(space, values, u);
    space_decode(space, u, values);
    return true;
}

static bool enqueue(Config *config, const Value *values, const char *source, Arena *arena,
                    Error *err)
{
    char hash[65], other[65];
    const Space *space = config->space;
    space_hash(space, values, hash);
    for (int i = 0; i < config->n_enqueued; i++) {
        space_hash(space, config->enqueued[i], other);
        if (strcmp(hash, other) == 0) return true; /* never the same configuration twice */
    }
    Value *copy = ARENA_NEW(arena, Value, space->n_params);
    if (!copy) return error_memory(err);
    memcpy(copy, values, (size_t)space->n_params * sizeof *copy);
    config->enqueued[config->n_enqueued] = copy;
    config->enqueued_source[config->n_enqueued++] = source;
    return true;
}

/* Is a value among the choices of its parameter? Names what is. */
static bool check_choice(const Param *param, const Value *value, const ConfNode *node, Error *err)
{
    char list[200] = "", word[60], given[60];
    size_t used = 0;
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

bool config_wish(const Config *config, const ConfNode *item, Arena *arena, Value *values, Error *err)
{
    const Space *space = config->space;
    double *u = ARENA_NEW(arena, double, space->n_dims);
    const char **names = ARENA_NEW(arena, const char *, space->n_params + 1);
    if (!u || !names) return error_memory(err);
    for (int i = 0; i < space->n_params; i++) names[i] = space->params[i].name;
    if (item->kind != CONF_MAP) return conf_error(item, err, "a configuration is a map of parameters");
    if (!conf_only_keys(item, "in `enqueue`", names, err) || !default_values(config, arena, values, err))
        return false;
    for (int i = 0; i < space->n_params; i++) {
        const ConfNode *node = conf_get(item, names[i]);
        if (node && (!conf_value(node, arena, &values[i], err)
                     || !check_choice(&space->params[i], &values[i], node, err)))
            return false;
    }
    if (!space_encode(space, values, u))
        return conf_error(item, err, "a value of this configuration is not in the search space");
    space_decode(space, u, values);
    for (int i = 0; i < space->n_params; i++) { /* encoding clamps; a wish is not clamped */
        const ConfNode *node = conf_get(item, names[i]);
        if (!node || node->kind != CONF_NUMBER || values[i].kind == VALUE_NONE) continue;
        if (fabs(values[i].number - node->number) <= 1e-9 * fabs(node->number)) continue;
        return conf_error(node, err, "`%s` is %g here; the nearest in the search space is %g",
                          names[i], node->number, values[i].number);
    }
    return true;
}

static bool read_enqueue(Config *config, Arena *arena, Error *err)
{
    const Space *space = config->space;
    const ConfNode *list = config->enqueue;
    if (list && list->kind != CONF_LIST)
        return conf_error(list, err, "`enqueue` is a list of configurations: - {learning_rate: 0.01}");
    int most = 1 + (list ? list->n : 0) + config->portfolio;
    config->enqueued = ARENA_NEW(arena, const Value *, most);
    config->enqueued_source = ARENA_NEW(arena, const char *, most);
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    if (!config->enqueued || !config->enqueued_source || !values) return error_memory(err);
    if (!default_values(config, arena, values, err)) return false;
    if (config->baseline && !enqueue(config, values, "baseline", arena, err)) return false;
    for (const ConfNode *item = list ? list->first : NULL; item; item = item->next) {
        if (!config_wish(config, item, arena, values, err)) return false;
        if (!enqueue(config, values, "user", arena, err)) return false;
    }
    for (int i = 0; i < config->portfolio; i++) {
        if (!default_values(config, arena, values, err)) return false;
        if (!portfolio_fit(i, space, arena, values)) return error_memory(err);
        if (!enqueue(config, values, "portfolio", arena, err)) return false;
    }
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

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
        if ((unsigned char)*c < 32 || *c == '/' || *c == ':')
            return node ? conf_error(node, err, "`name` cannot contain `%c`; it names a folder and"
                                     " a study", *c < 32 ? '?' : *c)
                        : error_set(err, ERR_CONFIG, "%s: give the study a `name`", config->file);
    if (config->name[0] == '.')
        return conf_error(node, err, "`name` cannot begin with a dot; it names a folder");
    return true;
}

/* Before the file's own keys, which win. */
static bool apply_preset(Config *config, Arena *arena, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "preset");
    if (!node || node->kind == CONF_NULL) return true;
    if (node->kind != CONF_TEXT) return conf_error(node, err, "`preset` is a name, such as realmlp");
    const Preset *preset = preset_find(node->text);
    if (preset) return preset_apply(preset, &config->settings, arena, err);
    const char *near = text_nearest(node->text, preset_names);
    return conf_error(node, err, "unknown preset `%s`; %s%s%s`consort help presets` lists them", node->text,
                      near ? "did you mean `" : "", near ? near : "", near ? "`? " : "");
}

static int most_epochs(const Config *config)
{
    double most = 0;
    for (int i = 0; i < config->space->n_params; i++) {
        const Param *param = &config->space->params[i];
        if (settings_field(param->name) != settings_field("epochs")) continue;
        for (int c = 0; c < param->n_choices; c++) most = fmax(most, param->choices[c].number);
        if (param->n_choices == 0 && param->distribution != DIST_DERIVED) most = fmax(most, param->most);
    }
    return most >= 1 && most < INT_MAX ? (int)most : config->settings.train.epochs;
}

/* W&B's keys mean what they mean there, also where they judge too early; that is said. */
static bool read_pruner(Config *config, Arena *arena, Error *err)
{
    const ConfNode *node = config->early_terminate;
    PrunerOptions *pruner = &config->pruner;
    if (!field_defaults(&pruner_fields, pruner, arena, err)
        || !field_read(&pruner_fields, node, pruner, arena, err))
        return false;
    const char *ignored = pruner_ignored(pruner, node);
    if (ignored && !config_notice(config, arena,
                                  arena_print(arena, "%s:%d: `%s` is not looked at %s `max_iter`, as in W&B",
                                              node->file, node->key_line, ignored,
                                              *ignored == 's' ? "without" : "beside")))
        return error_memory(err);
    if (node && !pruner_check(pruner, node, err)) return false;
    if (config->runs_program) return config_program_pruner(config, err);
    const ConfNode *max = node && pruner_pauses(pruner) ? conf_get(node, "max_iter") : NULL;
    if (max)
        return conf_key_error(max, err, "`max_iter`: the epochs of a network are known (`train.epochs`); for"
                              " this type the key is for programs");
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
    if (config->goals.n > 0 && pruner->type != PRUNER_NONE
        && !config_notice(config, arena,
                   arena_print(arena, "`early_terminate` looks at %s alone: it stops trials that are worse"
                               " there, even if they would be better in what else is asked for",
                               config->goals.goal[0].name)))
        return error_memory(err);
    return true;
}

static bool check_cost_aware(const Config *config, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "cost_aware");
    if (!node || config->cost_aware == 0) return true;
    if (config->sampler != &sampler_bayes && config->sampler != &sampler_gp)
        return conf_error(node, err, "`cost_aware` is for `method: bayes`; %s does not weigh what a trial"
                          " promises", config->method);
    if (config->runs_program)
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
    if (!config->runs_program && config->run.keep_models > 0 && config->finalists.top > config->run.keep_models)
        return conf_error(conf_get(node, "top"), err, "%d finalists, but only %d models are kept"
                          " (`run.keep_models`): the winner's might be gone", config->finalists.top,
                          config->run.keep_models);
    return true;
}

static bool interpret(Config *config, Arena *arena, Error *err)
{
    Tables *tables = ARENA_NEW(arena, Tables, 1);
    if (!tables) return error_memory(err);
    tables_make(tables);
    if (!field_defaults(&tables->root, config, arena, err)
        || !field_defaults(&test_fields, &config->data.test_part, arena, err)
        || !apply_preset(config, arena, err)
        || !field_read(&tables->root, config->conf->root, config, arena, err))
        return false;
    if (!config->name) config->name = default_name(config->file, arena);
    if (!config->name) return error_memory(err);
    for (int i = 0; i < config->conf->n_warnings; i++)
        if (!config_notice(config, arena, config->conf->warnings[i])) return error_memory(err);
    config->runs_program = config->program || config->command;
    if (!check_name(config, err) || !read_unused(config, arena, err) || !read_method(config, err))
        return false;
    /* A grid is what its file says, and a program has no defaults that we would know. */
    bool by_itself = config->sampler != &sampler_grid && !config->runs_program;
    config->baseline = config->baseline && (by_itself || conf_get(config->conf->root, "baseline"));
    return (!config->runs_program || config_program_sections(config, err))
        && read_metric(config, arena, err)
        && (config->runs_program || read_data(config, arena, err))
        && read_space(config, arena, err) && read_pruner(config, arena, err)
        && check_ensemble(config, err) && check_finalists(config, err)
        && check_cost_aware(config, err) && read_enqueue(config, arena, err);
}

bool config_read(const char *file, const Override *overrides, int n_overrides, Arena *arena,
                 Config **out, Error *err)
{
    Config *config = ARENA_NEW(arena, Config, 1);
    if (!config) return error_memory(err);
    config->file = file;
    config->folder = path_folder(arena, file);
    if (!config->folder) return error_memory(err);
    if (!conf_read_file(file, arena, &config->conf, err)) {
        if (err->code == ERR_IO) err->code = ERR_CONFIG; /* a mistyped path: exit code 2 */
        return false;
    }
    for (int i = 0; i < n_overrides; i++)
        if (!conf_set_at(config->conf, overrides[i].assignment, overrides[i].place, err)) return false;
    if (!interpret(config, arena, err)) return false;
    *out = config;
    return true;
}

bool config_read_text(const char *name, const char *text, const char *folder, Arena *arena,
                      Config **out, Error *err)
{
    Config *config = ARENA_NEW(arena, Config, 1);
    if (!config) return error_memory(err);
    config->file = name;
    config->folder = folder;
    if (!conf_read_text(name, text, strlen(text), arena, &config->conf, err)
        || !interpret(config, arena, err))
        return false;
    *out = config;
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Takes the member of that dotted name out of a map. */
void config_remove(ConfNode *map, const char *name)
{
    if (!map || map->kind != CONF_MAP) return;
    const char *dot = strchr(name, '.');
    size_t n = dot ? (size_t)(dot - name) : strlen(name);
    for (ConfNode **at = &map->first; *at; at = &(*at)->next) {
        if (strncmp((*at)->key, name, n) != 0 || (*at)->key[n] != '\0') continue;
        if (dot) {
            config_remove(*at, dot + 1);
        } else {
            *at = (*at)->next;
            map->n--;
        }
        return;
    }
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
    ConfNode *train = member(conf->root, "train"), *data = member(conf->root, "data");
    ConfNode *prep = data ? member(data, "preprocess") : NULL;
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
        if (!strchr(name, '.')) name = settings_field(name)->name; /* an alias is printed in full */
        config_remove(train, name);
        config_remove(prep, name);
    }
    return conf_print(conf->root, out);
}

/* What is printed may be read from anywhere: paths are made absolute. */
bool config_print(const Config *config, Text *out)
{
    Tables tables;
    Config printed = *config;
    char absolute[PATH_MAX], program[PATH_MAX];
    const char *dir = config->data.read.dir;
    Text whole = {0};
    Arena *arena = arena_create(0);
    if (realpath(dir && *dir ? dir : ".", absolute))
        printed.data.read.dir = absolute;
    else if (arena && getcwd(absolute, sizeof absolute)) /* the folder is not there yet */
        printed.data.read.dir = path_join(arena, absolute, dir);
    tables_make(&tables);
    if (config->program && realpath(config->program, program))
        printed.program = program;
    field_print_yaml(&tables.root, &printed, 0, &whole);
    bool ok = arena && (config->runs_program ? config_program_print(config, &whole, arena, out)
                                             : print_unsearched(config, &whole, arena, out));
    text_free(&whole);
    arena_destroy(arena);
    return ok && text_ok(out);
}

/* ---- identity -------------------------------------------------------------------------------- */

static void say_method(const Config *c, Text *out)
{
    text_print(out, "method %s\n", c->method);
}

static void say_metric(const Config *c, Text *out)
{
    text_print(out, "metric %s\n", c->metric_name ? c->metric_name : "none");
}

static void say_course(const Config *c, Text *out)
{
    text_print(out, "seed %d\nlookback %d\nbaseline %d\n", c->run.seed, c->run.lookback, c->baseline);
}

static void say_time_cap(const Config *c, Text *out)
{
    text_print(out, "epoch cap %g\n", c->run.trial_time_cap);
}

static void say_choices(const Config *c, Text *out)
{
    if (c->run.memory_cap > 0) text_print(out, "memory cap %.0f\n", c->run.memory_cap);
    if (c->portfolio > 0) text_print(out, "portfolio %d\n", c->portfolio);
    if (c->cost_aware > 0) text_print(out, "cost aware %d\n", c->cost_aware);
}

static void say_pruner(const Config *c, Text *out)
{
    field_print_yaml(&pruner_fields, &c->pruner, 0, out);
}

static void say_settings(const Config *c, Text *out)
{
    if (c->runs_program) {
        config_program_identity(c, out);
        return;
    }
    field_print_yaml(&train_fields, &c->settings.train, 0, out);
    field_print_yaml(&prep_fields, &c->settings.prep, 0, out);
    field_print_yaml(&missing_fields, &c->settings.prep, 0, out);
}

static void say_split(const Config *c, Text *out)
{
    if (!c->runs_program) field_print_yaml(&split_fields, &c->data.split, 0, out);
}

/* What decides a study's results. Those with a name decide what a trial is and what its score means; the
 * others decide which trials there are. */
static const struct {
    const char *name;
    void (*say)(const Config *config, Text *out); /* NULL: as it stands in the file, at `node` */
    size_t node;
} identity_parts[] = {
    {NULL, say_method, 0},
    {"metric", say_metric, 0},
    {NULL, say_course, 0},
    {"run.trial_time_cap", say_time_cap, 0},
    {NULL, say_choices, 0},
    {"metrics", NULL, C(metrics)},
    {"search space", NULL, C(parameters)},
    {"constraints", NULL, C(constraints)},
    {NULL, NULL, C(enqueue)},
    {"early_terminate", say_pruner, 0},
    {"settings", say_settings, 0},
    {"data.split", say_split, 0},
};
enum { N_IDENTITY_PARTS = sizeof identity_parts / sizeof *identity_parts };

static void say_part(const Config *config, int i, Text *out)
{
    if (identity_parts[i].say) {
        identity_parts[i].say(config, out);
        return;
    }
    const ConfNode *node;
    memcpy(&node, (const char *)config + identity_parts[i].node, sizeof node);
    if (node) conf_print(node, out);
}

bool config_identity(const Config *config, char hex[65], Error *err)
{
    Text text = {0};
    for (int i = 0; i < N_IDENTITY_PARTS; i++) say_part(config, i, &text);
    bool ok = text_ok(&text);
    if (ok) sha256_of(text.bytes, text.n, hex);
    text_free(&text);
    return ok || error_memory(err);
}

/* The first line in which two texts differ, after the last key above it that both have. */
static void first_difference(const char *a, const char *b, char *out, size_t size)
{
    const char *key = "";
    int n_key = 0, n = 0, m = 0;
    while (*a || *b) {
        n = (int)strcspn(a, "\n"), m = (int)strcspn(b, "\n");
        if (n != m || memcmp(a, b, (size_t)n) != 0) break;
        if (n > 0 && a[n - 1] == ':') key = a, n_key = n;
        a += n + (a[n] == '\n');
        b += m + (b[m] == '\n');
    }
    int blanks[3] = {(int)strspn(key, " "), (int)strspn(a, " "), (int)strspn(b, " ")};
    if (blanks[1] <= blanks[0]) blanks[0] = n_key; /* not below that key any more */
    snprintf(out, size, "%.*s%s%.*s, not %.*s", n_key - blanks[0], key + blanks[0],
             blanks[0] < n_key ? " " : "", n ? n - blanks[1] : 7, n ? a + blanks[1] : "nothing",
             m ? m - blanks[2] : 7, m ? b + blanks[2] : "nothing");
}

bool config_same_trials(const Config *a, const Config *b, bool *same, char difference[120], Error *err)
{
    *same = true;
    for (int i = 0; *same && i < N_IDENTITY_PARTS; i++) {
        if (!identity_parts[i].name) continue;
        Text one = {0}, other = {0};
        say_part(a, i, &one);
        say_part(b, i, &other);
        bool ok = text_ok(&one) && text_ok(&other);
        const char *left = one.bytes ? one.bytes : "", *right = other.bytes ? other.bytes : "";
        *same = strcmp(left, right) == 0;
        if (!*same) {
            char lines[80];
            first_difference(left, right, lines, sizeof lines);
            snprintf(difference, 120, "%s (%s)", identity_parts[i].name, lines);
        }
        text_free(&one);
        text_free(&other);
        if (!ok) return error_memory(err);
    }
    return true;
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
            size_t before = out->n;
            conf_print_scalar(out, &values[i]);
            /* A real number that happens to be whole is read back as a real one. */
            if (values[i].kind == VALUE_REAL && text_ok(out) && !strpbrk(out->bytes + before, ".en"))
                text_add(out, ".0");
            text_add(out, "\n");
        }
    }
    return true;
}

bool config_print_fixed(const Config *config, const Value *values, Text *out)
{
    Config fixed = *config;
    fixed.parameters = fixed.constraints = fixed.enqueue = NULL;
    fixed.baseline = true;
    fixed.portfolio = 0;
    return config_print(&fixed, out)
        && print_values(config, config->parameters, values, 0, out) && text_ok(out);
}

void config_print_help(Text *out)
{
    Tables tables;
    tables_make(&tables);
    /* early_terminate is kept as it was written (which of its keys may stand depends on its type), so
     * the root table does not know its keys. */
    for (int i = 0; i < tables.root.n; i++) {
        const FieldTable one = {"", &tables.root_fields[i], 1};
        field_print_help(&one, 0, out);
        if (tables.root_fields[i].offset == C(early_terminate))
            field_print_help(&pruner_fields, 2, out);
    }
}
