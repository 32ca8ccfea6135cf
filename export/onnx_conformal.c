/* Intervals and sets: model/conformal.c in operators, all levels at once. */
#include "export/onnx_conformal.h"

/* ---- intervals ------------------------------------------------------------------------------- */

/* (N, T) as (N, 1, T), beside levels (1, L, T). */
static OnnxValue across(OnnxExport *e, OnnxValue v)
{
    return onnx_reshape(&e->g, v, 3, (const int[]){0, 1, e->model->schema.task.n_targets});
}

static OnnxValue margins(OnnxExport *e)
{
    const Conformal *c = e->model->conformal;
    return onnx_numbers(&e->g, ONNX_DOUBLE, 3, (const int[]){1, c->n_levels, c->n_parts}, c->margin);
}

/* How large errors are where predictions are about p: linear between knots, constant beyond them. */
static OnnxValue sizes(OnnxExport *e, OnnxValue point)
{
    const Conformal *c = e->model->conformal;
    const int n = c->n_parts, ramps = c->n_knots - 1;
    const size_t all = (size_t)n * (size_t)(ramps > 0 ? ramps : 1);
    double *at = ARENA_NEW(e->arena, double, all), *width = ARENA_NEW(e->arena, double, all);
    double *rise = ARENA_NEW(e->arena, double, all), *from = ARENA_NEW(e->arena, double, n);
    if (!at || !width || !rise || !from) return onnx_broken(e);
    for (int t = 0; t < n; t++) {
        const double *knot = c->at + (size_t)t * (size_t)c->n_knots;
        const double *scale = c->scale + (size_t)t * (size_t)c->n_knots;
        from[t] = scale[0];
        for (int k = 0; k < ramps; k++) {
            const size_t i = (size_t)t * (size_t)ramps + (size_t)k;
            at[i] = knot[k];
            width[i] = knot[k + 1] - knot[k];
            rise[i] = scale[k + 1] - scale[k];
        }
    }
    if (ramps < 1) return onnx_row(&e->g, ONNX_DOUBLE, n, from);
    return onnx_ramps(e, point, n, ramps, at, width, rise, from);
}

typedef struct {
    OnnxValue low, high; /* (N, L, T) */
} Ends;

static Ends around(OnnxExport *e, OnnxValue point, OnnxValue half)
{
    return (Ends){onnx_op2(&e->g, "Sub", across(e, point), half),
                  onnx_op2(&e->g, "Add", across(e, point), half)};
}

static Ends scaled(OnnxExport *e, OnnxValue point)
{
    const int dims[3] = {-1, 1, e->model->conformal->n_parts};
    return around(e, point, onnx_op2(&e->g, "Mul", onnx_reshape(&e->g, sizes(e, point), 3, dims), margins(e)));
}

static Ends in_proportion(OnnxExport *e, OnnxValue point)
{
    OnnxGraph *g = &e->g;
    const Task *task = &e->model->schema.task;
    double *row = ARENA_NEW(e->arena, double, task->n_targets);
    if (!row) return (Ends){onnx_broken(e), onnx_broken(e)};
    for (int t = 0; t < task->n_targets; t++) row[t] = task->targets[t].log_offset;
    const OnnxValue offset = onnx_row(g, ONNX_DOUBLE, task->n_targets, row);
    const OnnxValue p = across(e, onnx_with(g, "Max", onnx_op2(g, "Add", point, offset), 0));
    const OnnxValue up = onnx_op1(g, "Exp", margins(e));
    const OnnxValue down = onnx_op1(g, "Exp", onnx_op1(g, "Neg", margins(e)));
    return (Ends){onnx_op2(g, "Sub", onnx_op2(g, "Mul", p, down), offset),
                  onnx_op2(g, "Sub", onnx_op2(g, "Mul", p, up), offset)};
}

/* Quantiles `which` (L) of (N, T, Q), as (N, L, T). */
static OnnxValue some_quantiles(OnnxExport *e, OnnxValue quantiles, const int *which)
{
    const OnnxValue levels = onnx_ints(&e->g, e->model->conformal->n_levels, which);
    const OnnxValue picked = onnx_gather(&e->g, quantiles, levels, 2);
    onnx_attribute_ints(&e->g, "perm", 3, (const int[]){0, 2, 1});
    return onnx_node(&e->g, "Transpose", ONNX_DOUBLE, 1, &picked);
}

