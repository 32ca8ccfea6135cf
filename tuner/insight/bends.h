/* tuner/insight/bends.h - on which scale do the scores of the trials make sense, and how sure is that?
 *
 * A model that adds up what settings do, smoothly, needs scores on a scale on which they add up: as they are,
 * or something like their logarithms. On another one a sum is a web of interactions: what hardly matters seems
 * to have a part in everything, and intervals are narrow about it. A look at the scores alone, how evenly they
 * spread, does not tell which one that is: an adaptive search has chosen which of them there are.
 *
 *     So each of BENDS powers, the targets bent by it (targets.h), has a model of its own (draws.h), and the
 *     share of the draws that it is due: how probable the scores are at its most probable hyperparameters, that
 *     is the likelihood of its targets, prior included, times their slopes. All powers are equal before. From
 *     the straight one outwards, until powers are hopeless: few are looked at where the trials say much.
 *
 * Source  Box, Cox 1964; Snelson, Rasmussen, Ghahramani 2004, "Warped Gaussian processes".
 * Cost    a fit for each power that is looked at.
 * Memory  the arena. Errors ERR_MEMORY; ERR_NUMERIC where there is no model at all.
 */
#ifndef CONSORT_TUNER_INSIGHT_BENDS_H
#define CONSORT_TUNER_INSIGHT_BENDS_H
#include "tuner/insight/draws.h"

enum { BENDS = 11 };

typedef struct {
    double lambda;       /* of the power */
    const double *z;     /* (n) targets */
    Draws *draws;        /* NULL: not looked at, or no model */
    double share;        /* of the draws; they sum to 1 */
} Bend;

typedef struct {
    Bend bend[BENDS];    /* by power */
    int best;            /* the most probable: it has a model */
} Bends;

/* Of trials whose y are the levels of targets.h, and the share of the space that each speaks for. */
bool bends_create(const GpData *levels, const double *share, uint64_t seed, Arena *arena, Bends *out,
                  Error *err);
/* The one whose functions the turn of that number shows, of so many; together they have their shares. */
const Bend *bends_of_turn(const Bends *bends, int turn, int turns);
#endif
