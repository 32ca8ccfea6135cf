/* Networks as tables and calls: what plan/run.c does here, written down. */
#include "export/c_networks.h"

#include <string.h>

#include "export/c_integers.h"
#include "plan/constants.h"

/* ---- vectors and calls -------------------------------------------------------------------------- */

static size_t place(const CExport *e, int v)
{
    return e->plan->vectors[v].at / sizeof(float);
}

const char *c_vector(const CExport *e, int v)
{
    if (v == e->plan->result) return "p";
    return arena_print(e->arena, e->server ? "s + rows * %zu" : "s + %zu", place(e, v));
}

/* Of row r of a server. */
static const char *of_row(const CExport *e, int v)
{
    const char *all = c_vector(e, v);
    if (!e->server || !all) return all;
    return arena_print(e->arena, "%s + r * %d", all, e->plan->vectors[v].n);
}

void c_step(CExport *e, const char *piece, const char *arguments, int in, int out)
{
    const char *from = in < 0 ? "" : of_row(e, in), *to = of_row(e, out);
    c_piece(e, piece);
    if (!arguments || !from || !to) {
        e->out->broken = true;
        return;
    }
    text_print(e->out, "    %s%s_%s(%s%s%s%s);\n", e->server ? "for (int r = 0; r < rows; r++) " : "", e->name,
               piece, arguments, from, in < 0 ? "" : ", ", to);
}

void c_step_each(CExport *e, const char *piece, const char *more, int in, int out)
{
    const char *from = in < 0 ? "" : c_vector(e, in), *to = c_vector(e, out);
    c_piece(e, piece);
    if (!more || !from || !to) {
        e->out->broken = true;
        return;
    }
    text_print(e->out, "    %s_%s(%s%d, %s%s%s%s);\n", e->name, piece, e->server ? "rows * " : "",
               e->plan->vectors[out].n, more, from, in < 0 ? "" : ", ", to);
}

/* ---- weights ------------------------------------------------------------------------------------ */

static void open_table(CExport *e, const char *name, size_t n)
{
    text_print(e->out, "static const float %s_%s[%zu] = {", e->name, name, n);
}

void c_table(CExport *e, const char *name, size_t n, const float *values)
{
    if (!name || !values) {
        e->out->broken = true;
        return;
    }
    open_table(e, name, n);
    for (size_t i = 0; i < n; i++) {
        c_break(e->out, i, 8);
        c_float(e->out, values[i]);
    }
    text_add(e->out, "};\n");
}

enum { PANEL = 16 }; /* as plan/runtime/panels.h has it, and mlp_pad() */

static const char *of_layer(CExport *e, const char *what, const PlanStep *step)
{
    return arena_print(e->arena, "%s%d_%d", what, step->net, step->layer);
}

static void panels(CExport *e, const PlanStep *step)
{
    const MlpLayer layer = mlp_layer(step->mlp, step->layer);
    const size_t n_in = (size_t)step->mlp->width[step->layer], ld = (size_t)layer.ld;
    const char *w = of_layer(e, "w", step), *b = of_layer(e, "b", step);
    if (!w || !b) {
        e->out->broken = true;
        return;
    }
    open_table(e, w, n_in * ld);
    size_t at = 0;
    for (size_t j = 0; j < ld; j += PANEL)
        for (size_t i = 0; i < n_in; i++)
            for (size_t k = j; k < j + PANEL; k++) {
                c_break(e->out, at++, 8);
                c_float(e->out, layer.w[i * ld + k]);
            }
    text_add(e->out, "};\n");
    c_table(e, b, ld, layer.b);
}

static void dense_tables(CExport *e, const PlanStep *step)
{
    if (step->integers) {
        c_integers_tables(e, step);
        return;
    }
    if (e->server) {
        panels(e, step);
        return;
    }
    const size_t n_in = (size_t)step->mlp->width[step->layer], n = (size_t)step->mlp->width[step->layer + 1];
    c_table(e, of_layer(e, "w", step), n_in * n, plan_weights(step, e->arena));
    c_table(e, of_layer(e, "b", step), n, mlp_layer(step->mlp, step->layer).b);
}

