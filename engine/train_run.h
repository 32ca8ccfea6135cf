/* engine/train_run.h - what a run is asked for, and what it tells of each epoch: the words that train.h, the
 * run's state in a file and whoever follows a run have in common.
 */
#ifndef CONSORT_ENGINE_TRAIN_RUN_H
#define CONSORT_ENGINE_TRAIN_RUN_H
#include <stdbool.h>
#include <stdint.h>

#include "engine/metrics.h"

enum { TRAIN_ALSO = 3 };
/* One epoch, once it is over. */
typedef struct {
    int epoch; /* from 1 */
    double learning_rate; /* of the last step */
    double train_loss;    /* mean over the epoch's batches, penalties included */
    double val_loss;      /* without penalties and smoothing, on validation rows, weighted by class
                             as in training and divided by the sum of those weights */
    double val_metric;    /* the run's metric */
    double grad_norm;     /* mean over the epoch's steps, before clipping */
    double seconds;
    double also[TRAIN_ALSO]; /* the further metrics that the run is asked for; nan: not asked for */
} EpochRecord;

/* What the caller says to it. */
typedef enum { EPOCH_CONTINUE, EPOCH_PRUNE, EPOCH_INTERRUPT, EPOCH_TIMEOUT } EpochVerdict;

/* What a run is besides its options and rows. */
typedef struct {
    uint64_t seed;
    uint32_t stream; /* keeps apart runs of one seed: folds, repeats */
    int threads;     /* that share each step's work; 0: 1. The result does not depend on it */
    MetricId metric; /* by which the best epoch is chosen */
    int n_also;      /* further metrics that are told of each epoch; they decide nothing */
    MetricId also[TRAIN_ALSO];
    int positive;    /* class for binary metrics, < 0: 1 */
    /* Called after each epoch; NULL: always continue. */
    EpochVerdict (*on_epoch)(void *context, const EpochRecord *record);
    void *context;
    /* Where the run's state is written after an epoch when the last time is checkpoint_s ago, and when it
     * ends; NULL: nowhere. A run that finds its own state there goes on from it: on_epoch is called
     * for the epochs it holds as if they were trained now, and the result has the same bits. The caller
     * removes the file when it is of no more use. */
    const char *checkpoint;
    double checkpoint_s;
    /* The run ends as RUN_PAUSED with this epoch unless it ends by itself there, its state is written,
     * and the same call with a later pause or none goes on from it. 0: it runs to its end. */
    int pause_after;
    /* Notes how weights, activations and gradients spread (history.h); the result has the same bits. */
    bool history;
} TrainRun;
#endif
