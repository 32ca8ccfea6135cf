/* engine/train.h - one network trained: options in, the best epoch's network and its record out.
 *
 * One call is one run, on one thread unless more are asked for. It allocates its workspace before the
 * first step and nothing after that. After each epoch the validation rows are scored; the result is
 * the network as it was at the best epoch by `metric` (ties: the latest), not at the last (see best_of).
 *
 * Outcomes, not errors: a run that diverges, is pruned, or is asked to stop ends with a reason.
 * Errors are what keeps a run from starting: memory, options that cannot be.
 *
 * Same options, rows, seed and stream: the same bits, whatever else the machine does.
 *
 * Choices worth knowing
 *   init          auto: He normal for relu, leaky_relu, gelu, silu, mish; LeCun normal for selu; Glorot
 *                 uniform for tanh, sigmoid and for the output layer. he, glorot, lecun: all layers.
 *                 Biases start at 0.
 *   l1, l2        added to the loss as l1 sum |w| + l2/2 sum w^2, so that the gradient is l2 w, as
 *                 PyTorch's weight_decay for sgd and adam. Weights only, not biases.
 *   weight_decay  decoupled, w *= 1 - rate * weight_decay, for adamw, sgd and rmsprop. adam is Adam as
 *                 published, without it: it differs from adamw in nothing else.
 *   class_weight  scaled so that the mean over the training rows is 1; the loss stays comparable.
 *   weights       of rows (Rows.weight): scaled to mean 1 as well; class weights multiply, of sums of weights.
 *   sampling      which rows an epoch sees (sampling.h); what that does to probabilities is undone above.
 *   patience      counts epochs since the metric last truly improved; a tie moves the best epoch
 *                 but does not wait longer. 0 runs all epochs, the default, since the cosine
 *                 schedule does its best work in its last epochs.
 *                 Under coslog4 a run ends at a cycle's end only.
 *   best_of       cycles: only the epochs with which the schedule's cycles end compete, coslog4's four,
 *                 the last one of other schedules. Fewer looks at few validation rows are fewer
 *                 lucky ones: the kept epoch is better on new rows, and its score less flattered.
 *                 last: the last epoch that was run, which no look at validation rows has chosen.
 *   members       M networks trained as one. What comes out are M ordinary networks; prediction is the
 *                 mean of their probabilities.
 *   ema, schedule_free  what is validated, kept and shipped are the averaged weights.
 *   snapshots     the networks at the ends of the schedule's last cycles are kept, instead of the best
 *                 epoch's, and predict together.
 *   explosion     a gradient norm beyond TRAIN_EXPLODED ends the run as diverged at that step, like
 *                 an infinite one: nothing comes back from there.
 *   batches       the last one of an epoch is short when the rows do not divide, or left out with
 *                 drop_last: at a high rate a few rows are a noisy step. Rows change places every epoch.
 *   min_steps     a batch is at most that part of the rows, but not below 16 of them: one step an epoch
 *                 does not get a network far. 0: as large as batch_size says, or all rows.
 *   nan           a metric that cannot be computed is worse than any number; if it never can be, the last
 *                 epoch is the best.
 */
#ifndef CONSORT_ENGINE_TRAIN_H
#define CONSORT_ENGINE_TRAIN_H
#include "data/rows.h"
#include "engine/history.h"
#include "engine/mlp.h"
#include "engine/train_options.h"
#include "engine/train_run.h"

#define RUN_OUTCOME_LIST(X)                                                                        \
    X(RUN_COMPLETE, "complete") X(RUN_STOPPED_EARLY, "stopped_early") X(RUN_PRUNED, "pruned")      \
    X(RUN_INTERRUPTED, "interrupted") X(RUN_DIVERGED, "diverged") X(RUN_TIMEOUT, "timeout")        \
    X(RUN_PAUSED, "paused")
typedef enum { RUN_OUTCOME_LIST(LIST_ID) } RunOutcome;
extern const char *const run_outcome_names[];

typedef struct {
    RunOutcome outcome;
    int best_epoch, n_epochs;
    const EpochRecord *curve; /* (n_epochs) */
    Mlp **nets;               /* (n_nets) what is shipped: members, snapshots; their mean predicts */
    int n_nets;               /* 0 if it diverged before the first epoch ended */
    Mlp *mlp;                 /* nets[0], or NULL */
    float *proba;             /* (valid->n_rows, values) of the nets' mean */
    double score;             /* the run's metric of proba */
    double train_seconds;
    const History *history;   /* NULL: none was asked for */
    char why[200];            /* DIVERGED: "epoch 3, step 41: layer 2: gradient norm is inf" */
} TrainResult;

/* Everything in `out` lives in the arena. `valid` may be NULL: the last epoch is the result. */
bool train_network(const TrainOptions *options, const Rows *train, const Rows *valid,
                   const TrainRun *run, Arena *arena, TrainResult *out, Error *err);
/* The network that options mean for such rows, of which only the shape is looked at, without weights, and how
 * many of it a run trains at once: for what a configuration costs. An embedding lives in the arena. */
bool train_shape(const TrainOptions *options, const Rows *rows, Arena *arena, Mlp *shape, int *n_members,
                 Error *err);
/* Bytes a run of these options will take from the arena at most, to refuse what cannot fit; SIZE_MAX, and err,
 * when the options cannot be. No row is looked at: of `train` only what says how many there are and what they
 * look like. `arena` is for scratch. */
size_t train_bytes(const TrainOptions *options, const Rows *train, int n_valid, Arena *arena, Error *err);
/* Bytes that writing the run's state takes besides, for a moment; 0 when the options cannot be. */
size_t train_state_bytes(const TrainOptions *options, const Rows *train, Arena *arena);
#endif
