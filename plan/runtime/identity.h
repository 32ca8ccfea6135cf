/* plan/runtime/identity.h - outputs as numbers. */
#ifndef CONSORT_PLAN_RUNTIME_IDENTITY_H
#define CONSORT_PLAN_RUNTIME_IDENTITY_H

/* c: a shift and a scale for each. */
static inline void rt_identity(int n, const float *c, const float *z, float *v)
{
    int i;
    for (i = 0; i < n; i++, c += 2) v[i] = c[0] + c[1] * z[i];
}
#endif
