/* export/c_integers.h - layers of integers in exported C (plan/quantize.h): tables, and calls of what
 * plan/run_integers.c calls here.
 *
 * Integers lie in the scratch memory of floats, where the plan has put them. A layer's outputs depend on all of
 * its inputs, so none is written before all were read, whatever a compiler thinks of types.
 */
#ifndef CONSORT_EXPORT_C_INTEGERS_H
#define CONSORT_EXPORT_C_INTEGERS_H
#include "export/c_text.h"

/* Of a dense step with integers. */
void c_integers_tables(CExport *e, const PlanStep *step);
/* `in` and `out`: where the vectors are; NULL: no memory. */
void c_integers_dense(CExport *e, const PlanStep *step, const char *in, const char *out);
/* Of a step PLAN_QUANTIZE. */
void c_integers_quantize(CExport *e, const PlanStep *step, const char *in, const char *out);
#endif
