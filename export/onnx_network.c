/* Networks: embeddings, layers, activations, norms, skips. */
#include "export/onnx_network.h"

/* ---- embeddings ------------------------------------------------------------------------------ */

/* Columns `which` of (N, many); one slice where they stand side by side. */
static OnnxValue pick(OnnxExport *e, OnnxValue from, int n, const int *which, int many)
{
    bool row = true;
    for (int i = 1; i < n; i++) row = row && which[i] == which[0] + i;
    if (row && n == many) return from;
    if (row) return onnx_slice(&e->g, from, 1, which[0], n);
    return onnx_gather(&e->g, from, onnx_ints(&e->g, n, which), 1);
}

/* The parameters of the waves of n features, one feature after the other: engine/embed.h has how they lie. */
typedef struct {
    int terms, outputs; /* of a feature */
    double *turns, *phase; /* (n, terms): cosines of 2 pi (turns x + phase) */
    double *w, *b;         /* (n, terms, outputs), (n, outputs) */
} Waves;

static int padded(int n) { return (n + 15) / 16 * 16; }

static bool waves_of(const Mlp *mlp, int kind, int n, const int *which, Arena *arena, Waves *out)
{
    const Embed *embed = mlp->embed;
    const bool periodic = kind == FEATURE_PERIODIC;
    const int f = embed->frequencies, terms = periodic ? 2 * f : f, row = padded(terms);
    const int outputs = periodic ? embed->size : embed->size - 1;
    const size_t all = (size_t)n * (size_t)terms;
    *out = (Waves){terms, outputs, ARENA_NEW(arena, double, all), ARENA_NEW(arena, double, all),
                   ARENA_NEW(arena, double, all * (size_t)outputs),
                   ARENA_NEW(arena, double, (size_t)n * (size_t)outputs)};
    if (!out->turns || !out->phase || !out->w || !out->b) return false;
    for (int i = 0; i < n; i++) {
        const float *w1 = mlp->params + embed->offset[which[i]], *b1 = w1 + padded(f), *w2 = b1 + padded(f);
        const float *b2 = w2 + outputs * row;
        for (int t = 0; t < terms; t++) {
            const size_t at = (size_t)i * (size_t)terms + (size_t)t;
            out->turns[at] = (double)w1[t % f];
            out->phase[at] = (double)b1[t % f] / 6.283185307179586477 - (t >= f ? 0.25 : 0); /* a sine */
            for (int o = 0; o < outputs; o++)
                out->w[at * (size_t)outputs + (size_t)o] = (double)w2[o * row + t];
        }
        for (int o = 0; o < outputs; o++) out->b[i * outputs + o] = (double)b2[o];
    }
    return true;
}

/* All features of one kind at once, (N, n) to (N, n * size): a batch of n products of matrices. */
static OnnxValue number_waves(OnnxExport *e, const Mlp *mlp, int kind, int n, const int *which, OnnxValue x)
{
    OnnxGraph *g = &e->g;
    Waves waves;
    if (!waves_of(mlp, kind, n, which, e->arena, &waves)) return onnx_broken(e);
    onnx_attribute_ints(g, "perm", 2, (const int[]){1, 0});
    const OnnxValue tall = onnx_reshape(g, onnx_node(g, "Transpose", ONNX_FLOAT, 1, &x), 3,
                                        (const int[]){n, -1, 1});
    const int by_term[3] = {n, 1, waves.terms}, by_output[3] = {n, 1, waves.outputs};
    OnnxValue t = onnx_op2(g, "Mul", tall, onnx_numbers(g, ONNX_FLOAT, 3, by_term, waves.turns));
    t = onnx_op2(g, "Add", t, onnx_numbers(g, ONNX_FLOAT, 3, by_term, waves.phase));
    t = onnx_op2(g, "Sub", t, onnx_op1(g, "Round", t)); /* small angles have all their digits */
    t = onnx_op1(g, "Cos", onnx_with(g, "Mul", t, 6.283185307179586477));
    t = onnx_op2(g, "MatMul", t, onnx_numbers(g, ONNX_FLOAT, 3, (const int[]){n, waves.terms, waves.outputs},
                                              waves.w));
    t = onnx_op2(g, "Add", t, onnx_numbers(g, ONNX_FLOAT, 3, by_output, waves.b));
    t = kind == FEATURE_PERIODIC ? onnx_op1(g, "Relu", t) : onnx_concat(g, 2, 2, (const OnnxValue[]){tall, t});
    onnx_attribute_ints(g, "perm", 3, (const int[]){1, 0, 2});
    return onnx_reshape(g, onnx_node(g, "Transpose", ONNX_FLOAT, 1, &t), 2,
                        (const int[]){-1, n * mlp->embed->size});
}

static OnnxValue category(OnnxExport *e, const Mlp *mlp, int feature, OnnxValue x)
{
    const Embed *embed = mlp->embed;
    const OnnxValue table = onnx_weights(&e->g, embed->feature[feature] + 1, embed->category_size,
                                         embed->category_size, mlp->params + embed->offset[feature]);
    const OnnxValue code = onnx_cast(&e->g, pick(e, x, 1, &feature, embed->n_features), ONNX_INT64);
    return onnx_reshape(&e->g, onnx_gather(&e->g, table, code, 0), 2,
                        (const int[]){0, embed->category_size});
}

