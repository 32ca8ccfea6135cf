/* plan/runtime/interval_even.h - an interval as far to both sides. */
#ifndef CONSORT_PLAN_RUNTIME_INTERVAL_EVEN_H
#define CONSORT_PLAN_RUNTIME_INTERVAL_EVEN_H

static inline void rt_interval_even(double margin, double y, double *low, double *high)
{
    *low = y - margin;
    *high = y + margin;
}
#endif
