/* base/packed.h - packed bytes are unpacked, and bytes are packed. The one caller of libarchive.
 *
 *     stream   one file, packed with bzip2, xz, zstd, lz4 or compress
 *     archive  zip or tar: members with names
 *
 * gzip is no matter of this file: base/file.h takes it apart while it reads, because zlib checks the checksum
 * behind it, which libarchive does not.
 *
 * What stands in an archive is hostile. Nothing is ever written to a disk, a member is bytes in memory and its
 * name a word; there are at most PACKED_MOST members, and what unpacks to more than a quarter of the memory
 * that is free, or to more than 8 GiB, is refused, whatever the archive says of its size.
 *
 * Memory   Bytes are malloc's (bytes_free), lists the arena's.
 * Errors   ERR_DATA, `path` first, for bytes that are cut off or damaged; ERR_MEMORY.
 */
#ifndef CONSORT_BASE_PACKED_H
#define CONSORT_BASE_PACKED_H
#include "base/file.h"

enum { PACKED_MOST = 100000 };

#define PACKING_LIST(X) /* id, name, ending */ \
    X(PACKED_NOT, "nothing", NULL)             \
    X(PACKED_GZIP, "gzip", ".gz")              \
    X(PACKED_BZIP2, "bzip2", ".bz2")           \
    X(PACKED_XZ, "xz", ".xz")                  \
    X(PACKED_ZSTD, "zstd", ".zst")             \
    X(PACKED_LZ4, "lz4", ".lz4")               \
    X(PACKED_COMPRESS, "compress", ".Z")
typedef enum { PACKING_LIST(LIST_ID) PACKING_COUNT } Packing;

typedef struct {
    const char *name;
    const void *bytes; /* to be packed; of a list NULL */
    size_t n;
} Member;

/* How these bytes are packed, by the first of them. */
Packing packed_how(const char *bytes, size_t n);
/* How a file of this name is packed, by its ending, and how long its name is without that. */
Packing packed_how_named(const char *path, size_t *n);
bool packed_is_archive(const char *bytes, size_t n);

/* Of a stream what was packed. */
bool packed_unpack(const char *path, const char *bytes, size_t n, Bytes *out, Error *err);
/* The files in an archive, in its order; folders, and what macOS puts beside files, are left out. */
bool packed_members(const char *path, const char *bytes, size_t n, Arena *arena, Member **out, int *count,
                     Error *err);
/* The first member of that name. */
bool packed_member(const char *path, const char *bytes, size_t n, const char *name, Bytes *out, Error *err);

/* A stream of `packing` (gzip too); a zip of members that are stored as they are, as NumPy's savez does. */
bool packed_pack(const void *bytes, size_t n, Packing packing, Bytes *out, Error *err);
bool packed_zip(const Member *members, int count, Bytes *out, Error *err);
#endif
