/* plan/runtime/normal_score.h - inverse of the normal distribution, kept within 5.2: a rational start
 * (Abramowitz and Stegun 26.2.23), then two steps of Halley's method. The smaller tail is taken as a
 * double, for near 1 floats lie too far apart; from there on its score is as steep as floats are fine. */
#ifndef CONSORT_PLAN_RUNTIME_NORMAL_SCORE_H
#define CONSORT_PLAN_RUNTIME_NORMAL_SCORE_H
#include <math.h>

static inline float rt_normal_score(double p)
{
    const float q = (float)(p < 0.5 ? p : 1 - p);
    if (!(q > 1e-30f)) return p < 0.5 ? -5.2f : 5.2f;
    const float t = sqrtf(-2 * logf(q));
    float z = t - (2.515517f + t * (0.802853f + t * 0.010328f)) /
                      (1 + t * (1.432788f + t * (0.189269f + t * 0.001308f)));
    for (int step = 0; step < 2; step++) {
        const float newton = (0.5f * erfcf(z * 0.707106781f) - q) * 2.50662827f * expf(z * z / 2);
        z += newton / (1 - z * newton / 2);
    }
    if (z > 5.2f) z = 5.2f;
    return p < 0.5 ? -z : z;
}
#endif