/* Features by kind, then in their order: `place` says where an input of this list belongs. */
static void embed(OnnxExport *e, const PlanStep *step)
{
    const Embed *embed = step->mlp->embed;
    const OnnxValue x = onnx_vector(e, step->in);
    OnnxValue *made = ARENA_NEW(e->arena, OnnxValue, embed->n_features);
    int *which = ARENA_NEW(e->arena, int, embed->n_features), *at = ARENA_NEW(e->arena, int, embed->n_inputs);
    int n_made = 0, n_inputs = 0;
    if (!made || !which || !at) {
        onnx_broken(e);
        return;
    }
    static const int kinds[] = {FEATURE_PLAIN, FEATURE_PBLD, FEATURE_PERIODIC};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const int size = kinds[k] == FEATURE_PLAIN ? 1 : embed->size;
        int n = 0;
        for (int j = 0; j < embed->n_features; j++) {
            if (embed->feature[j] != kinds[k]) continue;
            which[n++] = j;
            for (int i = 0; i < size; i++) at[embed->first_input[j] + i] = n_inputs++;
        }
        if (n == 0) continue;
        const OnnxValue some = pick(e, x, n, which, embed->n_features);
        made[n_made++] = size == 1 ? some : number_waves(e, step->mlp, kinds[k], n, which, some);
    }
    for (int j = 0; j < embed->n_features; j++) {
        if (embed->feature[j] <= 0) continue;
        for (int i = 0; i < embed->category_size; i++) at[embed->first_input[j] + i] = n_inputs++;
        made[n_made++] = category(e, step->mlp, j, x);
    }
    const OnnxValue all = onnx_concat(&e->g, 1, n_made, made);
    e->value[step->out] = pick(e, all, embed->n_inputs, at, embed->n_inputs);
}

/* ---- layers ---------------------------------------------------------------------------------- */

static OnnxValue activated(OnnxExport *e, int activation, OnnxValue z)
{
    OnnxGraph *g = &e->g;
    switch (activation) {
    case ACT_RELU: return onnx_op1(g, "Relu", z);
    case ACT_LEAKY_RELU: onnx_attribute_float(g, "alpha", 0.01); return onnx_op1(g, "LeakyRelu", z);
    case ACT_TANH: return onnx_op1(g, "Tanh", z);
    case ACT_SIGMOID: return onnx_op1(g, "Sigmoid", z);
    case ACT_GELU: { /* the form that runtimes know and fuse */
        const OnnxValue erf = onnx_op1(g, "Erf", onnx_with(g, "Div", z, 1.4142135623730951));
        return onnx_with(g, "Mul", onnx_op2(g, "Mul", z, onnx_with(g, "Add", erf, 1)), 0.5);
    }
    case ACT_SILU: return onnx_op2(g, "Mul", z, onnx_op1(g, "Sigmoid", z));
    case ACT_SELU:
        onnx_attribute_float(g, "alpha", 1.6732632423543772);
        onnx_attribute_float(g, "gamma", 1.0507009873554805);
        return onnx_op1(g, "Selu", z);
    case ACT_MISH: return onnx_op2(g, "Mul", z, onnx_op1(g, "Tanh", onnx_op1(g, "Softplus", z)));
    default: return z;
    }
}

static OnnxValue dense(OnnxExport *e, const PlanStep *step)
{
    const MlpLayer layer = mlp_layer(step->mlp, step->layer);
    const int n_in = step->mlp->width[step->layer], n_out = step->mlp->width[step->layer + 1];
    const OnnxValue in[3] = {onnx_vector(e, step->in), onnx_weights(&e->g, n_in, n_out, layer.ld, layer.w),
                             onnx_weights(&e->g, 0, n_out, n_out, layer.b)};
    return activated(e, step->activation, onnx_node(&e->g, "Gemm", ONNX_FLOAT, 3, in));
}

static OnnxValue mean_of(OnnxGraph *g, OnnxValue z)
{
    onnx_attribute_ints(g, "axes", 1, (const int[]){1});
    return onnx_op1(g, "ReduceMean", z);
}

static OnnxValue norm(OnnxExport *e, const PlanStep *step)
{
    OnnxGraph *g = &e->g;
    const MlpLayer layer = mlp_layer(step->mlp, step->layer);
    const int n = step->mlp->width[step->layer + 1];
    OnnxValue z = onnx_vector(e, step->in);
    z = onnx_op2(g, "Sub", z, mean_of(g, z));
    const OnnxValue variance = mean_of(g, onnx_op2(g, "Mul", z, z));
    z = onnx_op2(g, "Div", z, onnx_op1(g, "Sqrt", onnx_with(g, "Add", variance, 1e-5)));
    z = onnx_op2(g, "Mul", z, onnx_weights(g, 0, n, n, layer.gain));
    return onnx_op2(g, "Add", z, onnx_weights(g, 0, n, n, layer.shift));
}

void onnx_network(OnnxExport *e, const PlanStep *step)
{
    e->g.scope = arena_print(e->arena, step->op == PLAN_EMBED ? "net%d/embed" : "net%d/layer%d", step->net,
                             step->layer + 1);
    if (!e->g.scope) e->g.broken = true;
    OnnxValue *out = &e->value[step->out];
    switch (step->op) {
    case PLAN_EMBED: embed(e, step); return;
    case PLAN_DENSE: *out = dense(e, step); return;
    case PLAN_NORM: *out = norm(e, step); return;
    case PLAN_ACTIVATE: *out = activated(e, step->activation, onnx_vector(e, step->in)); return;
    case PLAN_ADD:
        *out = onnx_op2(&e->g, "Add", onnx_vector(e, step->in), onnx_vector(e, step->with));
        return;
    default: onnx_broken(e); return;
    }
}
