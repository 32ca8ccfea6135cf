/* plan/runtime/number_wide.h - one number that is there, of a column whose digits need doubles: the
 * difference is taken as one, and what is left is a float. */
#ifndef CONSORT_PLAN_RUNTIME_NUMBER_WIDE_H
#define CONSORT_PLAN_RUNTIME_NUMBER_WIDE_H
#include "plan/runtime/squash.h"

static inline float rt_number_wide(double v, double shift, double scale, int clip)
{
    const double x = (v - shift) * scale;
    return rt_squash(x > 1e30 ? 1e30f : x < -1e30 ? -1e30f : (float)x, clip);
}
#endif
