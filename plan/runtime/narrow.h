/* plan/runtime/narrow.h - a double as a float: what is too large stays the largest, for infinite means
 * missing. */
#ifndef CONSORT_PLAN_RUNTIME_NARROW_H
#define CONSORT_PLAN_RUNTIME_NARROW_H
#include <math.h>

static inline float rt_narrow(double v)
{
    const double most = 3.4028234663852886e38;
    if (isfinite(v) && v > most) v = most;
    if (isfinite(v) && v < -most) v = -most;
    return (float)v;
}
#endif
