/* plan/runtime/dense8.h - an affine map of integers of 8 bits, whose outputs are floats. */
#ifndef CONSORT_PLAN_RUNTIME_DENSE8_H
#define CONSORT_PLAN_RUNTIME_DENSE8_H
#include "plan/runtime/dot8.h"

/* w (n_out, n_in); output o is scale[o] times an integer. */
static inline void rt_dense8(int n_in, int n_out, const int8_t *w, const int32_t *b, const float *scale,
                             const int8_t *x, float *y)
{
    int32_t sum[2];
    int o = 0, i, n;
    for (; o < n_out; w += n * n_in) {
        n = rt_dot8(n_in, n_out - o, w, x, sum);
        for (i = 0; i < n; i++, o++) y[o] = scale[o] * (float)(b[o] + sum[i]);
    }
}
#endif
