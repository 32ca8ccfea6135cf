/* ensemble/parts.h - the library's rows dealt into parts of equal size, at random, each class evenly.
 *
 * A row that is not known gets a part, too: it counts in none.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_PARTS_H
#define CONSORT_ENSEMBLE_PARTS_H
#include "ensemble/choice.h"

/* (n_rows) of 0 .. n - 1, in the arena. */
bool parts_deal(const Library *library, int n, uint64_t seed, Arena *arena, uint8_t **out, Error *err);
#endif
