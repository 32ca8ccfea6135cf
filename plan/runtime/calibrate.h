/* plan/runtime/calibrate.h - calibration by a scale and a bias of logarithms, in place. */
#ifndef CONSORT_PLAN_RUNTIME_CALIBRATE_H
#define CONSORT_PLAN_RUNTIME_CALIBRATE_H
#include "plan/runtime/log_floor.h"
#include "plan/runtime/softmax.h"

/* step 1: a scale for each class; 0: one for all. */
static inline void rt_calibrate(int n, int step, const float *scale, const float *bias, float *p)
{
    int i;
    for (i = 0; i < n; i++) p[i] = bias[i] + scale[i * step] * rt_log_floor(p[i]);
    rt_softmax(n, p, p);
}
#endif
