/* plan/runtime/hot.h - one feature for each of n places, of which one is 1, or none. */
#ifndef CONSORT_PLAN_RUNTIME_HOT_H
#define CONSORT_PLAN_RUNTIME_HOT_H

static inline void rt_hot(int place, int n, float *f)
{
    for (int i = 0; i < n; i++) f[i] = i == place ? 1.0f : 0.0f;
}
#endif
