/* The dense layer: an affine map, a norm, an activation, dropout, and the input added where widths agree. */
#include "engine/layer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/floats.h"
#include "engine/norm.h"
#include "engine/team.h"
#include "engine/trainer_tile.h"
#include "engine/vec.h"

static bool is_hidden(const Mlp *mlp, int l)
{
    return l + 1 < mlp->n_layers;
}

static bool has_norm(const Mlp *mlp, int l)
{
    return mlp->layer_norm && is_hidden(mlp, l);
}

/* ---- as it is shipped ------------------------------------------------------------------------- */

static void measure(const Mlp *mlp, int l, size_t *n_params, size_t *n_floats)
{
    size_t rows = (size_t)mlp->width[l] + 1 + (has_norm(mlp, l) ? 2 : 0);
    *n_params += rows * (size_t)mlp->width[l + 1];
    *n_floats += rows * (size_t)mlp_pad(mlp->width[l + 1]);
}

static int parts(const Mlp *mlp, int l, LayerPart out[LAYER_MOST_PARTS])
{
    const int columns = mlp->width[l + 1], n = has_norm(mlp, l) ? 4 : 2;
    MlpLayer layer = {.ld = mlp_pad(columns)};
    if (mlp->params) layer = mlp_layer(mlp, l);
    const struct {
        const char *name;
        float *at;
    } part[] = {{"w", layer.w}, {"b", layer.b}, {"gain", layer.gain}, {"shift", layer.shift}};
    for (int i = 0; i < n; i++) {
        out[i] = (LayerPart){.rank = i ? 1 : 2, .rows = i ? 1 : mlp->width[l], .columns = columns,
                             .ld = layer.ld, .at = part[i].at};
        snprintf(out[i].name, sizeof out[i].name, "l%d.%s", l, part[i].name);
    }
    return n;
}

static void predict(const Mlp *mlp, int l, int n, const float *in, int ld_in, float *out, const float *zeros)
{
    MlpLayer layer = mlp_layer(mlp, l);
    const bool last = !is_hidden(mlp, l);
    /* The padding is computed too: the buffer holds another layer's numbers there. */
    if (in) gemm_forward(n, mlp->width[l], layer.ld, in, ld_in, layer.w, layer.ld, out, layer.ld);
    if (last || mlp->layer_norm) activation_bias(n, layer.ld, layer.b, out);
    if (mlp->layer_norm && !last)
        norm_layer_forward(n, mlp->width[l + 1], layer.ld, out, layer.gain, layer.shift, NULL, NULL);
    if (!last)
        activation_forward(mlp->activation, n, layer.ld, mlp->layer_norm ? zeros : layer.b, out, NULL);
    if (mlp_skips(mlp, l)) floats_add((size_t)n * (size_t)layer.ld, in, out);
}

/* ---- laid out for training -------------------------------------------------------------------- */

/* Adam does not see the scale of a gradient, so a network written as z = x W~ / sqrt(K) ("ntk") is an ordinary
 * one whose weights have a rate of 1 / sqrt(K) and an epsilon of sqrt(K). */
static void groups(Trainer *t, int l)
{
    const TrainOptions *o = &t->options;
    size_t in = (size_t)t->mlp.width[l], ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
    double root = o->lr_scaling == LR_NTK ? sqrt((double)in) : 1;
    double layer = l == 0 ? o->first_layer_lr : 1;
    trainer_group(t, in * ld, layer / root, root, true);
    trainer_group(t, ld, layer * o->bias_lr, 1, false);
    if (has_norm(&t->mlp, l)) trainer_group(t, 2 * ld, 1, 1, false);
}

