/* The embedding as a stage: embed.h's formulas between the features and the first dense layer. */
#include "engine/layer.h"

#include <stdio.h>

#include "engine/floats.h"

static void measure(const Mlp *mlp, int l, size_t *n_params, size_t *n_floats)
{
    (void)l;
    *n_params += mlp->embed->n_params;
    *n_floats += mlp->embed->n_floats;
}

static int parts(const Mlp *mlp, int l, LayerPart out[LAYER_MOST_PARTS])
{
    const int size = (int)mlp->embed->n_floats;
    (void)l;
    out[0] = (LayerPart){"embed", 1, 1, size, size, mlp->params};
    return 1;
}

static void predict(const Mlp *mlp, int l, int n, const float *in, int ld_in, float *out, const float *zeros)
{
    (void)l, (void)zeros;
    embed_forward(mlp->embed, mlp->params, n, in, ld_in, out, mlp_pad(mlp->width[0]));
}

static void groups(Trainer *t, int l)
{
    (void)l;
    trainer_group(t, t->mlp.embed->n_floats, t->options.embed_lr, 1, false);
}

static void plan(Trainer *t, Carver *carver, int l)
{
    const size_t size = (size_t)t->batch * (size_t)t->ld_in;
    (void)l;
    t->inputs = carver_take(carver, size);
    t->d_inputs = carver_take(carver, size);
    t->keep = t->drop_input.threshold ? carver_take(carver, size) : NULL;
}

static void init(Trainer *t, int l)
{
    Rng rng = rng_stream(rng_mix(t->seed, (uint64_t)(4 * MLP_MAX_LAYERS)), t->stream, RNG_INIT);
    (void)l;
    embed_init(t->mlp.embed, t->options.embed_sigma, &rng, t->params);
}

/* No member has an embedding of its own: once for all of them. */
static void forward(Trainer *t, int l, int n, long step, int k)
{
    (void)l, (void)step, (void)k;
    embed_forward(t->mlp.embed, t->params, n, t->x, t->ld_x, t->inputs, t->ld_in);
}

static void backward(Trainer *t, int l, int n, int k)
{
    const size_t size = (size_t)n * (size_t)t->ld_in;
    (void)l, (void)k;
    if (t->keep) floats_multiply(size, t->keep, t->d_inputs);
    embed_backward(t->mlp.embed, t->params, n, t->x, t->ld_x, t->d_inputs, t->ld_in, t->eff_grad);
}

static void adjoint(Trainer *t, int l, int k)
{
    (void)l, (void)k;
    floats_add(t->mlp.embed->n_floats, t->eff_grad, t->grad);
}

const LayerKind layer_embed = {
    .name = "embed", .measure = measure, .parts = parts, .predict = predict, .groups = groups, .plan = plan,
    .init = init, .forward = forward, .backward = backward, .adjoint = adjoint,
};
