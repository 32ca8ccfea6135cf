/* plan/runtime/gelu.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_GELU_H
#define CONSORT_PLAN_RUNTIME_GELU_H
#include <math.h>

static inline void rt_gelu(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = 0.5f * z[i] * erfcf(-0.707106781f * z[i]);
}
#endif
