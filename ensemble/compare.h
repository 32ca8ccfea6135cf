/* ensemble/compare.h - by how much one way scores better than another, and the standard error of that.
 *
 * Both are scored on the same bootstrap resamples of the rows, so what they have in common cancels. A
 * resample on which the metric is not defined (an area without a class) does not count.
 *
 * Memory  the arena of the choice. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_COMPARE_H
#define CONSORT_ENSEMBLE_COMPARE_H
#include "ensemble/choice.h"

/* Of predictions (N, K); *gain above 0 where `a` is better. */
bool compare_values(Choice *choice, const float *a, const float *b, double *gain, double *error, Error *err);
bool compare_candidates(Choice *choice, const Candidate *a, const Candidate *b, double *gain, double *error,
                        Error *err);
#endif
