/* export/c_conformal.h - conformal intervals and sets of an exported model: model/conformal.h once more. */
#ifndef CONSORT_EXPORT_C_CONFORMAL_H
#define CONSORT_EXPORT_C_CONFORMAL_H
#include "export/c_text.h"

/* All write nothing where the model has none. */
void c_conformal_defines(CExport *e);
void c_conformal_api(CExport *e);
void c_conformal_code(CExport *e);
#endif
