/* plan/runtime/dot8.h - sums of products of integers: weights of 8 bits, inputs of 8. */
#ifndef CONSORT_PLAN_RUNTIME_DOT8_H
#define CONSORT_PLAN_RUNTIME_DOT8_H
#include <stdint.h>

#include "plan/runtime/pairs.h"

/* The sums of the first of `rows` rows of w; returns how many: two, so that an input is taken apart once, or
 * one, where there is no more or nothing to be gained. */
static inline int rt_dot8(int n, int rows, const int8_t *w, const int8_t *x, int32_t sum[2])
{
    int32_t s = 0;
    int i = 0;
#ifdef RT_PAIRS
    const int many = rows > 1 ? 2 : 1;
    const int8_t *w1 = many > 1 ? w + n : w;
    int32_t s1 = 0;
    for (; i + 4 <= n; i += 4, x += 4, w += 4, w1 += 4) {
        const int32_t v = rt_word(x), even = rt_even(v), odd = rt_odd(v);
        s = rt_add_four(s, rt_word(w), even, odd);
        s1 = rt_add_four(s1, rt_word(w1), even, odd);
    }
    for (; i < n; i++, x++) {
        s += *w++ * *x;
        s1 += *w1++ * *x;
    }
    sum[1] = s1;
#else
    const int many = 1;
    (void)rows;
    for (; i + 4 <= n; i += 4)
        s += w[i] * x[i] + w[i + 1] * x[i + 1] + w[i + 2] * x[i + 2] + w[i + 3] * x[i + 3];
    for (; i < n; i++) s += w[i] * x[i];
#endif
    sum[0] = s;
    return many;
}
#endif
