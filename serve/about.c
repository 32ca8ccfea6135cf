/* serve/about.c - what a model takes and gives. */
#include "serve/about.h"

#include "model/decision.h"

static void add_texts(Doc *to, const char *key, int n, const char *const *texts)
{
    Doc *list = doc_set(to, key, doc_array());
    for (int i = 0; i < n; i++) doc_add(list, doc_text(texts[i]));
}

static void add_columns(const Schema *schema, Doc *doc)
{
    Doc *list = doc_set(doc, "columns", doc_array());
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        Doc *one = doc_add(list, doc_object());
        doc_set_text(one, "name", column->name);
        doc_set_text(one, "kind", column_kind_names[column->kind]);
        if (column->format) doc_set_text(one, "format", column->format);
        if (column_has_words(column->kind) && column->kind != COLUMN_FREE_TEXT)
            add_texts(one, "levels", column->n_levels, column->levels);
    }
}

static void add_types(Doc *to, const char *const *types)
{
    Doc *list = doc_set(to, "type", doc_array());
    for (; *types; types++) doc_add(list, doc_text(*types));
}

/* Cells that are left out are missing; columns that the model does not know are not looked at. */
static void add_row_schema(const Schema *schema, Doc *doc)
{
    static const char *const number[] = {"number", "null", NULL};
    static const char *const word[] = {"string", "number", "boolean", "null", NULL};
    Doc *row = doc_set(doc, "row_schema", doc_object());
    doc_set_text(row, "$schema", "https://json-schema.org/draft/2020-12/schema");
    doc_set_text(row, "type", "object");
    Doc *properties = doc_set(row, "properties", doc_object());
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        Doc *one = doc_set(properties, column->name, doc_object());
        add_types(one, column->kind == COLUMN_NUMERIC ? number : word);
        if (column->format) doc_set_text(one, "description", column->format);
        if (column_has_words(column->kind) && column->kind != COLUMN_FREE_TEXT && column->n_levels > 0)
            add_texts(one, "examples", column->n_levels, column->levels);
    }
    doc_set_number(row, "minProperties", 1);
}

static void add_targets(const Task *task, Doc *doc)
{
    Doc *list = task->n_targets ? doc_set(doc, "targets", doc_array()) : NULL;
    for (int t = 0; t < task->n_targets; t++) {
        const Target *target = &task->targets[t];
        Doc *one = doc_add(list, doc_object());
        doc_set_text(one, "name", target->name);
        if (task->kind == TASK_LABELS) add_texts(one, "answers", 2, target->answer);
        if (task->kind != TASK_NUMBERS) continue;
        doc_set_number(one, "low", target->low);
        doc_set_number(one, "high", target->high);
    }
    Doc *quantiles = task->n_quantiles ? doc_set(doc, "quantiles", doc_array()) : NULL;
    for (int q = 0; q < task->n_quantiles; q++) doc_add(quantiles, doc_number(task->quantiles[q]));
}

bool about_model(const Model *model, double loaded_at, Arena *arena, Text *out, Error *err)
{
    const Schema *schema = &model->schema;
    Doc *doc = doc_object();
    int networks = 0;
    for (int m = 0; m < model->n_members; m++) networks += model->members[m].n_nets;
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "name", model->name);
    doc_set_text(doc, "task", task_names[schema->task.kind]);
    doc_set_text(doc, "label", schema->label_name);
    doc_set_number(doc, "networks", networks);
    doc_set_number(doc, "parameters", (double)model_n_params(model));
    doc_set_number(doc, "loaded", loaded_at);
    if (task_has_classes(&schema->task)) {
        add_texts(doc, "classes", schema->n_classes, (const char *const *)schema->classes);
        doc_set_text(doc, "decision", decision_rule(model, -1, arena));
    }
    add_targets(&schema->task, doc);
    Doc *levels = model->conformal ? doc_set(doc, "intervals", doc_array()) : NULL;
    for (int i = 0; levels && i < model->conformal->n_levels; i++)
        doc_add(levels, doc_number(model->conformal->level[i]));
    if (schema->height > 0) {
        doc_set_number(doc, "height", schema->height);
        doc_set_number(doc, "width", schema->width);
    } else {
        add_columns(schema, doc);
        add_row_schema(schema, doc);
    }
    const bool ok = doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
    return (ok && text_ok(out)) || error_memory(err);
}
