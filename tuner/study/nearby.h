/* tuner/study/nearby.h - the configuration nearest to one that cannot be run.
 *
 * The defaults of the settings, taken into a search space with constraints, may break one. What is nearest to
 * them and does not is the better baseline: found among draws around them, then moved back towards them setting
 * by setting. It follows from the study's seed alone. Distance: a choice that differs counts as a whole range.
 */
#ifndef CONSORT_TUNER_STUDY_NEARBY_H
#define CONSORT_TUNER_STUDY_NEARBY_H
#include "tuner/search/sampler.h"

/* Changes `values` (n_params) to the nearest configuration found that `accept` takes. False: none was found, or
 * there is no memory, and they are as they were. */
bool nearby(const Space *space, uint64_t seed, bool (*accept)(void *context, const double *u), void *context,
            Value *values);
#endif
