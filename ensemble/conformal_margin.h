/* ensemble/conformal_margin.h - the margin of a level from scores: the k-th smallest, k = ceil((n + 1)
 * level), with weights where they add up to that share.
 *
 * Memory  borrowed; the order of the scores is lost. Errors none.
 */
#ifndef CONSORT_ENSEMBLE_CONFORMAL_MARGIN_H
#define CONSORT_ENSEMBLE_CONFORMAL_MARGIN_H
#include <stdbool.h>

typedef struct {
    double score, weight;
} ConformalScore;
/* Fewer scores than the level takes: the largest (0 of none), and *few is set. */
double conformal_margin(ConformalScore *scores, int n, double level, bool *few);
#endif
