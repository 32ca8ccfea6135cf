/* plan/runtime/quantize8.h - numbers as integers of 8 bits: rounded, and kept in range. */
#ifndef CONSORT_PLAN_RUNTIME_QUANTIZE8_H
#define CONSORT_PLAN_RUNTIME_QUANTIZE8_H
#include <stdint.h>

/* `steps` of an integer are 1. */
static inline void rt_quantize8(int n, float steps, int zero, const float *f, int8_t *q)
{
    int i;
    for (i = 0; i < n; i++) {
        const float v = f[i] * steps + (float)zero;
        q[i] = (int8_t)(v >= 127 ? 127 : v <= -128 ? -128 : (int)(v < 0 ? v - 0.5f : v + 0.5f));
    }
}
#endif
