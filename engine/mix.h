/* engine/mix.h - rows of a batch mixed with one another, labels and all.
 *
 *     mixup   x_i <- l x_i + (1 - l) x_p(i),       l ~ Beta(a, a)
 *     cutmix  a random share 1 - l of the columns of x_i is taken from x_p(i), the same columns
 *             for all rows of the batch; l ~ Beta(a, a), then the share that was really kept
 *
 * and the loss counts the row's own label with l and its partner's with 1 - l (loss.h). l is drawn
 * anew for each batch. The partner is p(i) = (i + s) mod n with s random, 1 <= s < n: rows are
 * shuffled already, so a turn of the batch is as good as any permutation.
 *
 * Shapes   x (n, ld), copy (n, ld) scratch; labels2 (n) become those of the partners. Returns l; 1
 *          when there is nobody to mix with.
 * Sources  Zhang et al., "mixup", ICLR 2018; Yun et al., "CutMix", ICCV 2019, on columns as in Kadra et
 *          al., NeurIPS 2021. Beta by Gamma: Marsaglia and Tsang, ACM TOMS 2000.
 */
#ifndef CONSORT_ENGINE_MIX_H
#define CONSORT_ENGINE_MIX_H
#include <stdint.h>

#include "base/rng.h"

float mix_up(double alpha, Rng *rng, int n, int ld, float *x, float *copy, const int32_t *labels,
             int32_t *labels2);
float mix_columns(double alpha, Rng *rng, int n, int width, int ld, float *x, float *copy,
                  const int32_t *labels, int32_t *labels2);
/* A draw from Beta(alpha, alpha). */
double mix_beta(double alpha, Rng *rng);
#endif
