/* tuner/insight/posterior.h - which of the leading trials a model of all of them takes for the best.
 *
 * The best of many noisy scores is partly lucky. A Gaussian process fitted to the finished and failed
 * trials, as the search fits one, knows their neighbours: its mean at a trial is what the trial would score
 * on average, as far as the others tell. That orders the leaders; it is no estimate to be quoted, and has no
 * interval: where the noise that is fitted collapses, as on few trials it does, the mean is the lucky score
 * itself, and 95 % intervals of such means held what fresh seeds gave far too rarely (bench/coverage.py worth).
 * What a trial is worth is told by running it again (finalists.h). Values are in the study's own units and
 * direction; the model's scale is turned back by interpolating between observed scores.
 *
 * Trials  at most 400: the 200 best and an even sample of the rest.
 * Memory  the arena. Errors ERR_MEMORY only: where there is no model, n is 0.
 */
#ifndef CONSORT_TUNER_INSIGHT_POSTERIOR_H
#define CONSORT_TUNER_INSIGHT_POSTERIOR_H
#include "tuner/store/store.h"

enum { POSTERIOR_MOST = 10, POSTERIOR_LEADERS = 200 }; /* it tells of so many; it fits so many of the best */

typedef struct {
    int number;              /* of the trial */
    double value;            /* as observed */
    double mean;
} PosteriorTrial;

typedef struct {
    int n;                   /* 0: too few trials, or no model */
    PosteriorTrial trial[POSTERIOR_MOST]; /* of the best as observed, by the model's mean */
} Posterior;

bool posterior_of(const Space *space, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                  Posterior *out, Error *err);
#endif
