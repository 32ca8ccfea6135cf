/* plan/runtime/place.h - the place of a word among the features of its column, or the code it has: its level,
 * else `missing` or `unseen`, which are -1 where there is nothing for them. x is one of n levels, NaN or unseen. */
#ifndef RT_PLACE_H
#define RT_PLACE_H
#include <math.h>

static int rt_place(int n, float x, int missing, int unseen)
{
    if (isnan(x)) return missing;
    return x >= 0 && x < (float)n ? (int)x : unseen;
}
#endif
