/* plan/runtime/interval_between.h - an interval about two quantiles. */
#ifndef CONSORT_PLAN_RUNTIME_INTERVAL_BETWEEN_H
#define CONSORT_PLAN_RUNTIME_INTERVAL_BETWEEN_H

static inline void rt_interval_between(double margin, double from, double to, double *low, double *high)
{
    *low = from - margin;
    *high = to + margin;
    if (*low > *high) *low = *high = (*low + *high) / 2;
}
#endif
