/* Numbers and labels in C: the formulas of engine/link.h once more, in doubles from the outputs on. */
#include "export/c_targets.h"

#include <stdlib.h>

static const Task *task_of(const CExport *e)
{
    return &e->model->schema.task;
}

static bool some_net_has(const CExport *e, Link link)
{
    for (int m = 0; m < e->model->n_members; m++)
        for (int k = 0; k < e->model->members[m].n_nets; k++)
            if (e->model->members[m].nets[k].mlp->link == link) return true;
    return false;
}

/* ---- the header ------------------------------------------------------------------------------ */

void c_targets_contract(CExport *e)
{
    const Task *task = task_of(e);
    if (task->kind == TASK_LABELS)
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

void c_targets_api(CExport *e)
{
    c_emit(e, "extern const char *const @_target_names[$_N_TARGETS];\n");
    if (task_of(e)->n_quantiles > 0) c_emit(e, "extern const double @_quantiles[$_N_QUANTILES];\n");
    if (task_of(e)->kind == TASK_LABELS)
        c_emit(e, "extern const char *const @_answers[$_N_TARGETS][2];\n"
                  "int @_predict(const @_input x[$_N_INPUTS], float p[$_N_VALUES]);\n\n");
    else
        c_emit(e, "double @_predict(const @_input x[$_N_INPUTS], double y[$_N_VALUES]);\n\n");
}

/* ---- constants ------------------------------------------------------------------------------- */

static void scales(CExport *e)
{
    const Task *task = task_of(e);
    c_emit(e, "\n/* From what a network says to the unit of each target. */\n"
              "typedef struct {\n    double shift, scale;\n");
    if (some_net_has(e, LINK_LOG)) c_emit(e, "    double log_shift, log_scale, log_offset;\n");
    if (some_net_has(e, LINK_RATE)) c_emit(e, "    double log_mean;\n");
    c_emit(e, "} @_target;\nstatic const @_target @_targets[$_N_TARGETS] = {");
    for (int t = 0; t < task->n_targets; t++) {
        const Target *target = &task->targets[t];
        c_break(e->out, (size_t)t, 1);
        text_add(e->out, "{");
        c_double(e->out, target->shift);
        text_add(e->out, ", ");
        c_double(e->out, target->scale);
        const double logs[3] = {target->log_shift, target->log_scale, target->log_offset};
        for (int i = 0; i < 3 && some_net_has(e, LINK_LOG); i++) {
            text_add(e->out, ", ");
            c_double(e->out, logs[i]);
        }
        if (some_net_has(e, LINK_RATE)) {
            text_add(e->out, ", ");
            c_double(e->out, target->log_mean);
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
}

/* A stack's, in the unit of each target. */
static void stack(CExport *e)
{
    const Task *task = task_of(e);
    const double slope = e->model->slope;
    c_emit(e, "static const double @_slope = ");
    c_double(e->out, slope);
    c_emit(e, ", @_intercept[$_N_TARGETS] = {");
    for (int t = 0; t < task->n_targets; t++) {
        const Target *target = &task->targets[t];
        c_break(e->out, (size_t)t, 4);
        c_double(e->out, target->origin + target->unit * e->model->intercept[t] - slope * target->origin);
    }
    text_add(e->out, "};\n");
}

void c_targets_tables(CExport *e)
{
    const Task *task = task_of(e);
    c_emit(e, "\nconst char *const @_target_names[$_N_TARGETS] = {");
    for (int t = 0; t < task->n_targets; t++) {
        c_break(e->out, (size_t)t, 1);
        c_string(e->out, task->targets[t].name);
    }
    text_add(e->out, "};\n");
    if (task->kind == TASK_LABELS) {
        c_emit(e, "\nconst char *const @_answers[$_N_TARGETS][2] = {");
        for (int t = 0; t < task->n_targets; t++) {
            c_break(e->out, (size_t)t, 1);
            text_add(e->out, "{");
            c_string(e->out, task->targets[t].answer[0]);
            text_add(e->out, ", ");
            c_string(e->out, task->targets[t].answer[1]);
            text_add(e->out, "}");
        }
        text_add(e->out, "};\n");
        return;
    }
    if (task->n_quantiles > 0) {
        c_emit(e, "\nconst double @_quantiles[$_N_QUANTILES] = {");
        for (int q = 0; q < task->n_quantiles; q++) {
            c_break(e->out, (size_t)q, 8);
            text_print(e->out, "%.17g", task->quantiles[q]);
        }
        text_add(e->out, "};\n");
    }
    scales(e);
    if (e->model->intercept) stack(e);
}

/* ---- links ----------------------------------------------------------------------------------- */

static const char sigmoid_code[] =
    "\n"
    "static double @_sigmoid(double z)\n"
    "{\n"
    "    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));\n"
    "}\n";
static const char softplus_code[] =
    "\n"
    "static double @_softplus(double z)\n"
    "{\n"
    "    return z > 30 ? z : log1p(exp(z));\n"
    "}\n";
static const char cumulative_code[] =
    "\n"
    "/* From borders between classes in order, which fall, to the probability of each class. */\n"
    "static void @_cumulative(float *z)\n"
    "{\n"
    "    double above = 1, a = 0, next;\n"
    "    int c;\n"
    "    for (c = 0; c + 1 < $_N_CLASSES; c++) {\n"
    "        a = c == 0 ? z[0] : a - @_softplus(z[c]);\n"
    "        next = @_sigmoid(a);\n"
    "        z[c] = (float)(above - next);\n"
    "        above = next;\n"
    "    }\n"
    "    z[$_N_CLASSES - 1] = (float)above;\n"
    "}\n";
static const char labels_code[] =
    "\n"
    "static void @_add(double weight, const float *z, float *p)\n"
    "{\n"
    "    int t;\n"
    "    for (t = 0; t < $_N_TARGETS; t++) p[t] += (float)(weight * @_sigmoid(z[t]));\n"
    "}\n";
static const char bounded_code[] =
    "\n"
    "static double @_exp(double z)\n"
    "{\n"
    "    return exp(z > 80 ? 80 : z);\n"
    "}\n";
static const char quantiles_code[] =
    "\n"
    "/* The middle quantile is an output, the others are steps away from it: they never cross. */\n"
    "static void @_add(double weight, const float *z, double *y)\n"
    "{\n"
    "    int t, q;\n"
    "    double at;\n"
    "    for (t = 0; t < $_N_TARGETS; t++, z += $_N_QUANTILES, y += $_N_QUANTILES) {\n"
    "        const @_target *target = &@_targets[t];\n"
    "        y[$_MIDDLE] += weight * (target->shift + target->scale * z[$_MIDDLE]);\n"
    "        for (q = $_MIDDLE + 1, at = z[$_MIDDLE]; q < $_N_QUANTILES; q++) {\n"
    "            at += @_softplus(z[q]);\n"
    "            y[q] += weight * (target->shift + target->scale * at);\n"
    "        }\n"
    "        for (q = $_MIDDLE - 1, at = z[$_MIDDLE]; q >= 0; q--) {\n"
    "            at -= @_softplus(z[q]);\n"
    "            y[q] += weight * (target->shift + target->scale * at);\n"
    "        }\n"
    "    }\n"
    "}\n";

/* A case of the link for each that some network has. */
static void numbers_code(CExport *e)
{
    static const struct {
        Link link;
        const char *value;
    } cases[] = {
        {LINK_LOG, "@_exp(target->log_shift + target->log_scale * z[t]) - target->log_offset"},
        {LINK_RATE, "@_exp(target->log_mean + z[t])"},
        {LINK_IDENTITY, "target->shift + target->scale * z[t]"},
    };
    c_emit(e, "\nstatic void @_add(");
    if (e->n_links > 1) c_emit(e, "int link, ");
    c_emit(e, "double weight, const float *z, double *y)\n{\n    int t;\n"
              "    for (t = 0; t < $_N_TARGETS; t++) {\n        const @_target *target = &@_targets[t];\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!some_net_has(e, cases[i].link)) continue;
        if (e->n_links > 1) text_print(e->out, "        if (link == %d) ", (int)cases[i].link);
        else text_add(e->out, "        ");
        c_emit(e, "y[t] += weight * (");
        c_emit(e, cases[i].value);
        text_add(e->out, ");\n");
    }
    text_add(e->out, "    }\n}\n");
}

void c_targets_links(CExport *e)
{
    const Task *task = task_of(e);
    const bool cumulative = some_net_has(e, LINK_CUMULATIVE), quantiles = some_net_has(e, LINK_QUANTILES);
    if (cumulative || task->kind == TASK_LABELS) c_emit(e, sigmoid_code);
    if (cumulative || quantiles) c_emit(e, softplus_code);
    if (cumulative) c_emit(e, cumulative_code);
    if (task->kind == TASK_LABELS) c_emit(e, labels_code);
    if (task->kind != TASK_NUMBERS) return;
    if (quantiles) {
        text_print(e->out, "\nenum { %s_MIDDLE = %d };\n", e->capitals, link_middle(task));
        c_emit(e, quantiles_code);
        return;
    }
    if (some_net_has(e, LINK_LOG) || some_net_has(e, LINK_RATE)) c_emit(e, bounded_code);
    numbers_code(e);
}

/* ---- predicting ------------------------------------------------------------------------------ */

void c_targets_predict_start(CExport *e)
{
    const bool labels = task_of(e)->kind == TASK_LABELS;
    c_emit(e, labels ? "\nint @_predict(const @_input x[$_N_INPUTS], float p[$_N_VALUES])\n{\n"
                     : "\ndouble @_predict(const @_input x[$_N_INPUTS], double y[$_N_VALUES])\n{\n");
    c_emit(e, "    float features[$_MOST_FEATURES], one[$_MOST_WIDTH], other[$_MOST_WIDTH];\n");
    if (e->has_embeds) c_emit(e, "    float inputs[$_MOST_INPUTS];\n");
    c_emit(e, labels ? "    int prep = -1, i, l, c, n = 0;\n    for (c = 0; c < $_N_VALUES; c++) p[c] = 0;\n"
                     : "    int prep = -1, i, l, c;\n    for (c = 0; c < $_N_VALUES; c++) y[c] = 0;\n");
}

void c_targets_predict_net(CExport *e)
{
    if (!c_has_targets(e)) {
        const bool both = some_net_has(e, LINK_CUMULATIVE) && some_net_has(e, LINK_SOFTMAX);
        c_emit(e, both ? "        if (net->link) @_cumulative(out);\n        else @_softmax(out);\n"
                  : some_net_has(e, LINK_CUMULATIVE) ? "        @_cumulative(out);\n"
                      : "        @_softmax(out);\n");
        return;
    }
    c_emit(e, "        @_add(");
    if (e->n_links > 1) c_emit(e, "net->link, ");
    c_emit(e, task_of(e)->kind == TASK_LABELS ? "net->weight, out, p);\n    }\n"
           : "net->weight, out, y);\n    }\n");
}

void c_targets_predict_end(CExport *e)
{
    if (task_of(e)->kind == TASK_LABELS)
        c_emit(e, "    for (c = 0; c < $_N_VALUES; c++) n += p[c] > 0.5f;\n    return n;\n}\n");
    else {
        if (e->model->intercept)
            c_emit(e, "    for (c = 0; c < $_N_TARGETS; c++) y[c] = @_slope * y[c] + @_intercept[c];\n");
        text_print(e->out, "    return y[%d];\n}\n", task_point(task_of(e)));
    }
}

/* ---- the self-test --------------------------------------------------------------------------- */

static const char test_code[] =
    "\n"
    "int @_selftest(void)\n"
    "{\n"
    "    int row, c;\n";
static const char test_loop[] =
    "    for (row = 0; row < (int)(sizeof @_test_x / sizeof @_test_x[0]); row++) {\n"
    "        (void)@_predict(@_test_x[row], y);\n"
    "        for (c = 0; c < $_N_VALUES; c++)\n"
    "            if (!(fabs(y[c] - @_test_y[row][c]) <= ";
static const char test_end[] =
    ")) return row + 1;\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "#endif\n";

/* A number may be off by a ten thousandth of how much its target varies, and of itself. */
void c_targets_test(CExport *e, int n, const float *values)
{
    const Task *task = task_of(e);
    const int stride = task_stride(task);
    const bool numbers = task->kind == TASK_NUMBERS;
    text_print(e->out, "static const double %s_test_y[%d][%s_N_VALUES] = {", e->name, n, e->capitals);
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    {" : "\n    {");
        for (int c = 0; c < e->n_values; c++) {
            const double v = (double)values[(size_t)i * (size_t)e->n_values + (size_t)c];
            c_break(e->out, (size_t)c, 4);
            c_double(e->out, numbers ? task_number(task, c / stride, v) : v);
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
    c_emit(e, test_code);
    c_emit(e, numbers ? "    double y[$_N_VALUES];\n" : "    float y[$_N_VALUES];\n");
    c_emit(e, test_loop);
    if (!numbers) c_emit(e, "1e-4");
    else if (stride == 1) c_emit(e, "1e-4 * (@_targets[c].scale + fabs(@_test_y[row][c]))");
    else c_emit(e, "1e-4 * (@_targets[c / $_N_QUANTILES].scale + fabs(@_test_y[row][c]))");
    c_emit(e, test_end);
}
