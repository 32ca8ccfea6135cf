/* plan/measure.h - what an exported plan takes on a board: flash, memory, instructions.
 *
 * Counted from the steps, not measured: constants are known to the byte, code and instructions by a table
 * of what gcc makes of each function of plan/runtime/ for a Cortex-M4F at -O2 (measure.c; a test compares
 * it with the emulated board). It needs shapes only, so a search can be constrained by it before a trial is
 * trained.
 *
 * Errors none.
 */
#ifndef CONSORT_PLAN_MEASURE_H
#define CONSORT_PLAN_MEASURE_H
#include "plan/plan.h"

typedef struct {
    size_t constants;  /* bytes of weights, preprocessing, names */
    size_t code;       /* bytes of functions; libm not counted */
    size_t flash;      /* both */
    size_t ram;        /* static: 0, since nothing that changes is global */
    size_t stack;      /* of a prediction */
    double cycles_m4;  /* instructions of a prediction on a Cortex-M4F */
} PlanSize;

void plan_measure(const Plan *plan, PlanSize *out);
#endif
