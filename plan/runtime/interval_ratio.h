/* plan/runtime/interval_ratio.h - an interval in proportion to a number that is not below 0. */
#ifndef CONSORT_PLAN_RUNTIME_INTERVAL_RATIO_H
#define CONSORT_PLAN_RUNTIME_INTERVAL_RATIO_H
#include <math.h>

static inline void rt_interval_ratio(double margin, double offset, double y, double *low, double *high)
{
    const double from = y + offset > 0 ? y + offset : 0;
    *low = from * exp(-margin) - offset;
    *high = from * exp(margin) - offset;
}
#endif
