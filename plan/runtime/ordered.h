/* plan/runtime/ordered.h - a level in order as a number; one that nobody knows is missing. */
#ifndef CONSORT_PLAN_RUNTIME_ORDERED_H
#define CONSORT_PLAN_RUNTIME_ORDERED_H
#include <math.h>

static inline float rt_ordered(float level)
{
    return level < 0 ? NAN : level;
}
#endif
