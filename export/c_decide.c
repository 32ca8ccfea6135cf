/* Calibration and decision in C: the formulas of model/calibration.h and model/model.h once more. */
#include "export/c_decide.h"

static const Calibration *calibration_of(const CExport *e)
{
    return e->model->combine == COMBINE_VOTE ? NULL : e->model->calibration;
}

/* One for each class, n_scale of one row for each. */
static bool is_matrix(const CExport *e, const Calibration *c)
{
    return c->n_scale != 1 && c->n_scale != e->n_classes;
}

static void doubles(CExport *e, const char *name, const char *type, int n, const double *values)
{
    c_emit(e, "\nstatic const ");
    text_print(e->out, "%s %s_%s[%d] = {", type, e->name, name, n);
    for (int i = 0; i < n; i++) {
        c_break(e->out, (size_t)i, 6);
        if (*type == 'f') c_float(e->out, (float)values[i]);
        else c_double(e->out, values[i]);
    }
    text_add(e->out, "};\n");
}

static void knots(CExport *e, const Calibration *c)
{
    int total = 0;
    c_emit(e, "\n/* Where the knots of each class begin. */\nstatic const int @_knots[$_N_CLASSES + 1] = {0");
    for (int i = 0; i < e->n_classes; i++) {
        total += c->n_knots[i];
        text_add(e->out, ", ");
        text_print(e->out, "%d", total);
    }
    text_add(e->out, "};\n");
    doubles(e, "at", "float", total, c->at);
    doubles(e, "to", "float", total, c->to);
}

void c_decide_tables(CExport *e)
{
    const Calibration *c = calibration_of(e);
    if (c) {
        doubles(e, "bias", "float", e->n_classes, c->bias);
        doubles(e, "scale", "float", c->n_scale, c->scale);
        if (c->n_knots) knots(e, c);
    }
    if (e->model->cost) doubles(e, "cost", "double", e->n_classes * e->n_classes, e->model->cost);
    else if (e->model->decision) doubles(e, "decision", "double", e->n_classes, e->model->decision);
}

static const char step_code[] =
    "\n"
    "/* A line through knots that rise from 0 to 1. */\n"
    "static float @_step(int c, float p)\n"
    "{\n"
    "    int i = @_knots[c] + 1;\n"
    "    while (i < @_knots[c + 1] - 1 && p > @_at[i]) i++;\n"
    "    p = @_to[i - 1] + (@_to[i] - @_to[i - 1]) * (p - @_at[i - 1]) / (@_at[i] - @_at[i - 1]);\n"
    "    return p > 1e-12f ? p : 1e-12f;\n"
    "}\n";

void c_decide_tools(CExport *e)
{
    const Calibration *c = calibration_of(e);
    if (c && c->n_knots) c_emit(e, step_code);
}

static const char cool_start[] =
    "    /* Calibration: p^(1/T), normalized. */\n"
    "    for (c = 0; c < $_N_CLASSES; c++) one[c] = logf(p[c] > 1e-12f ? p[c] : 1e-12f) * ";
static const char cool_end[] =
    ";\n"
    "    @_softmax(one);\n"
    "    for (c = 0; c < $_N_CLASSES; c++) p[c] = one[c];\n";
static const char map_start[] =
    "    /* Calibration: a linear map of log p, normalized. */\n"
    "    for (c = 0; c < $_N_CLASSES; c++) p[c] = logf(p[c] > 1e-12f ? p[c] : 1e-12f);\n"
    "    for (c = 0; c < $_N_CLASSES; c++) {\n"
    "        one[c] = @_bias[c];\n";
static const char map_matrix[] =
    "        for (i = 0; i < $_N_CLASSES; i++) one[c] += @_scale[c * $_N_CLASSES + i] * p[i];\n";
static const char map_vector[] = "        one[c] += @_scale[c] * p[c];\n";
static const char map_scale[] = "        one[c] += @_scale[0] * p[c];\n";
static const char map_end[] =
    "    }\n"
    "    @_softmax(one);\n"
    "    for (c = 0; c < $_N_CLASSES; c++) p[c] = one[c];\n";
static const char steps[] =
    "    for (c = 0; c < $_N_CLASSES; c++) one[c] = @_step(c, p[c]);\n"
    "    {\n"
    "        float total = 0;\n"
    "        for (c = 0; c < $_N_CLASSES; c++) total += one[c];\n"
    "        for (c = 0; c < $_N_CLASSES; c++) p[c] = one[c] / total;\n"
    "    }\n";

static const char by_largest[] =
    "    best = 0;\n"
    "    for (c = 1; c < $_N_CLASSES; c++)\n"
    "        if (p[c] > p[best]) best = c;\n"
    "    return best;\n"
    "}\n";
static const char by_weight[] =
    "    best = 0;\n"
    "    for (c = 1; c < $_N_CLASSES; c++)\n"
    "        if (p[c] * @_decision[c] > p[best] * @_decision[best]) best = c;\n"
    "    return best;\n"
    "}\n";
static const char by_cost[] =
    "    {\n"
    "        double least = 0, expected;\n"
    "        best = -1;\n"
    "        for (c = 0; c < $_N_CLASSES; c++) {\n"
    "            expected = 0;\n"
    "            for (i = 0; i < $_N_CLASSES; i++) expected += p[i] * @_cost[i * $_N_CLASSES + c];\n"
    "            if (best < 0 || expected < least) {\n"
    "                least = expected;\n"
    "                best = c;\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "    return best;\n"
    "}\n";

void c_decide_code(CExport *e)
{
    const Calibration *c = calibration_of(e);
    if (c) {
        c_emit(e, map_start);
        c_emit(e, is_matrix(e, c) ? map_matrix : c->n_scale == 1 ? map_scale : map_vector);
        c_emit(e, map_end);
        if (c->n_knots) c_emit(e, steps);
    } else if (e->model->combine != COMBINE_VOTE && e->model->temperature != 1) {
        c_emit(e, cool_start);
        c_float(e->out, (float)(1 / e->model->temperature));
        c_emit(e, cool_end);
    }
    c_emit(e, e->model->cost ? by_cost : e->model->decision ? by_weight : by_largest);
}
