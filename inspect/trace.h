/* inspect/trace.h - one row's way through a network, and the gradient of its scores back to the inputs.
 *
 *     forward    inputs -> z -> norm -> f -> + skip, layer by layer, all of it kept
 *     backward   from the gradient by the logits to that by every layer's output and by the inputs
 *
 * It is written for looking, not for speed: one row, in double, straight from the formulas of engine/mlp.h and
 * engine/activation.h, and shares no code with training. So it also checks what is shipped: its probabilities
 * agree with the model's to what a float holds, its gradients with differences (tests/test_inspect_trace.c).
 *
 * Shapes   layer l in [0, L): out[l], unit[l], d_out[l] are (width[l + 1]); inputs, d_inputs (width[0]).
 * Memory   carved by trace_create, nothing after.
 */
#ifndef CONSORT_INSPECT_TRACE_H
#define CONSORT_INSPECT_TRACE_H
#include "engine/mlp.h"

typedef struct {
    const Mlp *mlp;
    float *embedded;                /* (padded width[0]) with an embedding, else NULL */
    double *inputs;                 /* of the first layer */
    double *unit[MLP_MAX_LAYERS];   /* what the activation function gives; of the last layer the logits */
    double *out[MLP_MAX_LAYERS];    /* the same, and what was carried around the layer */
    double *slope[MLP_MAX_LAYERS];  /* of the activation function */
    double *z_hat[MLP_MAX_LAYERS];  /* layer norm, else NULL */
    double spread[MLP_MAX_LAYERS];
    double *d_out[MLP_MAX_LAYERS];  /* gradient by `out` */
    double *d_z[MLP_MAX_LAYERS];    /* gradient by what W and b give */
    double *d_inputs;
    double *proba;                  /* (classes) */
} NetTrace;

bool trace_create(const Mlp *mlp, Arena *arena, NetTrace *out, Error *err);
/* x: the features of one row (mlp_features). */
void trace_forward(NetTrace *trace, const float *x);
/* `seed` (classes): the gradient by the logits. */
void trace_backward(NetTrace *trace, const double *seed);
/* The same from one class: the gradient of its logit. */
void trace_backward_class(NetTrace *trace, int c);
/* Adds the gradient by weights and biases to `sum`, laid out as mlp->params (n_floats). */
void trace_add_weights(const NetTrace *trace, float *sum);
#endif
