/* job/schema_parts.h - what the files of the schema share. For schema*.c alone. */
#ifndef CONSORT_JOB_SCHEMA_PARTS_H
#define CONSORT_JOB_SCHEMA_PARTS_H
#include "base/doc.h"

/* A piece of a schema as it stands in a file: schema_json(JSON({"type": "null"})). */
#define JSON(...) #__VA_ARGS__
Doc *schema_json(const char *text);
/* schema_space.c: a map of parameters, of the settings of networks or of a program's own. They refer to what
 * schema_space_parts adds to `definitions`. */
void schema_space_parts(Doc *definitions);
/* schema_early.c: the section early_terminate, for networks or programs. */
Doc *schema_early(bool program);
#endif
