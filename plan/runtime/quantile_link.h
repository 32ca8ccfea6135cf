/* plan/runtime/quantile_link.h - outputs as quantiles of a number that never cross. */
#ifndef CONSORT_PLAN_RUNTIME_QUANTILE_LINK_H
#define CONSORT_PLAN_RUNTIME_QUANTILE_LINK_H
#include "plan/runtime/softplus.h"

/* Of each of n targets the middle one of its n_quantiles is an output, the others are steps away from it. c: a
 * shift and a scale for each target. */
static inline void rt_quantile_link(int n, int n_quantiles, int middle, const float *c, const float *z,
                                    float *v)
{
    int t, q;
    for (t = 0; t < n; t++, c += 2, z += n_quantiles, v += n_quantiles) {
        float up = z[middle], down = z[middle];
        v[middle] = c[0] + c[1] * z[middle];
        for (q = middle + 1; q < n_quantiles; q++) {
            up += rt_softplus(z[q]);
            v[q] = c[0] + c[1] * up;
        }
        for (q = middle - 1; q >= 0; q--) {
            down -= rt_softplus(z[q]);
            v[q] = c[0] + c[1] * down;
        }
    }
}
#endif