static void extras(Trainer *t, int l)
{
    const TrainOptions *o = &t->options;
    LayerExtras *e = &t->extras[l];
    const size_t m = (size_t)t->n_members;
    size_t in = (size_t)mlp_pad(t->mlp.width[l]), ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
    *e = (LayerExtras){0};
    if (l == 0 && o->input_scaling) e->scale = trainer_group(t, in, o->scaling_lr, 1, false);
    if (m > 1) {
        e->r = trainer_group(t, m * in, 1, 1, false);
        e->s = trainer_group(t, m * ld, 1, 1, false);
        e->b = trainer_group(t, m * ld, o->bias_lr * (l == 0 ? o->first_layer_lr : 1), 1, false);
    }
    if (o->norm == NORM_BATCH && is_hidden(&t->mlp, l)) {
        e->gain = trainer_group(t, ld, 1, 1, false);
        e->shift = trainer_group(t, ld, 1, 1, false);
    }
}

/* The activations and what the backward pass needs of them. */
static void plan(Trainer *t, Carver *carver, int l)
{
    size_t rows = (size_t)t->batch, ld = (size_t)mlp_pad(t->mlp.width[l + 1]), size = rows * ld;
    bool hidden = is_hidden(&t->mlp, l);
    NormKind norm = hidden ? (NormKind)t->options.norm : NORM_NONE;
    t->h[l] = carver_take(carver, size);
    /* The slope of ReLU is readable from its output, unless something was added to that. */
    bool readable = t->mlp.activation == ACT_RELU && !mlp_skips(&t->mlp, l);
    t->d[l] = hidden && !readable ? carver_take(carver, size) : NULL;
    t->g[l] = hidden ? carver_take(carver, size) : t->h[l]; /* the loss works in place */
    t->z_hat[l] = norm != NORM_NONE ? carver_take(carver, size) : NULL;
    t->spread[l] = norm != NORM_NONE ? carver_take(carver, rows > ld ? rows : ld) : NULL;
    t->running[l] = norm == NORM_BATCH ? carver_take(carver, 2 * ld * (size_t)t->n_members) : NULL;
}

/* ---- first weights ---------------------------------------------------------------------------- */

static void draw_weights(Trainer *t, int l)
{
    float *w = trainer_weights(t, l);
    int in = t->mlp.width[l], out = t->mlp.width[l + 1], ld = mlp_pad(out);
    InitKind kind = (InitKind)t->options.init;
    bool realmlp = kind == INIT_REALMLP || kind == INIT_DATA, last = !is_hidden(&t->mlp, l);
    if (realmlp && last) return;
    if (kind == INIT_AUTO) {
        Activation f = t->mlp.activation;
        /* The output is linear: neither He's nor LeCun's argument holds. */
        kind = last || f == ACT_TANH || f == ACT_SIGMOID ? INIT_GLOROT
             : f == ACT_SELU                             ? INIT_LECUN
                                                         : INIT_HE;
    }
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)l), t->stream, RNG_INIT);
    double spread = kind == INIT_GLOROT ? sqrt(6.0 / ((double)in + out))
                  : kind == INIT_HE     ? sqrt(2.0 / in)
                                        : sqrt(1.0 / in);
    for (int i = 0; i < in; i++)
        for (int j = 0; j < out; j++)
            w[(size_t)i * (size_t)ld + (size_t)j] =
                (float)(spread * (kind == INIT_GLOROT ? 2 * rng_uniform(&rng) - 1 : rng_normal(&rng)));
    for (int k = 0; realmlp && k < t->n_members; k++) {
        float *b = trainer_bias(t, l, k);
        for (int j = 0; j < out; j++) b[j] = (float)rng_normal(&rng);
    }
}

static void fill(float *x, size_t n, float value)
{
    for (size_t i = 0; i < n; i++) x[i] = value;
}