static void norm_tables(CExport *e, const PlanStep *step)
{
    const MlpLayer layer = mlp_layer(step->mlp, step->layer);
    const size_t n = (size_t)step->mlp->width[step->layer + 1];
    c_table(e, of_layer(e, "gain", step), n, layer.gain);
    c_table(e, of_layer(e, "shift", step), n, layer.shift);
}

static void embed_tables(CExport *e, const PlanStep *step)
{
    const Embed *embed = step->mlp->embed;
    for (int j = 0, n; j < embed->n_features;) {
        const PlanEmbedded one = plan_embedded(embed, j);
        if (one.kind != FEATURE_PLAIN) {
            const float *p = plan_embedding(step->mlp, &one, e->arena, &n);
            c_table(e, arena_print(e->arena, "e%d_%d", step->net, j), (size_t)n, p);
        }
        j += one.n;
    }
}

/* Numbers of links, once for all networks that have it. */
static void link_tables(CExport *e)
{
    const Task *task = &e->model->schema.task;
    bool done[LINK_COUNT] = {false};
    for (int s = 0; s < e->plan->n_steps; s++) {
        const PlanStep *step = &e->plan->steps[s];
        if (step->op != PLAN_LINK || done[step->mlp->link]) continue;
        const Link link = step->mlp->link;
        const int n = plan_link_numbers(link) * task->n_targets;
        done[link] = true;
        if (n == 0) continue;
        const double *c = plan_link(task, link, e->arena);
        if (!c) e->out->broken = true;
        else if (!plan_link_wide(task, link))
            c_table(e, arena_print(e->arena, "link_%s", link_names[link]), (size_t)n,
                    plan_floats(c, n, e->arena));
        else {
            text_print(e->out, "static const double %s_link_%s[%d] = {", e->name, link_names[link], n);
            for (int i = 0; i < n; i++) c_break(e->out, (size_t)i, 4), c_double(e->out, c[i]);
            text_add(e->out, "};\n");
        }
    }
}

void c_networks_tables(CExport *e)
{
    text_print(e->out, "\n/* Weights: network and layer from 0, %s. */\n",
               e->server ? "16 outputs at a time, input by input" : "input by output");
    for (int s = 0; s < e->plan->n_steps; s++) {
        const PlanStep *step = &e->plan->steps[s];
        if (step->op == PLAN_DENSE) dense_tables(e, step);
        else if (step->op == PLAN_NORM) norm_tables(e, step);
        else if (step->op == PLAN_EMBED) embed_tables(e, step);
    }
    link_tables(e);
}

/* ---- steps -------------------------------------------------------------------------------------- */

static void embed(CExport *e, const PlanStep *step)
{
    const Embed *embed = step->mlp->embed;
    const char *x = of_row(e, step->in), *to = of_row(e, step->out);
    if (e->server) text_add(e->out, "    for (int r = 0; r < rows; r++) {\n");
    for (int j = 0; j < embed->n_features && x && to;) {
        const PlanEmbedded one = plan_embedded(embed, j);
        const char *from = arena_print(e->arena, "(%s)[%d]", x, j);
        const int i = one.input;
        j += one.n;
        if (!from) e->out->broken = true;
        else if (one.kind == FEATURE_PLAIN)
            text_print(e->out, "    memcpy(%s + %d, %s + %d, %d * sizeof(float));\n", to, i, x, one.feature,
                       one.n);
        else if (one.kind > 0)
            c_call(e, "category", "%d, %d, %s_e%d_%d, %s, %s + %d", one.kind, one.n_inputs, e->name, step->net,
                   one.feature, from, to, i);
        else {
            const int kept = one.kind == FEATURE_PBLD;
            if (kept) text_print(e->out, "    (%s)[%d] = %s;\n", to, i, from);
            c_call(e, "waves", "%d, %d, %d, %s_e%d_%d, %s, %s + %d", embed->frequencies, !kept,
                   one.n_inputs - kept, e->name, step->net, one.feature, from, to, i + kept);
        }
    }
    if (e->server) text_add(e->out, "    }\n");
    if (!x || !to) e->out->broken = true;
}

