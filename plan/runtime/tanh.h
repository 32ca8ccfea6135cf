/* plan/runtime/tanh.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_TANH_H
#define CONSORT_PLAN_RUNTIME_TANH_H
#include <math.h>

static inline void rt_tanh(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = tanhf(z[i]);
}
#endif
