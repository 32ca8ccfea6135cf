/* data/split_parts.h - the ground floor of the files that divide rows: one fold after another, from where each row
 * stands in it.
 */
#ifndef CONSORT_DATA_SPLIT_PARTS_H
#define CONSORT_DATA_SPLIT_PARTS_H
#include "data/split.h"

/* Where a row stands in one fold. */
typedef enum { SIDE_NONE, SIDE_TRAIN, SIDE_VALID } Side;

/* Room for n folds of the split's rows; none is filled. */
bool split_reserve(Split *split, int n_folds, Arena *arena, Error *err);
/* Fills fold f: `side` is (n_rows) of Side. */
bool split_fill(Split *split, int f, const uint8_t *side, Arena *arena, Error *err);
#endif
