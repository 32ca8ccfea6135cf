/* engine/trainer.h - one training step taken apart: for train.c, the gradient tests and the
 * speed bench.
 *
 * A Trainer is the network, its gradient and moments, and the workspace of a batch, all carved
 * before the first step. A step is
 *
 *     trainer_gather     rows -> x, augmented; rows mixed; embedded inputs; input dropout
 *     trainer_gradient   logits, loss, and the gradient by every parameter, layer by layer from
 *                        the last to the first; the gradient by x is never computed
 *     trainer_update     penalties, clipping, optimizer, averages
 *
 * What is trained and what is shipped. A shipped network (mlp.h) has only W and b. Input scaling,
 * members' adapters and batch norm exist in training alone, and are folded. So the parameter block
 * is the shipped network's block, followed by the extras, and each step works on "effective" weights:
 *
 *     W_eff[i][j] = W[i][j] scale[i] (first layer) r[i] s[j] (members), b_eff = b of the member
 *
 * trainer_effective makes them from the parameters and trainer_adjoint takes the gradient back; that
 * costs a pass over the weights, not over the activations, and leaves x as sparse as it was. Without
 * extras both do nothing, and the effective weights are the parameters. M members are M such networks
 * on the same batch, one after the other in the same workspace; the loss is the mean of theirs.
 *
 * A first layer whose inputs are mostly 0 (pictures, one-hot columns) skips the zeros. The bits are the
 * same either way (gemm.h), so that is decided batch by batch.
 *
 * Randomness is keyed by what it is for, never by how often something was drawn before: masks by
 * (step, layer, member), augmentation by step, the row order by epoch, first weights by layer. So a
 * step can be repeated exactly, which the gradient tests do.
 *
 * Shapes   B = rows of the batch, layer l in [0, L): h[l], d[l], g[l] are (B, ld_l), ld_l =
 *          mlp_pad(width[l + 1]); padding is finite in h and d, and zero in g.
 * Sources  members: Wen, Tran, Ba, "BatchEnsemble", ICLR 2020; Gorishniy, Kotelnikov, Babenko, "TabM",
 *          ICLR 2025. Input scaling, ntk rates, init: RealMLP, Holzmuller et al., NeurIPS 2024.
 */
#ifndef CONSORT_ENGINE_TRAINER_H
#define CONSORT_ENGINE_TRAINER_H
#include "engine/activation.h"
#include "engine/gemm.h"
#include "engine/loss.h"
#include "engine/mlp.h"
#include "engine/optimizer.h"
#include "engine/task.h"
#include "engine/train_options.h"

/* Where a step's time goes, in seconds; filled when Trainer.profile is set. */
typedef struct {
    double gather, forward, loss, backward, update;
} TrainProfile;

/* Floats [at, at + n) of the parameter block that the optimizer treats alike. */
typedef struct {
    size_t at, n;
    double rate;    /* factor on the learning rate */
    double epsilon; /* factor on epsilon */
    bool weights;   /* decay, penalties and max-norm apply */
} ParamGroup;

/* Where the extras of a layer lie in the parameter block; 0: it has none. */
typedef struct {
    size_t scale;       /* (width[0]) input scaling; first layer only */
    size_t r, s, b;     /* (M, ld of the inputs), (M, ld), (M, ld) adapters of members */
    size_t gain, shift; /* (ld) batch norm */
} LayerExtras;

enum { TRAINER_MAX_GROUPS = 9 * MLP_MAX_LAYERS + 2 };

