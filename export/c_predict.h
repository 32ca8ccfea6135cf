/* export/c_predict.h - what an exported model is asked: predict, predict_batch, intervals and sets.
 *
 * The steps of the plan in their order: cells encoded, networks called, their values taken together; then the
 * decision, or the unit of numbers. Of a board it is one function; of a server the steps take rows, one of them
 * or a block, and prediction of many goes block by block.
 */
#ifndef CONSORT_EXPORT_C_PREDICT_H
#define CONSORT_EXPORT_C_PREDICT_H
#include "export/c_text.h"

/* Numbers or labels? */
static inline bool c_has_targets(const CExport *e) { return !task_has_classes(&e->model->schema.task); }
static inline bool c_has_numbers(const CExport *e) { return e->model->schema.task.kind == TASK_NUMBERS; }

void c_predict_contract(CExport *e); /* in the header's comment: what is predicted */
void c_predict_defines(CExport *e);
void c_predict_api(CExport *e);
void c_predict_tables(CExport *e);   /* names and constants */
void c_predict_code(CExport *e);
#endif
