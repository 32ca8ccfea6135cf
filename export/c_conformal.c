/* Intervals and sets in C: margins as constants, and calls of the methods that are used. */
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
    if (used(e, CONFORMAL_SCALED)) {
        matrix(e, "error_at", c->n_parts, c->n_knots, c->at);
        matrix(e, "error_of", c->n_parts, c->n_knots, c->scale);
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

/* Targets from .. to - 1 have the same method. */
static void intervals(CExport *e, int from, int to)
{
    const Task *task = &e->model->schema.task;
    const int stride = task_stride(task), n_knots = of(e)->n_knots;
    const char *y = arena_print(e->arena, "y[t * %d + %d]", stride, task_point(task));
    if (!y) {
        e->out->broken = true;
        return;
    }
    text_print(e->out, "    for (t = %d; t < %d; t++)\n    ", from, to);
    switch ((ConformalMethod)of(e)->method[from]) {
    case CONFORMAL_SCALED:
        c_piece(e, "error_size");
        c_call(e, "interval_even", "m[t] * %s_error_size(%d, %s_error_at[t], %s_error_of[t], %s), %s,"
               " low + t, high + t", e->name, n_knots, e->name, e->name, y, y);
        break;
    case CONFORMAL_RATIO:
        c_call(e, "interval_ratio", "m[t], %s_offset[t], %s, low + t, high + t", e->name, y);
        break;
    case CONFORMAL_QUANTILES:
        c_call(e, "interval_between", "m[t], y[t * %d + %s_pair[level][0]], y[t * %d + %s_pair[level][1]],"
               " low + t, high + t", stride, e->name, stride, e->name);
        break;
    default: c_call(e, "interval_even", "m[t], %s, low + t, high + t", y); break;
    }
}

void c_conformal_code(CExport *e)
{
    const Conformal *c = of(e);
    if (!c) return;
    tables(e);
    if (has_sets(e)) {
        c_emit(e, "\nint @_set(int level, const float p[$_N_CLASSES], unsigned char in[$_N_CLASSES])\n{\n"
                  "    return @_");
        if (used(e, CONFORMAL_APS)) {
            c_piece(e, "set_sum");
            c_emit(e, "set_sum($_N_CLASSES, @_margin[level][0], p, in);\n}\n");
        } else {
            c_piece(e, "set_each");
            c_emit(e, c->n_parts > 1 ? "set_each($_N_CLASSES, 1, @_margin[level], p, in);\n}\n"
                                     : "set_each($_N_CLASSES, 0, @_margin[level], p, in);\n}\n");
        }
        return;
    }
    c_emit(e, "\nvoid @_interval(int level, const double y[$_N_VALUES], double low[$_N_TARGETS],\n"
              "                double high[$_N_TARGETS])\n{\n"
              "    const double *m = @_margin[level];\n    int t;\n");
    for (int from = 0, to; from < c->n_parts; from = to) {
        for (to = from + 1; to < c->n_parts && c->method[to] == c->method[from];) to++;
        intervals(e, from, to);
    }
    c_emit(e, "}\n");
}
