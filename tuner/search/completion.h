/* tuner/search/completion.h - what trials that did not run to their end would have come to.
 *
 * A Gaussian process wants one number a trial: the score after all epochs. Of a trial that was stopped, or
 * that waits at a rung, only the first epochs are known. What it lacks is the gain of the epochs it did not
 * have; trials that went on from as good a place tell how much that is:
 *
 *     y_i = x_i - sum_j w_j gain_j / sum_j w_j,   gain_j = x_j - y_j,   w_j = exp(-|x_j - x_i| / h)
 *
 * where x is the best value of the first e epochs, e the age of trial i, j the trials that came to the end,
 * and h an eighth of the spread of x at that age. Who goes on is decided by x, so that those who went on are a
 * fair sample of those who did not, at equal x: nothing is to be corrected for. While nobody has come to the
 * end, all are taken to where the oldest came; a search can learn from the first rung on.
 *
 * How far off that is shows in the gains, too: their variance around the mean, as a share of the variance of
 * all y, is noise of that observation. With few pairs the noise is mostly what the rank agreement
 * of learning curves, measured (completion.c), lets expect.
 *
 * Where those that wait can go on at any time (Ask.thaws), ends.h predicts instead, with its error.
 *
 * Whose end was foretold before (of several goals, forecast.h) keeps it, with the error of that as noise.
 * Trials without a curve (`ask-tell`, several goals without forecasts): the stopped ones, by rank among those
 * stopped at about the same age, are laid over the worse half of the finished ones, and nobody ends worse than
 * he was.
 *
 * Shapes  `rows` (n): which of ask->seen; y, extra (n). y of a trial without a score is nan and stays it.
 * Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_COMPLETION_H
#define CONSORT_TUNER_SEARCH_COMPLETION_H
#include "tuner/search/sampler.h"

bool complete_stopped(const Ask *ask, int n, const int *rows, double *y, double *extra, Arena *arena,
                      Error *err);
#endif
