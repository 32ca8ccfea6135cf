/* plan/runtime/quantize16.h - numbers as integers of 16 bits, 0 is 0: rounded, and kept within +-most. */
#ifndef CONSORT_PLAN_RUNTIME_QUANTIZE16_H
#define CONSORT_PLAN_RUNTIME_QUANTIZE16_H
#include <stdint.h>

static inline void rt_quantize16(int n, float steps, int most, const float *f, int16_t *q)
{
    int i;
    for (i = 0; i < n; i++) {
        const float v = f[i] * steps, far = (float)most;
        q[i] = (int16_t)(v >= far ? most : v <= -far ? -most : (int)(v < 0 ? v - 0.5f : v + 0.5f));
    }
}
#endif
