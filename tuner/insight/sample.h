/* tuner/insight/sample.h - the trials of a study, and which of them models are made of.
 *
 * A model of the trials, a table of means or a rank correlation says no more of a million than of ten thousand,
 * but costs a hundred times as much. Up to SAMPLE_WHOLE trials are read whole, and models are made of all. Of a
 * larger study all are read in brief (store_trials_brief), so that counts, ranks, the best so far and times are
 * exact; models get an even sample by number, from the first to the last, and with it what is spoken of: the
 * best trial, the one in the middle, the first baseline and the first that somebody asked for.
 *
 * The same study gives the same sample: it depends on numbers, states and values alone.
 *
 * Memory  the arena: of a large study some 300 bytes a trial.
 * Errors  ERR_STORE, ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_INSIGHT_SAMPLE_H
#define CONSORT_TUNER_INSIGHT_SAMPLE_H
#include "tuner/store/store.h"

enum { SAMPLE_WHOLE = 10000 };

typedef struct {
    TrialRow *trials;  /* (n_trials) in number order */
    int n_trials;
    const int *ranked; /* (n_ranked) positions in `trials` of those that rank (trial_ranks), best first */
    int n_ranked;
    bool thinned;      /* models are made of a sample, and `trials` are in brief but for those of it */
    const TrialRow *modelled; /* (n_modelled) whole, in number order; not thinned: `trials` */
    int n_modelled;
} Sample;

bool sample_read(Store *store, int64_t study_id, bool maximize, Arena *arena, Sample *out, Error *err);
/* Marks `most` of the n trials evenly, by position, beside those that are marked already; all, where they are
 * no more. Returns how many it marked. */
int sample_mark(int n, int most, bool *marked);
/* Where trial `at` of `trials` is among `modelled`; -1: it is not. */
int sample_place(const Sample *sample, int at);
#endif