static void draw_extras(Trainer *t, int l)
{
    const LayerExtras *e = &t->extras[l];
    size_t in = (size_t)t->mlp.width[l], out = (size_t)t->mlp.width[l + 1];
    size_t ld_in = (size_t)mlp_pad((int)in), ld = (size_t)mlp_pad((int)out);
    Mlp mlp = t->mlp;
    mlp.params = t->params;
    MlpLayer layer = mlp_layer(&mlp, l);
    if (layer.gain) fill(layer.gain, out, 1);
    if (e->gain) fill(t->params + e->gain, out, 1);
    if (e->scale) fill(t->params + e->scale, in, 1);
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)(MLP_MAX_LAYERS + l)), t->stream, RNG_INIT);
    for (size_t k = 0; k < (size_t)t->n_members; k++) {
        if (e->r)
            for (size_t i = 0; i < in; i++)
                t->params[e->r + k * ld_in + i] = l == 0 && rng_uniform(&rng) < 0.5 ? -1.0f : 1.0f;
        if (e->s) fill(t->params + e->s + k * ld, out, 1);
        if (t->running[l]) fill(t->running[l] + (2 * k + 1) * ld, out, 1);
    }
}

static void init(Trainer *t, int l)
{
    draw_extras(t, l);
    draw_weights(t, l);
}

/* ---- a batch through it ----------------------------------------------------------------------- */

/* Norm, bias, activation, slope and dropout, tile by tile where that is possible. */
static void activate(Trainer *t, int l, int n, long step, int member)
{
    MlpLayer layer = mlp_layer(&t->mlp, l);
    const int width = t->mlp.width[l + 1], ld = layer.ld;
    const float *bias = layer.b;
    if (t->z_hat[l]) { /* the bias comes before the norm */
        activation_bias(n, ld, bias, t->h[l]);
        bias = t->zeros;
        if (layer.gain)
            norm_layer_forward(n, width, ld, t->h[l], layer.gain, layer.shift, t->z_hat[l], t->spread[l]);
        else
            norm_batch_forward(n, width, ld, t->h[l], t->params + t->extras[l].gain,
                               t->params + t->extras[l].shift, t->z_hat[l], t->spread[l],
                               t->running[l] + 2 * (size_t)member * (size_t)ld,
                               t->running[l] + (2 * (size_t)member + 1) * (size_t)ld);
    }
    int tile = TRAINER_TILE / ld > 1 ? TRAINER_TILE / ld : 1;
    Rng mask = trainer_mask(t, step, l + 1, member);
    for (int r = 0; r < n; r += tile) {
        int rows = n - r < tile ? n - r : tile;
        size_t at = (size_t)r * (size_t)ld, size = (size_t)rows * (size_t)ld;
        float *h = t->h[l] + at, *d = t->d[l] ? t->d[l] + at : NULL;
        activation_forward(t->mlp.activation, rows, ld, bias, h, d);
        if (t->drop_hidden.threshold) {
            rng_fill(&mask, t->words, size / 2);
            activation_drop(t->drop_hidden, size, t->words, h, d);
        }
    }
}

static void forward(Trainer *t, int l, int n, long step, int k)
{
    MlpLayer layer = mlp_layer(&t->mlp, l);
    const float *in = l > 0 ? t->h[l - 1] : t->inputs;
    const int ld_in = l > 0 ? mlp_pad(t->mlp.width[l]) : t->ld_in;
    if (l == 0 && t->n_ramps) {
        ramps_sums(t->ramp, t->n_ramps, t->mlp.width[0], layer.ld, layer.w, t->sums);
        team_listed(t->threads, &t->hats.rows, layer.ld, t->sums, layer.ld, t->h[0], layer.ld);
    } else if (l == 0 && t->sparse.n > 0)
        team_sparse_forward(t->threads, &t->sparse, layer.ld, layer.w, layer.ld, t->h[0], layer.ld);
    else
        team_forward(t->threads, n, t->mlp.width[l], layer.ld, in, ld_in, layer.w, layer.ld, t->h[l], layer.ld);
    if (is_hidden(&t->mlp, l)) activate(t, l, n, step, k);
    else activation_bias(n, layer.ld, layer.b, t->h[l]);
    if (mlp_skips(&t->mlp, l)) floats_add((size_t)n * (size_t)layer.ld, in, t->h[l]);
}

