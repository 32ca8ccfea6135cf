/* plan/runtime/calibrate_matrix.h - calibration by a matrix, in place. */
#ifndef CONSORT_PLAN_RUNTIME_CALIBRATE_MATRIX_H
#define CONSORT_PLAN_RUNTIME_CALIBRATE_MATRIX_H
#include "plan/runtime/log_floor.h"
#include "plan/runtime/softmax.h"

/* Of at most 64 classes; row i of `scale` makes number i. */
static inline void rt_calibrate_matrix(int n, const float *scale, const float *bias, float *p)
{
    float logs[64];
    int i, k;
    for (i = 0; i < n; i++) logs[i] = rt_log_floor(p[i]);
    for (i = 0; i < n; i++, scale += n) {
        p[i] = bias[i];
        for (k = 0; k < n; k++) p[i] += scale[k] * logs[k];
    }
    rt_softmax(n, p, p);
}
#endif
