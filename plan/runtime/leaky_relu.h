/* plan/runtime/leaky_relu.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_LEAKY_RELU_H
#define CONSORT_PLAN_RUNTIME_LEAKY_RELU_H

static inline void rt_leaky_relu(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = z[i] > 0 ? z[i] : 0.01f * z[i];
}
#endif
