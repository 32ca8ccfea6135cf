/* tuner/search/sampler_qmc.h - the next Sobol point, which other samplers begin with and fall back on. */
#ifndef CONSORT_TUNER_SEARCH_SAMPLER_QMC_H
#define CONSORT_TUNER_SEARCH_SAMPLER_QMC_H
#include "tuner/search/sampler.h"

/* The scrambled Sobol point of this number, and where it is refused others in its place; then the leftovers.
 * False: exhausted. */
bool sampler_sobol(const Ask *ask, double *u);
#endif
