/* plan/runtime/clear.h - where networks are to come together, nothing yet. */
#ifndef CONSORT_PLAN_RUNTIME_CLEAR_H
#define CONSORT_PLAN_RUNTIME_CLEAR_H

static inline void rt_clear(int n, float *p)
{
    int i;
    for (i = 0; i < n; i++) p[i] = 0;
}
#endif
