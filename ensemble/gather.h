/* ensemble/gather.h - the trials of a study that can be members of an ensemble: those that are COMPLETE and
 * have kept their model and their predictions.
 *
 * A file that is gone, damaged or of other rows costs its trial, not the ensemble.
 *
 * Memory   the arena. Errors ERR_INVALID when no trial has predictions, ERR_DATA when none can be used.
 */
#ifndef CONSORT_ENSEMBLE_GATHER_H
#define CONSORT_ENSEMBLE_GATHER_H
#include "data/task.h"
#include "model/model.h"
#include "tuner/store/store.h"

/* A trial that can be a member, with its predictions. */
typedef struct {
    const TrialRow *row;
    const char *weights_path, *proba_path;
    Predictions predictions;
} Entry;

typedef struct {
    int trial; /* by number */
    const char *why;
} SkippedTrial;

typedef struct {
    Store *store;
    const StudyInfo *study;
    const char *folder;
    const Task *task;
    int n_rows, n_values;  /* of the training table; of a prediction */
    int most;              /* only so many, the best by the study's own metric; 0: all */
    bool larger_is_better; /* by that */
} GatherInput;

/* In the order of trials; all have predicted the same rows. */
typedef struct {
    Entry *entry;
    int n_entries;
    SkippedTrial *skipped;
    int n_skipped;
    int *complete;       /* (n_complete) numbers of all finished trials, whatever they have kept */
    int n_complete;
} Gathered;

bool gather_entries(const GatherInput *in, Arena *arena, Gathered *out, Error *err);
#endif
