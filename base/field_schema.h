/* base/field_schema.h - a table of options as a JSON Schema: what field_read takes of it, and nothing else.
 *
 * Types, limits, choices, defaults and help are those of the table. A value is judged as what it is in JSON,
 * once YAML has been read: `5` is a number and "5" a text. What is told apart by its spelling alone is not told
 * apart here (3 and 3.0). Keywords are those that draft 7 and draft 2020-12 have in common; patterns keep to
 * what POSIX, Python and JavaScript read alike.
 *
 * Memory  the caller frees what it gets. What could not be allocated makes doc_print fail (base/doc.h).
 */
#ifndef CONSORT_BASE_FIELD_SCHEMA_H
#define CONSORT_BASE_FIELD_SCHEMA_H
#include "base/doc.h"
#include "base/field.h"

/* The schema of a field that only its owner knows (a FIELD_NODE, or a text that is a name of something); NULL:
 * what the table says. `context` is the caller's. */
typedef Doc *(*FieldSchemaOwn)(void *context, const FieldTable *table, const Field *field);

/* Of one value; sections go through field_section_schema. */
Doc *field_schema(const Field *field);
/* Of a map with these keys and no others, or null, which changes nothing. `own` may be NULL. */
Doc *field_section_schema(const FieldTable *table, FieldSchemaOwn own, void *context);

/* Calls back with each of a field's other names. */
void field_aliases(const Field *field, void (*name)(void *context, const char *alias), void *context);
#endif
