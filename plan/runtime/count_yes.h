/* plan/runtime/count_yes.h - how many labels are more likely than not. */
#ifndef CONSORT_PLAN_RUNTIME_COUNT_YES_H
#define CONSORT_PLAN_RUNTIME_COUNT_YES_H

static inline int rt_count_yes(int n, const float *p)
{
    int i, yes = 0;
    for (i = 0; i < n; i++) yes += p[i] > 0.5f;
    return yes;
}
#endif
