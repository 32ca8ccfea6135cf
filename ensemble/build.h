/* ensemble/build.h - from a study's stored predictions to one model file.
 *
 * Reads the trials that are COMPLETE and have both artifacts ("proba" and "weights"), selects,
 * calibrates, decides, joins their weight files into one model, writes it, and records it in the
 * database. No training. The same database gives the same file, byte for byte.
 */
#ifndef CONSORT_ENSEMBLE_BUILD_H
#define CONSORT_ENSEMBLE_BUILD_H
#include "ensemble/select.h"
#include "model/model.h"
#include "tuner/store/store.h"

typedef struct {
    Store *store;           /* open for writing, or for reading: then nothing is recorded */
    bool record;
    const StudyInfo *study;
    const char *folder;     /* the study's: artifact paths are relative to it */
    const int32_t *labels;  /* of the training table, by row number */
    int n_rows;
    int positive;
    bool bagged;            /* predictions are of one network a row (k folds), but the mean of all is
                             * shipped: averaging flattens, so no temperature above 1 is added to it */
    const char *out_path;   /* "runs/x/ensemble.consort" */
    const EnsembleOptions *options;
} BuildInput;

/* `summary`: method, metric, score, best_single {trial, score}, gain, reason, rows, considered,
 * members [{trial, weight, score, params {...}, n_params}] heaviest first, disagreement [[...]] between
 * them (share of rows), curve, temperature, decision [...] or null, log_loss and ece {before, after}
 * the temperature, n_params, bytes, path, sha256, skipped [{trial, why}], validation (the model on
 * those rows, as in evaluate.h). Trials go by number. The caller frees it.
 * A trial whose files are gone or do not fit is skipped and named, as long as one is left.
 * Errors   ERR_CONFIG for a metric that is none, ERR_INVALID when no trial has predictions, ERR_DATA. */
bool ensemble_build(const BuildInput *input, Arena *arena, Doc **summary, Error *err);
#endif
