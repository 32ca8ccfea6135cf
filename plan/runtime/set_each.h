/* plan/runtime/set_each.h - a set of classes, each by its own probability. */
#ifndef CONSORT_PLAN_RUNTIME_SET_EACH_H
#define CONSORT_PLAN_RUNTIME_SET_EACH_H

/* step 1: a margin for each class; 0: one for all. Returns how many are in. */
static inline int rt_set_each(int n, int step, const double *margin, const float *p, unsigned char *in)
{
    int i, held = 0;
    for (i = 0; i < n; i++) {
        in[i] = 1.0 - p[i] <= margin[i * step];
        held += in[i];
    }
    return held;
}
#endif
