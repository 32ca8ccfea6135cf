/* engine/mlp.h - networks made, copied, counted, and as tensors of a file. What one is stands in network.h; it
 * is used in mlp_forward.h and trained in train.h.
 *
 * Memory   a network and its parameters in the arena.
 * Errors   ERR_INVALID for shapes that cannot be, ERR_DATA for tensors that do not fit, ERR_MEMORY.
 */
#ifndef CONSORT_ENGINE_MLP_H
#define CONSORT_ENGINE_MLP_H
#include "base/arena.h"
#include "base/error.h"
#include "base/tensors.h"
#include "engine/network.h"

/* Counts n_params and n_floats of a shape whose other members are set. False when it cannot be. */
bool mlp_measure(Mlp *shape, Error *err);
/* Fills the shape of a plain network, sizes included. */
bool mlp_shape(int n_in, const int *hidden, int n_hidden, int n_outputs, Activation activation,
               Mlp *out, Error *err);
/* A plain network of zeros. `hidden` widths, n_hidden may be 0 (multinomial logistic regression). */
bool mlp_create(int n_in, const int *hidden, int n_hidden, int n_outputs, Activation activation,
                Arena *arena, Mlp **out, Error *err);
/* Zeros of the same shape as `shape`, whose params are not looked at; the embedding is shared. */
bool mlp_create_like(const Mlp *shape, Arena *arena, Mlp **out, Error *err);
bool mlp_copy(const Mlp *mlp, Arena *arena, Mlp **out, Error *err);
/* What a row must have for this network. */
int mlp_features(const Mlp *mlp);
/* Adds the network's weights as tensors named "<prefix>.l0.w", "<prefix>.l0.b", ("<prefix>.l0.gain",
 * "<prefix>.l0.shift",) ... unpadded, in memory from the arena; *n grows by mlp_n_tensors. And back,
 * checking every size and that every weight is finite. `shape` says the widths and all else but the
 * params, and is a file's word: it is checked before memory for it is asked for. */
int mlp_n_tensors(const Mlp *mlp);
bool mlp_to_tensors(const Mlp *mlp, const char *prefix, Arena *arena, Tensor *tensors, int *n,
                    Error *err);
bool mlp_from_tensors(const TensorFile *file, const char *prefix, const Mlp *shape, Arena *arena,
                      Mlp **out, Error *err);
#endif
