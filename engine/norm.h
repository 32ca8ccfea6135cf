/* engine/norm.h - layer and batch normalization of hidden activations, with gain and shift.
 *
 *     layer   z^ = (z - mean of the row)  / sqrt(variance of the row + 1e-5)
 *     batch   z^ = (z - mean of the unit) / sqrt(variance of the unit over the batch + 1e-5)
 *     out     y  = gain z^ + shift
 *
 * Variances divide by n, as PyTorch's do; batch norm's running variance is the unbiased one and moves by
 * a tenth a step. A batch of one row has variance 0 and comes out as `shift`. For prediction batch
 * norm is no layer at all: norm_batch_fold puts it into the layer before it.
 *
 * Shapes   z, z_hat, g (n, ld) of which `width` columns are real; the others come out as 0.
 *          `spread` keeps 1 / sqrt(variance + eps): (n) for layer norm, (width) for batch norm.
 * Units    sums over a row run in VEC_LANES lanes of doubles, sums over the batch in row order.
 * Memory   borrows everything, allocates nothing.
 * Sources  Ba, Kiros, Hinton 2016 (layer); Ioffe and Szegedy 2015 (batch).
 */
#ifndef CONSORT_ENGINE_NORM_H
#define CONSORT_ENGINE_NORM_H

/* In place. z_hat and spread may be NULL together: prediction. */
void norm_layer_forward(int n, int width, int ld, float *z, const float *gain, const float *shift,
                        float *z_hat, float *spread);
/* The gradient by y in g becomes that by z; those by gain and shift are overwritten (ld). */
void norm_layer_backward(int n, int width, int ld, const float *z_hat, const float *spread,
                         const float *gain, float *g, float *d_gain, float *d_shift);
/* Moves running_mean and running_variance (ld), too. */
void norm_batch_forward(int n, int width, int ld, float *z, const float *gain, const float *shift,
                        float *z_hat, float *spread, float *running_mean, float *running_variance);
/* ADDS to d_gain and d_shift (ld): members share them. */
void norm_batch_backward(int n, int width, int ld, const float *z_hat, const float *spread,
                         const float *gain, float *g, float *d_gain, float *d_shift);
/* w (k, ld), b (ld) of the layer before the norm become those of both, with running statistics. */
void norm_batch_fold(int k, int width, int ld, const float *running_mean,
                     const float *running_variance, const float *gain, const float *shift,
                     float *w, float *b);
#endif
