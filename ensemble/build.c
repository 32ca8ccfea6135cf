/* From stored predictions to a model file: gathering, selection, calibration, the file, the record. */
#include "ensemble/build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ensemble/asked.h"
#include "ensemble/contest.h"
#include "ensemble/costs.h"
#include "ensemble/disagreement.h"
#include "ensemble/gather.h"
#include "ensemble/more.h"
#include "model/decision.h"
#include "model/evaluate.h"

enum { BOOTSTRAP = 1000 };

/* E entries, N rows that all of them predicted, K classes or values of a prediction. */
typedef struct {
    const BuildInput *in;
    Arena *arena;
    MetricId metric;
    Thresholds thresholds;
    Entry *entry;                /* (E) in trial order */
    int n_entries;
    SkippedTrial *skipped;       /* (n_skipped), in the order of trials */
    int n_skipped;
    int n_rows, n_classes;
    const Task *task;
    bool has_classes;
    int32_t *labels;             /* (N) or */
    double *targets;             /* (N, T) */
    double *weight;              /* (N) NULL: all alike */
    double *value;               /* (E) each alone, in the ensemble's metric */
    Costs costs;                 /* (E) */
    Selection selection;
    const int *complete;         /* (n_complete) trials by number */
    int n_complete;
    More more;
    int *member;                 /* (n_members) entries, heaviest first */
    Model *model;                /* the members' files joined */
    float *raw, *proba;          /* (N, K) before and after calibration */
    CalibrationChoice calibration;
    Decision decision, single;   /* single: the best trial's, made alike */
    double level[CONFORMAL_MOST_LEVELS];
    int n_levels;
    ConformalFit conformal;
    double score, single_score;  /* of decisions as they are shipped */
    const char *rule;
    Metrics before, after;       /* of raw and proba */
} Build;

/* ---- options --------------------------------------------------------------------------------- */

static bool find_metric(const char *key, const char *name, MetricId *out, Error *err)
{
    *out = metric_find(name);
    if (*out < METRIC_COUNT) return true;
    return error_set(err, ERR_CONFIG, "%s: unknown metric `%s`%s", key, name,
                     names_suggest(strncmp(name, "val_", 4) == 0 ? name + 4 : name, metric_names, "").text);
}

/* What makes sense of classes alone. */
static bool without_classes(Build *b, Error *err)
{
    const EnsembleOptions *o = b->in->options;
    const char *task = task_names[b->task->kind];
    b->thresholds = (Thresholds){.kind = THRESHOLDS_NONE};
    if (!metric_is_for(b->metric, b->task->kind))
        return error_set(err, ERR_CONFIG, "ensemble.metric: %s is not for %s", metric_name(b->metric), task);
    if (o->thresholds && o->thresholds->kind != CONF_NULL
        && !(o->thresholds->kind == CONF_TEXT && strcmp(o->thresholds->text, "none") == 0))
        return error_set(err, ERR_CONFIG, "ensemble.thresholds: there is nothing to decide between of %s",
                         task);
    return true;
}

static bool read_options(Build *b, Error *err)
{
    const EnsembleOptions *o = b->in->options;
    if (!asked_fits(o, b->task, err) || !asked_levels(o, b->level, &b->n_levels, err)) return false;
    if (!(o->metric ? find_metric("ensemble.metric", o->metric, &b->metric, err)
                    : find_metric("metric.name", b->in->study->metric, &b->metric, err)))
        return false;
    if (!o->metric) b->metric = metric_of_model(b->metric); /* it is calibrated after it is chosen */
    if (!b->has_classes) return without_classes(b, err);
    return thresholds_read(o->thresholds, b->n_classes, (const char *const *)b->in->study->classes, b->arena,
                           &b->thresholds, err);
}

/* ---- what there is to select from ------------------------------------------------------------- */

