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
 * Piecewise-linear columns come as ramps (ramps.h) where nothing that is done to the inputs asks for floats. A
 * first layer whose inputs are mostly 0 otherwise (pictures, one-hot columns) skips the zeros. The bits are the
 * same with them and without (gemm.h), so that is decided batch by batch.
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
#include "engine/mlp.h"
#include "engine/training.h"

/* The shipped network that options mean for such rows, of which only the shape is looked at; the embedding,
 * if there is one, lives in the arena. */
bool trainer_mlp_shape(const TrainOptions *options, const Rows *rows, Arena *arena, Mlp *out, Error *err);
/* Floats of workspace that trainer_create will carve, to the same plan. */
bool trainer_floats(const TrainOptions *options, const Rows *rows, int batch, Arena *arena, size_t *floats,
                    Error *err);
/* Checks the options, carves everything, and draws the first weights. */
bool trainer_create(const TrainOptions *options, const Rows *rows, uint64_t seed, uint32_t stream,
                    Arena *arena, Trainer **out, Error *err);
/* Weights of the classes, normalized so that the mean over the rows is 1; rows count for their own. */
void trainer_class_weights(ClassWeight kind, const Rows *rows, float *weight);
/* trainer_init.c: the first weights. */
bool trainer_init(Trainer *trainer, const Rows *rows, Arena *arena, Error *err);
size_t trainer_init_floats(const Mlp *mlp); /* scratch that `init: data` takes at most */

/* Bytes besides the workspace that rows with weights take at most. */
size_t trainer_weight_bytes(const Rows *rows, int batch);
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
