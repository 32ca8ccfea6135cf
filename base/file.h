/* base/file.h - whole files in, whole files out, and their fingerprints. The one caller of zlib.
 *
 * A pipe with a name that nobody writes to, or reads, is an error after some seconds; a device gives at most 64
 * MiB. /dev/stdin and the like are read and written as they are.
 *
 * Reading decompresses gzip transparently (by its magic bytes, not its name). Writing is atomic:
 * a temporary file beside the target, fsync, rename, fsync of the folder; a reader sees the old
 * file or the new one, never half of one, and a full disk leaves the old one.
 *
 * Errors  ERR_IO with the path and the system's reason; a gzip stream that is cut or corrupt is
 *         ERR_DATA.
 */
#ifndef CONSORT_BASE_FILE_H
#define CONSORT_BASE_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    char *bytes; /* one NUL past the end, so that text can be read as a string */
    size_t n;
} Bytes;

/* "-" is standard input. Memory: malloc; bytes_free. More than `limit` bytes (after decompression; 0: 8 GiB,
 * and of a compressed file a quarter of the memory that is free) is refused: a gzip bomb cannot fill memory. */
bool file_read(const char *path, size_t limit, Bytes *out, Error *err);
/* The same without decompression, and of a file alone: what we write ourselves is never compressed, nor a
 * pipe. */
bool file_read_plain(const char *path, size_t limit, Bytes *out, Error *err);
void bytes_free(Bytes *bytes);
/* Gives back the memory of bytes that file_read() made and that nobody reads again, whole pages of it: what
 * stood there is lost. */
void bytes_done(const char *from, const char *to);
bool file_write(const char *path, const void *bytes, size_t n, Error *err);
/* The same of a file that is written bit by bit: begin, add, and end with `keep`, or without it to leave
 * nothing. `mode`: who may read it, less the umask. What fails on the way is said at the end. */
typedef struct {
    const char *path; /* stays the caller's */
    char *name;
    int fd, reason;
} FileWriting;
bool file_begin(const char *path, unsigned mode, FileWriting *out, Error *err);
void file_add(FileWriting *writing, const void *bytes, size_t n);
bool file_end(FileWriting *writing, bool keep, Error *err);
/* A file's bytes as they are (gzip stays gzip), written as above; ERR_DATA, and nothing is written, unless
 * they are `n` with this hash (NULL: whatever it is). */
bool file_copy(const char *from, const char *to, int64_t n, const char *sha256, Error *err);
bool file_exists(const char *path);
/* Of a regular file; 0: it is not there. */
int64_t file_bytes(const char *path);
bool file_is_folder(const char *path);
/* mkdir -p */
bool file_make_folder(const char *path, Error *err);
/* folder + "/" + name unless name is absolute or folder empty. */
char *path_join(Arena *arena, const char *folder, const char *name);
/* "runs/a/x.db" -> "x.db"; -> "runs/a", "" where there is no folder, "/" of "/x"; -> "x". */
const char *path_base(const char *path);
char *path_folder(Arena *arena, const char *path);
char *path_stem(Arena *arena, const char *path);

typedef struct {
    uint32_t state[8];
    uint64_t n;
    unsigned char block[64];
    bool by_processor; /* by its own instructions, where it has them */
} Sha256; /* FIPS 180-4 */
void sha256_start(Sha256 *sha);
void sha256_add(Sha256 *sha, const void *bytes, size_t n);
void sha256_end(Sha256 *sha, char hex[65]);
void sha256_of(const void *bytes, size_t n, char hex[65]);
uint64_t sha256_head(const char *hex); /* its first 64 bits */
#endif
