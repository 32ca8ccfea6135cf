/* plan/runtime/cumulative.h - borders between classes in order as probabilities of the classes. */
#ifndef CONSORT_PLAN_RUNTIME_CUMULATIVE_H
#define CONSORT_PLAN_RUNTIME_CUMULATIVE_H
#include <math.h>

#include "plan/runtime/softplus.h"

/* n - 1 outputs, of which all but the first are steps down to the next border, as n probabilities. */
static inline void rt_cumulative(int n, const float *z, float *p)
{
    float above = 1, at = 0, next;
    int i;
    for (i = 0; i + 1 < n; i++) {
        at = i == 0 ? z[0] : at - rt_softplus(z[i]);
        next = 1.0f / (1.0f + expf(-at));
        p[i] = above - next;
        above = next;
    }
    p[n - 1] = above;
}
#endif
