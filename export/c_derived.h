/* export/c_derived.h - derived columns (prep/derive.h) in an exported model. */
#ifndef CONSORT_EXPORT_C_DERIVED_H
#define CONSORT_EXPORT_C_DERIVED_H
#include "export/c_text.h"

void c_derived_code(CExport *e);   /* one number of a row's raw cells */
void c_derived_encode(CExport *e); /* behind the columns of the row, what is made of them */
#endif
