/* plan/runtime/rank.h - the place of a number among knots that increase, in [0, 1]; among equal ones the
 * middle. */
#ifndef CONSORT_PLAN_RUNTIME_RANK_H
#define CONSORT_PLAN_RUNTIME_RANK_H
#include <math.h>

static inline double rt_rank(const double *knots, int n, double v)
{
    int below = 0, end = n;
    while (below < end) {
        const int middle = below + (end - below) / 2;
        if (knots[middle] < v) below = middle + 1;
        else end = middle;
    }
    if (below == n) return 1;
    if (!(knots[below] > v)) {
        int last = below;
        for (end = n - 1; last < end;) {
            const int middle = end - (end - last) / 2;
            if (knots[middle] > v) end = middle - 1;
            else last = middle;
        }
        return ((double)below + last) / 2 / (n - 1);
    }
    if (below == 0) return 0;
    const double left = knots[below - 1], span = knots[below] - left;
    return (below - 1 + (isfinite(span) ? (v - left) / span : 0.5)) / (n - 1);
}
#endif