static void dense(CExport *e, const PlanStep *step)
{
    if (step->integers) {
        c_integers_dense(e, step, c_vector(e, step->in), c_vector(e, step->out));
        return;
    }
    const char *in = c_vector(e, step->in), *out = c_vector(e, step->out);
    const int n_in = e->plan->vectors[step->in].n, n = e->plan->vectors[step->out].n;
    c_call(e, e->server ? "panels" : "dense", "%s%d, %d, %s_w%d_%d, %s_b%d_%d, %s, %s",
           e->server ? "rows, " : "", n_in, n, e->name, step->net, step->layer, e->name, step->net, step->layer,
           in ? in : "", out ? out : "");
    if (!in || !out) e->out->broken = true;
}

static void link(CExport *e, const PlanStep *step)
{
    const Task *task = &e->model->schema.task;
    const Link link = step->mlp->link;
    const char *name = link_names[link], *piece = "identity";
    const int n = e->plan->vectors[step->out].n;
    switch (link) {
    case LINK_SOFTMAX: case LINK_CUMULATIVE:
        c_step(e, link == LINK_SOFTMAX ? "softmax" : "cumulative", arena_print(e->arena, "%d, ", n), step->in,
               step->out);
        return;
    case LINK_SIGMOID: c_step_each(e, "logistic", "", step->in, step->out); return;
    case LINK_QUANTILES:
        c_step(e, "quantile_link", arena_print(e->arena, "%d, %d, %d, %s_link_%s, ", task->n_targets,
                                           task->n_quantiles, link_middle(task), e->name, name),
               step->in, step->out);
        return;
    case LINK_LOG: case LINK_RATE:
        piece = plan_link_wide(task, link) ? "exponential_wide" : "exponential";
        break;
    case LINK_IDENTITY: case LINK_COUNT: break;
    }
    c_step(e, piece, arena_print(e->arena, "%d, %s_link_%s, ", n, e->name, name), step->in, step->out);
}

static void step_of_network(CExport *e, const PlanStep *step)
{
    const int n = e->plan->vectors[step->out].n;
    switch (step->op) {
    case PLAN_EMBED: embed(e, step); break;
    case PLAN_QUANTIZE:
        c_integers_quantize(e, step, c_vector(e, step->in), c_vector(e, step->out));
        break;
    case PLAN_DENSE: dense(e, step); break;
    case PLAN_NORM:
        c_step(e, "norm", arena_print(e->arena, "%d, %s_gain%d_%d, %s_shift%d_%d, ", n, e->name, step->net,
                                      step->layer, e->name, step->net, step->layer), -1, step->out);
        break;
    case PLAN_ADD: c_step_each(e, "add", "", step->with, step->out); break;
    case PLAN_LINK: link(e, step); break;
    default: break;
    }
    const bool whole = e->plan->vectors[step->out].type != PLAN_FLOAT; /* its relu is inside */
    if (step->activation >= 0 && !whole) c_step_each(e, activation_names[step->activation], "", -1, step->out);
}

/* The steps of a network stand together; the one behind them. */
static int end_of(const Plan *plan, int s)
{
    const int net = plan->steps[s].net;
    while (s < plan->n_steps && plan->steps[s].net == net) s++;
    return s;
}

/* Does a network write the result itself? */
static bool alone(const Plan *plan, int s)
{
    return plan->steps[end_of(plan, s) - 1].out == plan->result;
}

void c_networks_code(CExport *e)
{
    const Plan *plan = e->plan;
    for (int s = 0; s < plan->n_steps;) {
        if (plan->steps[s].net < 0) {
            s++;
            continue;
        }
        text_print(e->out, "\nstatic void %s_net%d(%sfloat *s%s)\n{\n", e->name, plan->steps[s].net,
                   e->server ? "int rows, " : "", alone(plan, s) ? ", float *p" : "");
        for (const int end = end_of(plan, s); s < end; s++) step_of_network(e, &plan->steps[s]);
        text_add(e->out, "}\n");
    }
}

int c_networks_call(CExport *e, int s)
{
    text_print(e->out, "    %s_net%d(%ss%s);\n", e->name, e->plan->steps[s].net, e->server ? "rows, " : "",
               alone(e->plan, s) ? ", p" : "");
    return end_of(e->plan, s);
}
