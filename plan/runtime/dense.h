/* plan/runtime/dense.h - an affine map of one row. */
#ifndef CONSORT_PLAN_RUNTIME_DENSE_H
#define CONSORT_PLAN_RUNTIME_DENSE_H
#include <math.h>

/* y = x w + b, w (n_in, n_out), four inputs at a time. Inputs are often zero (pixels, words), which saves
 * work. */
static inline void rt_dense(int n_in, int n_out, const float *w, const float *b, const float *x, float *y)
{
    const float *w0 = w;
    int i, j;
    for (j = 0; j < n_out; j++) y[j] = b[j];
    for (i = 0; i + 4 <= n_in; i += 4, w0 += 4 * n_out) {
        const float x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
        const float *w1 = w0 + n_out, *w2 = w1 + n_out, *w3 = w2 + n_out;
        if (fabsf(x0) + fabsf(x1) + fabsf(x2) + fabsf(x3) <= 0) continue;
        for (j = 0; j < n_out; j++) y[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j];
    }
    for (; i < n_in; i++, w0 += n_out)
        for (j = 0; j < n_out; j++) y[j] += x[i] * w0[j];
}
#endif
