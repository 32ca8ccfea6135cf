/* tuner/search/space_only.h - a parameter whose space was edited: `only`, what of it is proposed now, and
 * `before`, the value that trials had before it was one.
 *
 *     learning_rate: {distribution: log_uniform_values, min: 1e-5, max: 0.1, only: {min: 0.001}}
 *     optimizer: {values: [adam, sgd, lion], only: {values: [adam, lion]}}
 *     momentum: {min: 0.0, max: 0.99, before: 0.9}
 *
 * The parameter itself is as wide as all its versions together (space_edit.h), so that each trial has its true
 * place on the coordinate and stays evidence. What is proposed is snapped (space.h), and snapping spreads the
 * coordinates of what is not offered evenly over what is: a uniform draw stays one.
 *
 * Memory  the arena. Errors ERR_CONFIG at the place.
 */
#ifndef CONSORT_TUNER_SEARCH_SPACE_ONLY_H
#define CONSORT_TUNER_SEARCH_SPACE_ONLY_H
#include "tuner/search/distribution.h"

/* Reads both keys of a parameter whose distribution is known. */
bool space_read_only(Param *p, Arena *arena, Error *err);
/* Is this value of the parameter proposed? */
bool param_offers(const Param *p, const Value *value);
/* The coordinate itself where it is offered, else one that is. */
double param_confine(const Param *p, double u);
/* Of a number: the coordinates between which all that is offered lies. */
void param_limits(const Param *p, double *low, double *high);
#endif
