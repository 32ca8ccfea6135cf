/* plan/runtime/silu.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_SILU_H
#define CONSORT_PLAN_RUNTIME_SILU_H
#include <math.h>

static inline void rt_silu(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = z[i] / (1.0f + expf(-z[i]));
}
#endif
