/* export/c_tables.h - the constants of an exported model: names, preprocessing, weights, layers, networks. */
#ifndef CONSORT_EXPORT_C_TABLES_H
#define CONSORT_EXPORT_C_TABLES_H
#include "export/c_text.h"

void c_tables(CExport *e);
#endif
