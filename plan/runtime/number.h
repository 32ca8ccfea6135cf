/* plan/runtime/number.h - one number that is there, scaled. */
#ifndef RT_NUMBER_H
#define RT_NUMBER_H
#include "plan/runtime/squash.h"

static float rt_number(float v, float shift, float scale, int clip)
{
    return rt_squash((v - shift) * scale, clip);
}
#endif
