/* job/cache_place.h - where tables that were read are kept (cache/tables.h).
 */
#ifndef CONSORT_JOB_CACHE_PLACE_H
#define CONSORT_JOB_CACHE_PLACE_H
#include "base/arena.h"

/* `said` is data.cache: a folder, "off" or NULL for none, or "auto": $XDG_CACHE_HOME/consort, else
 * ~/.cache/consort. NULL: none, or no memory. */
const char *cache_place(const char *said, Arena *arena);
#endif
