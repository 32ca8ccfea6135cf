/* plan/runtime/decide_cost.h - the class decided for, by what it may cost. */
#ifndef CONSORT_PLAN_RUNTIME_DECIDE_COST_H
#define CONSORT_PLAN_RUNTIME_DECIDE_COST_H

/* cost (n, n): of deciding for the column where the row is true. */
static inline int rt_decide_cost(int n, const double *cost, const float *p)
{
    double least = 0;
    int i, k, best = -1;
    for (k = 0; k < n; k++) {
        double expected = 0;
        for (i = 0; i < n; i++) expected += p[i] * cost[i * n + k];
        if (best >= 0 && !(expected < least)) continue;
        least = expected;
        best = k;
    }
    return best;
}
#endif
