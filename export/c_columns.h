/* export/c_columns.h - dates and levels in order in an exported model. */
#ifndef CONSORT_EXPORT_C_COLUMNS_H
#define CONSORT_EXPORT_C_COLUMNS_H
#include "export/c_text.h"

void c_columns_formats(CExport *e); /* the table of formats */
void c_columns_read(CExport *e);    /* a cell as seconds */
/* What a column of a preprocessing has besides; in the struct, and in its entry. */
void c_columns_fields(CExport *e);
void c_columns_entry(CExport *e, const PrepColumn *column);
void c_columns_code(CExport *e);    /* parts and steps as features */
void c_columns_encode(CExport *e);  /* the case of a column that is by number */
#endif