static Ends around_quantiles(OnnxExport *e, OnnxValue quantiles)
{
    OnnxGraph *g = &e->g;
    const Conformal *c = e->model->conformal;
    const Task *task = &e->model->schema.task;
    int from[CONFORMAL_MOST_LEVELS], to[CONFORMAL_MOST_LEVELS];
    for (int l = 0; l < c->n_levels; l++) conformal_quantiles(task, c->level[l], &from[l], &to[l]);
    if (task_stride(task) == 1)
        quantiles = onnx_reshape(g, quantiles, 3, (const int[]){0, task->n_targets, 1});
    const OnnxValue low = onnx_op2(g, "Sub", some_quantiles(e, quantiles, from), margins(e));
    const OnnxValue high = onnx_op2(g, "Add", some_quantiles(e, quantiles, to), margins(e));
    const OnnxValue middle = onnx_with(g, "Mul", onnx_op2(g, "Add", low, high), 0.5);
    return (Ends){onnx_op2(g, "Min", low, middle), onnx_op2(g, "Max", high, middle)};
}

static Ends by_method(OnnxExport *e, int method, OnnxValue point, OnnxValue quantiles)
{
    switch (method) {
    case CONFORMAL_SCALED: return scaled(e, point);
    case CONFORMAL_RATIO: return in_proportion(e, point);
    case CONFORMAL_QUANTILES: return around_quantiles(e, quantiles);
    default: return around(e, point, margins(e));
    }
}

void onnx_intervals(OnnxExport *e, OnnxValue point, OnnxValue quantiles)
{
    OnnxGraph *g = &e->g;
    const Conformal *c = e->model->conformal;
    const int n = c->n_parts, dims[3] = {ONNX_ROWS, c->n_levels, n};
    double *method = ARENA_NEW(e->arena, double, n);
    Ends ends = {{NULL, ONNX_DOUBLE}, {NULL, ONNX_DOUBLE}};
    if (!method) {
        onnx_broken(e);
        return;
    }
    for (int t = 0; t < n; t++) method[t] = c->method[t];
    for (int m = 0; m < CONFORMAL_COUNT; m++) {
        bool used = false;
        for (int t = 0; t < n; t++) used = used || c->method[t] == m;
        if (!used) continue;
        const Ends some = by_method(e, m, point, quantiles);
        if (!ends.low.name) {
            ends = some;
            continue;
        }
        const OnnxValue is = onnx_with(g, "Equal", onnx_row(g, ONNX_DOUBLE, n, method), m);
        ends.low = onnx_where(g, is, some.low, ends.low);
        ends.high = onnx_where(g, is, some.high, ends.high);
    }
    onnx_output(g, "low", ends.low, 3, dims);
    onnx_output(g, "high", ends.high, 3, dims);
}

/* ---- sets ------------------------------------------------------------------------------------ */

void onnx_sets(OnnxExport *e, OnnxValue probabilities)
{
    OnnxGraph *g = &e->g;
    const Conformal *c = e->model->conformal;
    const int n = e->model->schema.n_classes, dims[3] = {ONNX_ROWS, c->n_levels, n};
    const OnnxValue p = onnx_cast(g, probabilities, ONNX_DOUBLE);
    OnnxValue score;
    if (c->method[0] == CONFORMAL_APS) { /* what is more likely */
        OnnxValue sorted, place;
        onnx_sort(g, p, n, &sorted, &place);
        score = onnx_unsort(g, onnx_sums_along(g, sorted, 1, true), place);
    } else {
        score = onnx_op2(g, "Sub", onnx_number(g, ONNX_DOUBLE, 1), p);
    }
    score = onnx_reshape(g, score, 3, (const int[]){0, 1, n});
    onnx_output(g, "set", onnx_op2(g, "LessOrEqual", score, margins(e)), 3, dims);
}
