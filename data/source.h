/* data/source.h - where rows come from, as people write it, and the bytes that stand there.
 *
 *     churn.csv, churn.csv.xz       a file, packed or not (base/file.h, base/packed.h)
 *     -                             standard input, whose format its content says; it is read once
 *     uci.zip                       the only file in an archive; of several it has to be said which:
 *     uci.zip/adult.data            that one; of an .npz, that array
 *     sqlite:shop.db?SELECT ...     a query on a database (base/query.h); without one, its only table
 *     memory:NAME                   rows that a program has in memory, and hands over (data/given.h)
 *
 * What data/read.h is handed may be any of these, and so may what a model or a configuration names.
 *
 * Memory  the arena's; bytes are malloc's.
 * Errors  ERR_IO for what is not there, ERR_DATA for what is not what its name says.
 */
#ifndef CONSORT_DATA_SOURCE_H
#define CONSORT_DATA_SOURCE_H
#include "base/file.h"

typedef struct {
    const char *path;   /* for messages: as it was written, in its folder */
    const char *file;   /* what is opened; "-": standard input */
    const char *member; /* of an archive; NULL: none is named */
    const char *sql;    /* of a query; NULL: none is written */
    bool is_query, is_standard;
} Source;

/* Of a path that may be relative to `folder` (NULL: to where one stands). */
bool source_of(const char *folder, const char *path, Arena *arena, Source *out, Error *err);
/* What source_of() makes of it, as a path again. NULL: no memory. */
const char *source_join(Arena *arena, const char *folder, const char *path);
/* The bytes, unpacked. Of an .npz it is the archive, whatever member is named. Queries have none. */
bool source_bytes(const Source *source, Arena *arena, Bytes *out, Error *err);
/* Both in one, of a path from where one stands. */
bool source_read(const char *path, Arena *arena, Bytes *out, Error *err);
/* Is something there? Standard input always is. */
bool source_exists(const char *path, Arena *arena);
bool source_is_query(const char *path);
bool source_is_memory(const char *path);
/* "sqlite:a/shop.db?..." -> shop, "uci.zip/adult.data" -> adult, "churn.csv.xz" -> churn; NULL: no memory. */
const char *source_stem(Arena *arena, const char *path);
#endif
