/* ensemble/shipped.h - from the average of members to what is shipped: calibrated probabilities and a decision.
 *
 * Both are fitted on the validation rows (model/calibration_choose.h, ensemble/decide.h). Votes are neither
 * calibrated nor weighed: they are decisions already.
 *
 * With k folds a row was predicted by one network of each member, and k are shipped, whose mean is flatter. How
 * much flatter is seen between members: the best temperature of an average of M falls with M about as
 * log T_M = const + c / M, and halves of the members (every second one) tell c. Were the networks of a member
 * as different as members are (they are less, so this is on the safe side), the shipped average of M k networks
 * would want
 *
 *     log T = log T_M - c / M (1 - 1/k)
 *
 * and that is the most that T may be, if it is above 1. M counts members by weight, 1 / sum w^2; below 1.5
 * there is no evidence, and T stays at 1 or below. Then only `none`, `temperature` and `bias` are candidates:
 * what the others bend on predictions of single networks, they need not bend on their mean. Biases are free,
 * since a mean of probabilities has the mean shares of what it is the mean of.
 *
 * A pool (model/pool.h) does not flatten what it pools, but its members are means of k networks each. Halves
 * of the members, pooled, tell how T falls because noise cancels, d; that averages fall by c is more by what
 * averaging flattens. The first happens over all M k networks, the second within each member:
 *
 *     log T = log T_pool - (d / M + c - d) (1 - 1/k)
 */
#ifndef CONSORT_ENSEMBLE_SHIPPED_H
#define CONSORT_ENSEMBLE_SHIPPED_H
#include "ensemble/decide.h"
#include "ensemble/options.h"
#include "model/calibration_choose.h"

/* One average (or pool, or votes) and its members: n rows, K classes. */
typedef struct {
    KnownRows rows;             /* the average; of a pool what pools of other rows say */
    int n_members, n_folds;
    const float *const *member; /* (M) of (n, K) */
    const double *weight;       /* (M) sum 1 */
    const double *class_weight; /* (K) or NULL */
    bool vote, pooled;          /* else an average */
    int method;                 /* EnsembleOptions.calibrate */
    uint64_t seed;
} ShippedInput;

/* The calibration; fill `proba` with shipped probabilities by calibration_choice_apply. */
bool shipped_calibrate(const ShippedInput *input, Arena *arena, CalibrationChoice *out, Error *err);
#endif
