/* plan/runtime/days.h - seconds since 1970 as days; what lies outside of the years 1 to 9999 is missing. */
#ifndef CONSORT_PLAN_RUNTIME_DAYS_H
#define CONSORT_PLAN_RUNTIME_DAYS_H
#include <math.h>

static inline double rt_days(double seconds)
{
    return seconds >= -62135596800.0 && seconds < 253402300800.0 ? seconds / 86400 : (double)NAN;
}
#endif
