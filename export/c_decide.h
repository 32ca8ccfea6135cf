/* export/c_decide.h - what stands behind the networks: calibration and decision, as tables and as the end of
 * @_predict. */
#ifndef CONSORT_EXPORT_C_DECIDE_H
#define CONSORT_EXPORT_C_DECIDE_H
#include "export/c_text.h"

void c_decide_tables(CExport *e);
/* Functions that the end of @_predict calls. */
void c_decide_tools(CExport *e);
/* From p, the mean of the members (or their votes), to the class; closes the function. */
void c_decide_code(CExport *e);
#endif
