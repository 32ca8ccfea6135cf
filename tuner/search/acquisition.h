/* tuner/search/acquisition.h - where the expected improvement is largest.
 *
 * Noise   Improvement counts by 1 - sqrt(v / (v + s^2)), v the variance of the noise and s the deviation of the
 *         model: what is known as well as noise allows is not asked about again. Mean regret after
 *         100 evaluations of 13 small real models .10 less (bench/NOTES.md, What an observation settles).
 * Search  512 scrambled Sobol points, and 16 perturbations of each of the 5 best observed points at three
 *         widths; four rounds of 18 perturbations of the 6 best so far at shrinking widths; and a polish of
 *         the best 4: L-BFGS over the continuous coordinates, one pass through each of the discrete ones,
 *         L-BFGS again. A finite space of up to 2000 assignments is scored whole.
 *         Where costs are asked for, a candidate's value is less by weight x log cost (Ask); the gradients do
 *         not know of it, and a climb that went uphill at too high a price is not taken.
 *         With a forest beside the Gaussian process a candidate is worth the mean of what both expect; the
 *         gradients do not know of that either.
 *         Last, the winner is loosened: coordinates that hardly matter are drawn afresh.
 *         Every candidate is snapped to its cell before it is scored, so that the model promises
 *         nothing between cells, and only accepted ones are bred from.
 * Source  Ament et al. 2023 (the logarithm); Huang, Allen, Notz, Zeng 2006 (the factor for noise); Hutter et
 *         al. 2011 (search from the best observed points).
 * Memory  the arena.
 */
#ifndef CONSORT_TUNER_SEARCH_ACQUISITION_H
#define CONSORT_TUNER_SEARCH_ACQUISITION_H
#include "tuner/search/forest.h"
#include "tuner/search/gp.h"
#include "tuner/search/limits.h"
#include "tuner/search/sampler.h"

typedef struct {
    const Ask *ask;
    const Gp *gp;
    const Limits *limits; /* NULL: none */
    double best;     /* transformed value to improve on */
    const Forest *forest; /* the second model; NULL: none */
    double forest_best;   /* what it says of the best observed point */
    double box;      /* above 0: numbers stay within this of the centre's */
    const double *centre; /* NULL: the best observed point */
    double prior_weight; /* so much of the logarithm of the prior (prior.h) is added; 0: none */
    Rng rng;
} Acquisition;

/* The best accepted point; *found is false when every candidate was refused. */
bool acquisition_maximize(Acquisition *search, Arena *arena, double *u, double *value, bool *found,
                          Error *err);
/* The acquisition at n points (n, n_dims), several at a time; mean, sigma (n) are scratch. */
void acquisition_values(const Acquisition *search, int n, const double *u, const bool *active, double *mean,
                        double *sigma, double *value);
/* Do categories or conditions break the space into pieces? */
bool acquisition_in_pieces(const Space *space);
/* The acquisition at u and its gradient (n_dims): 0 for categories and inactive coordinates. */
double acquisition_gradient(const Acquisition *search, const double *u, const bool *active,
                            double *gradient);
#endif
