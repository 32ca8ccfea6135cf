/* job/config_tables.c - the tables of fields that the configuration is read, printed and explained from. */
#include "job/config_tables.h"

#include <string.h>

#include "base/grow.h"
#include "job/portfolio.h"
#include "tuner/search/samplers.h"
#include "tuner/trial/metric_stream.h"

static const char *const interval_names[] = {INTERVAL_LIST(LIST_NAME) NULL};
static const char *const truths[] = {"true", "false", NULL}; /* older files have them as words */

/* ---- the tables ------------------------------------------------------------------------------ */

#define R(member) offsetof(RunOptions, member)
static const Field run_list[] = {
    {"dir", FIELD_TEXT, R(dir), .help = "the study's folder (default runs/NAME)"},
    {"db", FIELD_TEXT, R(db), .help = "a database shared by many studies (default DIR/trials.db)"},
    {"part", FIELD_TEXT, R(part), .help = "one part of N, K/N (`sweep --part`); none: all of it"},
    {"jobs", FIELD_INT, R(jobs), "auto", 0, 4096, .zero_word = "auto",
     .help = "trials at the same time; auto: one a core; programs: one"},
    {"threads_per_trial", FIELD_INT, R(threads_per_trial), "1", 1, 256,
     .help = "threads that share each step of a trial: for single runs of large networks; same result"},
    {"seed", FIELD_INT, R(seed), "0", 0, 2147483647, .help = "everything random follows from it"},
    {"lookback", FIELD_INT, R(lookback), "auto", 1, 1000000, .zero_word = "auto",
     .help = "proposal n sees results up to n - lookback; auto: as many as jobs; part of what the study is"},
    {"time_cap", FIELD_DURATION, R(time_cap), "none", 0, -1, .open_low = true, .zero_word = "none",
     .help = "start no trial that would end after this long: 15m, 8h"},
    {"trial_time_cap", FIELD_DURATION, R(trial_time_cap), "none", 0, -1, .open_low = true, .zero_word = "none",
     .help = "a trial that takes longer fails with TIMEOUT; makes the study depend on the clock"},
    {"max_failed", FIELD_INT, R(max_failed), "none", 1, 1000000, .zero_word = "none",
     .help = "stop the sweep after this many failed trials"},
    {"deterministic", FIELD_CHOICE, R(async), "true", .choices = truths,
     .help = "the same study for any number of jobs; false: look at every result at once (--async)"},
    {"keep_models", FIELD_INT, R(keep_models), "20", 1, 1000000, .zero_word = "all",
     .help = "weights and predictions are kept of the best so many trials"},
    {"disk_cap", FIELD_BYTES, R(disk_cap), "none", 0, -1, .open_low = true, .zero_word = "none",
     .help = "keep fewer when they take more than this: 2GiB"},
    {"memory_cap", FIELD_BYTES, R(memory_cap), "none", 0, -1, .open_low = true, .zero_word = "none",
     .help = "of all trials together; one that needs more is INFEASIBLE; none: what the machine has"},
    {"checkpoint_every", FIELD_DURATION, R(checkpoint_every), "1m", .zero_word = "never",
     .help = "how often a long run's state is written, so that a killed trial goes on from there"},
    {"grace", FIELD_DURATION, R(grace), "10s",
     .help = "a program that is to stop gets SIGTERM, and this long after it SIGKILL"},
    {"repeats", FIELD_NODE, R(repeats),
     .help = "runs of each trial on other seeds, whose mean is its score: 3; {least: 1, most: 5}: no more than"
             " it takes to see that it is not the best"},
    {"isa", FIELD_CHOICE, R(isa), "auto", .choices = isa_names,
     .help = "kernels for these instructions on all processors that have them, so that sums end alike"},
};
const FieldTable run_fields = FIELD_TABLE("run", run_list);

#define P(member) offsetof(ReportOptions, member)
static const Field report_list[] = {
    {"html", FIELD_TEXT, P(html), .help = "where to write the page (default DIR/report.html)"},
    {"json", FIELD_TEXT, P(json), .help = "where to write the numbers (default DIR/report.json)"},
    {"markdown", FIELD_TEXT, P(markdown), .help = "where to write the text (default DIR/report.md)"},
    {"positive_class", FIELD_TEXT, P(positive_class),
     .help = "the class of interest of two (default: what thresholds ask for, else the second)"},
    {"ci", FIELD_CHOICE, P(ci), "bootstrap", .choices = interval_names,
     .help = "95 % intervals of every metric"},
    {"top", FIELD_INT, P(top), "20", 1, 100000, .help = "rows of the leaderboard"},
    {"by", FIELD_TEXT_LIST, P(by),
     .help = "scores by the levels of these columns of the table, too: [sex, region]"},
    {"baselines", FIELD_BOOL, P(baselines), "true",
     .help = "fit what the networks have to beat: majority class, logistic regression, default network"},
};
const FieldTable report_fields = FIELD_TABLE("report", report_list);

