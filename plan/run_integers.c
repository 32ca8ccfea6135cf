/* Steps of a plan of integers. */
#include "plan/run_integers.h"

#include "plan/runtime/dense16.h"
#include "plan/runtime/dense16_relu.h"
#include "plan/runtime/dense8.h"
#include "plan/runtime/dense8_relu.h"
#include "plan/runtime/quantize16.h"
#include "plan/runtime/quantize8.h"

void plan_run_quantize(const PlanVector *out, const float *f, void *q)
{
    const float steps = 1 / out->scale;
    if (out->type == PLAN_INT8) rt_quantize8(out->n, steps, out->zero, f, (int8_t *)q);
    else rt_quantize16(out->n, steps, out->most, f, (int16_t *)q);
}

void plan_run_dense(const PlanStep *step, const PlanVector *in, const PlanVector *out, const void *x, void *y)
{
    const PlanIntegers *k = step->integers;
    const bool eight = in->type == PLAN_INT8;
    if (out->type == PLAN_FLOAT && eight)
        rt_dense8(in->n, out->n, k->w, k->bias, k->w_scale, (const int8_t *)x, (float *)y);
    else if (out->type == PLAN_FLOAT)
        rt_dense16(in->n, out->n, k->w, k->bias, k->w_scale, (const int16_t *)x, (float *)y);
    else if (eight)
        rt_dense8_relu(in->n, out->n, k->w, k->bias, k->multiplier, k->shift, out->zero, out->most,
                       (const int8_t *)x, (int8_t *)y);
    else
        rt_dense16_relu(in->n, out->n, k->w, k->bias, k->multiplier, k->shift, out->zero, out->most,
                        (const int16_t *)x, (int16_t *)y);
}
