/* job/alike.h - which of a study's best trials cannot be told from the best, compared row by row.
 *
 * Two errors of numbers have intervals that overlap long before the difference is in doubt, for the same rows
 * are hard for both. So each of the best is compared with the best in pairs, on the validation rows that both
 * predicted (model/paired.h): alike is whose 95 % interval of the difference holds 0. The first that differs
 * ends the row, as a leaderboard is read from the top.
 */
#ifndef CONSORT_JOB_ALIKE_H
#define CONSORT_JOB_ALIKE_H
#include "job/finished.h"

/* How many of the first `most` ranked trials; 0: not to be had, as where predictions were not kept. */
bool alike_trials(const Finished *f, int most, int *n_alike, Error *err);
#endif
