/* tuner/search/samplers.h - all samplers, by the name that a configuration has for them.
 *
 * The list is in sampler.h, a sampler's help, other name and what it can do in its own file. From these
 * come the methods a file may name, `consort help methods`, the contract that tests hold all of them to, and
 * what tests/cli_docs.sh looks for in docs/.
 */
#ifndef CONSORT_TUNER_SEARCH_SAMPLERS_H
#define CONSORT_TUNER_SEARCH_SAMPLERS_H
#include "base/text.h"
#include "tuner/search/sampler.h"

/* "bayes, gp, ..., grid" */
#define SAMPLER_COMMA_NAME(name) ", " #name
#define SAMPLER_METHODS "bayes" SAMPLER_LIST_AFTER(SAMPLER_COMMA_NAME)
extern const Sampler *const samplers[];  /* ends with NULL */
extern const char *const sampler_names[]; /* those of SAMPLER_METHODS, then aliases; ends with NULL */
const Sampler *sampler_find(const char *name); /* by name or alias; NULL when unknown */
/* A line for each: `consort help methods`. */
void samplers_print(Text *out);
#endif
