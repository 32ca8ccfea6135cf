/* plan/runtime/relu.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_RELU_H
#define CONSORT_PLAN_RUNTIME_RELU_H

static inline void rt_relu(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = z[i] < 0 ? 0.0f : z[i];
}
#endif
