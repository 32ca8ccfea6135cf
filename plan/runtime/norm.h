/* plan/runtime/norm.h - layer norm, in place. */
#ifndef CONSORT_PLAN_RUNTIME_NORM_H
#define CONSORT_PLAN_RUNTIME_NORM_H
#include <math.h>

static inline void rt_norm(int n, const float *gain, const float *shift, float *z)
{
    float mean = 0, square = 0;
    int i;
    for (i = 0; i < n; i++) mean += z[i];
    mean /= (float)n;
    for (i = 0; i < n; i++) square += (z[i] - mean) * (z[i] - mean);
    square = 1.0f / sqrtf(square / (float)n + 1e-5f);
    for (i = 0; i < n; i++) z[i] = (z[i] - mean) * square * gain[i] + shift[i];
}
#endif
