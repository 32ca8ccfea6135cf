/* plan/runtime/error_size.h - how large errors are where predictions are about y. */
#ifndef CONSORT_PLAN_RUNTIME_ERROR_SIZE_H
#define CONSORT_PLAN_RUNTIME_ERROR_SIZE_H

/* A line through n knots, level beyond them. */
static inline double rt_error_size(int n, const double *at, const double *size, double y)
{
    int k = 0;
    if (!(y > at[0])) return size[0];
    while (k < n && at[k] < y) k++;
    if (k == n) return size[n - 1];
    return size[k - 1] + (size[k] - size[k - 1]) * ((y - at[k - 1]) / (at[k] - at[k - 1]));
}
#endif
