/* plan/runtime/pieces.h - the text of the pieces that exported C consists of, and the way to one.
 *
 * A piece is a header of this room: C99 that is also C++, one idea, functions `static inline`. Consort computes
 * plans with them (plan/run.c) and an exporter writes them into its file (export/c_text.h), so that what is
 * tested here is what runs there. To that end a piece
 *
 *     is of <math.h>, <stdint.h>, <stddef.h>, <string.h> and other pieces, which it includes;
 *     begins with a comment and a guard, and ends with the guard's #endif;
 *     has names that begin with rt_, types and functions, or RT_, constants. They become the model's own;
 *     takes sizes as arguments: there is no #if by what a model has. By what a processor has there may be one
 *     (pairs.h, panels.h), with <arm_acle.h>, and what it computes is the same.
 *
 * A new piece is a new file and a word in list.h.
 */
#ifndef CONSORT_PLAN_RUNTIME_PIECES_H
#define CONSORT_PLAN_RUNTIME_PIECES_H

typedef struct {
    const char *name, *text;
} RuntimePiece;

extern const RuntimePiece runtime_pieces[]; /* name NULL after the last */
/* The place of a piece, or -1. The name ends where `n` letters do. */
int runtime_find(const char *name, int n);
#endif
