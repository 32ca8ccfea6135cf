/* engine/network.h - a multilayer perceptron: its shape, its weights, and how they lie in memory.
 * Data only; it is made in mlp.h, used in mlp_forward.h and trained in train.h; the kinds of its layers are
 * layer.h's.
 *
 *     h_0 = the inputs: the features, or what embed.h makes of them
 *     z_l = h_{l-1} W_l + b_l                          l = 1..L
 *     z_l <- layer norm of z_l, if `layer_norm`        hidden layers
 *     h_l = f(z_l), + h_{l-1} if `residual`, l > 1 and the widths agree
 *     logits = z_L
 *
 * This is the network that is shipped. What a network has only while it is trained (input scaling,
 * batch norm, the adapters of members) is folded into W and b before it comes here.
 *
 * Shapes   width[0] = inputs, width[n_layers] = outputs (of a classifier a logit a class; link.h). W_l is
 *          (width[l-1], width[l]) row-major: input by output, so that a batch times W needs no transpose.
 * Memory   all parameters are one block, in the order embedding, W_1 b_1 (gain_1 shift_1) W_2 ...
 *          The block is padded inside: use mlp_layer and `ld`. Every matrix and bias in it starts on
 *          a multiple of MLP_PAD floats, and so does every matrix row: MLP_PAD floats are a cache line
 *          and an AVX-512 vector, so no vector crosses a line and loops need no remainder. Padding is
 *          zero and stays zero: its gradient is zero.
 */
#ifndef CONSORT_ENGINE_NETWORK_H
#define CONSORT_ENGINE_NETWORK_H
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/activation.h"
#include "engine/embed.h"
#include "engine/link.h"

enum { MLP_MAX_LAYERS = 33 /* 32 hidden layers and the output */, MLP_PAD = 16 };

static inline int mlp_pad(int n) { return (n + MLP_PAD - 1) / MLP_PAD * MLP_PAD; }

typedef struct {
    int n_layers;                  /* weight matrices: hidden layers + 1 */
    int width[MLP_MAX_LAYERS + 1]; /* width[0] inputs .. width[n_layers] outputs */
    Activation activation;
    bool layer_norm, residual;
    const Embed *embed;            /* NULL: the features are the inputs */
    Link link;                     /* what its outputs are, to who predicts */
    size_t at[MLP_MAX_LAYERS];     /* where the layers lie in the block: mlp_measure() fills it */
    size_t n_params;               /* numbers that are trained, without padding */
    size_t n_floats;               /* length of the block, with padding */
    float *params;
} Mlp;

typedef struct {
    float *w;            /* (width[l-1], ld) */
    int ld;              /* row distance of w, >= width[l] */
    float *b;            /* (width[l]) */
    float *gain, *shift; /* (width[l]) of the layer norm, or NULL */
} MlpLayer;

/* l in [0, n_layers), of a network that was measured. */
static inline MlpLayer mlp_layer(const Mlp *mlp, int l)
{
    assert(l >= 0 && l < mlp->n_layers);
    float *at = mlp->params + mlp->at[l];
    int ld = mlp_pad(mlp->width[l + 1]);
    MlpLayer layer = {.w = at, .ld = ld, .b = at + (size_t)mlp->width[l] * (size_t)ld};
    if (mlp->layer_norm && l + 1 < mlp->n_layers) {
        layer.gain = layer.b + ld;
        layer.shift = layer.gain + ld;
    }
    return layer;
}
/* Does layer l add its input to its output? */
static inline bool mlp_skips(const Mlp *mlp, int l)
{
    return mlp->residual && l > 0 && l + 1 < mlp->n_layers && mlp->width[l] == mlp->width[l + 1];
}
#endif
