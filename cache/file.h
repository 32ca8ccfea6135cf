/* cache/file.h - one file of the cache (cache/tables.h says what is in it): a table stored, and found again.
 */
#ifndef CONSORT_CACHE_FILE_H
#define CONSORT_CACHE_FILE_H
#include "data/table.h"

enum { CACHE_VERSION = 3 }; /* one more whenever the layout changes, or what a member means */

/* What a file of the cache is for. */
typedef struct {
    const char *path;   /* of the file */
    const char *key;    /* 64 digits */
    const char *source; /* for people */
    bool fresh;         /* the source was written just now: not to be trusted */
} CachePlace;
typedef enum { CACHE_FOUND, CACHE_ABSENT, CACHE_FRESH, CACHE_DAMAGED } CacheState;
/* CACHE_FOUND: *out is the table, its arrays where the file is mapped; else *out stays as it was. */
CacheState cache_load(const CachePlace *place, Arena *arena, Table **out);
/* `mode`: who may read it. */
bool cache_store(const CachePlace *place, const Table *table, unsigned mode, Error *err);
/* The source that a file says it is of; NULL: it says none, being damaged or of another version. */
const char *cache_source(const char *path, Arena *arena);
#endif
