/* export/c_encode.h - from cells to features in exported C: tables and calls of a plan's encoding steps.
 *
 * Step s of the plan has tables NAME_encodeS_WHAT (plan/coding.h), and each preprocessing a function
 *
 *     static void NAME_encode_P(const NAME_input *x, float *f)
 *
 * which calls plan/runtime/ in the order of the steps. Cells are floats, or doubles where the plan is wide;
 * columns to which floats are enough are then taken as floats all the same.
 */
#ifndef CONSORT_EXPORT_C_ENCODE_H
#define CONSORT_EXPORT_C_ENCODE_H
#include "export/c_text.h"

void c_encode_tables(CExport *e);
/* Nothing for a preprocessing that no network uses. */
void c_encode_prep(CExport *e, int prep);
/* In the header: whether cells are floats or doubles, and why. */
void c_encode_contract(CExport *e);
/* The value of a cell as a constant: a float or a double; NAN where it is missing. */
void c_cell(CExport *e, double v);
/* "float" or "double". */
const char *c_cell_type(const CExport *e);
#endif
