/* plan/runtime/mix.h - one network's values among others, by weight. */
#ifndef CONSORT_PLAN_RUNTIME_MIX_H
#define CONSORT_PLAN_RUNTIME_MIX_H

static inline void rt_mix(int n, float weight, const float *v, float *p)
{
    int i;
    for (i = 0; i < n; i++) p[i] += weight * v[i];
}
#endif
