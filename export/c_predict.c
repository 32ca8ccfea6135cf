/* The steps of a plan that take networks together, and what stands behind them. */
#include "export/c_predict.h"

#include "export/c_conformal.h"
#include "export/c_encode.h"
#include "export/c_integers.h"
#include "export/c_networks.h"
#include "plan/constants.h"

static const Task *task_of(const CExport *e)
{
    return &e->model->schema.task;
}

/* ---- the header ------------------------------------------------------------------------------ */

void c_predict_contract(CExport *e)
{
    const Task *task = task_of(e);
    if (!c_has_targets(e))
        c_emit(e, " * p   receives the probability of each class, in the order of @_class_names\n"
                  " *\n"
                  " * @_predict returns the class decided for.");
    else if (task->kind == TASK_LABELS)
        c_emit(e, " * p   receives the probability of yes (@_answers[t][1]) of each label, in the order of\n"
                  " *     @_target_names\n"
                  " *\n"
                  " * @_predict returns how many of them are more likely than not.");
    else if (task->n_quantiles > 0)
        c_emit(e, " * y   receives the quantiles of each target, all of the first (in the order of\n"
                  " *     @_quantiles), then those of the next\n"
                  " *\n"
                  " * @_predict returns the quantile next to one half of the first target.");
    else
        c_emit(e, " * y   receives the number of each target, in the order of @_target_names, in its own unit\n"
                  " *\n"
                  " * @_predict returns the first of them.");
    c_emit(e, " No memory is allocated, nothing global\n"
              " * changes: it may be called from several threads or an interrupt. Needs libm only.\n");
}

void c_predict_defines(CExport *e)
{
    const Task *task = task_of(e);
    if (!c_has_targets(e)) text_print(e->out, "#define %s_N_CLASSES %d\n", e->capitals, e->n_classes);
    else
        text_print(e->out, "#define %s_N_TARGETS %d\n#define %s_N_VALUES %d\n", e->capitals, task->n_targets,
                   e->capitals, e->n_values);
    if (task->n_quantiles > 0)
        text_print(e->out, "#define %s_N_QUANTILES %d\n", e->capitals, task->n_quantiles);
    c_conformal_defines(e);
}

void c_predict_api(CExport *e)
{
    c_emit(e, "#ifndef $_NO_STRINGS\n");
    if (!c_has_targets(e)) c_emit(e, "extern const char *const @_class_names[$_N_CLASSES];\n");
    else c_emit(e, "extern const char *const @_target_names[$_N_TARGETS];\n");
    if (task_of(e)->kind == TASK_LABELS) c_emit(e, "extern const char *const @_answers[$_N_TARGETS][2];\n");
    c_emit(e, "#endif\n");
    if (task_of(e)->n_quantiles > 0) c_emit(e, "extern const double @_quantiles[$_N_QUANTILES];\n");
    if (c_has_numbers(e)) c_emit(e, "double @_predict(const @_input x[$_N_INPUTS], double y[$_N_VALUES]);\n");
    else if (c_has_targets(e)) c_emit(e, "int @_predict(const @_input x[$_N_INPUTS], float p[$_N_VALUES]);\n");
    else c_emit(e, "int @_predict(const @_input x[$_N_INPUTS], float p[$_N_CLASSES]);\n");
    if (e->server) {
        c_emit(e, "/* n rows of x, one after the other, as n rows of ");
        c_emit(e, c_has_numbers(e) ? "y. */\nvoid @_predict_batch(const @_input *x, int n, double *y);\n"
                  : "p. */\nvoid @_predict_batch(const @_input *x, int n, float *p);\n");
    }
    text_add(e->out, "\n");
    c_conformal_api(e);
}

/* ---- constants ------------------------------------------------------------------------------- */

static void doubles(CExport *e, const char *name, int n, const double *values)
{
    text_print(e->out, "static const double %s_%s[%d] = {", e->name, name, n);
    for (int i = 0; i < n && values; i++) {
        c_break(e->out, (size_t)i, 6);
        c_double(e->out, values[i]);
    }
    text_add(e->out, "};\n");
    if (!values) e->out->broken = true;
}

static const Calibration *calibration_of(const CExport *e)
{
    return e->model->combine == COMBINE_VOTE ? NULL : e->model->calibration;
}

static void calibration_tables(CExport *e, const Calibration *c)
{
    const int n = plan_knots(c, e->n_classes);
    c_table(e, "bias", (size_t)e->n_classes, plan_floats(c->bias, e->n_classes, e->arena));
    c_table(e, "scale", (size_t)c->n_scale, plan_floats(c->scale, c->n_scale, e->arena));
    if (n == 0) return;
    text_print(e->out, "static const uint8_t %s_knots[%d] = {", e->name, e->n_classes);
    for (int i = 0; i < e->n_classes; i++) {
        c_break(e->out, (size_t)i, 24);
        text_print(e->out, "%d", c->n_knots[i]);
    }
    text_add(e->out, "};\n");
    c_table(e, "at", (size_t)n, plan_floats(c->at, n, e->arena));
    c_table(e, "to", (size_t)n, plan_floats(c->to, n, e->arena));
}

