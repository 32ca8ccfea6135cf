/* engine/vec.h - how the engine's elementwise loops become vector code, and the few functions of
 * one number that such loops need.
 *
 * Plain C loops over floats, written so that GCC vectorizes them, and compiled several times: a
 * function marked VEC_CLONES exists for baseline x86-64, AVX2 and AVX-512, and the loader picks
 * the one the machine has. A binary built for the baseline therefore runs anywhere and is still
 * fast. On other processors and compilers the mark means nothing and the code is ordinary C.
 *
 * The clones give the same bits: multiply and add are never contracted to a fused multiply-add
 * (ISO mode, -ffp-contract=off), and no loop is a sum whose order the vector width could change;
 * what has to be summed uses VEC_LANES explicit lanes (see vec_lanes_sum).
 *
 * Of -ffast-math only one part is on, in the files that include this one, and it changes no
 * result: a comparison may be evaluated though its trap flag is not wanted (else no choice between
 * two values vectorizes).
 *
 * The functions are polynomials after the usual range reduction; coefficients are our own
 * Chebyshev fits (tests/golden/vec_fit.py). Worst errors over all floats, in units of the last
 * place, measured by tests/test_engine_activation.c against libm in double:
 *     vec_exp 1.1    vec_expm1 1.8    vec_tanh 2.6    vec_sigmoid 2.5
 *     vec_normal_cdf 8 for x > -2, relative 5e-6 below (the rounding of x * x)
 *     vec_cos_turns  absolute 1.5e-7
 * vec_exp is 0 below -87.3 instead of a denormal number: those are slow and mean nothing here.
 * nan gives nan.
 *
 * Source  Cody and Waite, "Software manual for the elementary functions" (1980): the reduction
 *         x = n ln 2 + r, and ln 2 in two parts.
 */
#ifndef CONSORT_ENGINE_VEC_H
#define CONSORT_ENGINE_VEC_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clones.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "no-trapping-math", "fp-contract=off")
#endif
#define VEC_INLINE static inline __attribute__((always_inline, unused))

/* glibc declares that sqrtf may set errno, and a loop with it would stay scalar, seven times slower.
 * We never ask errno about a root: "const" says so, and the loop becomes sqrtps. */
float sqrtf(float) __attribute__((const));

/* Sixteen doubles are enough independent sums to hide the latency of an addition. */
enum { VEC_LANES = 16 };

/* The lanes of a sum, always added in the same order. Spoils `lane`. */
VEC_INLINE double vec_lanes_sum(double lane[VEC_LANES])
{
    for (int half = VEC_LANES / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    return lane[0];
}

VEC_INLINE uint32_t vec_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

VEC_INLINE float vec_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds n into the low bits of a float,
 * so that even a nan converts to an integer without undefined behaviour. Needs |x| < 2^21. */
enum { VEC_ROUND_BITS = 0x4B400000 };
VEC_INLINE float vec_reduce(float x, uint32_t *n)
{
    float rounded = x * 1.44269504088896341f + 12582912.0f, whole = rounded - 12582912.0f;
    *n = vec_bits(rounded) - (uint32_t)VEC_ROUND_BITS;
    return (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
}

/* e^r - 1 for |r| <= ln 2 / 2. */
VEC_INLINE float vec_expm1_core(float r)
{
    float q = 0.00139262508f;
    q = q * r + 0.00836323288f;
    q = q * r + 0.0416665542f;
    q = q * r + 0.166665767f;
    q = q * r + 0.5f;
    return r + r * r * q;
}

VEC_INLINE float vec_exp(float x)
{
    /* Two halves of 2^n: n = 128 has no float of its own. */
    float inside = x < -87.3f ? -87.3f : x > 89.0f ? 89.0f : x;
    uint32_t n;
    float core = 1.0f + vec_expm1_core(vec_reduce(inside, &n));
    uint32_t half = (uint32_t)((int32_t)n >> 1);
    float y = core * vec_float((half + 127u) << 23) * vec_float((n - half + 127u) << 23);
    return x < -87.3f ? 0.0f : y;
}

VEC_INLINE float vec_expm1(float x)
{
    float inside = x < -20.0f ? -20.0f : x > 88.0f ? 88.0f : x;
    uint32_t n;
    float core = vec_expm1_core(vec_reduce(inside, &n));
    float scale = vec_float((n + 127u) << 23);
    float y = scale * core + (scale - 1.0f);
    return x > 88.0f ? vec_exp(x) : y;
}

/* The same for x <= 0, where nothing can overflow: half the work. */
VEC_INLINE float vec_expm1_below(float x)
{
    float inside = x < -20.0f ? -20.0f : x;
    uint32_t n;
    float core = vec_expm1_core(vec_reduce(inside, &n));
    float scale = vec_float((n + 127u) << 23);
    return scale * core + (scale - 1.0f);
}

VEC_INLINE float vec_tanh(float x)
{
    float inside = x < -9.5f ? -9.5f : x > 9.5f ? 9.5f : x;
    float m = vec_expm1(2.0f * inside);
    return m / (m + 2.0f);
}

VEC_INLINE float vec_sigmoid(float x)
{
    return 1.0f / (1.0f + vec_exp(-x));
}

/* cos(2 pi t), t in turns: taking away whole turns is exact. sin(2 pi t) is vec_cos_turns(t - 1/4). */
VEC_INLINE float vec_cos_turns(float t)
{
    float whole = t + 12582912.0f - 12582912.0f, part = t - whole;
    float far = t < -4e6f || t > 4e6f ? t - t : part; /* a whole number anyway; nan and infinity: nan */
    float s = (far < 0 ? -far : far) - 0.25f, w = s * s;
    float p = -14.3939663f;
    p = p * w + 42.0097793f;
    p = p * w - 76.7042799f;
    p = p * w + 81.6052262f;
    p = p * w - 41.3417021f;
    p = p * w + 6.28318531f;
    return -s * p;
}

/* The normal distribution function, and its density in *density:
 *     |x| < sqrt 2   1/2 + x P(x^2)
 *     otherwise      upper tail = e^(-x^2/2) Q(1 / (1 + |x|/4)), so that small tails stay exact */
VEC_INLINE float vec_normal_cdf(float x, float *density)
{
    float w = x * x, e = vec_exp(-0.5f * w), size = x < 0 ? -x : x;
    float p = 4.35084739e-7f;
    p = p * w - 8.85746735e-6f;
    p = p * w + 1.14663716e-4f;
    p = p * w - 1.18679971e-3f;
    p = p * w + 9.97338292e-3f;
    p = p * w - 6.64903584e-2f;
    p = p * w + 0.39894228f;
    float t = 1.0f / (1.0f + 0.25f * size);
    float q = -0.0464751080f;
    q = q * t + 0.107163017f;
    q = q * t - 0.0171673537f;
    q = q * t + 0.0858335318f;
    q = q * t + 0.0781147462f;
    q = q * t + 0.0926789403f;
    q = q * t + 0.100136188f;
    q = q * t + 0.0996723061f;
    q = q * t + 3.67634345e-6f;
    float tail = e * q;
    *density = 0.39894228f * e;
    return w < 2.0f ? 0.5f + x * p : x < 0 ? tail : 1.0f - tail;
}
#endif
