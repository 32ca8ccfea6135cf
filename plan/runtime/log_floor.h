/* plan/runtime/log_floor.h - the logarithm that calibration takes of a probability. */
#ifndef CONSORT_PLAN_RUNTIME_LOG_FLOOR_H
#define CONSORT_PLAN_RUNTIME_LOG_FLOOR_H
#include <math.h>

static inline float rt_log_floor(float p)
{
    return logf(p > 1e-12f ? p : 1e-12f);
}
#endif
