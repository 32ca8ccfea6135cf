/* export/c_code.h - the functions of an exported model: level, encode_row, encode, predict. */
#ifndef CONSORT_EXPORT_C_CODE_H
#define CONSORT_EXPORT_C_CODE_H
#include "export/c_text.h"

void c_code(CExport *e);
#endif