typedef struct {
    TrainOptions options;
    uint64_t seed;
    uint32_t stream;
    int batch;       /* rows the workspace holds */
    int n_rows;      /* N that are trained on */
    int n_members;   /* M */
    int threads;     /* that share the work; 1 by default */
    double progress; /* share of the run that lies behind, [0, 1): for schedules of strength */
    Mlp mlp;         /* a member as it is shipped; its params are the effective weights */
    float *eff_grad; /* gradient by them */
    /* what is trained */
    size_t n_floats;                /* of each of the next five */
    float *params, *grad, *m, *v;   /* moments may be NULL */
    float *average;                 /* ema's or schedule-free's weights, or NULL */
    LayerExtras extras[MLP_MAX_LAYERS];
    ParamGroup groups[TRAINER_MAX_GROUPS];
    int n_groups;
    bool plain; /* no extras but batch norm's: the effective weights are the parameters */
    float *running[MLP_MAX_LAYERS]; /* batch norm: (M, 2, ld) running mean and variance, or NULL */
    double schedule_free_sum;       /* of squared rates */
    /* workspace of a batch */
    Loss loss;
    Dropout drop_input, drop_hidden;
    int ld_x, ld_in;
    float *x;         /* (B, ld_x) features */
    float *inputs;    /* (B, ld_in) of the first layer; x itself without embedding */
    bool skips_zeros;        /* the rows are worth looking for zeros */
    uint32_t *sparse_memory; /* for that, or NULL */
    SparseBatch sparse;      /* the inputs without zeros; n = 0: this batch is dense */
    float *d_inputs, *keep; /* with an embedding; keep: input dropout's factors */
    float *h[MLP_MAX_LAYERS], *d[MLP_MAX_LAYERS], *g[MLP_MAX_LAYERS];
    float *z_hat[MLP_MAX_LAYERS], *spread[MLP_MAX_LAYERS]; /* norms: see norm.h */
    float *skip;      /* (B, widest) gradient on its way around a layer */
    float *zeros;     /* (widest) */
    float *class_weight; /* (K) */
    float *copy;      /* (B, ld_x) of x, with mixup and cutmix */
    int32_t *labels2; /* (B) of the partners; of targets, which row of the batch is the partner */
    int32_t *places;  /* (B) 0, 1, ...: what stands for labels where targets are mixed; or NULL */
    float *learned;   /* (N, T) the training rows' targets in units of learning (task.h); or NULL */
    float *targets;   /* (B, T) of the batch, mixed; or NULL */
    float lambda;     /* share of a row's own label */
    uint32_t *words;  /* random bits for a tile */
    float *augment;   /* scratch of rows_gather */
    TrainProfile *profile;
} Trainer;

/* The shipped network that options mean for such rows, of which only the shape is looked at; the embedding,
 * if there is one, lives in the arena. */
bool trainer_mlp_shape(const TrainOptions *options, const Rows *rows, Arena *arena, Mlp *out, Error *err);
/* Rows of a batch: the options' batch_size, or fewer where there are few rows (train.h). */
int trainer_batch(const TrainOptions *options, const Rows *rows);
/* Floats of workspace that trainer_create will carve, to the same plan. */
bool trainer_floats(const TrainOptions *options, const Rows *rows, int batch, Arena *arena, size_t *floats,
                    Error *err);
/* Checks the options, carves everything, and draws the first weights. */
bool trainer_create(const TrainOptions *options, const Rows *rows, uint64_t seed, uint32_t stream,
                    Arena *arena, Trainer **out, Error *err);
/* Weights of the classes, normalized so that the mean over the rows is 1. */
void trainer_class_weights(ClassWeight kind, const Rows *rows, float *weight);
/* trainer_init.c: the first weights. */
bool trainer_init(Trainer *trainer, const Rows *rows, Arena *arena, Error *err);
size_t trainer_init_floats(const Mlp *mlp); /* scratch that `init: data` takes at most */

/* Labels only where rows may be mixed; NULL otherwise, and of targets, which come from the rows. */
void trainer_gather(Trainer *trainer, const Rows *rows, const int32_t *index,
                    const int32_t *labels, int n, long step);
/* Returns the loss of the batch, penalties not included; trainer->grad is its gradient, unless
 * the loss is not finite: then it is not to be used. */
double trainer_gradient(Trainer *trainer, int n, const int32_t *labels, long step);
/* Adds the penalties' gradient and returns their value (0 when there are none). */
double trainer_penalty(Trainer *trainer);
/* Moves the weights; step counts from 0. Returns the norm of the gradient before clipping; when that is
 * not finite, the weights are spoilt. */
double trainer_update(Trainer *trainer, double rate, long step);
/* Finds the first layer, from the input, in which something is not finite: "layer 2: activation is
 * inf". Call after trainer_gradient or trainer_update returned what is not finite. */
void trainer_diagnose(const Trainer *trainer, int n, double loss, double norm, char *out,
                      size_t size);

/* trainer_member.c: the effective weights of member k into trainer->mlp, from its parameters. */
void trainer_effective(Trainer *trainer, int k);
/* Adds the gradient by member k's effective weights to trainer->grad. */
void trainer_adjoint(Trainer *trainer, int k);
/* Brings trainer->average up to date where it is not kept so (schedule_free); before trainer_fold. */
void trainer_average(Trainer *trainer);
/* Member k as it is shipped, into out's params: from the averaged weights where there are such, batch
 * norm folded. `out` has trainer->mlp's shape. */
void trainer_fold(const Trainer *trainer, int k, Mlp *out);
#endif
