/* api/model.c - a model opened, and what can be asked about it. */
#include "api/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "job/open.h"
#include "model/decision.h"

_Static_assert((int)CONSORT_CLASSES == TASK_CLASSES && (int)CONSORT_ORDERED == TASK_ORDERED
               && (int)CONSORT_NUMBERS == TASK_NUMBERS && (int)CONSORT_LABELS == TASK_LABELS,
                   "tasks are the same");

/* ---- as a document ------------------------------------------------------------------------------- */

static void say_inputs(const Schema *schema, Doc *doc)
{
    if (schema->height > 0) {
        Doc *picture = doc_set(doc, "picture", doc_object());
        doc_set_number(picture, "height", schema->height);
        doc_set_number(picture, "width", schema->width);
        doc_set_number(picture, "channels", pixels_channels(schema->channels));
        return;
    }
    Doc *inputs = doc_set(doc, "inputs", doc_array());
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        Doc *input = doc_add(inputs, doc_object());
        doc_set_text(input, "name", column->name);
        doc_set_text(input, "kind", column_kind_names[column->kind]);
        if (column->format) doc_set_text(input, "format", column->format);
        if (column->kind != COLUMN_NOMINAL && column->kind != COLUMN_ORDERED) continue;
        Doc *levels = doc_set(input, "levels", doc_array());
        for (int k = 0; k < column->n_levels; k++) doc_add(levels, doc_text(column->levels[k]));
    }
}

static void say_task(const Schema *schema, Doc *doc)
{
    const Task *task = &schema->task;
    doc_set_text(doc, "task", task_names[task->kind]);
    doc_set_text(doc, "label", task->n_targets > 1 ? NULL : schema->label_name);
    if (task_has_classes(task)) {
        Doc *classes = doc_set(doc, "classes", doc_array());
        for (int c = 0; c < schema->n_classes; c++) doc_add(classes, doc_text(schema->classes[c]));
        return;
    }
    Doc *targets = doc_set(doc, "targets", doc_array());
    for (int t = 0; t < task->n_targets; t++) {
        const Target *from = &task->targets[t];
        Doc *target = doc_add(targets, doc_object());
        doc_set_text(target, "name", from->name);
        if (task->kind == TASK_LABELS) {
            Doc *answers = doc_set(target, "answers", doc_array());
            for (int k = 0; k < 2; k++) doc_add(answers, doc_text(from->answer[k]));
        } else {
            doc_set_number(target, "low", from->low);
            doc_set_number(target, "high", from->high);
        }
    }
    Doc *quantiles = doc_set(doc, "quantiles", doc_array());
    for (int q = 0; q < task->n_quantiles; q++) doc_add(quantiles, doc_number(task->quantiles[q]));
}

static void say_members(const Model *model, Doc *doc)
{
    Doc *members = doc_set(doc, "members", doc_array());
    for (int m = 0; m < model->n_members; m++) {
        Doc *member = doc_add(members, doc_object());
        doc_set_text(member, "name", model->members[m].name);
        doc_set_number(member, "weight", model->members[m].weight);
        doc_set_number(member, "networks", model->members[m].n_nets);
    }
    doc_set_text(doc, "combine", combine_names[model->combine]);
    doc_set_number(doc, "parameters", (double)model_n_params(model));
    doc_set_number(doc, "weight_bytes", (double)model_bytes(model));
}

static bool describe(const Model *model, const char *path, Arena *arena, const char **out, Error *err)
{
    Doc *doc = doc_object();
    Text text = {0};
    const Conformal *conformal = model->conformal;
    const bool classes = task_has_classes(&model->schema.task);
    doc_set_text(doc, "name", model->name);
    doc_set_text(doc, "path", path);
    say_task(&model->schema, doc);
    say_inputs(&model->schema, doc);
    say_members(model, doc);
    if (classes) doc_set_text(doc, "decision", decision_rule(model, -1, arena));
    Doc *levels = doc_set(doc, "interval_levels", doc_array());
    for (int l = 0; conformal && l < conformal->n_levels; l++) doc_add(levels, doc_number(conformal->level[l]));
    const char *provenance = model->provenance;
    doc_set(doc, "provenance", provenance ? doc_parse(provenance, strlen(provenance), NULL) : NULL);
    const bool ok = doc_print(doc, 0, &text) && text_ok(&text) && (*out = arena_copy(arena,
                                                                                     text.bytes)) != NULL;
    doc_free(doc);
    text_free(&text);
    return ok || error_memory(err);
}

