/* tuner/search/forest.h - a random forest over a mixed, conditional space, for the search.
 *
 * A tree asks about one coordinate at a time, so it needs neither a distance between categories nor a length
 * scale, and where scores are steps it sees steps.
 *
 * Trees     FOREST_TREES, each grown on a bootstrap sample until a leaf is one point or one score. A split is
 *           the one that lowers the squared error most, over coordinates of which each is looked at with
 *           probability 5/6. Between the two values that it parts the threshold is drawn evenly, so that
 *           trees disagree in the gap and agree at the points. Categories of fewer than 64 levels are parted
 *           as sets, levels in the order of their means; one that the node has not seen goes either way by
 *           chance. What is inactive stands below all values, and is a level of its own.
 * Spread    the deviation of the trees' answers.
 * Cost      points x coordinates a level of a tree: each coordinate's points stay sorted.
 * Source    Breiman 2001; Hutter, Xu, Hoos, Leyton-Brown 2014 (forests as models of a search; the drawn
 *           threshold).
 * Threads   a grown forest is only read. Memory the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_FOREST_H
#define CONSORT_TUNER_SEARCH_FOREST_H
#include "base/arena.h"
#include "base/error.h"
#include "base/rng.h"
#include "tuner/search/space.h"

enum { FOREST_TREES = 10 };

typedef struct Forest Forest;
/* Grown on n > 0 points (n, n_dims), snapped, and their scores, all finite. */
bool forest_grow(const Space *space, int n, const double *x, const double *y, Rng *rng, Arena *arena,
                 Forest **out, Error *err);
/* Mean and deviation at m points (m, n_dims), snapped; `active` as from space_snap_active. */
void forest_predict(const Forest *forest, int m, const double *u, const bool *active, double *mean,
                    double *sigma);
#endif
