/* plan/runtime/stack.h - numbers that were stacked, in place. */
#ifndef CONSORT_PLAN_RUNTIME_STACK_H
#define CONSORT_PLAN_RUNTIME_STACK_H

/* `stride` values of a target have one intercept. */
static inline void rt_stack(int n, int stride, float slope, const float *intercept, float *v)
{
    int i;
    for (i = 0; i < n; i++) v[i] = intercept[i / stride] + slope * v[i];
}
#endif
