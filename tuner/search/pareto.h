/* tuner/search/pareto.h - several objectives at once: who is beaten, how good a front is, one number from many.
 *
 * Points are (n, m) row-major, every objective minimized. A point with a NaN has no place: it beats nobody
 * and is on no front.
 *
 *     front         the points that no other beats: not worse in any objective and better in one
 *     hypervolume   of the space between the front and a reference point: grows with every gain
 *     knee          the front's point farthest below the plane through its extremes: beyond it, a little
 *                   of one objective costs much of another
 *     ParEGO        each proposal gets weights of its own, and the search a single score: the largest
 *                   weighted objective and a twentieth of their sum (augmented Chebyshev). Whatever the
 *                   front's shape, each of its points is the best for some weights, and any sampler can
 *                   search for it. Objectives are scaled so that the front of what is known spans [0, 1].
 *
 * Source  Knowles, "ParEGO", IEEE Trans. Evol. Comp. 10 (2006); weights from a scrambled Sobol sequence
 *         instead of at random, which covers the front more evenly. Hypervolume: While, Bradstreet,
 *         Barone, "A fast way of calculating exact hypervolumes" (WFG, 2012), without its sorting tricks.
 * Cost    front O(m n f), f the points on it; hypervolume of k points in two dimensions O(k log k), else
 *         exponential in m at worst: m is at most PARETO_MOST.
 */
#ifndef CONSORT_TUNER_SEARCH_PARETO_H
#define CONSORT_TUNER_SEARCH_PARETO_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { PARETO_MOST = 4 };

bool pareto_dominates(int m, const double *a, const double *b);
/* Marks the points on the front (equal points all are); returns how many. `room`: (n). */
int pareto_front(int n, int m, const double *points, bool *on_front, int *room);
/* Smallest and largest of each objective over the marked points (m); false when there is none. */
bool pareto_range(int n, int m, const double *points, const bool *marked, double *low, double *high);
/* Position of the knee among the marked points; the first of several. -1: none is marked. */
int pareto_knee(int n, int m, const double *points, const bool *marked);
/* Of the points better than the reference in everything; the others add nothing. */
bool pareto_hypervolume(int n, int m, const double *points, const double *reference, Arena *arena,
                        double *out, Error *err);

/* The weights (m, sum 1) of proposal `number`. */
void pareto_weights(int m, uint64_t seed, uint32_t number, double *weight);
/* scores (n) of the points for those weights; NaN where a point has one. `known` marks the points whose front
 * sets the scale. */
bool pareto_scalarize(int n, int m, const double *points, const bool *known, const double *weight,
                      Arena *arena, double *scores, Error *err);
#endif