/* From the gradient by h_l in g[l] to that by z_l, and the gradients of bias and norm. */
static void backward_activation(Trainer *t, int l, int n)
{
    MlpLayer layer = mlp_layer(&t->mlp, l);
    const int width = t->mlp.width[l + 1], ld = layer.ld;
    float *db = t->eff_grad + (layer.b - t->mlp.params);
    if (is_hidden(&t->mlp, l) && !t->d[l])
        activation_backward_relu(n, ld, t->h[l], t->drop_hidden.scale, t->g[l], db);
    else
        activation_backward(n, ld, t->d[l], t->g[l], db);
    if (!t->z_hat[l]) return;
    if (layer.gain)
        norm_layer_backward(n, width, ld, t->z_hat[l], t->spread[l], layer.gain, t->g[l], db + ld, db + 2 * ld);
    else
        norm_batch_backward(n, width, ld, t->z_hat[l], t->spread[l], t->params + t->extras[l].gain, t->g[l],
                            t->grad + t->extras[l].gain, t->grad + t->extras[l].shift);
    activation_backward(n, ld, NULL, t->g[l], db);
}

static void backward(Trainer *t, int l, int n, int k)
{
    MlpLayer layer = mlp_layer(&t->mlp, l);
    const int in = t->mlp.width[l], ld = layer.ld;
    const float *x = l > 0 ? t->h[l - 1] : t->inputs;
    int ld_x = l > 0 ? mlp_pad(in) : t->ld_in;
    bool skips = mlp_skips(&t->mlp, l);
    size_t size = (size_t)n * (size_t)ld;
    (void)k;
    if (skips) memcpy(t->skip, t->g[l], size * sizeof *t->skip);
    backward_activation(t, l, n);
    float *dw = t->eff_grad + (layer.w - t->mlp.params);
    if (l == 0 && t->n_ramps) {
        team_listed(t->threads, &t->hats.columns, ld, t->g[0], ld, dw, ld);
        ramps_adjoint(t->ramp, t->n_ramps, ld, dw);
    } else if (l == 0 && t->sparse.n > 0)
        team_sparse_weight_grad(t->threads, &t->sparse, ld, t->g[0], ld, dw, ld);
    else
        team_weight_grad(t->threads, n, in, ld, x, ld_x, t->g[l], ld, dw, ld);
    float *dx = l > 0 ? t->g[l - 1] : t->d_inputs;
    if (dx) team_input_grad(t->threads, n, in, ld, t->g[l], ld, layer.w, ld, dx, ld_x);
    if (skips) floats_add(size, t->skip, dx);
}

/* ---- members ---------------------------------------------------------------------------------- */

/* to[i][j] = w[i][j] * rows[i] * columns[j]; a NULL factor is 1. */
VEC_CLONES static void scale_matrix(int in, int ld, const float *w, const float *scale,
                                    const float *r, const float *s, float *to)
{
    for (int i = 0; i < in; i++) {
        const float row = (scale ? scale[i] : 1.0f) * (r ? r[i] : 1.0f);
        const float *restrict from = w + (size_t)i * (size_t)ld;
        float *restrict out = to + (size_t)i * (size_t)ld;
        if (s)
            for (int j = 0; j < ld; j++) out[j] = from[j] * row * s[j];
        else
            for (int j = 0; j < ld; j++) out[j] = from[j] * row;
    }
}

/* The adjoint of scale_matrix: u is the gradient by `to`; adds to the gradients of w and of those
 * factors that there are. */
