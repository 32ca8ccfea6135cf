/* plan/runtime/place16.h - plan/runtime/place.h where the network knows other levels than a cell may have:
 * of the n levels of a cell `to` says which of its n_levels each is; n_levels: none of them. */
#ifndef CONSORT_PLAN_RUNTIME_PLACE16_H
#define CONSORT_PLAN_RUNTIME_PLACE16_H
#include <math.h>

static inline int rt_place16(const unsigned short *to, int n, int n_levels, float x, int missing, int unseen)
{
    if (isnan(x)) return missing;
    const int level = x >= 0 && x < (float)n ? to[(int)x] : n_levels;
    return level < n_levels ? level : unseen;
}
#endif
