/* plan/runtime/sign.h - one feature for a word of two levels. */
#ifndef CONSORT_PLAN_RUNTIME_SIGN_H
#define CONSORT_PLAN_RUNTIME_SIGN_H

static inline float rt_sign(int place)
{
    return place < 0 ? 0.0f : place == 0 ? -1.0f : 1.0f;
}
#endif
