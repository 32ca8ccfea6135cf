/* plan/runtime/logistic.h - outputs as probabilities of yes. */
#ifndef CONSORT_PLAN_RUNTIME_LOGISTIC_H
#define CONSORT_PLAN_RUNTIME_LOGISTIC_H
#include <math.h>

static inline void rt_logistic(int n, const float *z, float *p)
{
    int i;
    for (i = 0; i < n; i++) p[i] = 1.0f / (1.0f + expf(-z[i]));
}
#endif
