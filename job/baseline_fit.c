/* job/baseline_fit.c - fits the baselines of a task to a split: those of classes, and the default network. */
#include "job/baseline_fit.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "engine/logistic.h"
#include "job/baseline_labels.h"
#include "job/baseline_numbers.h"

const char *const baseline_names[] = {BASELINE_LIST(LIST_NAME) NULL};

bool baseline_is_for(BaselineKind kind, TaskKind task)
{
#define TASKS_OF(id, name, tasks) [id] = (tasks),
    static const unsigned tasks[] = {BASELINE_LIST(TASKS_OF)};
#undef TASKS_OF
    return tasks[kind] >> task & 1;
}

static float *valid_of(const Baseline *b, const int *place, int row)
{
    return (float *)b->valid.proba + (size_t)place[row] * (size_t)b->valid.n_classes;
}

/* ---- the majority class ------------------------------------------------------------------------ */

static bool fit_majority(const BaselineInput *in, Arena *arena, Baseline *out, Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    const int k = table->n_classes;
    int *place;
    double *share = ARENA_NEW(arena, double, k);
    if (!share) return error_memory(err);
    if (!baseline_rows(in, &place, arena, out, err)) return false;
    assert(out->valid.proba && (!test || out->test));
    for (int f = 0; f < split->n_folds; f++) {
        memset(share, 0, (size_t)k * sizeof *share);
        double sum = table->weight ? 0 : split->n_train[f];
        for (int i = 0; table->weight && i < split->n_train[f]; i++) sum += table->weight[split->train[f][i]];
        for (int i = 0; i < split->n_train[f]; i++) {
            const int32_t row = split->train[f][i];
            share[table->labels[row]] += (table->weight ? table->weight[row] : 1.0) / sum;
        }
        for (int i = 0; i < split->n_valid[f]; i++)
            for (int c = 0; c < k; c++)
                valid_of(out, place, split->valid[f][i])[c] += (float)share[c] / (float)split->n_times;
        for (int i = 0; test && i < test->n_rows; i++)
            for (int c = 0; c < k; c++) out->test[i * k + c] += (float)(share[c] / split->n_folds);
    }
    return true;
}

/* ---- logistic regression ----------------------------------------------------------------------- */

/* Of the passes that there are, in tenths: with a weaker penalty the optimum is farther away. */
static const int tenths[N_PENALTIES] = {1, 1, 2, 3, 3};
/* Weights of a fit, above which it is left out; passes of all penalties; and products of all of them together,
 * some seconds of one core, beyond which there are fewer passes. */
enum { MOST_WEIGHTS = 4000000, MOST_PASSES = 10000, LEAST_PASSES = 40 };
static const double most_products = 6e10, tolerance = 1e-4;

/* One fold under way, its rows in memory of their own. */
typedef struct {
    const BaselineInput *in;
    const PrepOptions *prep;
    int fold, most_passes;
    int *place;
    Arena *arena;
    float *valid[N_PENALTIES]; /* (N, K) of the whole study */
    float *test[N_PENALTIES];
    bool short_of[N_PENALTIES]; /* some fold had not converged */
} Fold;

static bool fit_fold(Fold *f, Error *err)
{
    const Split *split = f->in->data->split;
    FoldRows rows;
    Logistic model;
    if (!baseline_encode(f->in, f->prep, f->fold, f->arena, &rows, err)) return false;
    const Rows *train = rows.train, *valid = rows.valid, *test = rows.test;
    const int k = train->n_classes, n_test = test ? test->n_rows : 0;
    float *scratch = arena_alloc(f->arena, (size_t)(valid->n_rows > n_test ? valid->n_rows : n_test),
                                 (size_t)k * sizeof *scratch);
    if (!scratch) return error_memory(err);
    if (!logistic_create(train->n_features, k, f->arena, &model, err)) return false;
    for (int p = 0; p < N_PENALTIES; p++) { /* the strongest first: each begins where the last one ended */
        if (!logistic_fit(train, baseline_penalties[p], tolerance, f->most_passes * tenths[p] / 10, &model, err)
            || !logistic_predict(&model, valid, scratch, err))
            return false;
        f->short_of[p] |= !model.converged;
        for (int i = 0; i < valid->n_rows; i++) {
            float *to = f->valid[p] + (size_t)f->place[split->valid[f->fold][i]] * (size_t)k;
            for (int c = 0; c < k; c++) to[c] += scratch[i * k + c] / (float)split->n_times;
        }
        if (test && !logistic_predict(&model, test, scratch, err)) return false;
        for (int i = 0; i < n_test * k; i++) f->test[p][i] += scratch[i] / (float)split->n_folds;
    }
    return true;
}

static double log_loss(const Predictions *p, const float *proba, const int32_t *labels, const double *weight)
{
    double sum = 0;
    for (int i = 0; i < p->n_rows; i++)
        sum -= (weight ? weight[p->row[i]]
                : 1) * log(fmax((double)proba[(size_t)i * (size_t)p->n_classes + (size_t)labels[p->row[i]]],
                                1e-15));
    return sum;
}

