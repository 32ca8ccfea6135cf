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
#include "engine/ramps.h"

enum { MLP_BLOCK = 256 /* rows at a time */ };

/* What is predicted of every row, (rows->n_rows, values): of classes softmax of the logits (link.h). Works
 * in blocks of rows in memory from the arena (reset to where it was is the caller's business). */
bool mlp_predict(const Mlp *mlp, const Rows *rows, Arena *arena, float *values, int ld_values,
                 Error *err);

/* ---- the parts of it, for who scores rows in memory of its own ---- */

/* Rows as a network takes them, a block at a time: the table's own memory, floats gathered from it, or, where
 * that is faster, what is not 0 in ramps.h's way. */
typedef struct {
    const Rows *rows;
    int n;          /* of the block at hand */
    const float *x; /* (n, ld), or NULL: in `hats` */
    int ld;
    float *room;    /* for x; or NULL */
    RampBatch hats;
    float *sums;    /* of the first layer's weights of the network `of`; or NULL */
    const Mlp *of;  /* NULL makes them anew: it has other weights */
} MlpBlock;
/* Floats that blocks of up to n rows take. */
size_t mlp_block_floats(const Mlp *mlp, const Rows *rows, int n);
void mlp_block_open(const Mlp *mlp, const Rows *rows, float *memory, MlpBlock *out);
/* Rows from .. from + n - 1. */
void mlp_block_at(MlpBlock *block, int from, int n);
/* Floats that mlp_forward works in, for blocks of `rows`: the inputs, two matrices of the widest
 * layer, and what a layer norm keeps. */
size_t mlp_forward_floats(const Mlp *mlp, int rows);
/* Outputs of a block of n <= MLP_BLOCK rows; returns them, inside `work`, with row distance
 * mlp_layer(mlp, n_layers - 1).ld. */
float *mlp_forward(const Mlp *mlp, MlpBlock *block, float *work);
/* Rows from..from + n as floats: the table's own memory, or gathered into `block` (MLP_BLOCK,
 * mlp_pad(n_features)) when they are pictures. */
const float *mlp_rows(const Rows *rows, int from, int n, float *block, int *ld);
#endif