VEC_CLONES static void scale_matrix_adjoint(int in, int ld, const float *w, const float *scale,
                                            const float *r, const float *s, const float *u,
                                            float *dw, float *dscale, float *dr, float *ds)
{
    for (int i = 0; i < in; i++) {
        const float a = scale ? scale[i] : 1.0f, b = r ? r[i] : 1.0f, row = a * b;
        const float *restrict wi = w + (size_t)i * (size_t)ld;
        const float *restrict ui = u + (size_t)i * (size_t)ld;
        float *restrict di = dw + (size_t)i * (size_t)ld;
        double lane[VEC_LANES] = {0};
        for (int j = 0; j < ld; j += VEC_LANES)
            for (int v = 0; v < VEC_LANES; v++) {
                float us = s ? ui[j + v] * s[j + v] : ui[j + v];
                lane[v] += (double)(us * wi[j + v]);
                di[j + v] += us * row;
            }
        float q = (float)vec_lanes_sum(lane);
        if (dscale) dscale[i] += q * b;
        if (dr) dr[i] += q * a;
        if (ds) {
            float *restrict to = ds;
            for (int j = 0; j < ld; j++) to[j] += ui[j] * wi[j] * row;
        }
    }
}

/* The factors of member k, as they stand in `block`. */
typedef struct {
    float *scale, *r, *s;
} Factors;

static float *at_or_null(float *block, size_t at, size_t offset)
{
    return at ? block + at + offset : NULL;
}

static Factors factors_of(const Trainer *t, float *block, int l, int k)
{
    const LayerExtras *e = &t->extras[l];
    size_t in = (size_t)mlp_pad(t->mlp.width[l]), ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
    return (Factors){at_or_null(block, e->scale, 0), at_or_null(block, e->r, (size_t)k * in),
                     at_or_null(block, e->s, (size_t)k * ld)};
}

static void effective(const Trainer *t, float *block, int l, int k, Mlp *out)
{
    Mlp from = t->mlp;
    from.params = block;
    MlpLayer source = mlp_layer(&from, l), to = mlp_layer(out, l);
    Factors f = factors_of(t, block, l, k);
    if (f.scale || f.r || f.s) scale_matrix(t->mlp.width[l], to.ld, source.w, f.scale, f.r, f.s, to.w);
    const float *bias = at_or_null(block, t->extras[l].b, (size_t)k * (size_t)to.ld);
    if (bias) memcpy(to.b, bias, (size_t)to.ld * sizeof *bias);
}

static void adjoint(Trainer *t, int l, int k)
{
    Mlp params = t->mlp, grad = t->mlp, u = t->mlp;
    params.params = t->params;
    grad.params = t->grad;
    u.params = t->eff_grad;
    const LayerExtras *e = &t->extras[l];
    MlpLayer w = mlp_layer(&params, l), dw = mlp_layer(&grad, l), du = mlp_layer(&u, l);
    size_t ld = (size_t)w.ld;
    Factors f = factors_of(t, t->params, l, k), df = factors_of(t, t->grad, l, k);
    scale_matrix_adjoint(t->mlp.width[l], w.ld, w.w, f.scale, f.r, f.s, du.w, dw.w, df.scale, df.r, df.s);
    floats_add(ld, du.b, e->b ? t->grad + e->b + (size_t)k * ld : dw.b);
    if (dw.gain) floats_add(2 * ld, du.gain, dw.gain); /* and shift, which follows */
}

static void fold(const Trainer *t, const float *block, int l, int k, Mlp *out)
{
    if (!t->extras[l].gain) return;
    MlpLayer layer = mlp_layer(out, l);
    const float *running = t->running[l] + 2 * (size_t)k * (size_t)layer.ld;
    norm_batch_fold(t->mlp.width[l], t->mlp.width[l + 1], layer.ld, running, running + layer.ld,
                    block + t->extras[l].gain, block + t->extras[l].shift, layer.w, layer.b);
}

const LayerKind layer_dense = {
    .name = "dense", .measure = measure, .parts = parts, .predict = predict, .groups = groups,
    .extras = extras, .plan = plan, .init = init, .forward = forward, .backward = backward,
    .effective = effective, .adjoint = adjoint, .fold = fold,
};
