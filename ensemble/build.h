/* ensemble/build.h - from a study's stored predictions to one model file.
 *
 * Reads the trials that are COMPLETE and have both artifacts ("proba" and "weights"), selects,
 * calibrates, decides, joins their weight files into one model, writes it, and records it in the
 * database. No training. The same database gives the same file, byte for byte.
 */
#ifndef CONSORT_ENSEMBLE_BUILD_H
#define CONSORT_ENSEMBLE_BUILD_H
#include "ensemble/conformal_fit.h"
#include "ensemble/gather.h"
#include "ensemble/more.h"
#include "ensemble/select.h"
#include "ensemble/shipped.h"
#include "model/evaluate.h"
#include "model/model.h"
#include "tuner/store/store.h"

typedef struct {
    Store *store;           /* open for writing, or for reading: then nothing is recorded */
    bool record;
    const StudyInfo *study;
    const char *folder;     /* the study's: artifact paths are relative to it */
    const Task *task;       /* NULL: classes */
    const int32_t *labels;  /* of the training table, by row number; or */
    const double *targets;  /* (n_rows, T) of other tasks */
    const double *weight;   /* (n_rows) how much each row counts; NULL: all alike */
    int n_rows;
    int positive;
    const Segmentation *by; /* (n_by) of the training table's rows: what the evaluation is divided by, too */
    int n_by;
    int n_folds;            /* more than 1: predictions are of one network a row, but the mean of all is
                             * shipped (shipped.h) */
    const char *out_path;   /* "runs/x/ensemble.consort" */
    const char *seen[2];    /* fingerprints of tables it is trained on, as a model reads them; NULL: none */
    const EnsembleOptions *options;
} BuildInput;

typedef struct {
    const TrialRow *trial;
    double weight, score;   /* its share; alone, in the ensemble's metric */
} EnsembleMember;

/* What was built. E = trials considered, M = members, K = classes. */
typedef struct {
    SelectMethod method;    /* what was used in the end */
    MetricId metric;
    double score;           /* in the metric's own direction: of decisions as they are shipped */
    const TrialRow *best_single;
    double best_single_score;
    const char *best_single_path; /* of its weight file */
    Decision best_single_decision; /* made as the ensemble's is, of its own calibrated probabilities */
    const char *reason;     /* one sentence */
    Nested nested;                /* of `auto` */
    More more;
    int n_rows, n_considered; /* selected on; E */
    int n_members;
    const EnsembleMember *member; /* (M) heaviest first */
    const double *disagreement; /* (M, M) share of the rows on which two members name different classes; of
                             * numbers the root mean square of their differences, the targets' deviations = 1 */
    int n_curve;            /* greedy: score by number of draws */
    const double *curve;
    CalibrationChoice calibration;
    TaskKind task;
    int n_classes;          /* of classes; else 0 */
    Decision decision;
    const char *rule;       /* of decision, in one sentence */
    ConformalFit conformal; /* intervals and sets; conformal NULL: none asked for */
    const char *const *parts; /* what its parts are called: targets, or classes; NULL: it has one for all */
    struct { double before, after; } log_loss, ece; /* the calibration; `before` with class weights in it */
    size_t n_params, bytes; /* of the model file */
    const char *path;
    char sha256[65];
    int n_skipped;
    const SkippedTrial *skipped; /* whose files are gone or do not fit */
    Predictions predictions; /* of the rows it was selected on, as they are shipped */
    Doc *validation;        /* on the rows it was selected on (model/evaluate.h); the caller frees it */
} Ensemble;

/* A trial whose files are gone or do not fit is skipped and named, as long as one is left. All but
 * `validation` is in the arena.
 * Errors   ERR_CONFIG for a metric that is none, ERR_INVALID when no trial has predictions, ERR_DATA. */
bool ensemble_build(const BuildInput *input, Arena *arena, Ensemble *out, Error *err);
#endif
