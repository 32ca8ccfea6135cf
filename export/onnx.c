/* A plan walked from its first step to its last, and what a reader of the file is told. */
#include "export/onnx.h"

#include "export/onnx_columns.h"
#include "export/onnx_end.h"
#include "export/onnx_inputs.h"
#include "export/onnx_links.h"
#include "export/onnx_mix.h"
#include "export/onnx_network.h"
#include "model/decision.h"

#ifndef CONSORT_VERSION
#define CONSORT_VERSION "unknown"
#endif

const char *const onnx_inputs_names[] = {ONNX_INPUTS_LIST(LIST_NAME) NULL};
const char *const onnx_classes_names[] = {ONNX_CLASSES_LIST(LIST_NAME) NULL};

/* ---- notes ----------------------------------------------------------------------------------- */

static void note_texts(OnnxExport *e, const char *key, int n, const char *const *texts)
{
    Text json = {0};
    text_add(&json, "[");
    for (int i = 0; i < n; i++) {
        if (i) text_add(&json, ", ");
        text_json(&json, texts[i] ? texts[i] : "");
    }
    text_add(&json, "]");
    onnx_note_json(e, key, &json);
}

static void note_numbers(OnnxExport *e, const char *key, int n, const double *numbers)
{
    Text json = {0};
    char number[32];
    text_add(&json, "[");
    for (int i = 0; i < n; i++) text_print(&json, "%s%s", i ? ", " : "", text_number(numbers[i], number));
    text_add(&json, "]");
    onnx_note_json(e, key, &json);
}

/* [{"name": "churn", "answers": ["no", "yes"]}] */
static void note_targets(OnnxExport *e)
{
    const Task *task = &e->model->schema.task;
    Text json = {0};
    text_add(&json, "[");
    for (int t = 0; t < task->n_targets; t++) {
        const Target *target = &task->targets[t];
        text_add(&json, t ? ", {\"name\": " : "{\"name\": ");
        text_json(&json, target->name ? target->name : "");
        if (task->kind == TASK_LABELS) {
            text_add(&json, ", \"answers\": [");
            text_json(&json, target->answer[0] ? target->answer[0] : "");
            text_add(&json, ", ");
            text_json(&json, target->answer[1] ? target->answer[1] : "");
            text_add(&json, "]");
        }
        text_add(&json, "}");
    }
    text_add(&json, "]");
    onnx_note_json(e, "targets", &json);
}

static void note_activations(OnnxExport *e)
{
    const char *names[ACTIVATION_COUNT];
    int n = 0;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        bool used = false;
        for (int s = 0; s < e->plan->n_steps; s++) used = used || (e->plan->steps[s].activation == a &&
            (e->plan->steps[s].op == PLAN_DENSE || e->plan->steps[s].op == PLAN_ACTIVATE));
        if (used) names[n++] = a == ACT_GELU ? "gelu (exact, by erf)" : activation_names[a];
    }
    note_texts(e, "activations", n, names);
}

static bool note_all(OnnxExport *e, Error *err)
{
    const Model *model = e->model;
    const Schema *schema = &model->schema;
    onnx_note(&e->g, "consort", CONSORT_VERSION);
    onnx_note(&e->g, "model", model->name ? model->name : "");
    if (e->options->model_sha256) onnx_note(&e->g, "model_sha256", e->options->model_sha256);
    onnx_note(&e->g, "task", task_names[schema->task.kind]);
    note_activations(e);
    if (task_has_classes(&schema->task)) {
        const char *rule = decision_rule(model, -1, e->arena);
        if (!rule) return error_memory(err);
        note_texts(e, "classes", schema->n_classes, schema->classes);
        onnx_note(&e->g, "decision", rule);
        if (model->asked) onnx_note(&e->g, "decision_for", model->asked);
    } else {
        note_targets(e);
    }
    if (schema->task.n_quantiles > 0)
        note_numbers(e, "quantiles", schema->task.n_quantiles, schema->task.quantiles);
    if (model->conformal) note_numbers(e, "levels", model->conformal->n_levels, model->conformal->level);
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void step(OnnxExport *e, const PlanStep *step)
{
    if (step->op <= PLAN_DERIVED) onnx_encode(e, step);
    else if (step->op == PLAN_LINK) onnx_link(e, step);
    else if (step->op < PLAN_LINK) onnx_network(e, step);
    else onnx_mix(e, step);
}

static bool write_all(OnnxExport *e, Text *out, Error *err)
{
    e->value = ARENA_NEW(e->arena, OnnxValue, e->plan->n_vectors);
    if (!e->value) return error_memory(err);
    if (!onnx_inputs(e, err) || !note_all(e, err)) return false;
    for (int s = 0; s < e->plan->n_steps && !e->g.broken; s++) step(e, &e->plan->steps[s]);
    if (!e->g.broken) onnx_end(e);
    const char *doc = arena_print(e->arena, "Written by Consort " CONSORT_VERSION " (consort export --to onnx):"
                                  " %d inputs, %d networks; metadata_props says what they are.",
                                  e->matrix.name ? 1 : e->model->schema.n_columns, e->model->n_members);
    return doc ? onnx_graph_write(&e->g, "consort", doc, out, err) : error_memory(err);
}

bool onnx_write(const Plan *plan, const OnnxOptions *options, Arena *arena, Text *out, Error *err)
{
    OnnxExport e = {.plan = plan, .model = plan->model, .options = options, .arena = arena};
    if (plan->numbers != PLAN_F32)
        return error_set(err, ERR_INVALID, "--to onnx writes networks of floats; leave out --numbers %s",
                         plan_numbers_names[plan->numbers]);
    onnx_graph_begin(&e.g, arena);
    const bool ok = write_all(&e, out, err);
    onnx_graph_free(&e.g);
    return ok;
}
