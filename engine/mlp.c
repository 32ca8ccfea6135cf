#include "engine/mlp.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "base/mat.h"
#include "engine/activation.h"
#include "engine/loss.h"
#include "engine/mlp_internal.h"

/* Beyond this a float block passes 64 GiB and a row product could pass an int. */
enum { WIDEST = 1 << 24 };
static const size_t MOST_FLOATS = (size_t)1 << 34;

bool mlp_shape(int n_in, const int *hidden, int n_hidden, int n_classes, Activation activation,
               Mlp *out, Error *err)
{
    if (n_hidden < 0 || n_hidden >= MLP_MAX_LAYERS)
        return error_set(err, ERR_INVALID, "%d hidden layers; at most %d are possible", n_hidden,
                         MLP_MAX_LAYERS - 1);
    if ((int)activation < 0 || activation >= ACTIVATION_COUNT)
        return error_set(err, ERR_INVALID, "activation number %d is unknown", (int)activation);
    Mlp mlp = {.n_layers = n_hidden + 1, .activation = activation};
    for (int l = 0; l <= mlp.n_layers; l++) {
        int width = l == 0 ? n_in : l == mlp.n_layers ? n_classes : hidden[l - 1];
        if (width < 1 || width > WIDEST)
            return error_set(err, ERR_INVALID, "a layer of %d units; 1 to %d are possible", width,
                             WIDEST);
        mlp.width[l] = width;
        if (l == 0) continue;
        mlp.n_params += ((size_t)mlp.width[l - 1] + 1) * (size_t)width;
        mlp.n_floats += ((size_t)mlp.width[l - 1] + 1) * (size_t)mlp_pad(width);
        if (mlp.n_floats > MOST_FLOATS)
            return error_set(err, ERR_INVALID, "a network of %zu weights and more is too large",
                             mlp.n_params);
    }
    *out = mlp;
    return true;
}

bool mlp_create(int n_in, const int *hidden, int n_hidden, int n_classes, Activation activation,
                Arena *arena, Mlp **out, Error *err)
{
    Mlp shape;
    if (!mlp_shape(n_in, hidden, n_hidden, n_classes, activation, &shape, err)) return false;
    Mlp *mlp = ARENA_NEW(arena, Mlp, 1);
    float *params = mlp ? ARENA_NEW(arena, float, shape.n_floats) : NULL;
    if (!params) return error_memory(err);
    *mlp = shape;
    mlp->params = params;
    *out = mlp;
    return true;
}

MlpLayer mlp_layer(const Mlp *mlp, int l)
{
    assert(l >= 0 && l < mlp->n_layers);
    float *at = mlp->params;
    for (int i = 0; i < l; i++)
        at += ((size_t)mlp->width[i] + 1) * (size_t)mlp_pad(mlp->width[i + 1]);
    int ld = mlp_pad(mlp->width[l + 1]);
    return (MlpLayer){.w = at, .ld = ld, .b = at + (size_t)mlp->width[l] * (size_t)ld};
}

bool mlp_copy(const Mlp *mlp, Arena *arena, Mlp **out, Error *err)
{
    Mlp *copy = ARENA_NEW(arena, Mlp, 1);
    float *params = copy ? ARENA_NEW(arena, float, mlp->n_floats) : NULL;
    if (!params) return error_memory(err);
    *copy = *mlp;
    copy->params = memcpy(params, mlp->params, mlp->n_floats * sizeof *params);
    *out = copy;
    return true;
}

size_t mlp_count_params(int n_in, const int *hidden, int n_hidden, int n_classes)
{
    size_t n = 0;
    for (int l = 0; l <= n_hidden; l++) {
        size_t from = (size_t)(l == 0 ? n_in : hidden[l - 1]);
        n += (from + 1) * (size_t)(l == n_hidden ? n_classes : hidden[l]);
    }
    return n;
}

unsigned long mlp_denormals_off(void)
{
#if defined(__SSE2__)
    unsigned state = _mm_getcsr();
    _mm_setcsr(state | 0x8040u); /* flush to zero, denormals are zero */
    return state;
#elif defined(__aarch64__)
    unsigned long state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    __asm__ volatile("msr fpcr, %0" : : "r"(state | 1ul << 24));
    return state;
#else
    return 0;
#endif
}

void mlp_denormals_restore(unsigned long state)
{
#if defined(__SSE2__)
    /* The two modes alone: exception flags raised meanwhile stay raised. */
    _mm_setcsr((_mm_getcsr() & ~0x8040u) | ((unsigned)state & 0x8040u));
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(state));
#else
    (void)state;
#endif
}

static int widest(const Mlp *mlp)
{
    int most = 0;
    for (int l = 1; l <= mlp->n_layers; l++)
        if (mlp->width[l] > most) most = mlp->width[l];
    return mlp_pad(most);
}

size_t mlp_forward_floats(const Mlp *mlp, int rows)
{
    return 2 * (size_t)rows * (size_t)widest(mlp);
}

float *mlp_forward(const Mlp *mlp, int n, const float *x, int ld_x, float *work)
{
    float *half[2] = {work, work + (size_t)n * (size_t)widest(mlp)};
    const float *in = x;
    int ld_in = ld_x;
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        float *out = half[l % 2];
        /* The padding is computed too: the buffer holds another layer's numbers there. */
        mat_mul(false, false, n, layer.ld, mlp->width[l], 1, in, ld_in, layer.w, layer.ld, 0, out,
                layer.ld);
        if (l + 1 < mlp->n_layers)
            activation_forward(mlp->activation, n, layer.ld, layer.b, out, NULL);
        else
            activation_bias(n, layer.ld, layer.b, out);
        in = out;
        ld_in = layer.ld;
    }
    return half[(mlp->n_layers - 1) % 2];
}

