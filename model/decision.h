/* model/decision.h - the rule by which a model decides, in words, as a threshold, and another one put in its
 * place.
 *
 * Of two classes every rule is a threshold of one probability: with weights w, class c is decided for when
 * p_c >= w_o / (w_o + w_c), o being the other (equality goes to the first class). Of more it is weights or
 * costs.
 */
#ifndef CONSORT_MODEL_DECISION_H
#define CONSORT_MODEL_DECISION_H
#include "model/model.h"

/* The class of interest: `positive` if it is a class, else the model's, else the second. */
int decision_interest(const Model *model, int positive);
/* Where class `c` of two is decided for; NaN for more classes. */
double decision_threshold(const Model *model, int c);
/* "decides bad when p(bad) >= 0.34, else good"; NULL: out of memory. */
const char *decision_rule(const Model *model, int positive, Arena *arena);
/* Of two classes: `model` decides for c from p on, 0 < p < 1. `asked` is what it will say it is for. */
bool decision_set_threshold(Model *model, int c, double p, const char *asked, Arena *arena, Error *err);
/* The same as typed, "bad=0.3", or "0.3" for the class of interest. ERR_CONFIG in the words of --threshold. */
bool decision_read_threshold(Model *model, const char *text, Arena *arena, Error *err);
#endif
