/* plan/runtime/unit.h - numbers in the unit that they were given in. */
#ifndef CONSORT_PLAN_RUNTIME_UNIT_H
#define CONSORT_PLAN_RUNTIME_UNIT_H

/* c: an origin and a unit for each target, which has `stride` values. */
static inline void rt_unit(int n, int stride, const double *c, const float *v, double *y)
{
    int i;
    for (i = 0; i < n; i++) y[i] = c[i / stride * 2] + c[i / stride * 2 + 1] * (double)v[i];
}
#endif
