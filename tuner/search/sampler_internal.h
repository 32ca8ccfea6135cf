/* tuner/search/sampler_internal.h - what samplers share. */
#ifndef CONSORT_TUNER_SEARCH_SAMPLER_INTERNAL_H
#define CONSORT_TUNER_SEARCH_SAMPLER_INTERNAL_H
#include "tuner/search/sampler.h"

enum { SAMPLER_TRIES = 1000, SAMPLER_ENUMERATE = 100000 };

/* A trace that says only what kind of point it is. */
void trace_clear(Trace *trace, const char *kind);
/* The last resort where draws keep being refused: walks all cells of a small finite space from a
 * random one on. False when there is none left, or the space is too large to walk. */
bool sampler_leftover(const Ask *ask, Rng *rng, double *u);
/* The next scrambled Sobol point for this number, and where it is refused others in its place; then
 * the leftovers. False: exhausted. */
bool sampler_sobol(const Ask *ask, double *u);
/* A Parzen estimator's point, whatever the number of observations (sampler_tpe.c). *found is false where
 * every draw was refused. */
bool sampler_tpe_ask(const Ask *ask, Arena *arena, double *u, Trace *trace, bool *found, Error *err);
/* Draws before walking the cells. Few where walking is cheap. */
int sampler_tries(double space_size);
#endif
