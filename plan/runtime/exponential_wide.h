/* plan/runtime/exponential_wide.h - exponential.h for numbers that are not counted from 0. */
#ifndef CONSORT_PLAN_RUNTIME_EXPONENTIAL_WIDE_H
#define CONSORT_PLAN_RUNTIME_EXPONENTIAL_WIDE_H
#include <math.h>

static inline void rt_exponential_wide(int n, const double *c, const float *z, float *v)
{
    int i;
    for (i = 0; i < n; i++, c += 4) {
        const double at = c[0] + c[1] * (double)z[i];
        v[i] = (float)(c[2] + c[3] * exp(at > 80 ? 80 : at));
    }
}
#endif
