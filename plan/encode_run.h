/* plan/encode_run.h - the encoding steps of a plan, computed for one row of a table with the functions that
 * exported C has (plan/runtime/).
 *
 * Memory  the arena's; the encoder borrows plan and table.
 * Errors  ERR_DATA: the table does not fit the preprocessing; ERR_INVALID: a column has more levels than a plan
 *         can tell apart; ERR_MEMORY.
 */
#ifndef CONSORT_PLAN_ENCODE_RUN_H
#define CONSORT_PLAN_ENCODE_RUN_H
#include "plan/plan.h"

typedef struct PlanEncoder PlanEncoder;

bool plan_encoder_open(const Plan *plan, const Table *table, Arena *arena, PlanEncoder **out, Error *err);
/* Writes the features of a step of the plan into `features`, which is the step's whole vector `out`. */
void plan_encode_row(PlanEncoder *encoder, const PlanStep *step, int row, float *features);
#endif