/* What is true of the rows that were predicted. */
static bool take_truth(Build *b, const int32_t *row, Error *err)
{
    const BuildInput *in = b->in;
    const size_t n_targets = (size_t)b->task->n_targets;
    if (b->has_classes) b->labels = ARENA_NEW(b->arena, int32_t, b->n_rows);
    else b->targets = ARENA_NEW(b->arena, double, (size_t)b->n_rows * n_targets);
    if (in->weight) b->weight = ARENA_NEW(b->arena, double, b->n_rows);
    if ((!b->labels && !b->targets) || (in->weight && !b->weight)) return error_memory(err);
    for (int i = 0; i < b->n_rows; i++) {
        if (b->weight) b->weight[i] = in->weight[row[i]];
        if (b->has_classes) b->labels[i] = in->labels[row[i]];
        else
            memcpy(b->targets + (size_t)i * n_targets, in->targets + (size_t)row[i] * n_targets,
                   n_targets * sizeof *b->targets);
    }
    return true;
}

static bool gather(Build *b, Error *err)
{
    /* Predictions of thousands of trials would not fit into memory. When the study's own metric is
     * asked for, its scores say which are worth loading; twice the library, in case some files are
     * gone. */
    const MetricId of_study = metric_find(b->in->study->metric);
    const bool own = of_study < METRIC_COUNT && metric_of_model(of_study) == b->metric;
    const GatherInput input = {.store = b->in->store, .study = b->in->study, .folder = b->in->folder,
                               .task = b->task, .n_rows = b->in->n_rows, .n_values = b->n_classes,
                               .most = own && b->in->options->library > 0 ? 2 * b->in->options->library : 0,
                               .larger_is_better = metric_larger_is_better(b->metric)};
    Gathered found;
    if (!gather_entries(&input, b->arena, &found, err)
        || !costs_of(&found, b->in->options, b->arena, &b->costs, err))
        return false;
    b->entry = found.entry;
    b->n_entries = found.n_entries;
    b->skipped = found.skipped;
    b->n_skipped = found.n_skipped;
    b->complete = found.complete;
    b->n_complete = found.n_complete;
    b->n_rows = b->entry[0].predictions.n_rows;
    return take_truth(b, b->entry[0].predictions.row, err);
}

/* ---- selection and calibration --------------------------------------------------------------- */

static Library library_of(const Build *b)
{
    return (Library){.n_rows = b->n_rows, .n_classes = b->n_classes, .labels = b->labels,
                     .positive = b->in->positive, .task = b->task, .targets = b->targets, .weight = b->weight};
}

static bool measure(Build *b, const float *proba, Metrics *metrics, void *scratch, Error *err)
{
    unsigned which = 1u << METRIC_LOG_LOSS | 1u << METRIC_ECE | 1u << b->metric;
    if (!metrics->confusion && !metrics->of_target
        && !metrics_create_for(b->task, b->n_classes, b->arena, metrics, err))
        return false;
    const Library library = library_of(b);
    const ScoredRows rows = library_scored(&library, proba);
    metrics_score(&rows, which & metrics_for(b->task->kind), scratch, metrics);
    return true;
}

static bool select_members(Build *b, void *scratch, Error *err)
{
    const int n = b->n_entries;
    Metrics metrics = {0};
    const float **proba = ARENA_NEW(b->arena, const float *, n);
    b->value = ARENA_NEW(b->arena, double, n);
    b->member = ARENA_NEW(b->arena, int, n);
    if (!proba || !b->value || !b->member) return error_memory(err);
    for (int i = 0; i < n; i++) {
        proba[i] = b->entry[i].predictions.proba;
        if (!measure(b, proba[i], &metrics, scratch, err)) return false;
        b->value[i] = metrics.value[select_metric(b->task, b->metric)];
    }
    Library library = library_of(b);
    library.n_models = n;
    library.proba = proba;
    library.bytes = b->costs.bytes;
    library.us = b->costs.us;
    library.networks = b->costs.networks;
    if (!contest_select(&library, b->in->options, b->metric, b->in->study->seed, b->arena, &b->selection, err))
        return false;
    int *number = ARENA_NEW(b->arena, int, n);
    if (!number) return error_memory(err);
    for (int i = 0; i < n; i++) number[i] = b->entry[i].row->number;
    const MoreInput of = {.library = &library, .number = number, .n_complete = b->n_complete,
                          .complete = b->complete, .options = b->in->options, .metric = b->metric,
                          .seed = b->in->study->seed};
    if (!more_replay(&of, b->arena, &b->more, err))
        return false;
    int n_members = 0;
    for (int i = 0; i < n; i++) {
        if (b->selection.weight[i] == 0) continue;
        int at = n_members++;
        for (; at > 0 && b->selection.weight[b->member[at - 1]] < b->selection.weight[i]; at--)
            b->member[at] = b->member[at - 1];
        b->member[at] = i;
    }
    return true;
}