static bool fit_logistic(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out,
                         Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    const int k = table->n_classes, n_test = test ? test->n_rows : 0;
    Fold fold = {.in = in, .prep = prep};
    Prep *most;
    if (!prep_most(prep, table, arena, &most, err)) return false;
    if ((double)most->n_features * k > MOST_WEIGHTS) {
        out->note = arena_print(arena, "left out: %d features of %d classes are more than it is meant for",
                                most->n_features, k);
        return out->note || error_memory(err);
    }
    if (!baseline_rows(in, &fold.place, arena, out, err)) return false;
    const int width = k == 2 ? 2 : (k + 15) / 16 * 16;
    double products = 2.0 * table->n_rows * most->n_features * width * 2 * split->n_folds;
    fold.most_passes = (int)fmin(MOST_PASSES, fmax(LEAST_PASSES, most_products / products));
    for (int p = 0; p < N_PENALTIES; p++) {
        fold.valid[p] = arena_alloc(arena, (size_t)out->valid.n_rows, (size_t)k * sizeof(float));
        fold.test[p] = arena_alloc(arena, (size_t)n_test, (size_t)k * sizeof(float));
        if (!fold.valid[p] || !fold.test[p]) return error_memory(err);
    }
    for (fold.fold = 0; fold.fold < split->n_folds; fold.fold++) {
        fold.arena = arena_create(0);
        bool ok = fold.arena ? fit_fold(&fold, err) : error_memory(err);
        arena_destroy(fold.arena);
        if (!ok) return false;
    }
    int best = 0;
    double least = INFINITY;
    for (int p = 0; p < N_PENALTIES; p++) {
        double loss = log_loss(&out->valid, fold.valid[p], table->labels, table->weight);
        if (loss < least) least = loss, best = p;
    }
    out->valid.proba = fold.valid[best];
    if (test) out->test = fold.test[best];
    out->l2 = baseline_penalties[best];
    out->n_params = ((int64_t)most->n_features + 1) * k;
    if (!fold.short_of[best]) return true;
    out->note = arena_print(arena, "stopped after up to %d passes over the rows, short of its optimum",
                            fold.most_passes * tenths[best] / 10);
    return out->note || error_memory(err);
}

/* ---- the default network ------------------------------------------------------------------------ */

/* Its model on the test rows, its predictions on the others, as files that the trial has left. */
static bool take_files(const BaselineInput *in, const TrialRecord *record, Arena *arena, Baseline *out,
                       Error *err)
{
    const Table *test = in->data->test;
    const char *weights = NULL, *proba = NULL;
    Model *model;
    for (int i = 0; i < record->n_artifacts; i++) {
        const char *path = path_join(arena, in->folder, record->artifacts[i].path);
        if (!path) return error_memory(err);
        if (artifact_is(&record->artifacts[i], ARTIFACT_WEIGHTS)) weights = path;
        if (artifact_is(&record->artifacts[i], ARTIFACT_PROBA)) proba = path;
    }
    if (!weights || !proba) return error_set(err, ERR_DATA, "the default network left no files");
    if (!predictions_load(proba, arena, &out->valid, err)) return false;
    if (!test) return true;
    out->test = arena_alloc(arena, (size_t)test->n_rows, (size_t)out->valid.n_classes * sizeof *out->test);
    return (out->test || error_memory(err)) && model_load(weights, arena, &model, err)
        && model_predict(model, test, arena, out->test, err);
}

/* A trial with no values: one network a fold, by the defaults. */
static bool fit_network(const BaselineInput *in, Settings *settings, Arena *arena, Baseline *out, Error *err)
{
    const Config *config = in->config;
    static const Space nothing;
    static const PrunerOptions no_pruner;
    char hash[65];
    sha256_of(baseline_names[BASELINE_NETWORK], strlen(baseline_names[BASELINE_NETWORK]), hash);
    if (config->full_epochs > 0 && config->full_epochs < settings->train.epochs)
        settings->train.epochs = config->full_epochs;
    out->epochs = settings->train.epochs;
    ObjectiveOptions options = {.table = in->data->train, .split = in->data->split, .settings = settings,
                                .space = &nothing, .metric = config->metric, .positive = in->data->positive,
                                .seed = in->seed, .name = config->name, .folder = in->folder,
                                .pruner = &no_pruner, .memory_cap = config->run.memory_cap,
                                .threads = config->run.threads_per_trial};
    TrialTask task = {.params_hash = hash};
    TrialRecord record;
    Objective *objective;
    if (!objective_create(&options, &objective, err)) return false;
    bool ok = objective_run(objective, &task, arena, &record, err);
    objective_destroy(objective);
    if (!ok) return false;
    if (record.row.state != TRIAL_COMPLETE) { /* what a study may survive, its baseline may, too */
        int n = (int)strcspn(record.fail_text, ";"); /* the cure behind it is for trials */
        out->note = arena_print(arena, "left out: %.*s", n, record.fail_text);
        return out->note || error_memory(err);
    }
    out->n_params = record.row.n_params / in->data->split->n_folds;
    return take_files(in, &record, arena, out, err);
}

/* ---- all of them ----------------------------------------------------------------------------------- */

bool baseline_fit(const BaselineInput *input, BaselineKind kind, Arena *arena, Baseline *out, Error *err)
{
    Settings settings = {0};
    Baseline fitted = {.l2 = NAN};
    if (!field_defaults(&train_fields, &settings.train, arena, err)
        || !field_defaults(&prep_fields, &settings.prep, arena, err)
        || !field_defaults(&missing_fields, &settings.prep, arena, err))
        return false;
    const bool labels = input->data->train->task.kind == TASK_LABELS;
    bool ok = kind == BASELINE_MAJORITY ? fit_majority(input, arena, &fitted, err)
            : kind == BASELINE_SHARES ? baseline_shares(input, arena, &fitted, err)
            : kind == BASELINE_MEAN ? baseline_mean(input, arena, &fitted, err)
            : kind == BASELINE_MEDIAN ? baseline_median(input, arena, &fitted, err)
            : kind == BASELINE_LINEAR ? baseline_linear(input, &settings.prep, arena, &fitted, err)
            : kind == BASELINE_NETWORK ? fit_network(input, &settings, arena, &fitted, err)
            : labels ? baseline_logistics(input, &settings.prep, arena, &fitted, err)
            : fit_logistic(input, &settings.prep, arena, &fitted, err);
    if (!ok) return false;
    *out = fitted;
    return true;
}
