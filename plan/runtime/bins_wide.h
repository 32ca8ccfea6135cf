/* plan/runtime/bins_wide.h - plan/runtime/bins.h of a column whose digits need doubles. */
#ifndef CONSORT_PLAN_RUNTIME_BINS_WIDE_H
#define CONSORT_PLAN_RUNTIME_BINS_WIDE_H

static inline void rt_bins_wide(const double *edges, int n, double v, float *e)
{
    for (int t = 1; t < n; t++) {
        const double low = edges[t - 1], high = edges[t];
        e[t - 1] = v <= low ? 0.0f : v >= high ? 1.0f : (float)((v - low) / (high - low));
    }
}
#endif
