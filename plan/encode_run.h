/* plan/encode_run.h - the encoding steps of a plan, computed for one row of a table.
 *
 * Memory  the arena's; the encoder borrows plan and table.
 * Errors  ERR_DATA: the table does not fit the preprocessing; ERR_MEMORY.
 */
#ifndef CONSORT_PLAN_ENCODE_RUN_H
#define CONSORT_PLAN_ENCODE_RUN_H
#include "plan/plan.h"

typedef struct PlanEncoder PlanEncoder;

bool plan_encoder_open(const Plan *plan, const Table *table, Arena *arena, PlanEncoder **out, Error *err);
/* Writes the features of a step into `features`, which is the step's whole vector `out`. */
bool plan_encode_row(PlanEncoder *encoder, const PlanStep *step, int row, float *features, Error *err);
void plan_encoder_close(PlanEncoder *encoder);
#endif
