/* job/baseline_labels.c - fits shares and logistic regression to a split that predicts yes/no labels. */
#include <math.h>
#include <string.h>

#include "engine/logistic.h"
#include "job/baseline_labels.h"

static double truth_of(const Table *table, int row, int t)
{
    return table->targets[(size_t)row * (size_t)table->task.n_targets + (size_t)t];
}

/* ---- shares -------------------------------------------------------------------------------------- */

bool baseline_shares(const BaselineInput *in, Arena *arena, Baseline *out, Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    const int k = table->task.n_targets;
    int *place;
    if (!baseline_rows(in, &place, arena, out, err)) return false;
    float *valid = (float *)out->valid.proba;
    for (int f = 0; f < split->n_folds; f++)
        for (int t = 0; t < k; t++) {
            double yes = 0, known = 0;
            for (int i = 0; i < split->n_train[f]; i++) {
                double y = truth_of(table, split->train[f][i], t);
                double weight = table->weight ? table->weight[split->train[f][i]] : 1;
                if (isfinite(y)) yes += weight * y, known += weight;
            }
            float share = known > 0 ? (float)(yes / known) : .5f;
            for (int i = 0; i < split->n_valid[f]; i++)
                valid[(size_t)place[split->valid[f][i]] * (size_t)k + (size_t)t]
                    += share / (float)split->n_times;
            for (int i = 0; test && i < test->n_rows; i++)
                out->test[(size_t)i * (size_t)k + (size_t)t] += share / (float)split->n_folds;
        }
    return true;
}

/* ---- a logistic regression each ------------------------------------------------------------------- */

enum { MOST_WEIGHTS = 2000000, MOST_PASSES = 2000, LEAST_PASSES = 40 };
/* Products of all labels, penalties and folds together, some four seconds of one core. */
static const double most_products = 2.4e11, tolerance = 1e-4;

typedef struct {
    const BaselineInput *in;
    int *place, most_passes;
    Arena *arena;
    float *valid[N_PENALTIES], *test[N_PENALTIES]; /* (N, T) */
} Fit;

/* The rows as two classes, no and yes, of label t. */
static Rows as_classes(const Rows *rows, int t, int32_t *labels)
{
    Rows out = *rows;
    const size_t k = (size_t)rows->task->n_targets;
    for (int i = 0; i < rows->n_rows; i++) {
        double y = rows->targets[(size_t)i * k + (size_t)t];
        labels[i] = isfinite(y) ? y > .5 : -1;
    }
    out.labels = labels;
    out.targets = NULL;
    out.task = NULL;
    out.n_classes = 2;
    return out;
}

static bool say(const Logistic *model, const Rows *rows, const Fit *f, const int32_t *row, int t, float share,
                float *proba, float *out, Error *err)
{
    const size_t k = (size_t)f->in->data->train->task.n_targets;
    Rows classes = *rows;
    classes.task = NULL, classes.targets = NULL, classes.n_classes = 2;
    if (rows->n_rows == 0) return true;
    if (!logistic_predict(model, &classes, proba, err)) return false;
    for (int i = 0; i < rows->n_rows; i++)
        out[(size_t)(row ? f->place[row[i]] : i) * k + (size_t)t] += share * proba[2 * i + 1];
    return true;
}

static bool fit_fold(Fit *f, const PrepOptions *prep, int fold, Error *err)
{
    const Split *split = f->in->data->split;
    const float of_valid = 1 / (float)split->n_times, of_test = 1 / (float)split->n_folds;
    FoldRows rows;
    if (!baseline_encode(f->in, prep, fold, f->arena, &rows, err)) return false;
    int n_test = rows.test ? rows.test->n_rows : 0;
    float *proba = ARENA_NEW(f->arena, float,
                             2 * (size_t)(rows.valid->n_rows > n_test ? rows.valid->n_rows : n_test) + 2);
    int32_t *labels = ARENA_NEW(f->arena, int32_t, rows.train->n_rows + 1);
    if (!proba || !labels) return error_memory(err);
    for (int t = 0; t < f->in->data->train->task.n_targets; t++) {
        Logistic model;
        Rows train = as_classes(rows.train, t, labels);
        if (!logistic_create(train.n_features, 2, f->arena, &model, err)) return false;
        for (int p = 0; p < N_PENALTIES; p++) /* the strongest first: each begins where the last one ended */
            if (!logistic_fit(&train, baseline_penalties[p], tolerance, f->most_passes, &model, err)
                || !say(&model, rows.valid, f, split->valid[fold], t, of_valid, proba, f->valid[p], err)
                || (rows.test && !say(&model, rows.test, f, NULL, t, of_test, proba, f->test[p], err)))
                return false;
    }
    return true;
}

static double log_loss(const Baseline *b, const float *proba, const Table *table)
{
    const int k = table->task.n_targets;
    double sum = 0;
    for (int i = 0; i < b->valid.n_rows; i++)
        for (int t = 0; t < k; t++) {
            double y = truth_of(table, b->valid.row[i], t);
            double p = (double)proba[(size_t)i * (size_t)k + (size_t)t];
            if (isfinite(y)) sum -= log(fmax(y > .5 ? p : 1 - p, 1e-15));
        }
    return sum;
}

bool baseline_logistics(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out,
                        Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    const int k = table->task.n_targets;
    Fit fit = {.in = in};
    int d, best = 0;
    double least = INFINITY;
    if (!baseline_features(in, prep, k, MOST_WEIGHTS, arena, &d, out, err)) return false;
    if (out->note) return true;
    if (!baseline_rows(in, &fit.place, arena, out, err)) return false;
    double products = 2.0 * table->n_rows * d * 16 * 2 * split->n_folds * k * N_PENALTIES;
    fit.most_passes = (int)fmin(MOST_PASSES, fmax(LEAST_PASSES, most_products / products));
    for (int p = 0; p < N_PENALTIES; p++) {
        fit.valid[p] = arena_alloc(arena, (size_t)out->valid.n_rows, (size_t)k * sizeof(float));
        fit.test[p] = arena_alloc(arena, (size_t)(test ? test->n_rows : 0), (size_t)k * sizeof(float));
        if (!fit.valid[p] || !fit.test[p]) return error_memory(err);
    }
    for (int fold = 0; fold < split->n_folds; fold++) {
        fit.arena = arena_create(0);
        bool ok = fit.arena ? fit_fold(&fit, prep, fold, err) : error_memory(err);
        arena_destroy(fit.arena);
        if (!ok) return false;
    }
    for (int p = 0; p < N_PENALTIES; p++) {
        double loss = log_loss(out, fit.valid[p], table);
        if (loss < least) least = loss, best = p;
    }
    out->valid.proba = fit.valid[best];
    if (test) out->test = fit.test[best];
    out->l2 = baseline_penalties[best];
    out->n_params = ((int64_t)d + 1) * k;
    return true;
}
