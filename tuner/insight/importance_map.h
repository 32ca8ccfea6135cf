/* tuner/insight/importance_map.h - what the model's mean is over two coordinates, averaged over the others, in
 * the study's own scores.
 *
 * Cost    144 x 16 means a pair, of n covariances each. Memory: the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_MAP_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_MAP_H
#include "tuner/search/gp.h"

enum { IMPORTANCE_MAP = 12 };

typedef struct {
    int a, b;      /* coordinates */
    double effect; /* share of the variance of the ranks of the model's mean that only both together explain */
} PairImportance;

/* What the model expects where two parameters take these values, whatever the others are: the mean over 16
 * points of the space. In the study's own scores, by interpolation between observed ones. */
typedef struct {
    int a, b, n_a, n_b;             /* coordinates; up to IMPORTANCE_MAP values of each */
    Value a_value[IMPORTANCE_MAP], b_value[IMPORTANCE_MAP]; /* NONE: active nowhere */
    double mean[IMPORTANCE_MAP][IMPORTANCE_MAP];            /* [b][a] */
} PairMap;

/* One for each of the pairs. The targets z (n) that the process was given, and their scores y: both ascending.
 * NULL where there are fewer than two, or no pairs. */
bool importance_maps(const Gp *gp, bool maximize, int n, const double *z, const double *y, uint64_t seed,
                     const PairImportance *pair, int n_pairs, Arena *arena, PairMap **out, Error *err);
#endif
