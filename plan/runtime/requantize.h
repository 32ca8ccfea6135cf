/* plan/runtime/requantize.h - an integer at one scale as an integer at another. */
#ifndef CONSORT_PLAN_RUNTIME_REQUANTIZE_H
#define CONSORT_PLAN_RUNTIME_REQUANTIZE_H
#include <stdint.h>

/* sum times multiplier / 2^(31 + shift), rounded to the nearest, halves up; the multiplier has 31 bits, the
 * shift is between -30 and 31. What is below 0 may be shifted: compilers for boards keep the sign. */
static inline int32_t rt_requantize(int32_t sum, int32_t multiplier, int shift)
{
    const int places = 31 + shift;
    if (places > 32) { /* the lower half rounds nothing */
        const int32_t high = (int32_t)((int64_t)sum * multiplier >> 32);
        return (high + ((int32_t)1 << (places - 33))) >> (places - 32);
    }
    const int64_t v = ((int64_t)sum * multiplier + ((int64_t)1 << (places - 1))) >> places;
    return v > 0x3fffffff ? 0x3fffffff : v < -0x3fffffff ? -0x3fffffff : (int32_t)v;
}
#endif
