/* The decision, and the outputs of each kind of task. */
#include "export/onnx_end.h"

#include "export/onnx_conformal.h"

/* ---- classes --------------------------------------------------------------------------------- */

/* The class decided for, (N) INT64; the first of equal ones, as model_decide(). */
static OnnxValue decided(OnnxExport *e, OnnxValue p)
{
    OnnxGraph *g = &e->g;
    const Model *model = e->model;
    const int n = model->schema.n_classes;
    if (!model->cost && !model->decision) return onnx_arg(g, "ArgMax", p, 1, false);
    p = onnx_cast(g, p, ONNX_DOUBLE);
    if (!model->cost)
        return onnx_arg(g, "ArgMax", onnx_op2(g, "Mul", p, onnx_row(g, ONNX_DOUBLE, n, model->decision)), 1,
                        false);
    const OnnxValue cost = onnx_numbers(g, ONNX_DOUBLE, 2, (const int[]){n, n}, model->cost);
    return onnx_arg(g, "ArgMin", onnx_op2(g, "MatMul", p, cost), 1, false);
}

static void end_classes(OnnxExport *e, OnnxValue p)
{
    OnnxGraph *g = &e->g;
    const Schema *schema = &e->model->schema;
    OnnxValue label = decided(e, p);
    if (e->options->classes == ONNX_NAMES)
        label = onnx_gather(g, onnx_strings(g, schema->n_classes, schema->classes), label, 0);
    onnx_output(g, "label", label, 1, (const int[]){ONNX_ROWS});
    onnx_output(g, "probabilities", p, 2, (const int[]){ONNX_ROWS, schema->n_classes});
    if (e->model->conformal) onnx_sets(e, p);
}

/* ---- labels ---------------------------------------------------------------------------------- */

static void end_labels(OnnxExport *e, OnnxValue p)
{
    OnnxGraph *g = &e->g;
    const Task *task = &e->model->schema.task;
    const int n = task->n_targets, dims[2] = {ONNX_ROWS, n}, row[2] = {1, n};
    const OnnxValue yes = onnx_with(g, "Greater", p, 0.5);
    OnnxValue label = onnx_cast(g, yes, ONNX_INT64);
    if (e->options->classes == ONNX_NAMES) {
        OnnxValue word[2];
        for (int a = 0; a < 2; a++) {
            const char **words = ARENA_NEW(e->arena, const char *, n);
            if (!words) {
                g->broken = true;
                return;
            }
            for (int t = 0; t < n; t++) words[t] = task->targets[t].answer[a] ? task->targets[t].answer[a] : "";
            word[a] = onnx_reshape(g, onnx_strings(g, n, words), 2, row);
        }
        label = onnx_where(g, yes, word[1], word[0]);
    }
    onnx_output(g, "label", label, 2, dims);
    onnx_output(g, "probabilities", p, 2, dims);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void end_numbers(OnnxExport *e, OnnxValue v)
{
    OnnxGraph *g = &e->g;
    const Task *task = &e->model->schema.task;
    const int n = task->n_targets, q = task_stride(task), dims[3] = {ONNX_ROWS, n, q}, by_target[3] = {1, n, 1};
    double *unit = ARENA_NEW(e->arena, double, n), *origin = ARENA_NEW(e->arena, double, n);
    bool units = false, origins = false;
    if (!unit || !origin) {
        g->broken = true;
        return;
    }
    for (int t = 0; t < n; t++) {
        unit[t] = task->targets[t].unit, origin[t] = task->targets[t].origin;
        units = units || unit[t] != 1, origins = origins || origin[t] != 0;
    }
    OnnxValue y = onnx_cast(g, v, ONNX_DOUBLE);
    if (q > 1) y = onnx_reshape(g, y, 3, (const int[]){0, n, q});
    if (units) y = onnx_op2(g, "Mul", y, onnx_numbers(g, ONNX_DOUBLE, q > 1 ? 3 : 2, q > 1 ? by_target
                                                      : (const int[]){1, n}, unit));
    if (origins) y = onnx_op2(g, "Add", y, onnx_numbers(g, ONNX_DOUBLE, q > 1 ? 3 : 2, q > 1 ? by_target
                                                        : (const int[]){1, n}, origin));
    const OnnxValue point = q == 1 ? y : onnx_reshape(g, onnx_slice(g, y, 2, task_point(task), 1), 2,
                                                      (const int[]){0, n});
    onnx_output(g, "value", point, 2, dims);
    if (task->n_quantiles > 0)
        onnx_output(g, "quantiles", q > 1 ? y : onnx_reshape(g, y, 3, (const int[]){0, n, 1}), 3, dims);
    if (e->model->conformal) onnx_intervals(e, point, y);
}

void onnx_end(OnnxExport *e)
{
    const OnnxValue result = onnx_vector(e, e->plan->result);
    e->g.scope = "end";
    switch (e->model->schema.task.kind) {
    case TASK_CLASSES: case TASK_ORDERED: end_classes(e, result); return;
    case TASK_LABELS: end_labels(e, result); return;
    default: end_numbers(e, result); return;
    }
}
