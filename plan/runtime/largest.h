/* plan/runtime/largest.h - the most likely class. */
#ifndef CONSORT_PLAN_RUNTIME_LARGEST_H
#define CONSORT_PLAN_RUNTIME_LARGEST_H

/* Of equal ones the first. */
static inline int rt_largest(int n, const float *p)
{
    int i, best = 0;
    for (i = 1; i < n; i++)
        if (p[i] > p[best]) best = i;
    return best;
}
#endif
