/* plan/runtime/bins.h - piecewise-linear encoding: full bins are 1, the one that holds v is filled in
 * part. */
#ifndef CONSORT_PLAN_RUNTIME_BINS_H
#define CONSORT_PLAN_RUNTIME_BINS_H

static inline void rt_bins(const float *edges, int n, float v, float *e)
{
    for (int t = 1; t < n; t++) {
        const float low = edges[t - 1], high = edges[t];
        e[t - 1] = v <= low ? 0.0f : v >= high ? 1.0f : (v - low) / (high - low);
    }
}
#endif
