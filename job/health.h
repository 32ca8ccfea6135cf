/* job/health.h - what Consort runs on here, and whether a database is sound. */
#ifndef CONSORT_JOB_HEALTH_H
#define CONSORT_JOB_HEALTH_H
#include "base/doc.h"

/* {schema, version, blas, cpu, cores, database {ok, ...}}; `db` is the path of a database, NULL: none. The
 * caller frees it. */
Doc *health_doc(const char *db, bool *sound);
#endif
