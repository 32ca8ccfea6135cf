/* export/c_cells.h - cells of text read by exported C: NAME_level(), NAME_encode_row(), names of columns.
 *
 * All of it can be left out with -DNAME_NO_STRINGS, which is what a board wants: cells come from sensors there.
 */
#ifndef CONSORT_EXPORT_C_CELLS_H
#define CONSORT_EXPORT_C_CELLS_H
#include "export/c_text.h"

/* Tables and functions. After c_encode_prep() of all preprocessings, whose pieces are used here, too. */
void c_cells(CExport *e);
/* The part of the header. */
void c_cells_api(CExport *e);
#endif