/* Of classes a stack is a pool, whose slope is calibration's. */
static CombineRule rule_of(const Build *b)
{
    if (b->selection.vote) return COMBINE_VOTE;
    return b->has_classes && b->selection.method == SELECT_STACK ? COMBINE_POOL : COMBINE_AVERAGE;
}

/* The members' average (or votes), by the very function that the model file will use. */
static bool combine(Build *b, Error *err)
{
    const size_t cells = (size_t)b->n_rows * (size_t)b->n_classes;
    const int n = b->selection.n_members;
    ModelMember *member = ARENA_NEW(b->arena, ModelMember, n);
    float *stacked = ARENA_NEW(b->arena, float, (size_t)n * cells);
    b->raw = ARENA_NEW(b->arena, float, cells);
    b->proba = ARENA_NEW(b->arena, float, cells);
    if (!member || !stacked || !b->raw || !b->proba) return error_memory(err);
    for (int m = 0, i = 0; i < b->n_entries; i++) {
        if (b->selection.weight[i] == 0) continue;
        memcpy(stacked + (size_t)m * cells, b->entry[i].predictions.proba, cells * sizeof *stacked);
        member[m++].weight = b->selection.weight[i];
    }
    const Model model = {.schema = {.n_classes = b->n_classes, .task = *b->task}, .n_members = n,
                         .members = member, .slope = b->selection.slope,
                         .intercept = b->selection.intercept,
                         .combine = rule_of(b), .temperature = 1};
    model_combine(&model, b->n_rows, stacked, b->raw);
    memcpy(b->proba, b->raw, cells * sizeof *b->proba);
    return true;
}

/* The number that the metric is of these decisions; `otherwise` where it does not depend on them. */
static bool score_decisions(Build *b, const float *proba, const Decision *decision, double otherwise,
                            double *out, Error *err)
{
    const Model model = {.schema = {.n_classes = b->n_classes}, .decision = decision->weight,
                         .cost = decision->cost};
    Metrics metrics;
    *out = otherwise;
    if (!calibrate_can_decide(b->metric)) return true;
    int32_t *predicted = ARENA_NEW(b->arena, int32_t, b->n_rows);
    if (!predicted || !metrics_create(b->n_classes, b->arena, &metrics, err)) return error_memory(err);
    for (int i = 0; i < b->n_rows; i++)
        predicted[i] = model_decide(&model, proba + (size_t)i * (size_t)b->n_classes);
    if (b->weight) metrics_from_weighted(b->n_rows, predicted, b->labels, b->weight, &metrics);
    else metrics_from_predictions(b->n_rows, predicted, b->labels, &metrics);
    *out = metrics.value[b->metric];
    return true;
}

/* What the best trial alone would decide, asked the same: else the ensemble is compared on another question. */
static bool decide_single(Build *b, Error *err)
{
    const Entry *entry = &b->entry[b->selection.best_model];
    const size_t cells = (size_t)b->n_rows * (size_t)b->n_classes;
    Model *model = NULL;
    float *proba = ARENA_NEW(b->arena, float, cells);
    if (!proba) return error_memory(err);
    if (!model_load(entry->weights_path, b->arena, &model, err))
        return error_wrap(err, "trial %d", entry->row->number);
    memcpy(proba, entry->predictions.proba, cells * sizeof *proba);
    const CalibrationChoice own = {.temperature = model->temperature, .calibration = model->calibration};
    calibration_choice_apply(&own, b->n_rows, b->n_classes, proba);
    const JudgedRows rows = {b->n_rows, b->n_classes, proba, b->labels, b->weight};
    return decide_fit(&rows, &b->thresholds, model->class_weight, b->in->study->seed, b->arena, &b->single, err)
        && score_decisions(b, proba, &b->single, b->selection.best_single, &b->single_score, err);
}

