/* job/config.h - one YAML file, taken apart into what each module wants.
 *
 * The language is W&B's sweep file plus our own sections (docs/reference/config.md). Everything is checked
 * here, before anything is read or trained: unknown and duplicate keys, types, ranges, impossible
 * spaces, settings both fixed and searched. Each mistake is one line with file:line:column.
 *
 * Memory  everything in the arena given to config_read.
 */
#ifndef CONSORT_JOB_CONFIG_H
#define CONSORT_JOB_CONFIG_H
#include "base/names.h"
#include "data/read_options.h"
#include "data/split.h"
#include "ensemble/select.h"
#include "tuner/study/study.h"
#include "tuner/trial/command.h"
#include "tuner/trial/goals.h"
#include "tuner/trial/networks.h"

typedef struct {
    const char *dir, *db; /* a study's folder; a database shared by many studies */
    const char *part;     /* "3/16"; NULL: all of it (job/part.h) */
    int jobs;             /* 0: as many as there are cores */
    int threads_per_trial;
    int seed;
    int lookback;         /* 0: as many as it means to run at once (job/lookback.h) */
    double time_cap, trial_time_cap;
    int max_failed;
    int async; /* `deterministic`: 0 true, 1 false */
    int keep_models;
    double disk_cap;
    double memory_cap;
    double checkpoint_every;
    double grace;
    const ConfNode *repeats; /* of a trial: a number, or {least, most} */
    int isa;              /* an Isa: whose kernels are taken (job/kernels.h) */
} RunOptions;
extern const FieldTable run_fields;

#define INTERVAL_LIST(X) X(CI_NONE, "none") X(CI_BOOTSTRAP, "bootstrap")
typedef enum { INTERVAL_LIST(LIST_ID) } IntervalKind;
typedef struct {
    const char *html, *json, *markdown;
    const char *positive_class;
    int ci;  /* IntervalKind */
    int top; /* rows of the leaderboard */
    TextList by; /* columns by whose levels an evaluation is divided, too */
    bool baselines; /* fitted, and shown beside the result (job/baselines.h) */
} ReportOptions;
extern const FieldTable report_fields;

typedef struct {
    const char *name, *goal, *impute, *impute_while_running, *pattern;
    int take; /* Take */
    const ConfNode *target;
    const char *numbers; /* instead of name, where the label is numbers; NULL: nothing */
} MetricSection;

typedef struct {
    const ConfNode *schema, *api_version, *kind, *entity, *job, *image_uri, *controller, *scheduler;
} UnusedSection;

typedef struct {
    int trials;       /* 0: off */
    double min_delta;
} PlateauOptions;

typedef struct {
    int top, seeds; /* the best so many trials, each on so many fresh seeds; seeds 0: off */
} FinalistOptions;

typedef struct {
    ReadOptions read;
    SplitOptions split;
    const ConfNode *train, *test; /* a path, {images, labels}, or for test {fraction, ...} */
    TestOptions test_part;        /* used when there is no test file */
    DataFile train_file, test_file; /* images NULL: none */
} DataOptions;

typedef struct TrialKind TrialKind;

/* The search space with which a study began whose space was edited since (job/edited.h). */
typedef struct {
    const ConfNode *parameters, *constraints;
    const Space *space;
    int n_enqueued;
    const Value **enqueued;
} BegunSpace;

typedef struct {
    Conf *conf;
    const char *file, *folder; /* the YAML file and where it lies */
    /* as they stand in the file */
    const char *name, *description, *project, *preset, *method;
    MetricSection metric_section;
    const ConfNode *metrics;   /* several: NULL when there is one */
    const ConfNode *parameters, *constraints, *enqueue, *early_terminate;
    const ConfNode *transfer;  /* earlier studies: named, or frozen (job/transfer.h) */
    const ConfNode *numbers;   /* laid over these and train where numbers are predicted (config_numbers.c) */
    const char *program;       /* W&B's: what is run for each trial, instead of training networks */
    const ConfNode *command;
    UnusedSection unused;      /* W&B's keys that mean nothing here */
    /* what they come to */
    const Sampler *sampler;
    const TrialKind *kind; /* what a trial is: networks, or `program` or `command` is given (job/kind.h) */
    Command command_line;
    MetricId metric;    /* of several the first; METRIC_COUNT: a program's own */
    const char *metric_name, *metric_full; /* f1_macro, val_f1_macro; a program's as it calls it, or
                           NULL and "none" where its end is all that counts */
    bool maximize;
    Goals goals;        /* n 0: one metric */
    double target;      /* NaN: none */
    int run_cap;
    PrunerOptions pruner;
    int full_epochs;    /* the most a trial can have: what early termination counts in */
    int cost_aware;     /* over so many trials; 0: off, -1: not settled (job/costs.h) */
    PlateauOptions plateau;
    FinalistOptions finalists;
    Race repeats;       /* what run.repeats says, or train.seeds_per_trial where that is fixed */
    bool baseline;
    int portfolio;      /* so many of its entries run first */
    bool single;        /* one trial is meant, no search: nothing but the first of what is enqueued runs */
    bool for_numbers;   /* numbers are predicted: the entries for them */
    Space *space;
    const Transfer *transferred; /* what `transfer` comes to; NULL: nothing, or it is not settled yet */
    const BegunSpace *begun; /* NULL: it is the space of now */
    int space_version;  /* 0: it was never edited */
    const struct EditedSpace *heard; /* of the process that knows the database; NULL: this one does */
    DataOptions data;
    Settings settings;  /* train and data.preprocess */
    const Settings **presets; /* where `preset` is searched: what each comes to with the file's keys on top,
                                 by preset_names; `settings` is the first. NULL: it is not searched */
    RunOptions run;
    int part, n_parts;    /* what run.part says; n_parts 0: nothing */
    int file_jobs;        /* run.jobs as the file has it, whatever is said on top; 0: it says none */
    bool lookback_auto;   /* the file leaves run.lookback open */
    EnsembleOptions ensemble;
    ReportOptions report;
    int n_enqueued;     /* baseline and portfolio included, duplicates dropped */
    const Value **enqueued;
    const char **enqueued_source;
    const char *const *remarks; /* made for a data file (job/start.h): what was decided, NULL at the end */
    const char **notices; /* keys that W&B knows and Consort does not use; YAML warnings */
    int n_notices, notices_room;
} Config;

