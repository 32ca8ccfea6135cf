/* plan/runtime/narrow_row.h - cells of doubles as floats, for the columns to which a float is enough. */
#ifndef CONSORT_PLAN_RUNTIME_NARROW_ROW_H
#define CONSORT_PLAN_RUNTIME_NARROW_ROW_H
#include "plan/runtime/narrow.h"

static inline void rt_narrow_row(const double *x, int n, float *to)
{
    for (int i = 0; i < n; i++) to[i] = rt_narrow(x[i]);
}
#endif