/* Where calibration moved decisions so that the best trial alone would do better, those of the members' average
 * are kept: by weights that undo the intercepts, which can be said of one scale only. */
static bool keep_decisions(Build *b, Error *err)
{
    const double sign = metric_larger_is_better(b->metric) ? 1 : -1;
    const Calibration *map = b->calibration.calibration;
    if (b->thresholds.kind != THRESHOLDS_NONE || !(sign * b->score < sign * b->single_score) || !map
        || map->n_scale != 1 || map->n_knots)
        return true;
    double *weight = ARENA_NEW(b->arena, double, b->n_classes), score;
    if (!weight) return error_memory(err);
    for (int c = 0; c < b->n_classes; c++) weight[c] = exp(map->bias[0] - map->bias[c]);
    const Decision kept = {.weight = weight, .asked = metric_name(b->metric), .assured = true};
    if (!score_decisions(b, b->proba, &kept, b->score, &score, err)) return false;
    if (!(sign * score > sign * b->score)) return true;
    b->decision = kept;
    b->score = score;
    return true;
}

/* Numbers and labels are shipped as their members' average. */
static bool leave(Build *b, void *scratch, Error *err)
{
    b->calibration = (CalibrationChoice){.temperature = 1};
    for (int m = 0; m < CALIBRATION_COUNT; m++) b->calibration.loss[m] = NAN;
    b->decision = b->single = (Decision){.assured = true};
    b->score = b->selection.score;
    b->single_score = b->selection.best_single;
    return measure(b, b->raw, &b->before, scratch, err) && measure(b, b->proba, &b->after, scratch, err);
}

static bool calibrate(Build *b, void *scratch, Error *err)
{
    if (!b->has_classes) return leave(b, scratch, err);
    const int n = b->selection.n_members;
    const float **member = ARENA_NEW(b->arena, const float *, n);
    double *weight = ARENA_NEW(b->arena, double, n);
    if (!member || !weight) return error_memory(err);
    for (int m = 0; m < n; m++) {
        member[m] = b->entry[b->member[m]].predictions.proba;
        weight[m] = b->selection.weight[b->member[m]];
    }
    const bool pooled = rule_of(b) == COMBINE_POOL;
    const float *seen = pooled ? b->selection.crossed : b->raw;
    const ShippedInput input = {.rows = {b->n_rows, b->n_classes, seen, b->labels, b->weight}, .n_members = n,
                                .n_folds = b->in->n_folds, .member = member, .weight = weight,
                                .class_weight = b->model->class_weight, .vote = b->selection.vote,
                                .pooled = pooled, .method = b->in->options->calibrate,
                                .seed = b->in->study->seed};
    if (!shipped_calibrate(&input, b->arena, &b->calibration, err)) return false;
    calibration_choice_apply(&b->calibration, b->n_rows, b->n_classes, b->proba);
    const JudgedRows rows = {b->n_rows, b->n_classes, b->proba, b->labels, b->weight};
    return decide_fit(&rows, &b->thresholds, b->selection.vote ? NULL : b->model->class_weight,
                      b->in->study->seed, b->arena, &b->decision, err)
        && score_decisions(b, b->proba, &b->decision, b->selection.score, &b->score, err)
        && decide_single(b, err)
        && keep_decisions(b, err)
        && measure(b, b->raw, &b->before, scratch, err) && measure(b, b->proba, &b->after, scratch, err);
}

/* ---- the model file -------------------------------------------------------------------------- */

