/* base/pieces.h - a large file of which only those bytes take memory that are being read.
 *
 * All of its bytes have an address, and a pointer to one stays right; pieces_reach() reads on, pieces_leave()
 * gives the memory below a place back, and after pieces_again() what follows a place can be read once more. So
 * what walks from the beginning to the end, now and then more than once, needs some mebibytes for any file.
 * (A mapped file would do the same, but one that is cut off meanwhile ends the program.)
 *
 * Errors  ERR_IO with the path and the system's reason; ERR_DATA if the file has become shorter, or is not what
 *         it was when it was opened (pieces_same()).
 */
#ifndef CONSORT_BASE_PIECES_H
#define CONSORT_BASE_PIECES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    const char *path;
    char *bytes;
    size_t n;       /* of the file */
    size_t reached; /* so many can be read ... */
    size_t left;    /* ... but for these */
    int fd;
    int64_t written_s, written_ns; /* when it was last, as it was opened */
} Pieces;

enum { PIECES_LEAST = 1 << 22, PIECES_STEP = 1 << 20 };

/* A plain file of PIECES_LEAST bytes or more, and of at most as many as file_read() takes; false without an
 * error for any other, which is to be read whole: pipes, compressed files, what cannot be opened. */
bool pieces_open(const char *path, Pieces *out);
void pieces_close(Pieces *pieces);
/* The bytes below `to` are there, or the whole file. */
bool pieces_reach(Pieces *pieces, size_t to, Error *err);
void pieces_leave(Pieces *pieces, size_t below);
void pieces_again(Pieces *pieces, size_t from);
/* `n` bytes to somewhere else. */
bool pieces_copy(const Pieces *pieces, size_t from, void *into, size_t n, Error *err);
/* Nobody has written to it since it was opened. */
bool pieces_same(const Pieces *pieces, Error *err);
#endif
