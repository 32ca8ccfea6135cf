/* api/predict.c - rows predicted, and what was predicted handed out in arrays. */
#include "api/parts.h"

#include <stdio.h>

#include "job/evaluate.h"

struct consort_predictions {
    Arena *arena;
    const Model *model;
    Predicted rows;
    const int32_t *classes;
    const double *numbers, *quantiles;
};

static bool take_classes(consort_predictions *p, Error *err)
{
    int32_t *classes = ARENA_NEW(p->arena, int32_t, p->rows.n_rows);
    if (!classes) return error_memory(err);
    for (int i = 0; i < p->rows.n_rows; i++) classes[i] = p->rows.decision[i];
    p->classes = classes;
    return true;
}

static bool take_numbers(consort_predictions *p, Error *err)
{
    const Task *task = p->rows.task;
    const int n_targets = task->n_targets, n_quantiles = task->n_quantiles;
    const size_t n = (size_t)p->rows.n_rows;
    double *numbers = ARENA_NEW(p->arena, double, n * (size_t)n_targets);
    double *quantiles = n_quantiles ? ARENA_NEW(p->arena, double, n * (size_t)p->rows.n_classes) : NULL;
    if (!numbers || (n_quantiles && !quantiles)) return error_memory(err);
    for (size_t i = 0; i < n; i++) {
        for (int t = 0; t < n_targets; t++)
            numbers[i * (size_t)n_targets + (size_t)t] = predicted_number(&p->rows, (int)i, t);
        for (int v = 0; quantiles && v < p->rows.n_classes; v++) {
            const size_t at = i * (size_t)p->rows.n_classes + (size_t)v;
            quantiles[at] = task_number(task, v / n_quantiles, (double)p->rows.proba[at]);
        }
    }
    p->numbers = numbers;
    p->quantiles = quantiles;
    return true;
}

static bool predict(const consort_model *model, const consort_rows *rows,
                    const consort_predict_options *options,
                    consort_predictions *out, Error *err)
{
    consort_predict_options how;
    Model *with = ARENA_NEW(out->arena, Model, 1);
    Table *table;
    if (!with) return error_memory(err);
    if (!api_take(options, &how, sizeof how, "consort_predict_options", err)) return false;
    *with = *model->model; /* how many views is said here, and not to others */
    out->model = with;
    return (how.views == 0 || model_set_views(with, how.views, err))
        && api_table(rows, &with->schema, true, out->arena, &table, err)
        && predict_table(with, table, out->arena, &out->rows, err)
        && (out->rows.decision ? take_classes(out, err) : take_numbers(out, err));
}

int consort_predict(const consort_model *model, const consort_rows *rows,
                    const consort_predict_options *options,
                    consort_predictions **out, consort_error *error)
{
    Error err = {0};
    Arena *arena = arena_create(0);
    consort_predictions *p = arena ? ARENA_NEW(arena, consort_predictions, 1) : NULL;
    *out = NULL;
    bool ok = p != NULL;
    if (ok) p->arena = arena;
    else error_memory(&err);
    ok = ok && predict(model, rows, options, p, &err);
    if (ok) *out = p;
    else arena_destroy(arena);
    return api_end(ok, error, &err);
}

void consort_predictions_close(consort_predictions *p)
{
    if (p) arena_destroy(p->arena);
}

int consort_predictions_n_rows(const consort_predictions *p)
{
    return p->rows.n_rows;
}

int consort_predictions_n_values(const consort_predictions *p)
{
    return p->rows.n_classes;
}

const float *consort_predictions_values(const consort_predictions *p)
{
    return p->rows.proba;
}

const int32_t *consort_predictions_classes(const consort_predictions *p)
{
    return p->classes;
}

const double *consort_predictions_numbers(const consort_predictions *p)
{
    return p->numbers;
}

const double *consort_predictions_quantiles(const consort_predictions *p)
{
    return p->quantiles;
}

/* ---- promises ------------------------------------------------------------------------------------ */

static bool find_level(const consort_predictions *p, double level, bool sets, int *out, Error *err)
{
    const Conformal *c = p->model->conformal;
    if (sets != task_has_classes(p->rows.task))
        return error_set(err, ERR_INVALID, sets ? "sets are of classes, and this model predicts %s"
                                                : "intervals are of numbers, and this model predicts %s",
                         task_names[p->rows.task->kind]);
    if (!c)
        return error_set(err, ERR_INVALID, "the model has no %s; `ensemble.intervals: 0.9` in the configuration"
                         " makes them", sets ? "sets" : "intervals");
    *out = conformal_find(c, level);
    if (*out >= 0) return true;
    char has[16 * CONFORMAL_MOST_LEVELS] = "";
    for (int i = 0, k = 0; i < c->n_levels; i++)
        k += snprintf(has + k, sizeof has - (size_t)k, "%s%.6g", i ? ", " : "", c->level[i]);
    return error_set(err, ERR_INVALID, "level %g: the model has %s", level, has);
}

static const float *values_of(const consort_predictions *p, int row)
{
    return p->rows.proba + (size_t)row * (size_t)p->rows.n_classes;
}

int consort_predictions_interval(const consort_predictions *p, double level, int target, double *low,
                                 double *high,
                                 consort_error *error)
{
    Error err = {0};
    int l;
    bool ok = find_level(p, level, false, &l, &err);
    if (ok && (target < 0 || target >= p->rows.task->n_targets))
        ok = error_set(&err, ERR_INVALID, "target %d: the model has %d", target, p->rows.task->n_targets);
    for (int i = 0; ok && i < p->rows.n_rows; i++)
        conformal_interval(p->model->conformal, p->rows.task, l, target, values_of(p, i), &low[i], &high[i]);
    return api_end(ok, error, &err);
}

int consort_predictions_set(const consort_predictions *p, double level, unsigned char *inside,
                            consort_error *error)
{
    Error err = {0};
    int l;
    const int n = p->rows.n_classes;
    bool ok = find_level(p, level, true, &l, &err);
    Arena *arena = ok ? arena_create(0) : NULL;
    bool *in = arena ? ARENA_NEW(arena, bool, n) : NULL;
    if (ok && !in) {
        error_memory(&err);
        ok = false;
    }
    for (int i = 0; ok && i < p->rows.n_rows; i++) {
        conformal_set(p->model->conformal, l, n, values_of(p, i), in);
        for (int c = 0; c < n; c++) inside[(size_t)i * (size_t)n + (size_t)c] = in[c];
    }
    arena_destroy(arena);
    return api_end(ok, error, &err);
}

/* ---- how good ------------------------------------------------------------------------------------ */

int consort_evaluate(const consort_model *model, const consort_rows *rows, const char *positive, char **json,
                     consort_error *error)
{
    Error err = {0};
    Table *table;
    Doc *doc = NULL;
    Text text = {0};
    const Segments none = {0};
    Arena *arena = arena_create(0);
    *json = NULL;
    bool ok = arena || error_memory(&err);
    ok = ok && api_table(rows, &model->model->schema, false, arena, &table, &err);
    if (ok && !table_has_label(table)) ok = error_set(&err, ERR_DATA,
                                                      "the rows have no labels to compare with");
    ok = ok && evaluate_table(model->model, table, &none, positive, arena, &doc, &err);
    ok = ok && (doc_print(doc, 0, &text) || error_memory(&err)) && api_give(&text, json, &err);
    doc_free(doc);
    text_free(&text);
    arena_destroy(arena);
    return api_end(ok, error, &err);
}