/* Where it all came from; without a date, so that the same database gives the same file. */
static const char *provenance(Build *b)
{
    const StudyInfo *study = b->in->study;
    char seed[32];
    Text text = {0};
    Doc *doc = doc_object();
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)study->seed);
    doc_set_text(doc, "study", study->name);
    doc_set_text(doc, "version", study->version);
    doc_set_text(doc, "seed", seed); /* as text: a double would round it */
    doc_set_text(doc, "method", select_method_names[b->selection.method]);
    doc_set_text(doc, "metric", metric_name(b->metric));
    doc_set_number(doc, "validation_score", b->score);
    if (b->task->kind != TASK_NUMBERS)
        doc_set_number(doc, "validation_log_loss", b->after.value[METRIC_LOG_LOSS]);
    doc_set_number(doc, "validation_rows", b->n_rows);
    Doc *trials = doc_set(doc, "trials", doc_array());
    for (int m = 0; m < b->selection.n_members; m++)
        doc_add(trials, doc_number(b->entry[b->member[m]].row->number));
    doc_set_text(doc, "config_sha256", study->config_sha256);
    doc_set_text(doc, "data_sha256", study->data_sha256);
    doc_set_text(doc, "split_sha256", study->split_sha256);
    Doc *seen = doc_set(doc, "seen", doc_array());
    for (int i = 0; i < 2; i++)
        if (b->in->seen[i]) doc_add(seen, doc_text(b->in->seen[i]));
    const char *copy = doc_print(doc, 0, &text) ? arena_copy(b->arena, text.bytes) : NULL;
    doc_free(doc);
    text_free(&text);
    return copy;
}

/* The file of a merged trial has the number it had where it was trained. */
static bool number_member(const Build *b, Model *model, int number)
{
    ModelMember *members = ARENA_NEW(b->arena, ModelMember, model->n_members);
    const char *name = arena_print(b->arena, "trial %d", number);
    if (!members || !name) return false;
    for (int i = 0; i < model->n_members; i++) {
        members[i] = model->members[i];
        members[i].name = name;
    }
    model->members = members;
    return true;
}

/* Members stand in trial order, as in the selection: sums then round the same way. */
static bool join_members(Build *b, Error *err)
{
    const int n = b->selection.n_members;
    const Model **models = ARENA_NEW(b->arena, const Model *, n);
    double *weights = ARENA_NEW(b->arena, double, n);
    if (!models || !weights) return error_memory(err);
    for (int m = 0, i = 0; i < b->n_entries; i++) {
        if (b->selection.weight[i] == 0) continue;
        Model *model = NULL;
        if (!model_load(b->entry[i].weights_path, b->arena, &model, err))
            return error_wrap(err, "trial %d", b->entry[i].row->number);
        if (!number_member(b, model, b->entry[i].row->number)) return error_memory(err);
        weights[m] = b->selection.weight[i];
        models[m++] = model;
    }
    if (!model_join(models, weights, n, b->arena, &b->model, err)) return false;
    if (model_values(b->model) == b->n_classes && b->model->schema.task.kind == b->task->kind) return true;
    if (!b->has_classes)
        return error_set(err, ERR_DATA, "%s: a model for another task than the study's",
                         b->entry[b->member[0]].weights_path);
    return error_set(err, ERR_DATA, "%s: a model of %d classes, and the study has %d",
                     b->entry[b->member[0]].weights_path, b->model->schema.n_classes, b->n_classes);
}

static bool fit_conformal(Build *b, Error *err)
{
    const ConformalInput input = {.task = b->task, .n = b->n_rows, .n_values = b->n_classes, .values = b->proba,
                                  .labels = b->labels, .targets = b->targets, .weight = b->weight,
                                  .n_levels = b->n_levels, .level = b->level,
                                  .choice = b->in->options->conformal, .seed = b->in->study->seed};
    return conformal_fit(&input, b->arena, &b->conformal, err);
}

static bool write_model(Build *b, Error *err)
{
    Model *model = b->model;
    model->conformal = b->conformal.conformal;
    model->name = b->in->study->name;
    model->combine = rule_of(b);
    model->slope = b->selection.slope; /* looked at with intercepts alone */
    model->intercept = b->selection.intercept;
    model->temperature = b->calibration.temperature;
    model->calibration = b->calibration.calibration;
    model->decision = b->decision.weight;
    model->cost = b->decision.cost;
    model->asked = b->decision.asked;
    if (b->has_classes && b->n_classes == 2) model->interest = b->in->positive + 1;
    model->provenance = provenance(b);
    b->rule = b->has_classes ? decision_rule(model, b->in->positive, b->arena)
            : b->task->kind == TASK_LABELS ? "says yes to what is more likely than not" : "says the number";
    if (!model->provenance || !b->rule) return error_memory(err);
    return model_save(model, b->in->out_path, err);
}

