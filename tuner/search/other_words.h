/* tuner/search/other_words.h - what other tools call it: keys and distributions of Optuna, Ray,
 * scikit-optimize and hyperopt, and Python's constants, each with the word that means it here.
 */
#ifndef CONSORT_TUNER_SEARCH_OTHER_WORDS_H
#define CONSORT_TUNER_SEARCH_OTHER_WORDS_H
#include "base/conf.h"

/* Refuses a parameter whose map has such a key, or such a `distribution`, with the cure. What else is wrong
 * with it is not looked at. */
bool other_words_none(const ConfNode *parameter, Error *err);
/* The cure for a word of an expression, "; write `true`", or NULL. */
const char *other_words_constant(const char *word);
#endif
