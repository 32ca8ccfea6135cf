/* tuner/store/migrate.h - a file of any schema becomes one of today's. (How to add a step: migrate.c) */
#ifndef CONSORT_TUNER_STORE_MIGRATE_H
#define CONSORT_TUNER_STORE_MIGRATE_H
#include "tuner/store/sql.h"

/* New file: creates everything in one transaction. Else checks that it is ours and its version, and
 * migrates what is older. */
bool store_schema_open(Store *store, Error *err);
#endif
