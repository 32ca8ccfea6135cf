/* export/c_selftest.h - the self-test of an exported model: rows whose predictions are known. */
#ifndef CONSORT_EXPORT_C_SELFTEST_H
#define CONSORT_EXPORT_C_SELFTEST_H
#include "export/c_text.h"

/* Of the first 10 rows of a table; NULL or empty: rows that are made up. ERR_DATA: it does not fit. */
bool c_selftest(CExport *e, const Table *table, Error *err);
#endif
