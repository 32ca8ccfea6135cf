/* plan/runtime/rise.h - calibration by a rising line of each class, in place. */
#ifndef CONSORT_PLAN_RUNTIME_RISE_H
#define CONSORT_PLAN_RUNTIME_RISE_H
#include <stdint.h>

/* The line of class i has n_knots[i] knots, which begin at 0 and end at 1. */
static inline void rt_rise(int n, const uint8_t *n_knots, const float *at, const float *to, float *p)
{
    float total = 0;
    int i, k;
    for (i = 0; i < n; i++) {
        const int last = n_knots[i] - 1;
        for (k = 1; k < last && p[i] > at[k];) k++;
        p[i] = to[k - 1] + (to[k] - to[k - 1]) * (p[i] - at[k - 1]) / (at[k] - at[k - 1]);
        if (!(p[i] > 1e-12f)) p[i] = 1e-12f;
        total += p[i];
        at += last + 1;
        to += last + 1;
    }
    for (i = 0; i < n; i++) p[i] /= total;
}
#endif
