/* tuner/search/voices.h - who takes an ask of `bayes`: its model, or an evolution strategy.
 *
 * Beyond some 150 trials a Gaussian process gains little on objectives of many local optima, steps or turned
 * valleys, where CMA-ES still does. So from then on both have a voice. Of each block of 16 numbers the strategy
 * has some, scattered at random. How many follows from who brought more lately: a trial that comes in among
 * the ten best so far is worth 1 / its place, and what a block was worth counts .9 in the next. An evolution
 * needs generations before it gains, so it begins with three quarters, as if it had earned them; from then on
 * the share is a quarter at least and thirteen of sixteen at most.
 *
 * The strategy (evolution.h) learns from its own trials and from every new best, the model from all of them.
 *
 * Repeatable  Nothing is kept. An ask goes through the trials in number order, and finds out again whose each
 *         was and where the strategy has come to. Trials that are pending are passed over: a generation waits
 *         for no one, and consists of those that have come in. What was decided when fewer were known may come
 *         out otherwise later; then a trial is taken for the other's, and serves just as well. Everything
 *         begins anew every thousand trials, so that the way is never longer than that.
 *
 * Memory  the arena. Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_VOICES_H
#define CONSORT_TUNER_SEARCH_VOICES_H
#include "tuner/search/evolution.h"
#include "tuner/search/sampler.h"

enum { VOICES_FROM = 150 };

/* The strategy as it stands, where this ask is its own; *strategy is NULL where it is the model's. */
bool voices_turn(const Ask *ask, Arena *arena, Evolution **strategy, Error *err);
#endif
