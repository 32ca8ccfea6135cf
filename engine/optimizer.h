/* engine/optimizer.h - one step of the weights against their gradient, in one pass over memory.
 *
 * At the sizes this engine trains, the update is bound by memory and by one square root and one
 * division a weight, so parameters, gradient and moments are read and written once, in one loop.
 * g is the gradient times `grad_scale` (clipping), t the step's number from 1:
 *
 *     all but adam  w *= 1 - decay                  decoupled weight decay; decay = lr wd, weights only
 *     sgd      b = mu b + g;  w -= lr b             nesterov: w -= lr (g + mu b)
 *     rmsprop  v = a v + (1-a) g^2;  w -= lr g / (sqrt v + eps)
 *     adam     m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2
 *              w -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps)
 *     adamw    the same, with decay
 *     schedule_free  AdamW whose rate needs no end: w is y, where gradients are taken, m is z, the fast
 *              weights, and x, their average, is what is used (optimizer_schedule_free_x):
 *              z -= lr (g / (sqrt(v / (1 - b2^t)) + eps)) + decay y;  x = (1 - c) x + c z;
 *              y = (1 - b1) z + b1 x,  with c = lr^2 / (sum of lr^2 so far)
 *
 * These are PyTorch's torch.optim formulas (2.13), eps outside the root; golden numbers from it are
 * in the tests. Moments start at 0.
 *
 * Weights in the ntk form z = x W~ / sqrt(K) have rate lr / sqrt(K) and eps sqrt(K) here, but decay lr wd:
 * that is why rate and decay are given apart.
 *
 * Sources  Defazio et al., "The road less scheduled", NeurIPS 2024 (schedule_free, appendix: the form
 *          without x). Kingma and Ba 2015 (Adam); Loshchilov and Hutter 2019 (AdamW); Hinton's lecture 6e
 *          (RMSProp); Sutskever et al. 2013 (Nesterov momentum).
 */
#ifndef CONSORT_ENGINE_OPTIMIZER_H
#define CONSORT_ENGINE_OPTIMIZER_H
#include "engine/train_options.h"

typedef struct {
    OptimizerKind kind;
    bool nesterov;
    double rate;        /* the learning rate of these weights in this step */
    double decay;       /* share of the weights that is taken away; 0 for biases */
    double momentum, beta1, beta2, rms_decay, epsilon;
    double mix;         /* schedule_free: c */
    double grad_scale;   /* 1: not clipped */
    long step;           /* from 1 */
} OptimizerStep;

/* How many moment arrays of the parameters' length the kind needs: `m` for sgd with momentum, `v`
 * for rmsprop, both for adam and schedule_free. They start at 0, but z = m of schedule_free at w. */
bool optimizer_needs_m(OptimizerKind kind, double momentum);
bool optimizer_needs_v(OptimizerKind kind);

/* Updates n weights (a multiple of 16) and returns the sum of the squares of the gradient before
 * scaling. Arrays not needed may be NULL. */
double optimizer_update(const OptimizerStep *step, size_t n, float *w, const float *g, float *m,
                        float *v);
/* The same sum alone: clipping must know it before the update. */
double optimizer_sum_squares(size_t n, const float *g);
/* Adds the gradient of l1 sum |w| + l2/2 sum w^2 to g and returns that penalty. */
double optimizer_penalty(size_t n, const float *w, float *g, double l1, double l2);
/* x of schedule_free from y and z: (y - (1 - beta1) z) / beta1. */
void optimizer_schedule_free_x(size_t n, double beta1, const float *y, const float *z, float *x);
/* shadow += (1 - memory) (w - shadow): the moving average of the weights. */
void optimizer_ema(size_t n, double memory, const float *w, float *shadow);
/* Scales each of the `width` columns of w (rows, ld) that is longer than `limit` down to it: max-norm
 * (Srivastava et al. 2014), where a column is what comes into a unit. */
void optimizer_max_norm(int rows, int width, int ld, double limit, float *w);
#endif
