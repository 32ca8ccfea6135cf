/* plan/run.h - a plan computed on this machine, with the functions that exported C has (plan/runtime/).
 *
 * What it gives is what an exported file gives on a processor that rounds alike, so an export proves itself
 * here: float32 against model_predict within 1e-5, integers exactly.
 *
 * Shapes   values (n_rows, V) as model_predict() gives them: probabilities, or numbers in the scale of
 *          data/task.h.
 * Memory   scratch from the arena.
 * Errors   as model_predict().
 */
#ifndef CONSORT_PLAN_RUN_H
#define CONSORT_PLAN_RUN_H
#include "plan/plan.h"

bool plan_run(const Plan *plan, const Table *table, Arena *arena, float *values, Error *err);
/* The same, and each vector of each row to `look` as soon as it is whole, for calibration: v (n). Vector
 * `result` comes last. `look` NULL: nobody looks. */
typedef void PlanLook(void *context, int row, int vector, const float *v);
bool plan_run_look(const Plan *plan, const Table *table, PlanLook *look, void *context, Arena *arena,
                   float *values, Error *err);
#endif
