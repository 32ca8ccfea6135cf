/* From the outputs of a network to what it predicts: engine/link.h in operators. */
#include "export/onnx_links.h"

enum { EXP_MOST = 80 };

/* One number a target. */
static OnnxValue targets_row(OnnxExport *e, double of(const Target *target))
{
    const Task *task = &e->model->schema.task;
    double *row = ARENA_NEW(e->arena, double, task->n_targets);
    if (!row) {
        e->g.broken = true;
        return (OnnxValue){NULL, ONNX_DOUBLE};
    }
    for (int t = 0; t < task->n_targets; t++) row[t] = of(&task->targets[t]);
    return onnx_row(&e->g, ONNX_DOUBLE, task->n_targets, row);
}

static double unit_of(const Target *t) { return 1 / t->unit; }
static double origin_of(const Target *t) { return t->origin; }
static double scale_of(const Target *t) { return t->scale / t->unit; }
static double shift_of(const Target *t) { return (t->shift - t->origin) / t->unit; }
static double log_scale_of(const Target *t) { return t->log_scale; }
static double log_shift_of(const Target *t) { return t->log_shift; }
static double log_mean_of(const Target *t) { return t->log_mean; }
static double log_offset_of(const Target *t) { return t->log_offset; }

static OnnxValue linear(OnnxExport *e, OnnxValue z, double scale(const Target *), double shift(const Target *))
{
    return onnx_op2(&e->g, "Add", onnx_op2(&e->g, "Mul", z, targets_row(e, scale)), targets_row(e, shift));
}

static OnnxValue softplus(OnnxGraph *g, OnnxValue z)
{
    const OnnxValue e = onnx_op1(g, "Exp", onnx_with(g, "Min", z, 30));
    return onnx_where(g, onnx_with(g, "Greater", z, 30), z, onnx_op1(g, "Log", onnx_with(g, "Add", e, 1)));
}

static OnnxValue bounded_exp(OnnxGraph *g, OnnxValue x)
{
    return onnx_op1(g, "Exp", onnx_with(g, "Min", x, EXP_MOST));
}

/* y as v of data/task.h. */
static OnnxValue in_units(OnnxExport *e, OnnxValue y)
{
    const Task *task = &e->model->schema.task;
    bool plain = true;
    for (int t = 0; t < task->n_targets; t++)
        plain = plain && task->targets[t].origin == 0 && task->targets[t].unit == 1;
    if (plain) return y;
    return onnx_op2(&e->g, "Mul", onnx_op2(&e->g, "Sub", y, targets_row(e, origin_of)),
                    targets_row(e, unit_of));
}

/* P(class > k) are sigmoids of borders that fall; what lies between two of them is a class. */
static OnnxValue cumulative(OnnxGraph *g, OnnxValue z, int n_classes)
{
    const int n = n_classes - 1;
    z = onnx_cast(g, z, ONNX_DOUBLE);
    if (n > 1) {
        const OnnxValue steps = onnx_op1(g, "Neg", softplus(g, onnx_slice(g, z, 1, 1, n - 1)));
        const OnnxValue all[2] = {onnx_slice(g, z, 1, 0, 1), steps};
        z = onnx_sums_along(g, onnx_concat(g, 1, 2, all), 1, false);
    }
    const OnnxValue above = onnx_op1(g, "Sigmoid", z);
    const OnnxValue first = onnx_slice(g, above, 1, 0, 1), last = onnx_slice(g, above, 1, n - 1, 1);
    OnnxValue classes[3] = {onnx_op2(g, "Sub", onnx_number(g, ONNX_DOUBLE, 1), first), last, last};
    if (n > 1)
        classes[1] = onnx_op2(g, "Sub", onnx_slice(g, above, 1, 0, n - 1), onnx_slice(g, above, 1, 1, n - 1));
    return onnx_cast(g, onnx_concat(g, 1, n > 1 ? 3 : 2, classes), ONNX_FLOAT);
}

/* The middle quantile by itself, the others steps away from it: (N, T, Q) times a matrix of 0, 1 and -1. */
static OnnxValue quantiles(OnnxExport *e, OnnxValue z)
{
    OnnxGraph *g = &e->g;
    const Task *task = &e->model->schema.task;
    const int t = task->n_targets, n = task->n_quantiles, middle = link_middle(task);
    double *sums = ARENA_NEW(e->arena, double, (size_t)n * (size_t)n), *is = ARENA_NEW(e->arena, double, n);
    double *scale = ARENA_NEW(e->arena, double, t), *shift = ARENA_NEW(e->arena, double, t);
    if (!sums || !is || !scale || !shift) {
        g->broken = true;
        return z;
    }
    for (int q = 0; q < n; q++) {
        is[q] = q;
        sums[middle * n + q] = 1;
        for (int k = middle + 1; k <= q; k++) sums[k * n + q] = 1;
        for (int k = middle - 1; k >= q; k--) sums[k * n + q] = -1;
    }
    for (int i = 0; i < t; i++) {
        scale[i] = scale_of(&task->targets[i]);
        shift[i] = shift_of(&task->targets[i]);
    }
    z = onnx_reshape(g, onnx_cast(g, z, ONNX_DOUBLE), 3, (const int[]){0, t, n});
    const OnnxValue is_middle = onnx_with(g, "Equal", onnx_numbers(g, ONNX_DOUBLE, 1, &n, is), middle);
    z = onnx_where(g, is_middle, z, softplus(g, z));
    z = onnx_op2(g, "MatMul", z, onnx_numbers(g, ONNX_DOUBLE, 2, (const int[]){n, n}, sums));
    const int by_target[3] = {1, t, 1};
    z = onnx_op2(g, "Mul", z, onnx_numbers(g, ONNX_DOUBLE, 3, by_target, scale));
    z = onnx_op2(g, "Add", z, onnx_numbers(g, ONNX_DOUBLE, 3, by_target, shift));
    return onnx_reshape(g, z, 2, (const int[]){0, t * n});
}

static OnnxValue linked(OnnxExport *e, Link link, OnnxValue z)
{
    OnnxGraph *g = &e->g;
    OnnxValue y;
    switch (link) {
    case LINK_SOFTMAX: onnx_attribute_int(g, "axis", 1); return onnx_op1(g, "Softmax", z);
    case LINK_CUMULATIVE: return cumulative(g, z, e->model->schema.n_classes);
    case LINK_SIGMOID: return onnx_op1(g, "Sigmoid", z);
    case LINK_QUANTILES: return quantiles(e, z);
    default: break;
    }
    z = onnx_cast(g, z, ONNX_DOUBLE);
    switch (link) {
    case LINK_LOG:
        y = bounded_exp(g, linear(e, z, log_scale_of, log_shift_of));
        return in_units(e, onnx_op2(g, "Sub", y, targets_row(e, log_offset_of)));
    case LINK_RATE:
        return in_units(e, bounded_exp(g, onnx_op2(g, "Add", z, targets_row(e, log_mean_of))));
    default: return linear(e, z, scale_of, shift_of);
    }
}

void onnx_link(OnnxExport *e, const PlanStep *step)
{
    e->g.scope = arena_print(e->arena, "net%d/link", step->net);
    if (!e->g.scope) e->g.broken = true;
    e->value[step->out] = linked(e, step->mlp->link, onnx_vector(e, step->in));
}
