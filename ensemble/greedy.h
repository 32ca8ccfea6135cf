/* ensemble/greedy.h - greedy selection with replacement, and its mean over random halves of the library. */
#ifndef CONSORT_ENSEMBLE_GREEDY_H
#define CONSORT_ENSEMBLE_GREEDY_H
#include "ensemble/choice.h"

/* One run over the whole library into `whole` and selection->curve, and the mean of runs over random
 * halves into `bagged`; without bags that is the same. *few: there are too few rows to trust one run. */
bool select_greedy(Choice *choice, Candidate *whole, Candidate *bagged, bool *few,
                   Selection *selection, Error *err);
#endif
