/* engine/training.h - what one network is while it is trained: a Trainer, as trainer.h makes and moves it
 * and as the kinds of layers (layer.h) work on it. Data only, and where things lie in it.
 *
 * Memory  everything is carved before the first step (trainer_create). Errors none.
 */
#ifndef CONSORT_ENGINE_TRAINING_H
#define CONSORT_ENGINE_TRAINING_H
#include "engine/activation.h"
#include "engine/gemm.h"
#include "engine/loss.h"
#include "engine/network.h"
#include "engine/optimizer.h"
#include "engine/ramps.h"
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
    float *x;         /* (B, ld_x) features; NULL where they are hats */
    float *inputs;    /* (B, ld_in) of the first layer; x itself without embedding */
    bool skips_zeros;        /* the rows are worth looking for zeros */
    const Ramp *ramp;        /* (n_ramps) columns of the rows that come as hats (ramps.h) */
    int n_ramps;             /* 0: the rows come as floats */
    RampBatch hats;
    float *sums;             /* (width[0], ld) of the first layer's weights; or NULL */
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
    int32_t *places;  /* (B) 0, 1, ...: what stands for labels where targets or aims are mixed; or NULL */
    float *learned;   /* (N, T) the training rows' targets in units of learning (task.h); or NULL */
    float *targets;   /* (B, T) of the batch, mixed; or NULL */
    float lambda;     /* share of a row's own label */
    bool taught;      /* a teacher has spoken of the training rows: teach.h */
    float *aims;      /* (N, K) what their classes should have; or NULL */
    float *soft;      /* (B, K) of the batch, mixed; or NULL */
    float *row_weight; /* (N) what the training rows weigh, mean 1; NULL: alike */
    float *weight, *weight2; /* (B) of the batch, and of the partners; targets' are mixed */
    uint32_t *words;  /* random bits for a tile */
    float *augment;   /* scratch of rows_gather */
    TrainProfile *profile;
} Trainer;

/* The next n floats of the parameter block are treated so by the optimizer; returns where they begin. */
static inline size_t trainer_group(Trainer *t, size_t n, double rate, double epsilon, bool weights)
{
    size_t at = t->n_floats;
    t->groups[t->n_groups++] = (ParamGroup){at, n, rate, epsilon, weights};
    t->n_floats += n;
    return at;
}
/* Where the weights of dense layer l lie among the parameters, and the bias of member k. */
static inline float *trainer_weights(const Trainer *t, int l)
{
    Mlp mlp = t->mlp;
    mlp.params = t->params;
    return mlp_layer(&mlp, l).w;
}
static inline float *trainer_bias(const Trainer *t, int l, int k)
{
    size_t in = (size_t)t->mlp.width[l], ld = (size_t)mlp_pad(t->mlp.width[l + 1]);
    if (t->extras[l].b) return t->params + t->extras[l].b + (size_t)k * ld;
    return trainer_weights(t, l) + in * ld;
}
/* Masks of a member's layer; the inputs are layer 0, and shared by the members. */
static inline Rng trainer_mask(const Trainer *t, long step, int layer, int member)
{
    uint64_t place = (uint64_t)layer + (uint64_t)member * (MLP_MAX_LAYERS + 1);
    uint64_t key = rng_mix(rng_mix(t->seed, (uint64_t)step), place);
    return rng_stream(key, t->stream, RNG_DROPOUT);
}
#endif
