/* plan/runtime/waves.h - a number as waves that were learned (engine/embed.h). */
#ifndef CONSORT_PLAN_RUNTIME_WAVES_H
#define CONSORT_PLAN_RUNTIME_WAVES_H
#include <math.h>

/* Weighted cosines of n frequencies, and with `sines` those too and nothing below 0: w is n frequencies, n
 * phases, a row of weights for each of the n_out outputs, and their biases. */
static inline void rt_waves(int n, int sines, int n_out, const float *w, float x, float *to)
{
    const int terms = sines ? 2 * n : n;
    const float *row = w + 2 * n, *bias = row + n_out * terms;
    int o, i;
    for (o = 0; o < n_out; o++) to[o] = bias[o];
    for (i = 0; i < n; i++) {
        const float angle = 6.28318531f * w[i] * x + w[n + i];
        const float c = cosf(angle), s = sines ? sinf(angle) : 0.0f;
        for (o = 0; o < n_out; o++) {
            to[o] += row[o * terms + i] * c;
            if (sines) to[o] += row[o * terms + n + i] * s;
        }
    }
    for (o = 0; o < n_out && sines; o++)
        if (to[o] < 0) to[o] = 0;
}
#endif
