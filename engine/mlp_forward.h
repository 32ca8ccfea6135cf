/* engine/mlp_forward.h - a network used: logits and probabilities of rows.
 *
 * This is the forward pass of what is shipped, for prediction and for the validation rows between
 * epochs; a step of training has its own (trainer.h), which keeps what the backward pass needs. Rows go
 * through in blocks of MLP_BLOCK, all layers of one block before the next, so that activations stay in
 * cache. A row's result does not depend on its block (gemm.h).
 */
#ifndef CONSORT_ENGINE_MLP_FORWARD_H
#define CONSORT_ENGINE_MLP_FORWARD_H
#include "data/rows.h"
#include "engine/mlp.h"

enum { MLP_BLOCK = 256 /* rows at a time */ };

/* What is predicted of every row, (rows->n_rows, values): of classes softmax of the logits (link.h). Works
 * in blocks of rows in memory from the arena (reset to where it was is the caller's business). */
bool mlp_predict(const Mlp *mlp, const Rows *rows, Arena *arena, float *values, int ld_values,
                 Error *err);

/* ---- the parts of it, for who scores rows in memory of its own ---- */

/* Floats that mlp_forward works in, for blocks of `rows`: the inputs, two matrices of the widest
 * layer, and what a layer norm keeps. */
size_t mlp_forward_floats(const Mlp *mlp, int rows);
/* Outputs of n <= MLP_BLOCK rows of x (n, ld_x); returns them, inside `work`, with row distance
 * mlp_layer(mlp, n_layers - 1).ld. */
float *mlp_forward(const Mlp *mlp, int n, const float *x, int ld_x, float *work);
/* Rows from..from + n as floats: the table's own memory, or gathered into `block` (MLP_BLOCK,
 * mlp_pad(n_features)) when they are pictures. */
const float *mlp_rows(const Rows *rows, int from, int n, float *block, int *ld);
#endif
