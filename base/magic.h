/* base/magic.h - which format that Consort does not read begins with these bytes?
 *
 * People hand over what they have. A format that is known by its first bytes is called by its name, with what
 * to do instead, where a reader of text would complain of a zero byte or a quote.
 */
#ifndef CONSORT_BASE_MAGIC_H
#define CONSORT_BASE_MAGIC_H
#include <stddef.h>

#include "base/arena.h"

/* "a Parquet file; convert it: python3 -c ...", or NULL. */
const char *magic_of(const char *path, const char *bytes, size_t n, Arena *arena);
/* The same of an archive, by the names of what is in it. */
const char *magic_of_members(const char *path, const char *const *names, int n, Arena *arena);
#endif
