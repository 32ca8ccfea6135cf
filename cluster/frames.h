/* cluster/frames.h - letters cut into frames, and put together again.
 *
 * A letter is its head, `kind`, `seat` (int32) and the length of its body (uint64), as they lie in memory,
 * and its body; a frame is the next FRAME_BYTES of that, or what is left. No frame has parts of two letters.
 *
 * Memory  letters on the heap. What comes takes as much memory as has come, not what it says will come.
 * Errors  FRAME_BROKEN: no such letter can be, or there is no memory for it.
 */
#ifndef CONSORT_CLUSTER_FRAMES_H
#define CONSORT_CLUSTER_FRAMES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_BYTES = 1 << 14 };
#define LETTER_MOST ((uint64_t)1 << 31) /* bytes of a body */

typedef struct {
    int32_t kind, seat;
    uint64_t n;
} LetterHead;

/* A letter to be sent: `n` bytes, head and body. */
typedef struct Parcelled {
    struct Parcelled *next;
    size_t n;
    char bytes[];
} Parcelled;
/* NULL: no memory. Freed with free(). */
Parcelled *frames_of(int kind, int seat, const void *body, size_t n);

/* A letter that is coming; zero at first. */
typedef struct {
    LetterHead head;
    char *body;
    size_t got, room;
    bool open; /* its head is there */
} Coming;
typedef enum { FRAME_MORE, FRAME_LETTER, FRAME_BROKEN } FrameEnd;
/* FRAME_LETTER: head and body are whole, until the next frame is taken. */
FrameEnd frames_take(Coming *coming, const char *frame, size_t n);
void frames_free(Coming *coming);
#endif
