/* export/c_targets.h - what an exported model of numbers or yes-or-no labels has instead of classes: names and
 * scales, links from outputs to values, the function that predicts, its part of the header and of the
 * self-test. Ordered classes are classes, but for the link of their networks, which is here, too.
 */
#ifndef CONSORT_EXPORT_C_TARGETS_H
#define CONSORT_EXPORT_C_TARGETS_H
#include "export/c_text.h"

/* Numbers or labels? */
static inline bool c_has_targets(const CExport *e) { return !task_has_classes(&e->model->schema.task); }
static inline bool c_has_numbers(const CExport *e) { return e->model->schema.task.kind == TASK_NUMBERS; }
void c_targets_contract(CExport *e); /* in the header: what is predicted */
void c_targets_api(CExport *e);
void c_targets_tables(CExport *e);
void c_targets_links(CExport *e);
void c_targets_predict_start(CExport *e);
void c_targets_predict_net(CExport *e); /* after the layers of a network */
void c_targets_predict_end(CExport *e);
/* Of n rows: expected values (n, V), and the loop that compares. */
void c_targets_test(CExport *e, int n, const float *values);
#endif
