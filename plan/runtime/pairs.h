/* plan/runtime/pairs.h - four products of integers by two instructions, where a processor multiplies pairs of
 * 16 bits: Cortex-M4, M7, M33. With RT_PLAIN it is left alone, and where a compiler does not know how. */
#ifndef CONSORT_PLAN_RUNTIME_PAIRS_H
#define CONSORT_PLAN_RUNTIME_PAIRS_H
#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_SIMD32) && !defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN) && !defined(RT_PLAIN) \
    && (defined(__clang__) || !defined(__GNUC__) || __GNUC__ >= 10)
#include <arm_acle.h>
#define RT_PAIRS

/* Four bytes or two halves, wherever they lie. */
static inline int32_t rt_word(const void *at)
{
    int32_t v;
    memcpy(&v, at, 4);
    return v;
}

/* Bytes 0 and 2, and 1 and 3, as halves. */
static inline int32_t rt_even(int32_t v)
{
    return __sxtb16(v);
}
static inline int32_t rt_odd(int32_t v)
{
#if defined(__GNUC__) && !defined(__clang__) /* in one instruction, which gcc does not find */
    int32_t halves;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(v));
    return halves;
#else
    return __sxtb16((int32_t)__ror((uint32_t)v, 8));
#endif
}

/* sum and the products of four bytes with halves that were taken apart that way. */
static inline int32_t rt_add_four(int32_t sum, int32_t v, int32_t even, int32_t odd)
{
    return __smlad(rt_odd(v), odd, __smlad(rt_even(v), even, sum));
}
#endif
#endif
