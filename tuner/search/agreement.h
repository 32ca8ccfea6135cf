/* tuner/search/agreement.h - does what somebody expected agree with what trials came to?
 *
 * A person (prior.h) or the model of an earlier study (transfer.h) says in which order points should come
 * out. Its weight is Kendall's tau of what it says with the scores, less the standard error of a tau of
 * unrelated numbers, taken as a correlation, beside an opinion from before that is worth AGREEMENT_TRIALS
 * trials. So what is wrong comes to nothing within ten trials or twenty, and what is right keeps its weight.
 * Memory  none. Errors  none.
 */
#ifndef CONSORT_TUNER_SEARCH_AGREEMENT_H
#define CONSORT_TUNER_SEARCH_AGREEMENT_H
#include "tuner/search/sampler.h"

#define AGREEMENT_OPINION 0.6
enum { AGREEMENT_TRIALS = 5 };

/* In [0, 1]. Of n trials that came to y (NaN: failed) somebody `said` these: smaller is better in both. */
double agreement(int n, const double *said, const double *y);
/* By what the logarithm of the space's prior is multiplied at this ask: PRIOR_BETA / n after n settled
 * trials, less where their scores disagree with it. 0: there is none, or it has faded. */
double agreement_with_prior(const Ask *ask);
#endif