static void names(CExport *e)
{
    const Task *task = task_of(e);
    c_emit(e, "\n#ifndef $_NO_STRINGS\n");
    if (!c_has_targets(e)) {
        c_emit(e, "const char *const @_class_names[$_N_CLASSES] = {");
        c_strings(e, e->n_classes, e->model->schema.classes);
        c_emit(e, "#endif\n");
        return;
    }
    c_emit(e, "const char *const @_target_names[$_N_TARGETS] = {");
    for (int t = 0; t < task->n_targets; t++) {
        c_break(e->out, (size_t)t, 1);
        c_string(e->out, task->targets[t].name);
    }
    text_add(e->out, "};\n");
    if (task->kind == TASK_LABELS) {
        c_emit(e, "const char *const @_answers[$_N_TARGETS][2] = {");
        for (int t = 0; t < task->n_targets; t++) {
            c_break(e->out, (size_t)t, 1);
            text_add(e->out, "{");
            c_string(e->out, task->targets[t].answer[0]);
            text_add(e->out, ", ");
            c_string(e->out, task->targets[t].answer[1]);
            text_add(e->out, "}");
        }
        text_add(e->out, "};\n");
    }
    c_emit(e, "#endif\n");
}

void c_predict_tables(CExport *e)
{
    const Model *model = e->model;
    const Task *task = task_of(e);
    names(e);
    if (task->n_quantiles > 0) {
        c_emit(e, "\nconst double @_quantiles[$_N_QUANTILES] = {");
        for (int q = 0; q < task->n_quantiles; q++) {
            c_break(e->out, (size_t)q, 8);
            text_print(e->out, "%.17g", task->quantiles[q]);
        }
        text_add(e->out, "};\n");
    }
    text_add(e->out, "\n");
    if (model->intercept)
        c_table(e, "intercept", (size_t)task->n_targets,
                plan_floats(model->intercept, task->n_targets, e->arena));
    if (calibration_of(e)) calibration_tables(e, calibration_of(e));
    if (c_has_numbers(e)) doubles(e, "units", 2 * task->n_targets, plan_units(task, e->arena));
    if (c_has_targets(e)) return;
    if (model->cost) doubles(e, "cost", e->n_classes * e->n_classes, model->cost);
    else if (model->decision) doubles(e, "decision", e->n_classes, model->decision);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* A float among arguments, with what follows it. */
static const char *with_weight(CExport *e, const char *before, double weight, const char *after)
{
    Text text = {0};
    text_add(&text, before);
    c_float(&text, (float)weight);
    text_add(&text, after);
    const char *copy = text_ok(&text) ? arena_copy(e->arena, text.bytes) : NULL;
    text_free(&text);
    return copy;
}

static void calibrate(CExport *e, int v)
{
    const Calibration *c = e->model->calibration;
    const int n = e->plan->vectors[v].n;
    const char *count = arena_print(e->arena, "%d, ", n);
    if (!c) {
        c_step(e, "cool", count ? with_weight(e, count, 1 / e->model->temperature, ", ") : NULL, -1, v);
        return;
    }
    const char *tables = arena_print(e->arena, "%d, %s%s_scale, %s_bias, ", n,
                                     c->n_scale == 1 ? "0, " : c->n_scale == n ? "1, " : "", e->name, e->name);
    c_step(e, c->n_scale == 1 || c->n_scale == n ? "calibrate" : "calibrate_matrix", tables, -1, v);
    if (c->n_knots)
        c_step(e, "rise", arena_print(e->arena, "%d, %s_knots, %s_at, %s_to, ", n, e->name, e->name, e->name),
               -1, v);
}

static void combine(CExport *e, const PlanStep *step)
{
    const int n = e->plan->vectors[step->out].n;
    const char *count = arena_print(e->arena, "%d, ", n);
    if (!count) {
        e->out->broken = true;
        return;
    }
    switch (step->op) {
    case PLAN_CLEAR: c_step_each(e, "clear", "", -1, step->out); break;
    case PLAN_MIX: c_step_each(e, "mix", with_weight(e, "", step->weight, ", "), step->in, step->out); break;
    case PLAN_LOG_MIX:
        c_step_each(e, "log_mix", with_weight(e, "", step->weight, ", "), step->in, step->out);
        break;
    case PLAN_VOTE: c_step(e, "vote", with_weight(e, count, step->weight, ", "), step->in, step->out); break;
    case PLAN_SOFTMAX: c_step(e, "softmax", count, step->out, step->out); break;
    case PLAN_STACK:
        count = arena_print(e->arena, "%d, %d, ", n, task_stride(task_of(e)));
        c_step(e, "stack", count ? with_weight(e, count, e->model->slope,
                                               arena_print(e->arena, ", %s_intercept, ", e->name)) : NULL,
               -1, step->out);
        break;
    case PLAN_CALIBRATE: calibrate(e, step->out); break;
    default: break;
    }
}

static void steps(CExport *e)
{
    const Plan *plan = e->plan;
    for (int s = 0; s < plan->n_steps;) {
        const PlanStep *step = &plan->steps[s];
        if (step->net >= 0) {
            s = c_networks_call(e, s);
        } else if (step->op > PLAN_QUANTIZE) {
            combine(e, step);
            s++;
        } else if (step->op == PLAN_QUANTIZE) {
            c_integers_quantize(e, step, c_vector(e, step->in), c_vector(e, step->out));
            s++;
        } else {
            const char *features = c_vector(e, step->out);
            if (e->server)
                text_print(e->out, "    for (int r = 0; r < rows; r++)\n"
                           "        %s_encode_%d(x + r * %s_N_INPUTS, %s + r * %d);\n", e->name, step->prep,
                           e->capitals, features, plan->vectors[step->out].n);
            else text_print(e->out, "    %s_encode_%d(x, %s);\n", e->name, step->prep, features);
            while (s < plan->n_steps && plan->steps[s].op <= PLAN_DERIVED && plan->steps[s].out == step->out)
                s++;
        }
    }
}

/* ---- functions ------------------------------------------------------------------------------- */

enum { MOST_ROWS = 96, MOST_STACK = 1 << 19 };

static size_t scratch_floats(const CExport *e)
{
    return e->plan->scratch_bytes / sizeof(float);
}

static int block_rows(const CExport *e)
{
    int rows = MOST_ROWS;
    while (rows > 1 && (size_t)rows * e->plan->scratch_bytes > MOST_STACK) rows /= 2;
    return rows;
}

/* What is returned of p, or of y. */
static void answer(CExport *e)
{
    const Task *task = task_of(e);
    const int n = e->n_values;
    if (task->kind == TASK_LABELS) {
        c_piece(e, "count_yes");
        text_print(e->out, "    return %s_count_yes(%d, p);\n}\n", e->name, n);
    } else if (task->kind == TASK_NUMBERS) {
        c_call(e, "unit", "%d, %d, %s_units, p, y", n, task_stride(task), e->name);
        text_print(e->out, "    return y[%d];\n}\n", task_point(task));
    } else if (e->model->cost || e->model->decision) {
        const char *piece = e->model->cost ? "cost" : "decision";
        c_piece(e, e->model->cost ? "decide_cost" : "decide_weights");
        text_print(e->out, "    return %s_decide_%s(%d, %s_%s, p);\n}\n", e->name,
                   e->model->cost ? "cost" : "weights", n, e->name, piece);
    } else {
        c_piece(e, "largest");
        text_print(e->out, "    return %s_largest(%d, p);\n}\n", e->name, n);
    }
}

static void batch(CExport *e)
{
    const bool numbers = c_has_numbers(e);
    text_print(e->out, "\nenum { %s_BLOCK = %d };\n\n", e->capitals, block_rows(e));
    c_emit(e, "void @_predict_batch(const @_input *x, int n, ");
    c_emit(e, numbers ? "double *y)\n{\n" : "float *p)\n{\n");
    c_emit(e, "    float s[$_BLOCK * $_SCRATCH];\n");
    if (numbers) text_print(e->out, "    float p[%s_BLOCK * %d];\n", e->capitals, e->n_values);
    c_emit(e, "    while (n > 0) {\n"
              "        const int rows = n < $_BLOCK ? n : $_BLOCK;\n"
              "        @_rows(rows, x, s, p);\n"
              "        x += rows * $_N_INPUTS;\n"
              "        n -= rows;\n");
    if (!numbers) text_print(e->out, "        p += rows * %d;\n    }\n}\n", e->n_values);
    else
        text_print(e->out, "        for (int r = 0; r < rows; r++, y += %d)\n"
                   "            %s_unit(%d, %d, %s_units, p + r * %d, y);\n    }\n}\n", e->n_values, e->name,
                   e->n_values, task_stride(task_of(e)), e->name, e->n_values);
}

void c_predict_code(CExport *e)
{
    const bool numbers = c_has_numbers(e);
    text_print(e->out, "\n/* Numbers between the cells of a row and the result. */\n"
               "enum { %s_SCRATCH = %zu };\n", e->capitals, scratch_floats(e));
    if (e->server) {
        c_emit(e, "\nstatic void @_rows(int rows, const @_input *x, float *s, float *p)\n{\n");
        steps(e);
        c_emit(e, "}\n");
    }
    c_emit(e, numbers ? "\ndouble @_predict(const @_input x[$_N_INPUTS], double y[$_N_VALUES])\n{\n"
              : c_has_targets(e) ? "\nint @_predict(const @_input x[$_N_INPUTS], float p[$_N_VALUES])\n{\n"
                                 : "\nint @_predict(const @_input x[$_N_INPUTS], float p[$_N_CLASSES])\n{\n");
    c_emit(e, numbers ? "    float s[$_SCRATCH], p[$_N_VALUES];\n" : "    float s[$_SCRATCH];\n");
    if (e->server) c_emit(e, "    @_rows(1, x, s, p);\n");
    else steps(e);
    answer(e);
    if (e->server) batch(e);
    c_conformal_code(e);
}
