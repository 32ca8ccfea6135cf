/* engine/loss.h - softmax and cross-entropy, fused.
 *
 * They are one function because their joint gradient is simply w (p - y) / B, and because
 * log-softmax is only stable when the row maximum is subtracted before exponentiating.
 *
 *     loss = 1/B sum_i w_i (log sum_c e^z_ic - sum_c y_ic z_ic),   y = (1 - s) onehot + s / K
 *
 * with label smoothing s and w_i = the weight of row i's class (1 without class weights). So a
 * weighted, smoothed row is its smoothed cross-entropy times its weight. (PyTorch weighs the
 * smoothing's classes one by one and divides by the sum of weights; without smoothing and with weights of
 * mean 1 the two agree.)
 *
 * Shapes   B rows, K classes, row distance ld >= K; logits (B, ld).
 * Units    nats; sums over rows are double, in row order.
 * Memory   borrows its arguments, allocates nothing.
 * Errors   none. Labels outside [0, K) are a bug in the caller and are asserted, but for -1 in
 *          loss_rows: a row that is not counted. nan or infinity in gives nan out.
 * Source   Bishop, "Pattern Recognition and Machine Learning" (2006), eq. 4.108 and 4.109;
 *          label smoothing: Szegedy et al. 2016.
 */
#ifndef CONSORT_ENGINE_LOSS_H
#define CONSORT_ENGINE_LOSS_H
#include <stdint.h>

typedef struct {
    int n_classes;
    float smoothing;
    const float *class_weight; /* (K), mean 1 over the training rows; NULL: all 1 */
} Loss;

/* Returns the mean loss and turns the logits into its gradient, in place; the columns from K to ld
 * become 0. */
double loss_gradient(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels);
/* Turns logits into probabilities, in place (columns from K on become 0), and, when `labels` is not
 * NULL, adds the weighted losses, without smoothing, to *sum and the weights to *weight. */
void loss_rows(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels,
               double *sum, double *weight);
#endif
