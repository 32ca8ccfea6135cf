/* tuner/search/limits.h - where the limits on what trials report are likely to hold.
 *
 * Learned  a Gaussian process for each limit, of its slacks, made alike first: sign(v) log(1 + |v| / s)
 *          with the median s of |v|, less the mean, by the deviation. A slack of 0 stays where it was among
 *          the others, and one that is far off does not decide on the scale.
 * Weighed  a candidate's value, the logarithm of what it promises, gets the logarithm of the probability that
 *          each limit holds there. While no trial keeps all of them, that is all that counts.
 * Ranked   the best observed point is the best of those that keep all limits; of the others the one that
 *          breaks them least. For samplers that only rank: feasible trials first, by score, then the others by
 *          how far they are off.
 * Memory   the arena. Errors ERR_MEMORY, ERR_NUMERIC as of gp.h.
 * Source   Gardner, Kusner, Xu, Weinberger, Cunningham 2014; Gelbart, Snoek, Adams 2014 (feasibility first);
 *          Ament et al. 2023 (its logarithm); Deb 2000 (the ranking).
 */
#ifndef CONSORT_TUNER_SEARCH_LIMITS_H
#define CONSORT_TUNER_SEARCH_LIMITS_H
#include "tuner/search/gp.h"
#include "tuner/search/sampler.h"

typedef struct Limits Limits;
/* Is it known that it keeps all limits of the space? Always where there are none. */
bool limits_kept(const Ask *ask, const Seen *seen);
/* From the trials `rows` of ask->seen, under hyperparameters of the trials `first`. *out is NULL where the
 * space has no limits. */
bool limits_learn(const Ask *ask, int n_first, const int *first, int n, const int *rows, Arena *arena,
                  Limits **out, Error *err);
/* The order of the points of a process that was conditioned on the same rows. Limits may be NULL, in all of
 * these. */
void limits_order(const Limits *limits, Gp *gp);
/* Pending points (m, n_dims), taken to come out as expected. */
bool limits_believe(Limits *limits, int m, const double *u, Arena *arena, Error *err);
/* log of the probability that all hold at a snapped point. */
double limits_log_probability(const Limits *limits, const double *u);
/* The values of m candidates; `active` (m, n_dims). */
void limits_weigh(const Limits *limits, int m, const double *u, const bool *active, double *value);
/* Of one: the value is returned, the gradient (n_dims) changed with it. */
double limits_weigh_gradient(const Limits *limits, const double *u, const bool *active, double value,
                             double *gradient);
/* The same ask with scores in the order in which trials rank. */
bool limits_rank(const Ask *ask, Arena *arena, Ask *out, Error *err);
#endif
