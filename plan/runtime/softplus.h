/* plan/runtime/softplus.h - log(1 + e^z). */
#ifndef CONSORT_PLAN_RUNTIME_SOFTPLUS_H
#define CONSORT_PLAN_RUNTIME_SOFTPLUS_H
#include <math.h>

static inline float rt_softplus(float z)
{
    return z > 30 ? z : log1pf(expf(z));
}
#endif
