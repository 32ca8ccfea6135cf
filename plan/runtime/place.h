/* plan/runtime/place.h - the place of a word among the features of its column, or the code it has: its
 * level, else `missing` or `unseen`, which are -1 where there is nothing for them. x is one of n levels,
 * NaN or unseen. */
#ifndef CONSORT_PLAN_RUNTIME_PLACE_H
#define CONSORT_PLAN_RUNTIME_PLACE_H
#include <math.h>

static inline int rt_place(int n, float x, int missing, int unseen)
{
    if (isnan(x)) return missing;
    return x >= 0 && x < (float)n ? (int)x : unseen;
}
#endif
