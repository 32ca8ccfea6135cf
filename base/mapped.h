/* base/mapped.h - files as memory, and what tells that a file is still what it was.
 *
 * A mapped file takes no memory of its own: its pages are the system's cache of it, shared by all processes
 * that map it, and come when they are first read. It must be one that is never written to in place, only
 * replaced by another of its name (base/file.h): of a file that is cut off while it is mapped the lost pages
 * end the program. So we map only what we write ourselves.
 *
 * Errors  none: what cannot be had is said by false.
 */
#ifndef CONSORT_BASE_MAPPED_H
#define CONSORT_BASE_MAPPED_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *bytes; /* not to be written to */
    size_t n;
} Mapped;
/* A regular file that is not empty. */
bool mapped_open(const char *path, Mapped *out);
void mapped_close(Mapped *mapped);

/* Of a regular file: when two are equal, nobody wrote to it in between, as far as its file system tells. */
typedef struct {
    uint64_t device, inode;
    int64_t bytes, seconds, nanoseconds; /* its size, and when it was last written */
    unsigned mode;                       /* who may read it */
} FileMark;
bool file_mark(const char *path, FileMark *out);
/* Says that it was used now: its time. */
void file_touch(const char *path);
bool file_remove(const char *path);
/* The path without links, malloc'd; NULL: it is not there. */
char *path_real(const char *path);
#endif
