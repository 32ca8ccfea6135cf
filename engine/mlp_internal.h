/* engine/mlp_internal.h - how a network lies in memory, and its forward pass; for the engine only.
 *
 * Every matrix and bias in the parameter block starts on a multiple of MLP_PAD floats, and so does
 * every matrix row: MLP_PAD floats are a cache line and an AVX-512 vector, so no vector crosses a line and
 * loops need no remainder. Padding is zero and stays zero: its gradient is zero.
 */
#ifndef CONSORT_ENGINE_MLP_INTERNAL_H
#define CONSORT_ENGINE_MLP_INTERNAL_H
#include "engine/mlp.h"

enum { MLP_PAD = 16, MLP_BLOCK = 256 /* rows at a time when predicting */ };

static inline int mlp_pad(int n) { return (n + MLP_PAD - 1) / MLP_PAD * MLP_PAD; }

/* Counts n_params and n_floats of a shape whose other members are set. False when it cannot be. */
bool mlp_measure(Mlp *shape, Error *err);
/* Fills the shape of a plain network, sizes included. */
bool mlp_shape(int n_in, const int *hidden, int n_hidden, int n_classes, Activation activation,
               Mlp *out, Error *err);
/* Floats that mlp_forward works in, for blocks of `rows`: the inputs, two matrices of the widest
 * layer, and what a layer norm keeps. */
size_t mlp_forward_floats(const Mlp *mlp, int rows);
/* Logits of n <= MLP_BLOCK rows of x (n, ld_x); returns them, inside `work`, with row distance
 * mlp_layer(mlp, n_layers - 1).ld. */
float *mlp_forward(const Mlp *mlp, int n, const float *x, int ld_x, float *work);
/* Rows from..from + n as floats: the table's own memory, or gathered into `block` (MLP_BLOCK,
 * mlp_pad(n_features)) when they are pictures. */
const float *mlp_rows(const Rows *rows, int from, int n, float *block, int *ld);

/* While numbers are crunched, results too small to be normal become 0: a weight that no longer
 * gets a gradient has moments that shrink for ever, and arithmetic on denormal numbers can cost
 * a hundred cycles. Returns the state to give back to mlp_denormals_restore. */
unsigned long mlp_denormals_off(void);
void mlp_denormals_restore(unsigned long state);
#endif