/* ---- record and summary ---------------------------------------------------------------------- */

static bool options_json(const Build *b, Text *out)
{
    const EnsembleOptions *o = b->in->options;
    Doc *doc = doc_object();
    doc_set_text(doc, "method", select_method_names[o->method]);
    doc_set_number(doc, "size", o->size);
    doc_set_number(doc, "bags", o->bags);
    doc_set_number(doc, "library", o->library);
    doc_set_text(doc, "metric", metric_name(b->metric));
    doc_set_text(doc, "calibrate", calibrate_names[o->calibrate]);
    doc_set_text(doc, "thresholds", b->thresholds.asked ? b->thresholds.asked : "none");
    doc_set_number(doc, "max_bytes", o->max_bytes);
    if (o->max_us > 0) doc_set_number(doc, "max_us", o->max_us);
    if (o->max_networks > 0) doc_set_number(doc, "max_networks", o->max_networks);
    Doc *levels = b->n_levels > 0 ? doc_set(doc, "intervals", doc_array()) : NULL;
    for (int i = 0; i < b->n_levels; i++) doc_add(levels, doc_number(b->level[i]));
    bool ok = doc_print(doc, 0, out);
    doc_free(doc);
    return ok;
}

/* Paths in the database are relative to its folder. */
static const char *short_path(const Build *b)
{
    const char *path = b->in->out_path, *folder = b->in->folder;
    size_t n = folder ? strlen(folder) : 0;
    while (n > 0 && folder[n - 1] == '/') n--;
    bool below = n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
    return below ? path + n + 1 : path;
}

static bool record(Build *b, int64_t bytes, const char *sha256, Error *err)
{
    const int n = b->selection.n_members;
    Text config = {0};
    EnsembleMemberRow *members = ARENA_NEW(b->arena, EnsembleMemberRow, n);
    bool ok = members && options_json(b, &config) ? true : error_memory(err);
    for (int m = 0; ok && m < n; m++)
        members[m] = (EnsembleMemberRow){b->entry[b->member[m]].row->id,
                                         b->selection.weight[b->member[m]]};
    EnsembleRow row = {.method = select_method_names[b->selection.method],
                       .metric = metric_name(b->metric), .config = config.bytes,
                       .value = b->score, .path = short_path(b), .sha256 = sha256,
                       .bytes = bytes, .n_members = n, .members = members};
    ok = ok && store_ensemble_add(b->in->store, b->in->study->id, &row, err);
    text_free(&config);
    return ok;
}

static bool put_members(const Build *b, Ensemble *out, Error *err)
{
    const int n = b->selection.n_members;
    EnsembleMember *member = ARENA_NEW(b->arena, EnsembleMember, n);
    double *matrix = ARENA_NEW(b->arena, double, (size_t)n * (size_t)n);
    if (!member || !matrix) return error_memory(err);
    for (int m = 0; m < n; m++) {
        const int at = b->member[m];
        member[m] = (EnsembleMember){b->entry[at].row, b->selection.weight[at], b->value[at]};
        for (int k = 0; k < n; k++)
            matrix[m * n + k] = disagreement(b->task, b->n_rows, b->n_classes, b->entry[at].predictions.proba,
                                             b->entry[b->member[k]].predictions.proba);
    }
    out->n_members = n;
    out->member = member;
    out->disagreement = matrix;
    return true;
}

static const char *const *parts_of(const Build *b)
{
    const Conformal *c = b->conformal.conformal;
    if (!c || (b->has_classes && c->n_parts == 1)) return NULL;
    if (b->has_classes) return (const char *const *)b->model->schema.classes;
    const char **name = ARENA_NEW(b->arena, const char *, b->task->n_targets);
    for (int t = 0; name && t < b->task->n_targets; t++) name[t] = b->task->targets[t].name;
    return name;
}

