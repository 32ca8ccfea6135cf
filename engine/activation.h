/* engine/activation.h - the functions between layers, with everything that happens to a hidden
 * layer's numbers between two matrix products fused into one pass.
 *
 * Forward   h = f(z + b), and for training also the slope d = f'(z + b), computed together because
 *           they share their exponential. Dropout multiplies both by the same 0 or 1 / keep
 *           (inverted dropout), so that the backward pass is dz = dh * d for every activation.
 *           ReLU alone stores no slope: it is readable from h.
 * Backward  dz = dh * d, and the bias gradient (the column sums of dz) in the same pass.
 *
 *     relu        max(z, 0)                       sigmoid  1 / (1 + e^-z)
 *     leaky_relu  z > 0 ? z : 0.01 z              tanh     tanh z
 *     gelu        z Phi(z), Phi exact (erf)       silu     z sigmoid(z)
 *     selu        s (z > 0 ? z : a (e^z - 1)),    s = 1.0507009873554805, a = 1.6732632423543772
 *     mish        z tanh(log(1 + e^z)) = z n / (n + 2) with u = e^z, n = u (u + 2)
 *
 * Shapes   matrices (rows, ld), ld a multiple of MLP_PAD; the padding columns are computed like
 *          any other, so they must hold finite numbers (zeros stay harmless).
 * Sources  SELU: Klambauer et al. 2017. GELU: Hendrycks and Gimpel 2016. Mish: Misra 2019, the form
 *          with one exponential. Dropout: Srivastava et al. 2014.
 */
#ifndef CONSORT_ENGINE_ACTIVATION_H
#define CONSORT_ENGINE_ACTIVATION_H
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"

#define ACTIVATION_LIST(X)                                                                     \
    X(ACT_RELU, "relu") X(ACT_LEAKY_RELU, "leaky_relu") X(ACT_TANH, "tanh")                    \
    X(ACT_SIGMOID, "sigmoid") X(ACT_GELU, "gelu") X(ACT_SILU, "silu") X(ACT_SELU, "selu")      \
    X(ACT_MISH, "mish")
typedef enum { ACTIVATION_LIST(LIST_ID) ACTIVATION_COUNT } Activation;
extern const char *const activation_names[]; /* NULL-terminated */

/* A share of units to drop, in the 1/65536ths that the random bits resolve. */
typedef struct {
    uint32_t threshold; /* a unit whose 16 random bits are below is dropped; 0: off */
    float scale;        /* 65536 / (65536 - threshold) */
} Dropout;
Dropout dropout_make(double share);

/* In place; `d` NULL: no slopes (prediction, and ReLU). */
void activation_forward(Activation activation, int rows, int ld, const float *bias, float *z,
                        float *d);
/* The output layer: the bias alone. */
void activation_bias(int rows, int ld, const float *bias, float *z);
/* Drops units of `h` (and their slopes in `d`, unless NULL). `n` is even; words[0 .. n/2) are random:
 * their low halves decide on the first n/2 units, the high halves on the others. */
void activation_drop(Dropout dropout, size_t n, const uint32_t *words, float *h, float *d);
/* dz in place of dh; `d` NULL: the slope is 1 (output layer). The bias gradient into `db` (ld). */
void activation_backward(int rows, int ld, const float *d, float *dh, float *db);
/* The same for ReLU, from its outputs; `scale` is the dropout's (1 without). */
void activation_backward_relu(int rows, int ld, const float *h, float scale, float *dh, float *db);
#endif