const float *mlp_rows(const Rows *rows, int from, int n, float *block, int *ld)
{
    if (rows->x) {
        *ld = rows->ld;
        return rows->x + (size_t)from * (size_t)rows->ld;
    }
    *ld = mlp_pad(rows->n_features);
    rows_gather(rows, NULL, from, n, NULL, NULL, NULL, block, *ld);
    return block;
}

bool mlp_predict(const Mlp *mlp, const Rows *rows, Arena *arena, float *proba, int ld_proba,
                 Error *err)
{
    const int n_classes = mlp->width[mlp->n_layers], ld = mlp_pad(n_classes);
    if (rows->n_features != mlp->width[0])
        return error_set(err, ERR_INVALID, "the network takes %d features, the rows have %d",
                         mlp->width[0], rows->n_features);
    int most = rows->n_rows < MLP_BLOCK ? rows->n_rows : MLP_BLOCK;
    float *work = ARENA_NEW(arena, float, mlp_forward_floats(mlp, most));
    float *block = NULL;
    if (work && !rows->x)
        block = ARENA_NEW(arena, float, (size_t)most * (size_t)mlp_pad(rows->n_features));
    if (!work || (!rows->x && !block)) return error_memory(err);
    const Loss loss = {.n_classes = n_classes};
    unsigned long state = mlp_denormals_off();
    for (int from = 0; from < rows->n_rows; from += most) {
        int n = rows->n_rows - from < most ? rows->n_rows - from : most, ld_x;
        const float *x = mlp_rows(rows, from, n, block, &ld_x);
        float *p = mlp_forward(mlp, n, x, ld_x, work);
        loss_rows(&loss, n, ld, p, NULL, NULL, NULL);
        for (int i = 0; i < n; i++)
            memcpy(proba + (size_t)(from + i) * (size_t)ld_proba, p + (size_t)i * (size_t)ld,
                   (size_t)n_classes * sizeof *proba);
    }
    mlp_denormals_restore(state);
    return true;
}

bool mlp_to_tensors(const Mlp *mlp, const char *prefix, Arena *arena, Tensor *tensors, int *n,
                    Error *err)
{
    int count = *n;
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        size_t rows = (size_t)mlp->width[l], columns = (size_t)mlp->width[l + 1];
        float *w = ARENA_NEW(arena, float, rows * columns);
        char *w_name = w ? arena_print(arena, "%s.l%d.w", prefix, l) : NULL;
        char *b_name = w_name ? arena_print(arena, "%s.l%d.b", prefix, l) : NULL;
        float *b = b_name ? ARENA_NEW(arena, float, columns) : NULL;
        if (!b) return error_memory(err);
        for (size_t i = 0; i < rows; i++)
            memcpy(w + i * columns, layer.w + i * (size_t)layer.ld, columns * sizeof *w);
        memcpy(b, layer.b, columns * sizeof *b);
        tensors[count++] = (Tensor){.name = w_name, .type = TENSOR_F32, .rank = 2,
                                    .shape = {(int64_t)rows, (int64_t)columns}, .data = w};
        tensors[count++] = (Tensor){.name = b_name, .type = TENSOR_F32, .rank = 1,
                                    .shape = {(int64_t)columns}, .data = b};
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

bool mlp_from_tensors(const TensorFile *file, const char *prefix, int n_layers, const int *width,
                      Activation activation, Arena *arena, Mlp **out, Error *err)
{
    Mlp *mlp;
    if (n_layers < 1 || n_layers > MLP_MAX_LAYERS)
        return error_set(err, ERR_DATA, "%s: %d layers; 1 to %d are possible", prefix, n_layers,
                         MLP_MAX_LAYERS);
    /* Shapes are compared with the arrays in the file before memory for them is asked for. */
    const Tensor *found[2 * MLP_MAX_LAYERS];
    for (int l = 0; l < n_layers; l++) {
        if (width[l] < 1 || width[l + 1] < 1)
            return error_set(err, ERR_DATA, "%s: layer %d of %d by %d units", prefix, l, width[l],
                             width[l + 1]);
        for (int bias = 0; bias < 2; bias++) {
            char *name = arena_print(arena, "%s.l%d.%s", prefix, l, bias ? "b" : "w");
            if (!name) return error_memory(err);
            const int64_t matrix[2] = {width[l], width[l + 1]}, vector[1] = {width[l + 1]};
            const Tensor *tensor = tensors_find(file, name, TENSOR_F32, bias ? 1 : 2,
                                                bias ? vector : matrix, err);
            if (!tensor) return false;
            size_t n = (size_t)width[l + 1] * (size_t)(bias ? 1 : width[l]);
            if (!all_finite(tensor->data, n))
                return error_set(err, ERR_DATA, "%s: a weight is not a finite number", name);
            found[2 * l + bias] = tensor;
        }
    }
    if (!mlp_create(width[0], width + 1, n_layers - 1, width[n_layers], activation, arena, &mlp,
                    err)) {
        if (err && err->code == ERR_INVALID) err->code = ERR_DATA;
        return error_wrap(err, "%s", prefix);
    }
    for (int l = 0; l < n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        const float *w = found[2 * l]->data;
        size_t columns = (size_t)width[l + 1];
        for (int i = 0; i < width[l]; i++)
            memcpy(layer.w + (size_t)i * (size_t)layer.ld, w + (size_t)i * columns,
                   columns * sizeof *w);
        memcpy(layer.b, found[2 * l + 1]->data, columns * sizeof *w);
    }
    *out = mlp;
    return true;
}
