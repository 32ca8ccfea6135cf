/* plan/runtime/log_mix.h - one member's probabilities in a pool of logarithms. */
#ifndef CONSORT_PLAN_RUNTIME_LOG_MIX_H
#define CONSORT_PLAN_RUNTIME_LOG_MIX_H
#include <math.h>

/* A probability counts as 1e-6 at least, so that nobody alone rules a class out. */
static inline void rt_log_mix(int n, float weight, const float *v, float *p)
{
    int i;
    for (i = 0; i < n; i++) p[i] += weight * logf(v[i] > 1e-6f ? v[i] : 1e-6f);
}
#endif
