/* engine/loss.h - softmax and cross-entropy, fused.
 *
 * They are one function because their joint gradient is simply w (p - y) / B, and because
 * log-softmax is only stable when the row maximum is subtracted before exponentiating.
 *
 *     loss = 1/B sum_i w_i (log sum_c e^z_ic - sum_c y_ic z_ic),   y = (1 - s) onehot + s / K
 *
 * with label smoothing s and w_i = the weight of row i's class (1 without class weights) times its own. Rows
 * that were mixed (mix.h) have two labels: onehot becomes l onehot(a) + (1 - l) onehot(b), and w_i is mixed
 * alike. With focal loss each class counts less the surer it is:
 *
 *     loss = 1/B sum_i w_i sum_c y_ic (1 - p_ic)^gamma (-log p_ic)
 *     d / dz_j = a_j - p_j sum_c a_c,  a_c = y_c (gamma p_c (1 - p_c)^(gamma - 1) log p_c - (1 - p_c)^gamma)
 *
 * Where a teacher has spoken (teach.h), onehot and its mixtures give way to the shares `soft`; what a row
 * weighs goes by its labels all the same.
 *
 * The members of one network are called one after the other; the mean of their losses is the network's. So a
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
 *          label smoothing: Szegedy et al. 2016; focal loss: Lin et al. 2017.
 */
#ifndef CONSORT_ENGINE_LOSS_H
#define CONSORT_ENGINE_LOSS_H
#include <stdint.h>

#include "data/task.h"

typedef struct {
    int n_classes;
    const Task *task;          /* NULL: classes */
    int kind;                  /* LossKind of engine/task.h, which has the losses of the other tasks */
    float delta;               /* huber */
    float smoothing;
    const float *class_weight; /* (K), mean 1 over the training rows; NULL: all 1 */
    const float *row_weight;   /* (B) what a row counts for besides; NULL: all 1 */
    const float *row_weight2;  /* (B) and those of the rows mixed in */
    const int32_t *labels2;    /* (B) of the rows mixed in; NULL: none */
    float lambda;              /* share of a row's own label */
    const float *soft;         /* (B, K) shares of the classes instead of the labels, mixed; NULL: none */
    float focal_gamma;         /* 0: off */
} Loss;

/* Returns the mean loss and turns the logits into its gradient, in place; the columns from K to ld
 * become 0. */
double loss_gradient(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels);
/* Turns logits into probabilities, in place (columns from K on become 0), and, when `labels` is not
 * NULL, adds the weighted losses, without smoothing, to *sum and the weights to *weight. */
void loss_rows(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels,
               double *sum, double *weight);
#endif
