/* tuner/search/prior.h - where a person expects the best value of a parameter to be.
 *
 *     prior: {mu: 0.003, sigma: 2}              a normal density on the parameter's scale, cut off at its range
 *     prior: {value: 0.003, confidence: high}   the same, as wide as the confidence says
 *     prior: {weights: [4, 1, 1]}               of a list
 *
 * It is no distribution: what may be proposed, and what a trial means, stays as it is. Samplers take some of
 * their points from it and prefer what it prefers, less and less with each trial that is settled.
 *
 * Density  over the coordinate, 1 where nothing is known: a tenth is spread evenly (PRIOR_BLIND), so that
 *          nothing is ever out of the question, the rest is the person's. On a lattice and in a list it is
 *          the mass of a cell by its width. A zero_prob keeps its share, unless the guess is 0.
 * Widths   of a guess: a half, a quarter, an eighth of the range on its scale, for low, medium, high (NePS has
 *          these: Mallik and others 2023); in a list of words it is 2, 4, 8 times as likely as each other one.
 * Weight   a density to the power of `PRIOR_BETA / n` after n settled trials (Hvarfner and others 2022,
 *          piBO: theirs is a tenth of the budget, and the budget is not known here), less where they
 *          disagree (agreement.h).
 * Memory   space_read_prior: the arena. Errors  ERR_CONFIG at the place.
 */
#ifndef CONSORT_TUNER_SEARCH_PRIOR_H
#define CONSORT_TUNER_SEARCH_PRIOR_H
#include "tuner/search/space.h"

#define PRIOR_BLIND 0.1
#define PRIOR_BETA 10.0

struct Prior {
    double mu, sigma;   /* of a number, on its scale (logs taken); sigma 0: even */
    double low, high;   /* the normal distribution function at the ends of the scale */
    double zero;        /* the share of an exact 0 */
    const double *mass; /* (n_choices) by place on the coordinate, sums to 1; NULL: a number */
};

/* `prior` of a parameter that is read but for it. */
bool space_read_prior(Param *param, Arena *arena, Error *err);

/* ---- one parameter that has one -------------------------------------------------------------------- */

double param_log_prior(const Param *param, double u); /* of the cell at u; finite */
double param_prior_at(const Param *param, double v);  /* a coordinate with that density, where v is uniform */
double param_prior_mode(const Param *param);          /* the coordinate of what is expected most */

/* ---- the space ------------------------------------------------------------------------------------- */

bool space_has_prior(const Space *space);
/* The sum over active coordinates; `active` (n_dims) NULL: as u has it. */
double space_log_prior(const Space *space, const double *u, const bool *active);
/* `weight` times that, and its gradient by the active numbers added to `gradient` (n_dims). */
double space_add_log_prior(const Space *space, const double *u, const bool *active, double weight,
                           double *gradient);
/* Uniform coordinates made those of the prior; others stay. */
void space_prior_at(const Space *space, double *u);
void space_prior_mode(const Space *space, double *u); /* the middle where there is no prior */
#endif