static bool sum_up(const Build *b, Ensemble *out, Error *err)
{
    const Selection *s = &b->selection;
    const Entry *single = &b->entry[s->best_model];
    *out = (Ensemble){.method = s->method, .metric = b->metric, .score = b->score, .best_single = single->row,
                      .best_single_score = b->single_score, .best_single_path = single->weights_path,
                      .best_single_decision = b->single,
                      .reason = s->reason, .nested = s->nested, .more = b->more, .n_rows = b->n_rows,
                      .n_considered = b->n_entries,
                      .n_curve = s->n_curve, .curve = s->curve, .calibration = b->calibration,
                      .task = b->task->kind, .n_classes = b->has_classes ? b->n_classes : 0,
                      .decision = b->decision, .rule = b->rule,
                      .log_loss = {b->before.value[METRIC_LOG_LOSS], b->after.value[METRIC_LOG_LOSS]},
                      .ece = {b->before.value[METRIC_ECE], b->after.value[METRIC_ECE]},
                      .conformal = b->conformal, .parts = parts_of(b),
                      .n_params = model_n_params(b->model), .path = b->in->out_path,
                      .n_skipped = b->n_skipped, .skipped = b->skipped,
                      .predictions = {b->n_rows, b->n_classes, b->entry[0].predictions.row, b->proba,
                                      b->task->kind == TASK_NUMBERS}};
    return put_members(b, out, err);
}

/* On the training table's own row numbers, where nothing is known of other rows. */
static bool evaluate(Build *b, Doc **out, Error *err)
{
    const size_t n = (size_t)b->in->n_rows, k = (size_t)b->n_classes, n_targets = (size_t)b->task->n_targets;
    const int32_t *row = b->entry[0].predictions.row;
    float *proba = ARENA_NEW(b->arena, float, n * k);
    int32_t *labels = b->labels ? ARENA_NEW(b->arena, int32_t, n) : NULL;
    double *targets = b->targets ? ARENA_NEW(b->arena, double, n * n_targets) : NULL;
    if (!proba || (!labels && !targets)) return error_memory(err);
    for (size_t i = 0; i < n && labels; i++) labels[i] = -1;
    for (size_t i = 0; i < n * n_targets && targets; i++) targets[i] = NAN;
    for (int i = 0; i < b->n_rows; i++) {
        if (labels) labels[row[i]] = b->labels[i];
        else
            memcpy(targets + (size_t)row[i] * n_targets, b->targets + (size_t)i * n_targets,
                   n_targets * sizeof *targets);
        memcpy(proba + (size_t)row[i] * k, b->proba + (size_t)i * k, k * sizeof *proba);
    }
    Judged judged = {.n = b->in->n_rows, .n_classes = b->n_classes, .proba = proba, .labels = labels,
                     .targets = targets, .weight = b->in->weight, .positive = b->in->positive,
                     .bootstrap = BOOTSTRAP, .seed = b->in->study->seed, .by = b->in->by, .n_by = b->in->n_by};
    evaluate_as(b->model, &judged);
    return evaluate_predictions(&judged, b->arena, out, err);
}

static bool finish(Build *b, Ensemble *out, Error *err)
{
    Bytes file;
    Ensemble built;
    if (!sum_up(b, &built, err) || !file_read_plain(b->in->out_path, 0, &file, err)) return false;
    built.bytes = file.n;
    sha256_of(file.bytes, file.n, built.sha256);
    bytes_free(&file);
    if (!evaluate(b, &built.validation, err)) return false;
    if (b->in->record && !record(b, (int64_t)built.bytes, built.sha256, err)) {
        doc_free(built.validation);
        return false;
    }
    *out = built;
    return true;
}

bool ensemble_build(const BuildInput *input, Arena *arena, Ensemble *out, Error *err)
{
    static const Task classes = {.kind = TASK_CLASSES};
    const Task *task = input->task ? input->task : &classes;
    Build b = {.in = input, .arena = arena, .task = task, .has_classes = task_has_classes(task),
               .n_classes = task_values(task, input->study->n_classes)};
    if (!read_options(&b, err) || !gather(&b, err)) return false;
    void *scratch = arena_alloc(arena, 1, scored_scratch_bytes(task, b.n_rows));
    if (!scratch) return error_memory(err);
    return select_members(&b, scratch, err) && combine(&b, err) && join_members(&b, err)
        && calibrate(&b, scratch, err) && fit_conformal(&b, err) && write_model(&b, err)
            && finish(&b, out, err);
}
