/* plan/runtime/arithmetic.h - a number made of two others: 0 difference, 1 ratio, 2 product, 3 sum; NaN
 * where one is missing or the result is not finite. */
#ifndef CONSORT_PLAN_RUNTIME_ARITHMETIC_H
#define CONSORT_PLAN_RUNTIME_ARITHMETIC_H
#include <math.h>

static inline double rt_arithmetic(int kind, double a, double b)
{
    if (!isfinite(a) || !isfinite(b)) return (double)NAN;
    const double v = kind == 0 ? a - b : kind == 1 ? a / b : kind == 2 ? a * b : a + b;
    return isfinite(v) ? v : (double)NAN;
}
#endif