#define M(member) offsetof(MetricSection, member)
static const Field metric_list[] = {
    {"name", FIELD_TEXT, M(name), "val_loss", .help = "val_loss, val_accuracy, val_f1_macro, ..."},
    {"goal", FIELD_TEXT, M(goal), .help = "minimize or maximize (default: what the metric means)"},
    {"numbers", FIELD_TEXT, M(numbers),
     .help = "instead, where the label is numbers; auto: rmse, of several r2, of quantiles pinball"},
    {"take", FIELD_CHOICE, M(take), "last", .choices = take_names,
     .help = "programs: what of a run's reports is its score: the last one, or the best of them"},
    {"pattern", FIELD_TEXT, M(pattern),
     .help = "programs: a regular expression (PCRE2) whose one group is the metric in a line of output"},
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
    {"run_cap", FIELD_INT, C(run_cap), "none", 1, 100000000, .zero_word = "none",
     .help = "trials of the whole study"},
    {"cost_aware", FIELD_INT, C(cost_aware), "auto", 0, 1000000, .zero_word = "none", .other_word = "auto",
     .help = "bayes: prefer what trains quickly, less and less over so many trials; auto: over 50 where costs"
             " differ"},
    {"early_terminate", FIELD_NODE, C(early_terminate),
     .help = "stop a trial that falls behind; its keys:"},
    {"baseline", FIELD_BOOL, C(baseline), "true",
     .help = "trial 0 is the defaults (grid: only when asked for)"},
    {"portfolio", FIELD_INT, C(portfolio), "0", 0, PORTFOLIO_MOST,
     .help = "tables: so many settings that did well on others run first; of searched presets the first"},
    {"enqueue", FIELD_NODE, C(enqueue), .help = "configurations to run first: a list of maps"},
    {"transfer", FIELD_NODE, C(transfer),
     .help = "earlier studies with overlapping spaces, from which the search begins: their names"},
    {"parameters", FIELD_NODE, C(parameters), .help = "the search space"},
    {"numbers", FIELD_NODE, C(numbers),
     .help = "preset, train, preprocess, parameters, run_cap, portfolio where the label is numbers"},
    {"constraints", FIELD_NODE, C(constraints),
     .help = "expressions over parameters, n_params, model_bytes, flops, latency_us, flash_bytes, ram_bytes,"
             " cycles_m4; or a limit on a metric that trials report: latency <= 10"},
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
    {"$schema", FIELD_NODE, C(unused.schema),
     .help = "where an editor finds the JSON Schema of this file (`consort schema`); ignored"},
    {"apiVersion", FIELD_NODE, C(unused.api_version), .help = "W&B's; ignored"},
    {"kind", FIELD_NODE, C(unused.kind), .help = "W&B's; ignored"},
    {"entity", FIELD_NODE, C(unused.entity), .help = "W&B's; ignored"},
    {"job", FIELD_NODE, C(unused.job), .help = "W&B's; not used by Consort"},
    {"image_uri", FIELD_NODE, C(unused.image_uri), .help = "W&B's; not used by Consort"},
    {"controller", FIELD_NODE, C(unused.controller), .help = "W&B's; not used by Consort"},
    {"scheduler", FIELD_NODE, C(unused.scheduler),
     .help = "W&B's; refused: `method` and `run.jobs` are instead"},
};
enum { N_ROOT = sizeof root_list / sizeof *root_list, N_DATA = sizeof data_list / sizeof *data_list };
_Static_assert((int)N_ROOT <= (int)CONFIG_MOST_FIELDS, "the root has more keys than its table has room for");

void config_tables_make(ConfigTables *tables)
{
    memcpy(tables->root_fields, root_list, sizeof root_list);
    int n = 0;
    for (int i = 0; i < N_DATA; i++) tables->data_fields[n++] = data_list[i];
    for (int i = 0; i < read_fields.n && n < CONFIG_MOST_FIELDS; i++) {
        tables->data_fields[n] = read_fields.fields[i];
        tables->data_fields[n++].offset += C(data.read);
    }
    tables->data = (FieldTable){"data", tables->data_fields, n};
    tables->root = (FieldTable){"the configuration", tables->root_fields, N_ROOT};
    for (int i = 0; i < N_ROOT; i++)
        if (strcmp(tables->root_fields[i].name, "data") == 0)
            tables->root_fields[i].section = &tables->data;
}

bool config_notice(Config *config, Arena *arena, const char *text)
{
    if (!text || !GROW(arena, config->notices, config->n_notices, config->notices_room)) return false;
    config->notices[config->n_notices++] = text;
    return true;
}

const Settings *config_settings_of(const Config *config, const char *preset)
{
    const int p = preset && config->presets ? names_find(preset_names, preset) : -1;
    return p >= 0 && config->presets[p] ? config->presets[p] : &config->settings;
}

ConfNode *config_member(ConfNode *map, const char *key)
{
    for (ConfNode *node = map->first; node; node = node->next)
        if (strcmp(node->key, key) == 0) return node;
    return NULL;
}

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
