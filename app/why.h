/* app/why.h - why a trial was proposed, in words. */
#ifndef CONSORT_APP_WHY_H
#define CONSORT_APP_WHY_H
#include "base/arena.h"

/* From the JSON of a trial's `trace` (docs/reference/database.md), a sentence without its full stop; what is
 * not known here is the JSON itself. NULL: no memory. */
const char *why_sentence(const char *trace, Arena *arena);
#endif
