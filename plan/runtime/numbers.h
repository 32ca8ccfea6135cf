/* plan/runtime/numbers.h - columns of numbers side by side, all encoded in one way.
 *
 * What is the same in all columns is said once. A cell that is not finite is missing.
 */
#ifndef CONSORT_PLAN_RUNTIME_NUMBERS_H
#define CONSORT_PLAN_RUNTIME_NUMBERS_H
#include <math.h>

#include "plan/runtime/squash.h"

typedef struct {
    int n;                      /* columns */
    unsigned char each_shift, each_scale, each_fill; /* 1: one a column; 0: one for all */
    unsigned char clip, flag;   /* smooth clip; a feature that says missing follows each number */
    const float *shift, *scale;
    const float *fill;          /* what a missing cell is taken for; 0: the shift, so its feature is 0 */
} rt_columns;

static inline void rt_numbers(const rt_columns *t, const float *x, float *f)
{
    const float *shift = t->shift, *scale = t->scale, *fill = t->fill;
    for (int i = 0; i < t->n; i++) {
        const int there = isfinite(x[i]);
        float v = there ? x[i] : fill ? *fill : *shift;
        *f++ = rt_squash((v - *shift) * *scale, t->clip);
        if (t->flag) *f++ = there ? 0.0f : 1.0f;
        shift += t->each_shift;
        scale += t->each_scale;
        fill += t->each_fill;
    }
}
#endif
