/* plan/runtime/add.h - a skip: what came into a layer is added to what comes out. */
#ifndef CONSORT_PLAN_RUNTIME_ADD_H
#define CONSORT_PLAN_RUNTIME_ADD_H

static inline void rt_add(int n, const float *x, float *y)
{
    int i;
    for (i = 0; i < n; i++) y[i] += x[i];
}
#endif
