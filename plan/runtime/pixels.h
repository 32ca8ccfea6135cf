/* plan/runtime/pixels.h - levels of pixels, scaled: each with its own shift and scale, or all with one. */
#ifndef CONSORT_PLAN_RUNTIME_PIXELS_H
#define CONSORT_PLAN_RUNTIME_PIXELS_H

static inline void rt_pixels(const unsigned char *x, int n, const float *shift, const float *scale, int each,
                             float *f)
{
    for (int i = 0; i < n; i++, shift += each, scale += each) f[i] = ((float)x[i] - *shift) * *scale;
}
#endif
