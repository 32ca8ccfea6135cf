/* plan/runtime/mish.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_MISH_H
#define CONSORT_PLAN_RUNTIME_MISH_H
#include <math.h>

static inline void rt_mish(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = z[i] > 20.0f ? z[i] : z[i] * tanhf(log1pf(expf(z[i])));
}
#endif
