/* engine/train_internal.h - one training step taken apart: for train.c, the gradient tests and the
 * speed bench.
 *
 * A Trainer is the network, its gradient and moments, and the workspace of a batch, all carved
 * before the first step. A step is
 *
 *     trainer_gather     rows -> x, augmented, with input dropout
 *     trainer_forward    x -> logits, keeping h_l and the slopes d_l
 *     trainer_backward   loss, then dz_l, dW_l, db_l from the last layer to the first; the gradient
 *                        by the input is never computed
 *     trainer_update     penalties, clipping, optimizer
 *
 * Randomness is keyed by what it is for, never by how often something was drawn before: masks by
 * (step, layer), augmentation by step, the row order by epoch, first weights by layer. So a step can be
 * repeated exactly, which the gradient tests do.
 *
 * Shapes   B = rows of the batch, layer l in [0, L): h[l], d[l], g[l] are (B, ld_l), ld_l =
 *          mlp_pad(width[l + 1]); padding is finite in h and d, and zero in g.
 */
#ifndef CONSORT_ENGINE_TRAIN_INTERNAL_H
#define CONSORT_ENGINE_TRAIN_INTERNAL_H
#include "engine/activation.h"
#include "engine/loss.h"
#include "engine/mlp_internal.h"
#include "engine/optimizer.h"
#include "engine/train.h"

/* Where a step's time goes, in seconds; filled when Trainer.profile is set. */
typedef struct {
    double gather, forward, loss, backward, update;
} TrainProfile;

typedef struct {
    TrainOptions options;
    uint64_t seed;
    uint32_t stream;
    int batch; /* rows the workspace holds */
    Mlp mlp;
    Loss loss;
    Dropout drop_input, drop_hidden;
    int ld_x;
    float *x;                                             /* (B, ld_x) */
    float *h[MLP_MAX_LAYERS], *d[MLP_MAX_LAYERS], *g[MLP_MAX_LAYERS];
    float *grad;         /* like mlp.params */
    float *m, *v;        /* moments, like mlp.params, or NULL */
    float *class_weight; /* (K) */
    uint32_t *words;     /* random bits for a tile */
    float *augment;      /* scratch of rows_gather */
    TrainProfile *profile;
} Trainer;

/* Floats of workspace that trainer_create will carve, to the same plan. */
bool trainer_floats(const TrainOptions *options, int n_features, int n_classes, int batch,
                    size_t *floats, Error *err);
/* Checks the options, carves everything, and draws the first weights. */
bool trainer_create(const TrainOptions *options, const Rows *rows, uint64_t seed, uint32_t stream,
                    Arena *arena, Trainer **out, Error *err);
/* Weights of the classes, normalized so that the mean over the rows is 1. */
void trainer_class_weights(ClassWeight kind, const Rows *rows, float *weight);

void trainer_gather(Trainer *trainer, const Rows *rows, const int32_t *index, int n, long step);
void trainer_forward(Trainer *trainer, int n, long step);
/* Returns the loss of the batch, penalties not included; trainer->grad is its gradient, unless
 * the loss is not finite: then no gradient is computed. */
double trainer_backward(Trainer *trainer, int n, const int32_t *labels);
/* Adds the penalties' gradient and returns their value (0 when there are none). */
double trainer_penalty(Trainer *trainer);
/* Moves the weights; step counts from 0. Returns the norm of the gradient before clipping; when that is
 * not finite, the weights are spoilt. */
double trainer_update(Trainer *trainer, double rate, long step);
/* Finds the first layer, from the input, in which something is not finite: "layer 2: activation is
 * inf". Call after trainer_backward or trainer_update returned what is not finite. */
void trainer_diagnose(const Trainer *trainer, int n, double loss, double norm, char *out,
                      size_t size);
#endif
