/* cache/tables.h - a table that took long to read is kept in a form that needs no reading.
 *
 * A file of the cache is a table as it stands in memory: its arrays, which the program then uses where they are
 * mapped (base/mapped.h), and a description of all else. So a table of a gigabyte is there at once, and all
 * processes that use it share one copy in the system's page cache.
 *
 *     arrays       each at a multiple of 64 bytes
 *     description  the key, the source's path, and every member of the table as cache/parts.h lists them;
 *                  of an array where it stands
 *     footer       CacheFooter: magic, version, where the description is, its SHA-256, how long the file is
 *
 * What is kept   only what is worth it: files of CACHE_LEAST bytes, folders of CACHE_FILES files; not what
 *                comes from a pipe, nor a single file of pictures, which is read as fast, nor a table that was
 *                read for a model of unknown origin.
 * When it holds  the key, which is the file's name, is the SHA-256 of the path, of the mark (device, inode,
 *                size, time) of each file, of every option of reading, and of the readers' own code. Where any
 *                differs, the name is another, and the old file goes when there are too many. A source that was
 *                written less than two seconds before it was read is not trusted a second time: what is written
 *                to it next may leave the same time.
 * Hostile files  the footer, the description's hash and every place in it are checked, and numbers that are
 *                used as places (codes of levels and classes) by walking over them. The other numbers are
 *                not hashed, which would take as long as the first look at them: a file is complete and on
 *                the disk before it has its name, so only a dying disk or somebody's hand changes them, and
 *                then a number is another number, on which no check of ours depends.
 * What fails     is no error: a damaged file is made anew, a full disk means no cache; a note says so.
 * Room           at most CACHE_MOST bytes; what was not used for longest goes first.
 *
 * Memory  what is mapped stays so until the process ends, as tables do.
 */
#ifndef CONSORT_CACHE_TABLES_H
#define CONSORT_CACHE_TABLES_H
#include "data/read.h"

enum { CACHE_LEAST = 1 << 24, CACHE_FILES = 1000 };
#define CACHE_MOST ((int64_t)8 << 30)

/* table_read(), or what it said the last time. `folder`: where the cache lies; NULL: none. `learned`: all that
 * a schema was taken from, as text; with a schema and without this nothing is kept. */
bool cache_read(const DataFile *file, const ReadOptions *options, const Schema *schema, const char *learned,
                const char *folder, Arena *arena, Table **out, Error *err);

typedef struct {
    const char *path, *source; /* source NULL: it is damaged, or of another version */
    int64_t bytes, used;       /* used: nanoseconds since 1970 */
} CacheEntry;
typedef struct {
    int n, capacity;
    CacheEntry *entries; /* what was used last comes first */
    int64_t bytes;
} CacheList;
/* What lies in a folder; none where there is no folder. */
bool cache_list(const char *folder, Arena *arena, CacheList *out, Error *err);
/* Removes what was not used for longest, until at most `most` bytes are left. Returns how many files went. */
int cache_shrink(const CacheList *list, int64_t most);
#endif
