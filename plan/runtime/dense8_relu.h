/* plan/runtime/dense8_relu.h - an affine map of integers of 8 bits and relu; its outputs are such integers,
 * too. */
#ifndef CONSORT_PLAN_RUNTIME_DENSE8_RELU_H
#define CONSORT_PLAN_RUNTIME_DENSE8_RELU_H
#include "plan/runtime/dot8.h"
#include "plan/runtime/requantize.h"

/* w (n_out, n_in). 0 is `zero` in the outputs, the largest is `most`. */
static inline void rt_dense8_relu(int n_in, int n_out, const int8_t *w, const int32_t *b,
                                  const int32_t *multiplier, const int8_t *shift, int zero, int most,
                                  const int8_t *x, int8_t *y)
{
    int32_t sum[2];
    int o = 0, i, n;
    for (; o < n_out; w += n * n_in) {
        n = rt_dot8(n_in, n_out - o, w, x, sum);
        for (i = 0; i < n; i++, o++) {
            const int32_t v = zero + rt_requantize(b[o] + sum[i], multiplier[o], shift[o]);
            y[o] = (int8_t)(v < zero ? zero : v > most ? most : v);
        }
    }
}
#endif
