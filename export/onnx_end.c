/* Members taken together, calibration, decision, and the outputs. */
#include <math.h>
#include <string.h>

#include "export/onnx_export.h"

/* ---- members --------------------------------------------------------------------------------- */

/* Nothing yet: PLAN_CLEAR left no value. */
static OnnxValue sum(OnnxGraph *g, OnnxValue so_far, OnnxValue more)
{
    return so_far.name ? onnx_op2(g, "Add", so_far, more) : more;
}

static double *counting(OnnxExport *e, int n)
{
    double *numbers = ARENA_NEW(e->arena, double, n);
    for (int i = 0; numbers && i < n; i++) numbers[i] = i;
    if (!numbers) e->g.broken = true;
    return numbers;
}

/* 1 for the most probable class. */
static OnnxValue vote(OnnxExport *e, OnnxValue in)
{
    const int n = e->model->schema.n_classes;
    const double *classes = counting(e, n);
    if (!classes) return in;
    const OnnxValue is = onnx_op2(&e->g, "Equal", onnx_arg(&e->g, "ArgMax", in, 1, true),
                                  onnx_row(&e->g, ONNX_INT64, n, classes));
    return onnx_cast(&e->g, is, ONNX_FLOAT);
}

static OnnxValue log_of(OnnxGraph *g, OnnxValue p, double least)
{
    return onnx_op1(g, "Log", onnx_with(g, "Max", p, least));
}

static OnnxValue softmax(OnnxGraph *g, OnnxValue z)
{
    onnx_attribute_int(g, "axis", 1);
    return onnx_op1(g, "Softmax", z);
}

/* A stack of numbers, in the values of predictions. */
static OnnxValue stack(OnnxExport *e, OnnxValue v)
{
    const Model *model = e->model;
    const int n = model_values(model), stride = task_stride(&model->schema.task);
    double *intercept = ARENA_NEW(e->arena, double, n);
    if (!intercept) {
        e->g.broken = true;
        return v;
    }
    for (int i = 0; i < n; i++) intercept[i] = model->intercept[i / stride];
    return onnx_op2(&e->g, "Add", onnx_with(&e->g, "Mul", v, model->slope),
                    onnx_row(&e->g, v.type, n, intercept));
}

/* ---- calibration ----------------------------------------------------------------------------- */

OnnxValue onnx_ramps(OnnxExport *e, OnnxValue x, int n, int n_ramps, const double *at, const double *width,
                     const double *rise, const double *from)
{
    OnnxGraph *g = &e->g;
    const int dims[3] = {1, n, n_ramps};
    const size_t all = (size_t)n * (size_t)n_ramps;
    double *steep = ARENA_NEW(e->arena, double, all);
    if (!steep) {
        g->broken = true;
        return x;
    }
    for (size_t i = 0; i < all; i++) steep[i] = width[i] > 0 ? 1 / width[i] : 1e30;
    OnnxValue v = onnx_reshape(g, x, 3, (const int[]){0, n, 1});
    v = onnx_op2(g, "Sub", v, onnx_numbers(g, ONNX_DOUBLE, 3, dims, at));
    v = onnx_clip(g, onnx_op2(g, "Mul", v, onnx_numbers(g, ONNX_DOUBLE, 3, dims, steep)), 0, 1);
    v = onnx_sum(g, onnx_op2(g, "Mul", v, onnx_numbers(g, ONNX_DOUBLE, 3, dims, rise)), 2, false);
    return onnx_op2(g, "Add", v, onnx_row(g, ONNX_DOUBLE, n, from));
}

/* Each class's rising line, then to sum 1. */
static OnnxValue isotonic(OnnxExport *e, const Calibration *c, OnnxValue p)
{
    OnnxGraph *g = &e->g;
    const int n = e->model->schema.n_classes;
    int most = 2;
    for (int k = 0; k < n; k++) most = c->n_knots[k] > most ? c->n_knots[k] : most;
    const size_t all = (size_t)n * (size_t)(most - 1);
    double *at = ARENA_NEW(e->arena, double, all), *width = ARENA_NEW(e->arena, double, all);
    double *rise = ARENA_NEW(e->arena, double, all), *from = ARENA_NEW(e->arena, double, n);
    if (!at || !width || !rise || !from) {
        g->broken = true;
        return p;
    }
    const double *knot = c->at, *to = c->to;
    for (int k = 0; k < n; k++) {
        const size_t first = (size_t)k * (size_t)(most - 1);
        from[k] = to[0];
        for (int i = 0; i + 1 < most; i++) {
            const bool there = i + 1 < c->n_knots[k];
            at[first + (size_t)i] = there ? knot[i] : 2;
            width[first + (size_t)i] = there ? knot[i + 1] - knot[i] : 1;
            rise[first + (size_t)i] = there ? to[i + 1] - to[i] : 0;
        }
        knot += c->n_knots[k];
        to += c->n_knots[k];
    }
    p = onnx_ramps(e, onnx_cast(g, p, ONNX_DOUBLE), n, most - 1, at, width, rise, from);
    p = onnx_with(g, "Max", p, 1e-12);
    return onnx_cast(g, onnx_op2(g, "Div", p, onnx_sum(g, p, 1, true)), ONNX_FLOAT);
}

static OnnxValue calibrated(OnnxExport *e, OnnxValue p)
{
    OnnxGraph *g = &e->g;
    const Calibration *c = e->model->calibration;
    const int n = e->model->schema.n_classes;
    OnnxValue z = log_of(g, onnx_cast(g, p, ONNX_DOUBLE), 1e-12);
    if (!c)
        return onnx_cast(g, softmax(g, onnx_with(g, "Mul", z, 1 / e->model->temperature)), ONNX_FLOAT);
    if (c->n_scale == 1) z = onnx_with(g, "Mul", z, c->scale[0]);
    else if (c->n_scale == n) z = onnx_op2(g, "Mul", z, onnx_row(g, ONNX_DOUBLE, n, c->scale));
    else {
        const OnnxValue in[2] = {z, onnx_numbers(g, ONNX_DOUBLE, 2, (const int[]){n, n}, c->scale)};
        onnx_attribute_int(g, "transB", 1);
        z = onnx_node(g, "Gemm", ONNX_DOUBLE, 2, in);
    }
    z = onnx_op2(g, "Add", z, onnx_row(g, ONNX_DOUBLE, n, c->bias));
    p = onnx_cast(g, softmax(g, z), ONNX_FLOAT);
    return c->n_knots ? isotonic(e, c, p) : p;
}

void onnx_mix(OnnxExport *e, const PlanStep *step)
{
    OnnxGraph *g = &e->g;
    OnnxValue *out = &e->value[step->out];
    g->scope = "mix";
    switch (step->op) {
    case PLAN_CLEAR: *out = (OnnxValue){NULL, ONNX_FLOAT}; return;
    case PLAN_MIX: *out = sum(g, *out, onnx_with(g, "Mul", onnx_vector(e, step->in), step->weight)); return;
    case PLAN_VOTE: *out = sum(g, *out, onnx_with(g, "Mul", vote(e, onnx_vector(e, step->in)), step->weight));
        return;
    case PLAN_LOG_MIX:
        *out = sum(g, *out, onnx_with(g, "Mul", log_of(g, onnx_vector(e, step->in), 1e-6), step->weight));
        return;
    case PLAN_SOFTMAX: *out = softmax(g, *out); return;
    case PLAN_STACK: *out = stack(e, *out); return;
    default: *out = calibrated(e, *out); return;
    }
}

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
    if (e->options->labels == ONNX_NAMES)
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
    if (e->options->labels == ONNX_NAMES) {
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
