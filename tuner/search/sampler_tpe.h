/* tuner/search/sampler_tpe.h - a Parzen estimator's point, for samplers that have no better idea. */
#ifndef CONSORT_TUNER_SEARCH_SAMPLER_TPE_H
#define CONSORT_TUNER_SEARCH_SAMPLER_TPE_H
#include "tuner/search/sampler.h"

/* Whatever the number of observations. *found is false where every draw was refused. */
bool sampler_tpe_ask(const Ask *ask, Arena *arena, double *u, Trace *trace, bool *found, Error *err);
#endif
