/* data/magic.h - which format that Consort does not read begins with these bytes?
 *
 * People hand over what they have. A format that is known by its first bytes is called by its name, with what
 * to do instead, where a reader of text would complain of a zero byte or a quote.
 */
#ifndef CONSORT_DATA_MAGIC_H
#define CONSORT_DATA_MAGIC_H
#include <stddef.h>

/* "a Parquet file; write the table as CSV", or NULL. */
const char *magic_of(const char *bytes, size_t n);
#endif
