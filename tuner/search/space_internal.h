/* tuner/search/space_internal.h - one parameter's distribution, shared by the files of space. */
#ifndef CONSORT_TUNER_SEARCH_SPACE_INTERNAL_H
#define CONSORT_TUNER_SEARCH_SPACE_INTERNAL_H
#include "tuner/search/space.h"

/* How a coordinate becomes a number, before it is rounded. */
typedef enum {
    SCALE_NONE,       /* no number: constant, categorical, derived */
    SCALE_LINEAR,
    SCALE_LOG,
    SCALE_INVERSE,    /* log of the reciprocal */
    SCALE_NORMAL,
    SCALE_LOG_NORMAL,
    SCALE_BETA
} Scale;
Scale distribution_scale(Distribution distribution);
bool distribution_quantized(Distribution distribution); /* its values are a lattice */
bool distribution_chosen(Distribution distribution);    /* its values are a list */

/* Quantiles closer to the ends than this are not used: in the tails of an unbounded distribution
 * the coordinate could not be found again from the value. */
#define SPACE_TAIL 1e-7

/* Fills the worked-out fields from, to, unit, per, first, last, least, most of a numeric parameter.
 * False when no multiple of q lies in the range. */
bool param_prepare(Param *param);
Value param_decode(const Param *param, double u);
/* The centre of the value's cell; false when a choice is not in the list. */
bool param_encode(const Param *param, const Value *value, double *u);
/* 0 belongs to the values anyway, so zero_prob adds none. */
bool param_reaches_zero(const Param *param);
/* The coordinate of choice i, of lattice point k, of zero. */
double param_choice_at(const Param *param, int i);
double param_number_at(const Param *param, double value);
#endif
