/* engine/train_state.h - one run between its epochs: what train.c works on and train_state.c writes into a file
 * and reads back. */
#ifndef CONSORT_ENGINE_TRAIN_STATE_H
#define CONSORT_ENGINE_TRAIN_STATE_H
#include "engine/sampling.h"
#include "engine/history.h"
#include "engine/mlp_forward.h"
#include "engine/train_run.h"
#include "engine/trainer.h"

/* Everything of one run besides the trainer; carved before the first step. */
typedef struct {
    const TrainOptions *options;
    const TrainRun *run;
    const Rows *train, *valid; /* valid NULL: none */
    Trainer *trainer;
    EpochRows rows;      /* who is seen in an epoch */
    int32_t *order;      /* (rows.n_epoch) this epoch's order of rows */
    int32_t *labels;     /* (B) of the batch */
    MlpBlock block;      /* validation: rows, and activations */
    float *work;
    Mlp **nets;          /* (M) of this epoch, as they would be shipped */
    float *proba;        /* (n_valid, values) of this epoch: probabilities of classes,
        or what data/task.h says */
    Metrics metrics;
    void *scratch;       /* of the metrics */
    double *weight;      /* (n_valid) of the rows; NULL: alike */
    EpochRecord *curve;
    Mlp **best, **snapshot; /* (M), (snapshots * M) networks that are kept */
    float *best_proba;
    double *snapshot_sum;   /* (n_valid, values) of the snapshots' predictions */
    float *learned, *row;   /* of targets: (n_valid, T) in units of learning, (values) of one row; or NULL */
    int n_snapshots;        /* taken so far */
    double best_score, record_score; /* record: the score that patience counts from */
    int best_epoch, record_epoch;
    bool best_is_end; /* best_of: cycles: what is kept is a cycle's end */
    History history; /* most 0: none is kept */
    int last_rows;   /* of the batch before */
    long steps_per_epoch;
    double saved_s; /* when the state was last written */
    bool took_state; /* in this run: a long one, whose end is worth keeping, too */
    char why[200];
} Run;

/* What is predicted of the validation rows, (n_valid, values); 0 without any. */
static inline size_t proba_floats(const Rows *valid)
{
    return valid ? (size_t)valid->n_rows * (size_t)rows_values(valid) : 0;
}

/* Whether a state of this run can be written: it was asked for, and holds all the networks. */
bool run_keeps_state(const Run *r);
/* A state that cannot be written costs nothing but time later: the run goes on without. */
void run_save(Run *r, int epoch);
/* The epoch to go on after; 0: there is no state; -1: it is forged. */
int run_load(Run *r);
#endif
