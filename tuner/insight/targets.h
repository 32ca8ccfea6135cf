/* tuner/insight/targets.h - scores as a model of the whole space wants them.
 *
 * An adaptive search has most of its trials near the best. Scaled by their own spread, as the search scales
 * them to tell the best apart, scores would be mostly about that corner. Here each trial speaks for the part
 * of the space that lies nearest to it: middle and spread are those of the space. What lies far on the bad side
 * is drawn in by a logarithm, so that a corner in which everything breaks does not press the rest together. The
 * order of the scores stays, also where a power (Yeo-Johnson) bends them; which one is for the trials to say
 * (bends.h).
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_TARGETS_H
#define CONSORT_TUNER_INSIGHT_TARGETS_H
#include "tuner/search/space.h"

/* The share of the space that is nearest to each of n snapped points; sums to 1. */
bool targets_shares(const Space *space, int n, const double *u, uint64_t seed, Arena *arena, double *share,
                    Error *err);
/* Of n scores (small is good, NaN failed: like the worst) the targets as they are: mean 0 and deviation 1 over
 * the space. All 0 where no two differ. */
bool targets_level(int n, const double *score, const double *share, Arena *arena, double *level, Error *err);
/* Those bent by a power, 1: not at all, below 1 the good ones drawn apart: z with mean 0 and deviation 1, and
 * of each the logarithm of dz / dlevel. */
void targets_bend(int n, const double *level, const double *share, double lambda, double *z,
                  double *log_slope);
#endif
