/* plan/runtime/number.h - one number that is there, scaled. */
#ifndef CONSORT_PLAN_RUNTIME_NUMBER_H
#define CONSORT_PLAN_RUNTIME_NUMBER_H
#include "plan/runtime/squash.h"

static inline float rt_number(float v, float shift, float scale, int clip)
{
    return rt_squash((v - shift) * scale, clip);
}
#endif
