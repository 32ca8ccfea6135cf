/* Pieces of the schema that stand in the source as they are. */
#include "job/schema_parts.h"

#include <string.h>

Doc *schema_json(const char *text)
{
    return doc_parse(text, strlen(text), NULL);
}
