/* plan/runtime/set_sum.h - a set of classes, by the sum of those before each. */
#ifndef CONSORT_PLAN_RUNTIME_SET_SUM_H
#define CONSORT_PLAN_RUNTIME_SET_SUM_H

/* By falling probability, as long as what stands before is at most the margin. Returns how many are in. */
static inline int rt_set_sum(int n, double margin, const float *p, unsigned char *in)
{
    int i, k, held = 0;
    for (i = 0; i < n; i++) {
        double before = 0;
        for (k = 0; k < n; k++)
            if (p[k] > p[i] || (!(p[k] < p[i]) && k < i)) before += p[k];
        in[i] = before <= margin;
        held += in[i];
    }
    return held;
}
#endif
