/* plan/runtime/hot.h - one feature for each of n places, of which one is 1, or none. */
#ifndef RT_HOT_H
#define RT_HOT_H

static void rt_hot(int place, int n, float *f)
{
    for (int i = 0; i < n; i++) f[i] = i == place ? 1.0f : 0.0f;
}
#endif
