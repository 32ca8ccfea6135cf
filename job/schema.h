/* job/schema.h - the configuration as a JSON Schema, for editors and for programs that write such files.
 *
 * It is made from the tables that read a configuration: its sections and the settings of networks
 * (base/field_schema.h), distributions, methods, metrics, presets, early termination. It takes what
 * `consort config check` takes, and refuses what that refuses, but for rules that no schema can say: arithmetic
 * between keys, the inside of expressions, what stands in two sections, how a number is spelled.
 * docs/reference/schema.md lists them, tests/test_job_schema.c holds both to it on 10,000 files.
 *
 * Draft 2020-12; what draft 7 does not have is `prefixItems`, which it passes over.
 */
#ifndef CONSORT_JOB_SCHEMA_H
#define CONSORT_JOB_SCHEMA_H
#include "base/doc.h"

/* To be freed. ERR_MEMORY. */
bool schema_make(Doc **out, Error *err);
#endif
