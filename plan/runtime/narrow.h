/* plan/runtime/narrow.h - a double as a float: what is too large is the largest, since infinite means
 * missing. */
#ifndef CONSORT_PLAN_RUNTIME_NARROW_H
#define CONSORT_PLAN_RUNTIME_NARROW_H
#include <math.h>

static inline float rt_narrow(double v)
{
    const float narrow = (float)v, most = 3.40282347e38f;
    if (isfinite(narrow) || !isfinite(v)) return narrow;
    return v > 0 ? most : -most;
}
#endif
