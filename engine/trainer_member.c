/* From the parameters to the weights of one member, and the gradient back: see trainer.h. */
#include <string.h>

#include "engine/floats.h"
#include "engine/norm.h"
#include "engine/trainer.h"
#include "engine/vec.h"

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

/* The factors of member k in layer l, as they stand in `block`. */
typedef struct {
    float *scale, *r, *s;
} Factors;

static float *at_or_null(float *block, size_t at, size_t offset)
{
    return at ? block + at + offset : NULL;
}

static Factors factors_of(const Trainer *t, float *block, int l, int k)
{
    const LayerExtras *extras = &t->extras[l];
    size_t in = (size_t)mlp_pad(t->mlp.width[l]), ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
    return (Factors){at_or_null(block, extras->scale, 0),
                     at_or_null(block, extras->r, (size_t)k * in),
                     at_or_null(block, extras->s, (size_t)k * ld)};
}

/* The weights of member k from a block of parameters, batch norm left out. */
static void effective(const Trainer *t, float *block, int k, Mlp *out)
{
    memcpy(out->params, block, t->mlp.n_floats * sizeof *block); /* embedding, norms, biases */
    Mlp from = t->mlp;
    from.params = block;
    for (int l = 0; l < t->mlp.n_layers; l++) {
        MlpLayer source = mlp_layer(&from, l), to = mlp_layer(out, l);
        Factors f = factors_of(t, block, l, k);
        if (f.scale || f.r || f.s)
            scale_matrix(t->mlp.width[l], to.ld, source.w, f.scale, f.r, f.s, to.w);
        const float *bias = at_or_null(block, t->extras[l].b, (size_t)k * (size_t)to.ld);
        if (bias) memcpy(to.b, bias, (size_t)to.ld * sizeof *bias);
    }
}

void trainer_effective(Trainer *t, int k)
{
    if (!t->plain) effective(t, t->params, k, &t->mlp);
}

void trainer_adjoint(Trainer *t, int k)
{
    if (t->plain) return;
    Mlp params = t->mlp, grad = t->mlp, u = t->mlp;
    params.params = t->params;
    grad.params = t->grad;
    u.params = t->eff_grad;
    for (int l = 0; l < t->mlp.n_layers; l++) {
        const LayerExtras *extras = &t->extras[l];
        MlpLayer w = mlp_layer(&params, l), dw = mlp_layer(&grad, l), du = mlp_layer(&u, l);
        size_t ld = (size_t)w.ld;
        Factors f = factors_of(t, t->params, l, k), df = factors_of(t, t->grad, l, k);
        scale_matrix_adjoint(t->mlp.width[l], w.ld, w.w, f.scale, f.r, f.s, du.w, dw.w,
                             df.scale, df.r, df.s);
        floats_add(ld, du.b, extras->b ? t->grad + extras->b + (size_t)k * ld : dw.b);
        if (dw.gain) floats_add(2 * ld, du.gain, dw.gain); /* and shift, which follows */
    }
}

void trainer_average(Trainer *t)
{
    if (t->options.optimizer == OPT_SCHEDULE_FREE)
        optimizer_schedule_free_x(t->n_floats, t->options.beta1, t->params, t->m, t->average);
}

void trainer_fold(const Trainer *t, int k, Mlp *out)
{
    float *block = t->average ? t->average : t->params;
    effective(t, block, k, out);
    for (int l = 0; l < t->mlp.n_layers; l++) {
        if (!t->extras[l].gain) continue;
        MlpLayer layer = mlp_layer(out, l);
        const float *running = t->running[l] + 2 * (size_t)k * (size_t)layer.ld;
        norm_batch_fold(t->mlp.width[l], t->mlp.width[l + 1], layer.ld, running,
                        running + layer.ld, block + t->extras[l].gain,
                        block + t->extras[l].shift, layer.w, layer.b);
    }
}
