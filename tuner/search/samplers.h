/* tuner/search/samplers.h - all samplers, by the name that a configuration has for them. */
#ifndef CONSORT_TUNER_SEARCH_SAMPLERS_H
#define CONSORT_TUNER_SEARCH_SAMPLERS_H
#include "tuner/search/sampler.h"

#define SAMPLER_METHODS "bayes, gp, tpe, cmaes, de, random, qmc, grid"
extern const char *const sampler_names[]; /* "grid", "random", "bayes", ..., and aliases */
const Sampler *sampler_find(const char *name); /* NULL when unknown */
#endif
