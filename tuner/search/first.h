/* tuner/search/first.h - the first points of a sampler that learns, before there is anything to learn from.
 *
 *     the prior's mode, where there is a prior (prior.h)
 *     the best of earlier studies, where there are some (transfer.h)
 *     the middle of the space, where it is asked for, as trial 0
 *     from then on Sobol points, every other one as the prior stretches them
 *
 * Which of these it is follows from what was proposed so far. Without any of them all are Sobol points.
 * Threads  none. Memory  the arena. Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_FIRST_H
#define CONSORT_TUNER_SEARCH_FIRST_H
#include "tuner/search/sampler.h"

/* `middle`: trial 0 has each number in the middle of its range and categories as the first Sobol point has
 * them, unless something better is known. `*found` is false when the space is used up. */
bool sampler_first(const Ask *ask, bool middle, Arena *arena, double *u, Trace *trace, bool *found, Error *err);
#endif
