/* export/c_dressed.h - the C function that takes the signs off a number, as data/dressed.h does. */
#ifndef CONSORT_EXPORT_C_DRESSED_H
#define CONSORT_EXPORT_C_DRESSED_H
#include "export/c_text.h"

/* Is any column of the model written so? */
bool c_has_dressed(const CExport *e);
/* NAME_styles, one a column, and NAME_bare(). */
void c_dressed(CExport *e);
#endif
