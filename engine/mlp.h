/* engine/mlp.h - a multilayer perceptron: its shape, its weights, and how they lie in memory.
 * Data only; it is used in mlp_forward.h and trained in train.h.
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
#ifndef CONSORT_ENGINE_MLP_H
#define CONSORT_ENGINE_MLP_H
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/tensors.h"
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

/* Counts n_params and n_floats of a shape whose other members are set. False when it cannot be. */
bool mlp_measure(Mlp *shape, Error *err);
/* Fills the shape of a plain network, sizes included. */
bool mlp_shape(int n_in, const int *hidden, int n_hidden, int n_outputs, Activation activation,
               Mlp *out, Error *err);
/* A plain network of zeros. `hidden` widths, n_hidden may be 0 (multinomial logistic regression). */
bool mlp_create(int n_in, const int *hidden, int n_hidden, int n_outputs, Activation activation,
                Arena *arena, Mlp **out, Error *err);
/* Zeros of the same shape as `shape`, whose params are not looked at; the embedding is shared. */
bool mlp_create_like(const Mlp *shape, Arena *arena, Mlp **out, Error *err);
MlpLayer mlp_layer(const Mlp *mlp, int l); /* l in [0, n_layers) */
bool mlp_copy(const Mlp *mlp, Arena *arena, Mlp **out, Error *err);
/* What a row must have for this network. */
int mlp_features(const Mlp *mlp);
/* Does layer l add its input to its output? */
bool mlp_skips(const Mlp *mlp, int l);

/* Adds the network's weights as tensors named "<prefix>.l0.w", "<prefix>.l0.b", ("<prefix>.l0.gain",
 * "<prefix>.l0.shift",) ... unpadded, in memory from the arena; *n grows by mlp_n_tensors. And back,
 * checking every size and that every weight is finite. `shape` says the widths and all else but the
 * params, and is a file's word: it is checked before memory for it is asked for. */
int mlp_n_tensors(const Mlp *mlp);
bool mlp_to_tensors(const Mlp *mlp, const char *prefix, Arena *arena, Tensor *tensors, int *n,
                    Error *err);
bool mlp_from_tensors(const TensorFile *file, const char *prefix, const Mlp *shape, Arena *arena,
                      Mlp **out, Error *err);
#endif
