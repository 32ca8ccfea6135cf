/* A row through a network and back, in double, from the formulas. */
#include "inspect/trace.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

bool trace_create(const Mlp *mlp, Arena *arena, NetTrace *out, Error *err)
{
    NetTrace t = {.mlp = mlp};
    bool ok = true;
    if (mlp->embed) ok = (t.embedded = ARENA_NEW(arena, float, mlp_pad(mlp->width[0]))) != NULL;
    t.inputs = ARENA_NEW(arena, double, mlp->width[0]);
    t.d_inputs = ARENA_NEW(arena, double, mlp->width[0]);
    t.proba = ARENA_NEW(arena, double, mlp->width[mlp->n_layers]);
    ok = ok && t.inputs && t.d_inputs && t.proba;
    for (int l = 0; ok && l < mlp->n_layers; l++) {
        double **parts[] = {&t.unit[l], &t.out[l], &t.slope[l], &t.d_out[l], &t.d_z[l], &t.z_hat[l]};
        bool norm = mlp->layer_norm && l + 1 < mlp->n_layers;
        for (int i = 0; ok && i < (norm ? 6 : 5); i++)
            ok = (*parts[i] = ARENA_NEW(arena, double, mlp->width[l + 1])) != NULL;
    }
    if (!ok) return error_memory(err);
    *out = t;
    return true;
}

/* The function's value, and its slope. */
static double activate(Activation f, double z, double *slope)
{
    double s, u;
    switch (f) {
    case ACT_RELU: *slope = z > 0; return z > 0 ? z : 0;
    case ACT_LEAKY_RELU: *slope = z > 0 ? 1 : 0.01; return z * *slope;
    case ACT_TANH:
        u = tanh(z);
        *slope = 1 - u * u;
        return u;
    case ACT_SIGMOID:
        s = 1 / (1 + exp(-z));
        *slope = s * (1 - s);
        return s;
    case ACT_GELU:
        s = 0.5 * erfc(-z / sqrt(2));
        *slope = s + z * exp(-z * z / 2) / sqrt(2 * pi);
        return z * s;
    case ACT_SILU:
        s = 1 / (1 + exp(-z));
        *slope = s + z * s * (1 - s);
        return z * s;
    case ACT_SELU:
        s = 1.0507009873554805, u = 1.6732632423543772;
        *slope = z > 0 ? s : s * u * exp(z);
        return z > 0 ? s * z : s * u * expm1(z);
    default: /* mish */
        u = tanh(z > 30 ? z : log1p(exp(z)));
        *slope = u + z * (1 - u * u) / (1 + exp(-z));
        return z * u;
    }
}

/* Layer norm in place; keeps what the way back needs. */
static void normalize(NetTrace *t, int l, double *z)
{
    MlpLayer layer = mlp_layer(t->mlp, l);
    const int n = t->mlp->width[l + 1];
    double mean = 0, square = 0;
    assert(layer.gain && layer.shift);
    for (int j = 0; j < n; j++) mean += z[j] / n;
    for (int j = 0; j < n; j++) square += (z[j] - mean) * (z[j] - mean) / n;
    t->spread[l] = 1 / sqrt(square + 1e-5);
    for (int j = 0; j < n; j++) {
        t->z_hat[l][j] = (z[j] - mean) * t->spread[l];
        z[j] = layer.gain[j] * t->z_hat[l][j] + layer.shift[j];
    }
}

static void softmax(int n, const double *logits, double *proba)
{
    double top = logits[0], sum = 0;
    for (int c = 1; c < n; c++) top = fmax(top, logits[c]);
    for (int c = 0; c < n; c++) sum += proba[c] = exp(logits[c] - top);
    for (int c = 0; c < n; c++) proba[c] /= sum;
}

