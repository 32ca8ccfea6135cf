/* plan/runtime/numbers_wide.h - plan/runtime/numbers.h of columns whose digits need doubles. */
#ifndef CONSORT_PLAN_RUNTIME_NUMBERS_WIDE_H
#define CONSORT_PLAN_RUNTIME_NUMBERS_WIDE_H
#include <math.h>

#include "plan/runtime/number_wide.h"

typedef struct {
    int n;
    unsigned char each_shift, each_scale, each_fill;
    unsigned char clip, flag;
    const double *shift, *scale, *fill;
} rt_columns_wide;

static inline void rt_numbers_wide(const rt_columns_wide *t, const double *x, float *f)
{
    const double *shift = t->shift, *scale = t->scale, *fill = t->fill;
    for (int i = 0; i < t->n; i++) {
        const int there = isfinite(x[i]);
        const double v = there ? x[i] : fill ? *fill : *shift;
        *f++ = rt_number_wide(v, *shift, *scale, t->clip);
        if (t->flag) *f++ = there ? 0.0f : 1.0f;
        shift += t->each_shift;
        scale += t->each_scale;
        fill += t->each_fill;
    }
}
#endif
