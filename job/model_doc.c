/* job/model_doc.c - a model as a document. */
#include "job/model_doc.h"

#include "engine/activation.h"
#include "model/decision.h"

static void put_classes(const Model *model, Doc *out)
{
    const Task *task = &model->schema.task;
    doc_set_text(out, "task", task_names[task->kind]);
    doc_set_text(out, "label", model->schema.label_name);
    if (task_has_classes(task)) {
        Doc *classes = doc_set(out, "classes", doc_array());
        for (int c = 0; c < model->schema.n_classes; c++) doc_add(classes, doc_text(model->schema.classes[c]));
        return;
    }
    Doc *targets = doc_set(out, "targets", doc_array());
    for (int t = 0; t < task->n_targets; t++) {
        const Target *target = &task->targets[t];
        Doc *entry = doc_add(targets, doc_object());
        doc_set_text(entry, "name", target->name);
        if (task->kind == TASK_LABELS) {
            doc_set_text(entry, "no", target->answer[0]);
            doc_set_text(entry, "yes", target->answer[1]);
            continue;
        }
        doc_set_number(entry, "low", target->low);
        doc_set_number(entry, "high", target->high);
    }
    if (task->n_quantiles == 0) return;
    Doc *quantiles = doc_set(out, "quantiles", doc_array());
    for (int q = 0; q < task->n_quantiles; q++) doc_add(quantiles, doc_number(task->quantiles[q]));
}

static Doc *columns_doc(const Model *model)
{
    Doc *list = doc_array();
    for (int j = 0; j < model->schema.n_columns; j++) {
        const Column *column = &model->schema.columns[j];
        Doc *entry = doc_add(list, doc_object());
        doc_set_text(entry, "name", column->name);
        doc_set_text(entry, "kind", column_kind_names[column->kind]);
        if (column->kind != COLUMN_NOMINAL && column->kind != COLUMN_ORDERED) continue;
        Doc *levels = doc_set(entry, "levels", doc_array());
        for (int i = 0; i < column->n_levels; i++) doc_add(levels, doc_text(column->levels[i]));
    }
    return list;
}

static Doc *inputs_doc(const Model *model)
{
    const Schema *schema = &model->schema;
    if (schema->n_columns > 0) return columns_doc(model);
    Doc *image = doc_object();
    doc_set_number(image, "height", schema->height);
    doc_set_number(image, "width", schema->width);
    doc_set_number(image, "channels", pixels_channels(schema->channels));
    return image;
}

static Doc *members_doc(const Model *model)
{
    Doc *list = doc_array();
    double sum = 0;
    for (int m = 0; m < model->n_members; m++) sum += model->members[m].weight;
    for (int m = 0; m < model->n_members; m++) {
        const ModelMember *member = &model->members[m];
        const Mlp *mlp = member->nets[0].mlp;
        size_t n_params = 0;
        for (int k = 0; k < member->n_nets; k++) n_params += member->nets[k].mlp->n_params;
        Doc *entry = doc_add(list, doc_object());
        doc_set_text(entry, "name", member->name);
        doc_set_number(entry, "weight", member->weight / sum);
        doc_set_number(entry, "networks", member->n_nets);
        Doc *layers = doc_set(entry, "layers", doc_array()); /* of its first */
        for (int l = 0; l <= mlp->n_layers; l++) doc_add(layers, doc_number(mlp->width[l]));
        doc_set_text(entry, "activation", activation_names[mlp->activation]);
        doc_set_bool(entry, "layer_norm", mlp->layer_norm);
        doc_set_bool(entry, "residual", mlp->residual);
        doc_set_bool(entry, "embedded", mlp->embed != NULL);
        doc_set_number(entry, "n_params", (double)n_params);
    }
    return list;
}

Doc *model_doc_calibration(const Model *model)
{
    const Calibration *c = model->calibration;
    const int k = model->schema.n_classes;
    if (!task_has_classes(&model->schema.task) || (!c && model->temperature == 1)) return NULL;
    Doc *doc = doc_object();
    if (!c) {
        doc_set_text(doc, "method", calibration_names[CALIBRATION_TEMPERATURE]);
        doc_set_number(doc, "temperature", model->temperature);
        return doc;
    }
    CalibrationMethod method = c->n_knots ? CALIBRATION_ISOTONIC : c->n_scale > k ? CALIBRATION_MATRIX
                             : c->n_scale > 1 ? CALIBRATION_VECTOR : CALIBRATION_BIAS;
    doc_set_text(doc, "method", calibration_names[method]);
    return doc;
}

Doc *model_doc_conformal(const Model *model)
{
    const Conformal *c = model->conformal;
    if (!c) return NULL;
    Doc *doc = doc_object(), *levels = doc_set(doc, "levels", doc_array());
    for (int l = 0; l < c->n_levels; l++) doc_add(levels, doc_number(c->level[l]));
    doc_set_text(doc, "kind", c->method[0] >= CONFORMAL_LAC ? "sets" : "intervals");
    Doc *methods = doc_set(doc, "methods", doc_array());
    const int n = c->method[0] >= CONFORMAL_LAC ? 1 : c->n_parts;
    for (int i = 0; i < n; i++) doc_add(methods, doc_text(conformal_names[c->method[i]]));
    doc_set_number(doc, "rows", c->n_rows);
    return doc;
}

const char *model_doc_rule(const Model *model, Arena *arena)
{
    const Task *task = &model->schema.task;
    if (task_has_classes(task)) return decision_rule(model, -1, arena);
    return task->kind == TASK_LABELS ? "says yes to what is more likely than not" : "says the number";
}

Doc *model_doc(const ModelFacts *facts)
{
    const Model *model = facts->model;
    Doc *doc = doc_object();
    int networks = 0;
    doc_set_text(doc, "path", facts->path);
    doc_set_text(doc, "sha256", facts->sha256);
    doc_set_number(doc, "bytes", (double)facts->bytes);
    doc_set_text(doc, "name", model->name);
    put_classes(model, doc);
    doc_set(doc, model->schema.n_columns > 0 ? "columns" : "image", inputs_doc(model));
    for (int m = 0; m < model->n_members; m++) networks += model->members[m].n_nets;
    doc_set_number(doc, "networks", networks);
    doc_set_number(doc, "n_params", (double)model_n_params(model));
    Doc *preps = doc_set(doc, "preps", doc_array());
    for (int p = 0; p < model->n_preps; p++) {
        Doc *entry = doc_add(preps, doc_object());
        doc_set_number(entry, "features", model->preps[p]->n_features);
        doc_set_number(entry, "derived", model->preps[p]->n_derived);
    }
    doc_set(doc, "members", members_doc(model));
    doc_set_text(doc, "combine", combine_names[model->combine]);
    doc_set(doc, "calibration", model_doc_calibration(model));
    doc_set_text(doc, "decision", model_doc_rule(model, facts->arena));
    doc_set_text(doc, "decision_for", model->asked);
    doc_set(doc, "conformal", model_doc_conformal(model));
    doc_set(doc, "provenance", doc_copy(facts->provenance));
    doc_set_text(doc, "study", facts->beside ? facts->place.folder : NULL);
    return doc;
}