/* ---- opening ------------------------------------------------------------------------------------- */

bool api_model(Model *model, const char *path, Arena *arena, consort_model **out, Error *err)
{
    consort_model *handle = ARENA_NEW(arena, consort_model, 1);
    bool ok = handle ? describe(model, path, arena, &handle->info, err) : error_memory(err);
    if (!ok) {
        arena_destroy(arena);
        return false;
    }
    handle->arena = arena;
    handle->model = model;
    *out = handle;
    return true;
}

int consort_model_open(const char *path, consort_model **out, consort_error *error)
{
    Error err = {0};
    Model *model;
    const char *found;
    Arena *arena = arena_create(0);
    *out = NULL;
    bool ok = arena ? path || error_set(&err, ERR_INVALID, "no model is named") : error_memory(&err);
    ok = ok && model_open(path, NULL, arena, &model, &found, &err);
    if (ok) ok = api_model(model, found, arena, out, &err);
    else arena_destroy(arena);
    return api_end(ok, error, &err);
}

void consort_model_close(consort_model *model)
{
    if (model) arena_destroy(model->arena);
}

/* ---- asking -------------------------------------------------------------------------------------- */

static const Schema *schema_of(const consort_model *model)
{
    return &model->model->schema;
}

static const Column *input_of(const consort_model *model, int input)
{
    const Schema *schema = schema_of(model);
    return input >= 0 && input < schema->n_columns ? &schema->columns[input] : NULL;
}

const char *consort_model_info(const consort_model *model)
{
    return model->info;
}

int consort_model_task(const consort_model *model)
{
    return (int)schema_of(model)->task.kind;
}

int consort_model_n_inputs(const consort_model *model)
{
    return schema_of(model)->n_columns;
}

const char *consort_model_input_name(const consort_model *model, int input)
{
    const Column *column = input_of(model, input);
    return column ? column->name : NULL;
}

int consort_model_input_kind(const consort_model *model, int input)
{
    const Column *column = input_of(model, input);
    return column ? (int)column->kind + 1 : CONSORT_FOUND_OUT;
}

void consort_model_picture(const consort_model *model, int size[3])
{
    const Schema *schema = schema_of(model);
    size[0] = schema->height;
    size[1] = schema->width;
    size[2] = schema->height > 0 ? pixels_channels(schema->channels) : 0;
}

int consort_model_n_classes(const consort_model *model)
{
    return task_has_classes(&schema_of(model)->task) ? schema_of(model)->n_classes : 0;
}

const char *consort_model_class(const consort_model *model, int number)
{
    return number >= 0 && number < consort_model_n_classes(model) ? schema_of(model)->classes[number] : NULL;
}

int consort_model_n_targets(const consort_model *model)
{
    const Task *task = &schema_of(model)->task;
    return task_has_classes(task) ? 1 : task->n_targets;
}

const char *consort_model_target(const consort_model *model, int target)
{
    const Schema *schema = schema_of(model);
    if (target < 0 || target >= consort_model_n_targets(model)) return NULL;
    return task_has_classes(&schema->task) ? schema->label_name : schema->task.targets[target].name;
}

int consort_model_n_quantiles(const consort_model *model)
{
    return schema_of(model)->task.n_quantiles;
}

double consort_model_quantile(const consort_model *model, int number)
{
    const Task *task = &schema_of(model)->task;
    return number >= 0 && number < task->n_quantiles ? task->quantiles[number] : 0;
}

int consort_model_n_levels(const consort_model *model)
{
    return model->model->conformal ? model->model->conformal->n_levels : 0;
}

double consort_model_level(const consort_model *model, int number)
{
    return number >= 0 && number < consort_model_n_levels(model) ? model->model->conformal->level[number] : 0;
}
