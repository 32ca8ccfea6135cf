/* plan/runtime/thermometer.h - levels in order: n features, of which k is 1 from level low + 1 + k on, and
 * one that says missing. */
#ifndef CONSORT_PLAN_RUNTIME_THERMOMETER_H
#define CONSORT_PLAN_RUNTIME_THERMOMETER_H
#include <math.h>

static inline void rt_thermometer(float v, float fill, int low, int n, int flag, float *f)
{
    const float level = isfinite(v) ? v : fill;
    for (int k = 0; k < n; k++) f[k] = level >= (float)(low + 1 + k) ? 1.0f : 0.0f;
    if (flag) f[n] = isfinite(v) ? 0.0f : 1.0f;
}
#endif
