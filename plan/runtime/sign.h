/* plan/runtime/sign.h - one feature for a word of two levels. */
#ifndef RT_SIGN_H
#define RT_SIGN_H

static float rt_sign(int place)
{
    return place < 0 ? 0.0f : place == 0 ? -1.0f : 1.0f;
}
#endif
