/* plan/run_integers.h - steps of a plan of integers, with the functions that exported C has.
 *
 * Vectors are as their PlanVector says: int8_t, int16_t or float.
 */
#ifndef CONSORT_PLAN_RUN_INTEGERS_H
#define CONSORT_PLAN_RUN_INTEGERS_H
#include "plan/plan.h"

void plan_run_quantize(const PlanVector *out, const float *f, void *q);
/* A dense step with integers; what activation follows a layer of floats is not its business. */
void plan_run_dense(const PlanStep *step, const PlanVector *in, const PlanVector *out, const void *x, void *y);
#endif
