/* plan/runtime/place8.h - plan/runtime/place.h where the network knows other levels than a cell may have: of the
 * n levels of a cell `to` says which of its n_levels each is; n_levels: none of them. */
#ifndef RT_PLACE8_H
#define RT_PLACE8_H
#include <math.h>

static int rt_place8(const unsigned char *to, int n, int n_levels, float x, int missing, int unseen)
{
    if (isnan(x)) return missing;
    const int level = x >= 0 && x < (float)n ? to[(int)x] : n_levels;
    return level < n_levels ? level : unseen;
}
#endif
