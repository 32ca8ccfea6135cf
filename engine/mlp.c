/* The block of a network's parameters: laid out, copied, as tensors of a file. */
#include "engine/mlp.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/layer.h"

/* Beyond this a float block passes 64 GiB and a row product could pass an int. */
enum { WIDEST = 1 << 24, MLP_MOST_TENSORS = 4 * MLP_MAX_LAYERS + 1 };
static const size_t MOST_FLOATS = (size_t)1 << 34;

bool mlp_measure(Mlp *mlp, Error *err)
{
    if (mlp->n_layers < 1 || mlp->n_layers > MLP_MAX_LAYERS)
        return error_set(err, ERR_INVALID, "%d hidden layers; at most %d are possible",
                         mlp->n_layers - 1, MLP_MAX_LAYERS - 1);
    if ((int)mlp->activation < 0 || mlp->activation >= ACTIVATION_COUNT)
        return error_set(err, ERR_INVALID, "activation number %d is unknown",
                         (int)mlp->activation);
    for (int l = 0; l <= mlp->n_layers; l++)
        if (mlp->width[l] < 1 || mlp->width[l] > WIDEST)
            return error_set(err, ERR_INVALID, "a layer of %d units; 1 to %d are possible", mlp->width[l],
                             WIDEST);
    Stage stages[LAYER_MOST_STAGES];
    const int n_stages = layer_stages(mlp, stages);
    mlp->n_params = mlp->n_floats = 0;
    for (int s = 0; s < n_stages; s++) {
        if (stages[s].kind == &layer_dense) mlp->at[stages[s].l] = mlp->n_floats;
        stages[s].kind->measure(mlp, stages[s].l, &mlp->n_params, &mlp->n_floats);
        if (mlp->n_floats > MOST_FLOATS)
            return error_set(err, ERR_INVALID, "a network of %zu weights and more is too large",
                             mlp->n_params);
    }
    return true;
}

bool mlp_shape(int n_in, const int *hidden, int n_hidden, int n_outputs, Activation activation,
               Mlp *out, Error *err)
{
    if (n_hidden < 0 || n_hidden >= MLP_MAX_LAYERS)
        return error_set(err, ERR_INVALID, "%d hidden layers; at most %d are possible", n_hidden,
                         MLP_MAX_LAYERS - 1);
    Mlp mlp = {.n_layers = n_hidden + 1, .activation = activation};
    mlp.width[0] = n_in;
    for (int l = 0; l < n_hidden; l++) mlp.width[l + 1] = hidden[l];
    mlp.width[mlp.n_layers] = n_outputs;
    if (!mlp_measure(&mlp, err)) return false;
    *out = mlp;
    return true;
}

bool mlp_create_like(const Mlp *shape, Arena *arena, Mlp **out, Error *err)
{
    Mlp *mlp = ARENA_NEW(arena, Mlp, 1);
    float *params = mlp ? ARENA_NEW(arena, float, shape->n_floats) : NULL;
    if (!params) return error_memory(err);
    *mlp = *shape;
    mlp->params = params;
    *out = mlp;
    return true;
}

bool mlp_create(int n_in, const int *hidden, int n_hidden, int n_outputs, Activation activation,
                Arena *arena, Mlp **out, Error *err)
{
    Mlp shape;
    return mlp_shape(n_in, hidden, n_hidden, n_outputs, activation, &shape, err) &&
           mlp_create_like(&shape, arena, out, err);
}

bool mlp_copy(const Mlp *mlp, Arena *arena, Mlp **out, Error *err)
{
    if (!mlp_create_like(mlp, arena, out, err)) return false;
    memcpy((*out)->params, mlp->params, mlp->n_floats * sizeof *mlp->params);
    return true;
}

int mlp_features(const Mlp *mlp)
{
    return mlp->embed ? mlp->embed->n_features : mlp->width[0];
}

/* ---- files ---- */

/* The parts of a network, in the order of the block; returns how many. `params` may be NULL. */
static int parts_of(const Mlp *mlp, LayerPart parts[MLP_MOST_TENSORS])
{
    Stage stages[LAYER_MOST_STAGES];
    const int n_stages = layer_stages(mlp, stages);
    int n = 0;
    for (int s = 0; s < n_stages; s++) n += stages[s].kind->parts(mlp, stages[s].l, parts + n);
    return n;
}

int mlp_n_tensors(const Mlp *mlp)
{
    return (mlp->embed ? 1 : 0) + 2 * mlp->n_layers + (mlp->layer_norm ? 2 * mlp->n_layers - 2 : 0);
}

bool mlp_to_tensors(const Mlp *mlp, const char *prefix, Arena *arena, Tensor *tensors, int *n,
                    Error *err)
{
    LayerPart parts[MLP_MOST_TENSORS];
    int n_parts = parts_of(mlp, parts), count = *n;
    for (int i = 0; i < n_parts; i++) {
        const LayerPart *part = &parts[i];
        size_t columns = (size_t)part->columns;
        float *copy = ARENA_NEW(arena, float, (size_t)part->rows * columns);
        char *name = copy ? arena_print(arena, "%s.%s", prefix, part->name) : NULL;
        if (!name) return error_memory(err);
        for (size_t r = 0; r < (size_t)part->rows; r++)
            memcpy(copy + r * columns, part->at + r * (size_t)part->ld, columns * sizeof *copy);
        Tensor tensor = {.name = name, .type = TENSOR_F32, .rank = part->rank, .data = copy};
        tensor.shape[0] = part->rank == 2 ? part->rows : part->columns;
        if (part->rank == 2) tensor.shape[1] = part->columns;
        tensors[count++] = tensor;
    }
    *n = count;
    return true;
}

static bool all_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

bool mlp_from_tensors(const TensorFile *file, const char *prefix, const Mlp *shape, Arena *arena,
                      Mlp **out, Error *err)
{
    LayerPart parts[MLP_MOST_TENSORS];
    const Tensor *found[MLP_MOST_TENSORS];
    Mlp measured = *shape;
    measured.params = NULL;
    if (!mlp_measure(&measured, err)) {
        if (err) err->code = ERR_DATA;
        return error_wrap(err, "%s", prefix);
    }
    /* Shapes are compared with the arrays in the file before memory for them is asked for. */
    int n_parts = parts_of(&measured, parts);
    for (int i = 0; i < n_parts; i++) {
        const LayerPart *part = &parts[i];
        char *name = arena_print(arena, "%s.%s", prefix, part->name);
        if (!name) return error_memory(err);
        const int64_t matrix[2] = {part->rows, part->columns}, vector[1] = {part->columns};
        found[i] = tensors_find(file, name, TENSOR_F32, part->rank,
                                part->rank == 2 ? matrix : vector, err);
        if (!found[i]) return false;
        if (!all_finite(found[i]->data, (size_t)part->rows * (size_t)part->columns))
            return error_set(err, ERR_DATA, "%s: a weight is not a finite number", name);
    }
    if (!mlp_create_like(&measured, arena, out, err)) return error_wrap(err, "%s", prefix);
    parts_of(*out, parts);
    for (int i = 0; i < n_parts; i++) {
        const LayerPart *part = &parts[i];
        const float *from = found[i]->data;
        size_t columns = (size_t)part->columns;
        for (size_t r = 0; r < (size_t)part->rows; r++)
            memcpy(part->at + r * (size_t)part->ld, from + r * columns, columns * sizeof *from);
    }
    return true;
}
