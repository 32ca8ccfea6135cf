/* plan/runtime/exponential.h - outputs that are logarithms, as numbers. */
#ifndef CONSORT_PLAN_RUNTIME_EXPONENTIAL_H
#define CONSORT_PLAN_RUNTIME_EXPONENTIAL_H
#include <math.h>

/* c: for each a shift and a scale of the logarithm, then of the number. Nothing becomes infinite. */
static inline void rt_exponential(int n, const float *c, const float *z, float *v)
{
    int i;
    for (i = 0; i < n; i++, c += 4) {
        const float at = c[0] + c[1] * z[i];
        v[i] = c[2] + c[3] * expf(at > 80 ? 80.0f : at);
    }
}
#endif
