/* plan/runtime/ordered.h - a level in order as a number; one that nobody knows is missing. */
#ifndef RT_ORDERED_H
#define RT_ORDERED_H
#include <math.h>

static float rt_ordered(float level)
{
    return level < 0 ? NAN : level;
}
#endif
