/* Intervals and sets in C: margins as constants, and only the methods that are used. */
#include "export/c_conformal.h"

static const Conformal *of(const CExport *e)
{
    return e->model->conformal;
}

static bool used(const CExport *e, ConformalMethod method)
{
    for (int i = 0; i < of(e)->n_parts; i++)
        if (of(e)->method[i] == (int)method) return true;
    return false;
}

static bool has_sets(const CExport *e)
{
    return task_has_classes(&e->model->schema.task);
}

void c_conformal_defines(CExport *e)
{
    if (of(e)) text_print(e->out, "#define %s_N_LEVELS %d\n", e->capitals, of(e)->n_levels);
}

void c_conformal_api(CExport *e)
{
    if (!of(e)) return;
    c_emit(e, "/* How often the truth is inside what stands below, on rows like those of training. `level` is\n"
              " * an index into these. */\n"
              "extern const double @_levels[$_N_LEVELS];\n");
    if (has_sets(e))
        c_emit(e, "/* Which classes the set holds, in[c] 0 or 1, from what @_predict has put into p. Returns\n"
                  " * how many: there may be none. */\n"
                  "int @_set(int level, const float p[$_N_CLASSES], unsigned char in[$_N_CLASSES]);\n\n");
    else
        c_emit(e, "/* The interval of each target, from what @_predict has put into y. */\n"
                  "void @_interval(int level, const double y[$_N_VALUES], double low[$_N_TARGETS],\n"
                  "                double high[$_N_TARGETS]);\n\n");
}

