/* tuner/search/sampler_qmc.h - the next Sobol point, which other samplers begin with and fall back on. */
#ifndef CONSORT_TUNER_SEARCH_SAMPLER_QMC_H
#define CONSORT_TUNER_SEARCH_SAMPLER_QMC_H
#include "tuner/search/sampler.h"

/* The scrambled Sobol point of this number, and where it is refused others in its place; then the leftovers.
 * False: exhausted. */
bool sampler_sobol(const Ask *ask, double *u);
/* The same where a prior is looked at, too: of each other number the Sobol point as the prior stretches it. */
bool sampler_sobol_expected(const Ask *ask, double *u, Trace *trace);
/* Does this number ask the prior? */
bool sampler_expects(const Ask *ask);
#endif
