/* Layers of integers as tables and calls. */
#include "export/c_integers.h"

/* ---- tables ------------------------------------------------------------------------------------ */

static void open_table(CExport *e, const char *type, const char *what, const PlanStep *step, int n)
{
    text_print(e->out, "static const %s %s_%s%d_%d[%d] = {", type, e->name, what, step->net, step->layer, n);
}

static void bytes(CExport *e, const char *what, const PlanStep *step, int n, const int8_t *v)
{
    open_table(e, "int8_t", what, step, n);
    for (int i = 0; i < n; i++) c_break(e->out, (size_t)i, 20), text_print(e->out, "%d", v[i]);
    text_add(e->out, "};\n");
}

static void words(CExport *e, const char *what, const PlanStep *step, int n, const int32_t *v)
{
    open_table(e, "int32_t", what, step, n);
    for (int i = 0; i < n; i++) c_break(e->out, (size_t)i, 8), text_print(e->out, "%d", v[i]);
    text_add(e->out, "};\n");
}

void c_integers_tables(CExport *e, const PlanStep *step)
{
    const PlanIntegers *k = step->integers;
    const int n_in = e->plan->vectors[step->in].n, n = e->plan->vectors[step->out].n;
    bytes(e, "w", step, n_in * n, k->w);
    words(e, "b", step, n, k->bias);
    if (k->multiplier) {
        words(e, "multiplier", step, n, k->multiplier);
        bytes(e, "shift", step, n, k->shift);
    } else {
        open_table(e, "float", "scale", step, n);
        for (int i = 0; i < n; i++) c_break(e->out, (size_t)i, 8), c_float(e->out, k->w_scale[i]);
        text_add(e->out, "};\n");
    }
}

/* ---- calls ------------------------------------------------------------------------------------- */

/* A vector as what it holds. */
static const char *typed(CExport *e, int v, const char *at)
{
    const PlanType type = e->plan->vectors[v].type;
    if (type != PLAN_INT8 && type != PLAN_INT16) return at;
    const char *name = type == PLAN_INT8 ? "int8_t" : "int16_t";
    return at ? arena_print(e->arena, "(%s *)(void *)(%s)", name, at) : NULL;
}

void c_integers_quantize(CExport *e, const PlanStep *step, const char *in, const char *to_place)
{
    const PlanVector *out = &e->plan->vectors[step->out];
    const bool eight = out->type == PLAN_INT8;
    const char *to = typed(e, step->out, to_place);
    const char *piece = eight ? "quantize8" : "quantize16";
    c_piece(e, piece);
    if (!in || !to) {
        e->out->broken = true;
        return;
    }
    text_print(e->out, "    %s_%s(%d, ", e->name, piece, out->n);
    c_float(e->out, 1 / out->scale);
    text_print(e->out, ", %d, %s, %s);\n", eight ? out->zero : out->most, in, to);
}

void c_integers_dense(CExport *e, const PlanStep *step, const char *in_place, const char *out_place)
{
    const PlanVector *in = &e->plan->vectors[step->in], *out = &e->plan->vectors[step->out];
    const char *from = typed(e, step->in, in_place), *to = typed(e, step->out, out_place), *name = e->name;
    const int net = step->net, layer = step->layer, bits = in->type == PLAN_INT8 ? 8 : 16;
    const bool whole = step->integers->multiplier != NULL;
    const char *piece = arena_print(e->arena, "dense%d%s", bits, whole ? "_relu" : "");
    if (!from || !to || !piece) {
        e->out->broken = true;
        return;
    }
    if (whole)
        c_call(e, piece,
               "%d, %d, %s_w%d_%d, %s_b%d_%d, %s_multiplier%d_%d, %s_shift%d_%d, %d, %d, %s, %s", in->n,
               out->n, name, net, layer, name, net, layer, name, net, layer, name, net, layer, out->zero,
               out->most, from, to);
    else
        c_call(e, piece, "%d, %d, %s_w%d_%d, %s_b%d_%d, %s_scale%d_%d, %s, %s", in->n, out->n, name, net, layer,
               name, net, layer, name, net, layer, from, to);
}
