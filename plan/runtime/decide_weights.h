/* plan/runtime/decide_weights.h - the class decided for, by a weight of each. */
#ifndef CONSORT_PLAN_RUNTIME_DECIDE_WEIGHTS_H
#define CONSORT_PLAN_RUNTIME_DECIDE_WEIGHTS_H

static inline int rt_decide_weights(int n, const double *weight, const float *p)
{
    int i, best = 0;
    for (i = 1; i < n; i++)
        if (p[i] * weight[i] > p[best] * weight[best]) best = i;
    return best;
}
#endif
