/* plan/runtime/dot16.h - a sum of products of integers: weights of 8 bits, inputs of 16. */
#ifndef CONSORT_PLAN_RUNTIME_DOT16_H
#define CONSORT_PLAN_RUNTIME_DOT16_H
#include <stdint.h>

static inline int32_t rt_dot16(int n, const int8_t *w, const int16_t *x)
{
    int32_t sum = 0;
    int i;
    for (i = 0; i + 4 <= n; i += 4)
        sum += w[i] * x[i] + w[i + 1] * x[i + 1] + w[i + 2] * x[i + 2] + w[i + 3] * x[i + 3];
    for (; i < n; i++) sum += w[i] * x[i];
    return sum;
}
#endif
