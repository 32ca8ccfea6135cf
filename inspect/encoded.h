/* inspect/encoded.h - rows as they were read beside what the network is given of them. */
#ifndef CONSORT_INSPECT_ENCODED_H
#define CONSORT_INSPECT_ENCODED_H
#include "base/doc.h"
#include "prep/prep.h"

/* {rows[] (their places in the file), labels[], columns[] {name, kind, read[], features[] {name, values[]}}} of
 * the first n rows of a table; behind its columns the derived ones (kind `derived`), as new rows have them. A
 * code of an embedding is a whole number. At most `most` features of a column, and the number of the others as
 * `more`. */
bool encoded_make(const Table *table, const Prep *prep, int n, int most, Arena *arena, Doc **out, Error *err);
#endif