/* static const double NAME[n][m] = {...}; */
static void matrix(CExport *e, const char *name, int n, int m, const double *values)
{
    text_print(e->out, "static const double %s_%s[%d][%d] = {", e->name, name, n, m);
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    {" : "\n    {");
        for (int k = 0; k < m; k++) {
            c_break(e->out, (size_t)k, 4);
            c_double(e->out, values[(size_t)i * (size_t)m + (size_t)k]);
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
}

static void tables(CExport *e)
{
    const Conformal *c = of(e);
    c_emit(e, "\nconst double @_levels[$_N_LEVELS] = {");
    for (int l = 0; l < c->n_levels; l++) text_print(e->out, "%s%.17g", l ? ", " : "", c->level[l]);
    text_add(e->out, "};\n");
    matrix(e, "margin", c->n_levels, c->n_parts, c->margin);
    if (has_sets(e)) return;
    c_emit(e, "/* 0 of one width, 1 scaled, 2 in proportion, 3 around quantiles */\n"
              "static const int @_method[$_N_TARGETS] = {");
    for (int t = 0; t < c->n_parts; t++) {
        c_break(e->out, (size_t)t, 24);
        text_print(e->out, "%d", c->method[t]);
    }
    text_add(e->out, "};\n");
    if (used(e, CONFORMAL_SCALED)) {
        matrix(e, "error_at", c->n_parts, c->n_knots, c->at);
        matrix(e, "error_size", c->n_parts, c->n_knots, c->scale);
    }
    if (used(e, CONFORMAL_RATIO)) {
        c_emit(e, "static const double @_offset[$_N_TARGETS] = {");
        for (int t = 0; t < c->n_parts; t++) {
            c_break(e->out, (size_t)t, 8);
            c_double(e->out, e->model->schema.task.targets[t].log_offset);
        }
        text_add(e->out, "};\n");
    }
    if (used(e, CONFORMAL_QUANTILES)) {
        c_emit(e, "static const int @_pair[$_N_LEVELS][2] = {");
        for (int l = 0; l < c->n_levels; l++) {
            int low, high;
            conformal_quantiles(&e->model->schema.task, c->level[l], &low, &high);
            text_print(e->out, "%s{%d, %d}", l ? ", " : "", low, high);
        }
        text_add(e->out, "};\n");
    }
}

static const char size_start[] =
    "\n"
    "/* How large errors are where the prediction is about p. */\n"
    "static double @_size(int t, double p)\n"
    "{\n"
    "    const double *at = @_error_at[t], *size = @_error_size[t];\n"
    "    int k = 0;\n"
    "    if (!(p > at[0])) return size[0];\n";
static const char size_end[] =
    "    return size[k - 1] + (size[k] - size[k - 1]) * ((p - at[k - 1]) / (at[k] - at[k - 1]));\n"
    "}\n";
static const char interval_start[] =
    "\n"
    "void @_interval(int level, const double y[$_N_VALUES], double low[$_N_TARGETS],\n"
    "                double high[$_N_TARGETS])\n"
    "{\n"
    "    int t;\n"
    "    for (t = 0; t < $_N_TARGETS; t++) {\n"
    "        const double m = @_margin[level][t], p = y[t * ";
static const char interval_switch[] =
    "        low[t] = p - m;\n"
    "        high[t] = p + m;\n"
    "        switch (@_method[t]) {\n";
static const char interval_scaled[] =
    "        case 1:\n"
    "            low[t] = p - m * @_size(t, p);\n"
    "            high[t] = p + m * @_size(t, p);\n"
    "            break;\n";
static const char interval_ratio[] =
    "        case 2:\n"
    "            low[t] = p + @_offset[t] > 0 ? (p + @_offset[t]) * exp(-m) - @_offset[t] : -@_offset[t];\n"
    "            high[t] = p + @_offset[t] > 0 ? (p + @_offset[t]) * exp(m) - @_offset[t] : -@_offset[t];\n"
    "            break;\n";
static const char interval_quantiles[] =
    "        case 3:\n"
    "            low[t] = y[t * $_N_QUANTILES + @_pair[level][0]] - m;\n"
    "            high[t] = y[t * $_N_QUANTILES + @_pair[level][1]] + m;\n"
    "            if (low[t] > high[t]) low[t] = high[t] = (low[t] + high[t]) / 2;\n"
    "            break;\n";
static const char interval_end[] =
    "        default: break;\n"
    "        }\n"
    "    }\n"
    "}\n";

static const char set_start[] =
    "\n"
    "int @_set(int level, const float p[$_N_CLASSES], unsigned char in[$_N_CLASSES])\n"
    "{\n"
    "    int c, n = 0;\n"
    "    for (c = 0; c < $_N_CLASSES; c++) {\n";
static const char set_aps[] =
    "        double before = 0;\n"
    "        int k;\n"
    "        for (k = 0; k < $_N_CLASSES; k++)\n"
    "            if (p[k] > p[c] || (!(p[k] < p[c]) && k < c)) before += p[k];\n"
    "        in[c] = before <= @_margin[level][0];\n";
static const char set_lac[] = "        in[c] = 1.0 - p[c] <= @_margin[level][0];\n";
static const char set_by_class[] = "        in[c] = 1.0 - p[c] <= @_margin[level][c];\n";
static const char set_end[] =
    "        n += in[c];\n"
    "    }\n"
    "    return n;\n"
    "}\n";

void c_conformal_code(CExport *e)
{
    const Task *task = &e->model->schema.task;
    if (!of(e)) return;
    tables(e);
    if (has_sets(e)) {
        c_emit(e, set_start);
        c_emit(e, used(e, CONFORMAL_APS) ? set_aps : of(e)->n_parts > 1 ? set_by_class : set_lac);
        c_emit(e, set_end);
        return;
    }
    if (used(e, CONFORMAL_SCALED)) {
        c_emit(e, size_start);
        text_print(e->out, "    while (k < %d && at[k] < p) k++;\n    if (k == %d) return size[k - 1];\n",
                   of(e)->n_knots, of(e)->n_knots);
        c_emit(e, size_end);
    }
    c_emit(e, interval_start);
    text_print(e->out, "%d + %d];\n", task_stride(task), task_point(task));
    c_emit(e, interval_switch);
    if (used(e, CONFORMAL_SCALED)) c_emit(e, interval_scaled);
    if (used(e, CONFORMAL_RATIO)) c_emit(e, interval_ratio);
    if (used(e, CONFORMAL_QUANTILES)) c_emit(e, interval_quantiles);
    c_emit(e, interval_end);
}
