/* Members taken together, and calibration. */
#include "export/onnx_mix.h"

/* ---- members --------------------------------------------------------------------------------- */

/* Nothing yet: PLAN_CLEAR left no value. */
static OnnxValue sum(OnnxGraph *g, OnnxValue so_far, OnnxValue more)
{
    return so_far.name ? onnx_op2(g, "Add", so_far, more) : more;
}

/* 1 for the most probable class. */
static OnnxValue vote(OnnxExport *e, OnnxValue in)
{
    const int n = e->model->schema.n_classes;
    const double *classes = onnx_counting(e, n, 0);
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
