/* plan/runtime/cool.h - calibration by a temperature, in place. */
#ifndef CONSORT_PLAN_RUNTIME_COOL_H
#define CONSORT_PLAN_RUNTIME_COOL_H
#include "plan/runtime/log_floor.h"
#include "plan/runtime/softmax.h"

/* p^slope, normalized. */
static inline void rt_cool(int n, float slope, float *p)
{
    int i;
    for (i = 0; i < n; i++) p[i] = slope * rt_log_floor(p[i]);
    rt_softmax(n, p, p);
}
#endif