/* What is said on top of a file. */
typedef struct {
    const char *assignment; /* "run.jobs=4" */
    const char *place;      /* where it was said, for messages: "--jobs"; NULL: --set */
} Override;

/* ---- the task (config_task.c) -------------------------------------------------------------------- */

/* Once the rows are there: the metric of their task where nobody said one, or `metric.numbers`; ERR_CONFIG
 * where what was said is for another task. Calling it again changes nothing. */
bool config_take_task(Config *config, const Task *task, const char *label, Arena *arena, Error *err);

/* config_numbers.c: lays over what the file says of numbers, its own `numbers` and the preset's, and makes the
 * space and what runs first anew. The second time there is nothing left to lay over. */
bool config_take_numbers(Config *config, Arena *arena, Error *err);
/* Mistakes in `numbers` are said whatever is predicted. */
bool config_check_numbers(const Config *config, Arena *arena, Error *err);
/* The settings on which a preset stands: what it says, with the file's keys on top. */
bool config_on_preset(const Config *config, const char *preset, Arena *arena, Settings *out, Error *err);

/* ---- reading (config_read.c) --------------------------------------------------------------------- */

/* `file` is a path, "-", or the name of a whole one inside the program (job/builtin.h); overrides are applied
 * in order. */
bool config_read(const char *file, const Override *overrides, int n_overrides, Arena *arena,
                 Config **out, Error *err);
/* The same from text: a program's own, or as stored in a database. `name` stands in messages, and is the
 * study's where the text gives none; data files lie in `folder`, "" where one stands. */
bool config_read_text(const char *name, const char *text, const char *folder, Arena *arena,
                      Config **out, Error *err);
bool config_read_said(const char *name, const char *text, const char *folder, const Override *overrides,
                      int n_overrides, Arena *arena, Config **out, Error *err);
/* ERR_CONFIG, with what to do instead, where `file` is one of rows (data/read.h's names_data). */
bool config_refuse_data(const char *file, Error *err);
/* config_settle.c: what follows from settings and parameters: space, early termination, what runs first. */
bool config_settle(Config *config, Arena *arena, Error *err);

/* ---- points of its space (config_space.c) -------------------------------------------------------- */

/* How many configurations the method can propose; INFINITY when there is no end. */
double config_size(const Config *config);
/* One configuration that a person wishes for, a map of parameters; what it does not name has its default.
 * ERR_CONFIG at its place when a value is not in the search space. `values` has n_params entries. */
bool config_wish(const Config *config, const ConfNode *item, Arena *arena, Value *values, Error *err);
/* Fills in what runs first: baseline, `enqueue`, portfolio. The last step of reading. */
bool config_enqueue(Config *config, Arena *arena, Error *err);

/* ---- writing (config_write.c) -------------------------------------------------------------------- */

/* Appends the configuration with every default filled in; config_read of it gives the same. */
bool config_print(const Config *config, Text *out);
/* The same for people and other programs: every reader of YAML takes its numbers for numbers. */
bool config_print_resolved(const Config *config, Text *out);
/* As a person would write it: what its file and the command line say, a line a key with what it means behind
 * it. Data files are named as they are seen from `folder`, NULL: where one stands. */
bool config_print_commented(const Config *config, const char *folder, Text *out);
/* The winner as a file for `consort train`: the configuration with `parameters` fixed to these. */
bool config_print_fixed(const Config *config, const Value *values, bool whole, Text *out);
/* Appends the reference of all keys, section by section: `consort help config`. */
void config_print_help(Text *out);

/* ---- identity (config_identity.c) ---------------------------------------------------------------- */

/* SHA-256 of what must not change when a study is continued: space, method, metric, early
 * termination, settings, split, seed, lookback. Caps, jobs, paths, ensemble and report may. */
bool config_identity(const Config *config, char hex[65], Error *err);
/* What that is the hash of. False: no memory. */
bool config_identity_text(const Config *config, Text *out);
/* Are trials of the two the same kind of thing, so that their scores can stand in one list? Data, seed,
 * method and whatever else only decides which trials there are may differ. Else `difference` says what
 * does, and how `a` has it: "search space (dropout: max: 0.5, not max: 0.4)". */
bool config_same_trials(const Config *a, const Config *b, bool *same, char difference[120], Error *err);
/* Is its space, as it is meant, the one of these nodes? */
bool config_has_space(const Config *config, const ConfNode *parameters, const ConfNode *constraints,
                      Arena *arena, bool *has, Error *err);
/* Do the two give the same study, whatever words say them (`{min: 0.0, max: 1.0}` is uniform)? Else
 * `difference` says all that does, in the same way. */
bool config_same_study(const Config *a, const Config *b, bool *same, char difference[240], Error *err);
#endif
