/* plan/runtime/selu.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_SELU_H
#define CONSORT_PLAN_RUNTIME_SELU_H
#include <math.h>

static inline void rt_selu(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = z[i] > 0 ? 1.05070099f * z[i] : 1.75809934f * expm1f(z[i]);
}
#endif
