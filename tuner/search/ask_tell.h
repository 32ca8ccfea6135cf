/* tuner/search/ask_tell.h - a search driven from outside: ask for a point, tell what it was worth.
 *
 * The samplers without a study around them: no training, no database, one thread. Whoever evaluates the
 * points may have several pending, may tell of points evaluated elsewhere, and may tell of failures.
 * Every point has a number, from 0, in the order in which it was asked for or told of. An answer depends
 * on the space, the sampler, the seed and what is known of each number, never on the order of the tells.
 *
 *     ok = ask_tell_create(space, sampler_find("bayes"), 7, &search, &err)
 *       && ask_tell_ask(search, &id, values, &trace, &result, &err)
 *       && ask_tell_told(search, id, 0.25, 1, &err);
 *
 * A configuration is not proposed twice, until a finite space is used up: then (but not for the grid,
 * which ends) once more around, since what is evaluated outside may well be noisy.
 *
 * Values  are minimized. NaN: the evaluation failed.
 * Memory  its own; text in values belongs to the space.
 * Errors  ERR_INVALID for what the other side got wrong, and nothing has changed then; ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_ASK_TELL_H
#define CONSORT_TUNER_SEARCH_ASK_TELL_H
#include "tuner/search/sampler.h"

typedef struct AskTell AskTell;
bool ask_tell_create(const Space *space, const Sampler *sampler, uint64_t seed, AskTell **out,
                     Error *err);
void ask_tell_destroy(AskTell *search);
/* Before the first ask: what earlier studies found out (transfer.h), borrowed. */
void ask_tell_transfer(AskTell *search, const Transfer *transfer);
/* The next point as `values` (n_params). ASK_EXHAUSTED: there is none, and no number was used. */
bool ask_tell_ask(AskTell *search, int *id, Value *values, Trace *trace, AskResult *result, Error *err);
/* What a point was worth. */
typedef struct {
    double value;           /* minimized; NaN: the evaluation failed */
    double share;           /* below 1: it was stopped after this share of its budget */
    const double *reported; /* (limits of the space) NaN: not known; NULL: none is */
    int n_repeats;          /* it is the mean of so many runs, ... 0: that is not told */
    double variance;        /* ... each of this variance; NaN: not known */
} Told;
bool ask_tell_told(AskTell *search, int id, const Told *told, Error *err);
/* A point that was not asked for. Values of inactive parameters are dropped; an active one that is absent,
 * outside its range or not among its choices is an error. */
bool ask_tell_other(AskTell *search, const Value *values, const Told *told, int *id, Error *err);
#endif
