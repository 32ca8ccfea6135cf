/* tuner/trial/tail.h - the last bytes of what a program wrote, however much that was.
 *
 * Memory  the bytes are the caller's, room for twice as many as are kept: they are moved once in so many.
 */
#ifndef CONSORT_TUNER_TRIAL_TAIL_H
#define CONSORT_TUNER_TRIAL_TAIL_H
#include <stddef.h>

#include "base/text.h"

typedef struct {
    char *bytes; /* (2 * most) */
    size_t n, most, lost;
} Tail;

void tail_add(Tail *tail, const char *bytes, size_t n);
/* The last line with something in it, as one clean line. */
void tail_last_line(const Tail *tail, char *out, size_t size);
/* What is kept, with a first line that says how much is not. */
void tail_text(const Tail *tail, Text *out);
#endif