void trace_forward(NetTrace *t, const float *x)
{
    const Mlp *mlp = t->mlp;
    if (mlp->embed)
        embed_forward(mlp->embed, mlp->params, 1, x, mlp_pad(mlp_features(mlp)), t->embedded,
                      mlp_pad(mlp->width[0]));
    for (int i = 0; i < mlp->width[0]; i++) t->inputs[i] = (double)(mlp->embed ? t->embedded[i] : x[i]);
    const double *in = t->inputs;
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        const int n = mlp->width[l + 1];
        double *z = t->unit[l];
        for (int j = 0; j < n; j++) z[j] = (double)layer.b[j];
        for (int i = 0; i < mlp->width[l]; i++) {
            const float *row = layer.w + (size_t)i * (size_t)layer.ld;
            for (int j = 0; in[i] != 0 && j < n; j++) z[j] += in[i] * (double)row[j];
        }
        bool last = l + 1 == mlp->n_layers;
        if (t->z_hat[l]) normalize(t, l, z);
        for (int j = 0; !last && j < n; j++) z[j] = activate(mlp->activation, z[j], &t->slope[l][j]);
        bool skips = mlp_skips(mlp, l);
        for (int j = 0; j < n; j++) t->out[l][j] = z[j] + (skips ? in[j] : 0);
        in = t->out[l];
    }
    softmax(mlp->width[mlp->n_layers], in, t->proba);
}

/* From the gradient by gain z^ + shift in g to that by z. */
static void normalize_back(const NetTrace *t, int l, double *g)
{
    MlpLayer layer = mlp_layer(t->mlp, l);
    const int n = t->mlp->width[l + 1];
    double mean = 0, along = 0;
    assert(layer.gain && layer.shift);
    for (int j = 0; j < n; j++) {
        g[j] *= layer.gain[j];
        mean += g[j] / n;
        along += g[j] * t->z_hat[l][j] / n;
    }
    for (int j = 0; j < n; j++) g[j] = t->spread[l] * (g[j] - mean - t->z_hat[l][j] * along);
}

void trace_backward(NetTrace *t, const double *seed)
{
    const Mlp *mlp = t->mlp;
    const int last = mlp->n_layers - 1;
    memcpy(t->d_out[last], seed, (size_t)mlp->width[last + 1] * sizeof *seed);
    for (int l = last; l >= 0; l--) {
        MlpLayer layer = mlp_layer(mlp, l);
        const int n = mlp->width[l + 1];
        double *g = t->d_z[l], *back = l > 0 ? t->d_out[l - 1] : t->d_inputs;
        for (int j = 0; j < n; j++) g[j] = t->d_out[l][j] * (l == last ? 1 : t->slope[l][j]);
        if (t->z_hat[l]) normalize_back(t, l, g);
        bool skips = mlp_skips(mlp, l);
        for (int i = 0; i < mlp->width[l]; i++) {
            const float *row = layer.w + (size_t)i * (size_t)layer.ld;
            double sum = skips ? t->d_out[l][i] : 0;
            for (int j = 0; j < n; j++) sum += (double)row[j] * g[j];
            back[i] = sum;
        }
    }
}

void trace_backward_class(NetTrace *t, int c)
{
    const int last = t->mlp->n_layers - 1, n = t->mlp->width[last + 1];
    for (int k = 0; k < n; k++) t->slope[last][k] = k == c; /* the last layer has no slope: room for a seed */
    trace_backward(t, t->slope[last]);
}

void trace_add_weights(const NetTrace *t, float *sum)
{
    Mlp shape = *t->mlp;
    shape.params = sum;
    for (int l = 0; l < shape.n_layers; l++) {
        MlpLayer to = mlp_layer(&shape, l);
        const double *in = l > 0 ? t->out[l - 1] : t->inputs, *g = t->d_z[l];
        const int n = shape.width[l + 1];
        for (int j = 0; j < n; j++) to.b[j] += (float)g[j];
        for (int i = 0; i < shape.width[l]; i++) {
            float *row = to.w + (size_t)i * (size_t)to.ld;
            for (int j = 0; in[i] != 0 && j < n; j++) row[j] += (float)(in[i] * g[j]);
        }
    }
}
