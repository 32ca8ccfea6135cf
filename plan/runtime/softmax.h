/* plan/runtime/softmax.h - outputs as probabilities of classes. */
#ifndef CONSORT_PLAN_RUNTIME_SOFTMAX_H
#define CONSORT_PLAN_RUNTIME_SOFTMAX_H
#include <math.h>

/* p may be z. */
static inline void rt_softmax(int n, const float *z, float *p)
{
    float top = z[0], sum = 0;
    int i;
    for (i = 1; i < n; i++)
        if (z[i] > top) top = z[i];
    for (i = 0; i < n; i++) sum += p[i] = expf(z[i] - top);
    sum = 1.0f / sum;
    for (i = 0; i < n; i++) p[i] *= sum;
}
#endif
