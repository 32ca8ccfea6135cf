/* plan/runtime/category.h - a learned row of numbers for each level of a column of words. */
#ifndef CONSORT_PLAN_RUNTIME_CATEGORY_H
#define CONSORT_PLAN_RUNTIME_CATEGORY_H

/* table (levels + 1, n): row 0 is for what has no level. */
static inline void rt_category(int levels, int n, const float *table, float x, float *to)
{
    const int code = x >= 0 && x <= (float)levels ? (int)x : 0;
    int i;
    for (i = 0; i < n; i++) to[i] = table[code * n + i];
}
#endif
