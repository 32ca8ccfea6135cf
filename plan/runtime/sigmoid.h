/* plan/runtime/sigmoid.h - an activation, in place. */
#ifndef CONSORT_PLAN_RUNTIME_SIGMOID_H
#define CONSORT_PLAN_RUNTIME_SIGMOID_H
#include <math.h>

static inline void rt_sigmoid(int n, float *z)
{
    int i;
    for (i = 0; i < n; i++) z[i] = 1.0f / (1.0f + expf(-z[i]));
}
#endif
