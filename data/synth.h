/* data/synth.h - handwritten digits from a pen and dice: how they are drawn stands in synth.c. */
#ifndef CONSORT_DATA_SYNTH_H
#define CONSORT_DATA_SYNTH_H
#include "data/table.h"

/* The synthetic digits: 28 x 28, ten classes, `n` rows, the same for the same seed. `part` 0 is
 * training, 1 test: disjoint streams. */
bool table_synth_digits(int n, uint64_t seed, int part, double noise, Arena *arena, Table **out,
                        Error *err);
#endif
