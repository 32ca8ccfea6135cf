/* plan/runtime/squash.h - a scaled number is kept finite: within 1e30, or smoothly within 3 (prep/prep.h). */
#ifndef CONSORT_PLAN_RUNTIME_SQUASH_H
#define CONSORT_PLAN_RUNTIME_SQUASH_H
#include <math.h>

static inline float rt_squash(float x, int clip)
{
    const float most = clip ? 1e6f : 1e30f; /* whose square is still a float; the clip of it is 3 */
    if (x > most) x = most;
    if (x < -most) x = -most;
    return clip ? x / sqrtf(1 + x / 3 * (x / 3)) : x;
}
#endif
