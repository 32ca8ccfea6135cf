/* tuner/search/parzen.h - kernel density estimates over a mixed, conditional space.
 *
 * A mixture with one component a point, and one that is the prior (uniform in u). A component is a
 * product over the coordinates, in an order in which parents come before what they switch on:
 *     numbers     a normal around the point's coordinate, cut off at 0 and 1; ordered levels get the
 *                 normal's mass over their cell
 *     categories  the point's own level with probability 1 - w, else any level alike
 *     conditional a coordinate that is inactive at x counts 1; one that is active at x but inactive at the
 *                 component's point has its prior. So it is a density over the whole tree of choices.
 * The bandwidth of a number is Scott's rule on the spread of the points there, drawn towards the prior's
 * by one pseudo-observation and never below 1 / min(100, n + 1); w of a category falls alike.
 *
 * Densities are in units of the prior: 1 is a uniform draw. Those of 64 draws over 5,000 points of 30
 * coordinates take 10 ms, with the fit (bench/NOTES.md, "What tpe costs").
 * Memory  the arena. Source  Bergstra et al. 2011; Falkner et al. 2018 (several dimensions at once);
 *         Watanabe 2023 (bandwidths).
 */
#ifndef CONSORT_TUNER_SEARCH_PARZEN_H
#define CONSORT_TUNER_SEARCH_PARZEN_H
#include "base/rng.h"
#include "tuner/search/space.h"

typedef struct Parzen Parzen;
/* Of n snapped points; n may be 0: the prior alone. */
bool parzen_fit(const Space *space, int n, const double *const *points, Arena *arena, Parzen **out,
                Error *err);
/* log of the density at n snapped points, u: (n, n_dims). The arena holds tables of theirs. */
bool parzen_log_densities(const Parzen *parzen, int n, const double *u, Arena *arena, double *logs, Error *err);
/* A snapped draw. */
void parzen_draw(const Parzen *parzen, Rng *rng, double *u);
/* The bandwidth of a number, or the w of a category. */
double parzen_width(const Parzen *parzen, int d);
#endif
