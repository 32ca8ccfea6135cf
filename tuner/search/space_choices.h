/* tuner/search/space_choices.h - the values of a parameter that is a list, and of one that is constant.
 *
 * Memory  in the arena. Errors ERR_CONFIG at the place: too many, too long, or twice.
 */
#ifndef CONSORT_TUNER_SEARCH_SPACE_CHOICES_H
#define CONSORT_TUNER_SEARCH_SPACE_CHOICES_H
#include "tuner/search/distribution.h"

bool space_read_value(const ConfNode *node, Value *out, Arena *arena, Error *err);
/* `values`, and `probabilities` where the distribution has them. */
bool space_read_choices(Param *p, Arena *arena, Error *err);
#endif
