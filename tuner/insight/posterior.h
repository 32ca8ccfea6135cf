/* tuner/insight/posterior.h - how good the leading trials are, once luck is taken out.
 *
 * The best of many noisy scores is partly lucky. A Gaussian process fitted to the finished and failed
 * trials, as the search fits one, knows their neighbours: its mean at a trial is what the trial would score
 * on average, as far as the others tell, and its interval says how sure that is. Values are in the study's
 * own units and direction; the model's scale is turned back by interpolating between observed scores.
 *
 * Trials  at most 400: the 200 best and an even sample of the rest.
 * Memory  the arena. Errors ERR_MEMORY only: where there is no model, n is 0.
 */
#ifndef CONSORT_TUNER_INSIGHT_POSTERIOR_H
#define CONSORT_TUNER_INSIGHT_POSTERIOR_H
#include "tuner/store/store.h"

enum { POSTERIOR_MOST = 10 };

typedef struct {
    int number;              /* of the trial */
    double value;            /* as observed */
    double mean, low95, high95;
} PosteriorTrial;

typedef struct {
    int n;                   /* 0: too few trials, or no model */
    PosteriorTrial trial[POSTERIOR_MOST]; /* of the best as observed, by the model's mean */
    double noise;            /* its variance as a share of the signal's */
} Posterior;

bool posterior_of(const Space *space, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                  Posterior *out, Error *err);
#endif
