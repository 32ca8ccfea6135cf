/* plan/encode_run.h - the encoding steps of a plan computed on this machine, with the functions that exported C
 * has (plan/runtime/), from the rows of a Table.
 *
 *     encode_begin(plan, table, arena, &run, err)
 *     for each row: encode_cells(run, row), and for each step that encodes (op up to PLAN_DERIVED)
 *         encode_step(run, s, features), where `features` is the first of the step's vector `out`
 *
 * Memory   the arena's; the table has to last.
 * Errors   ERR_DATA as prep_apply(): the table does not fit; ERR_INVALID: more levels than a plan can have;
 *          ERR_MEMORY.
 */
#ifndef CONSORT_PLAN_ENCODE_RUN_H
#define CONSORT_PLAN_ENCODE_RUN_H
#include "plan/plan.h"

typedef struct EncodeRun EncodeRun;

bool encode_begin(const Plan *plan, const Table *table, Arena *arena, EncodeRun **out, Error *err);
/* Takes up the cells of a row. */
void encode_cells(EncodeRun *run, int row);
/* Writes the features of step s of the plan. */
void encode_step(const EncodeRun *run, int s, float *features);
#endif
