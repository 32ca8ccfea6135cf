/* Stored predictions: the probabilities of a trial on the rows it did not train on, as a file. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "model/model.h"

/* Two formats, so that neither is taken for the other. */
static const char format[] = "consort-proba 1", numbers[] = "consort-values 1";

bool predictions_save(const Predictions *predictions, const char *path, Error *err)
{
    const Tensor tensors[] = {
        {"row", TENSOR_I32, 1, {predictions->n_rows}, predictions->row},
        {"proba", TENSOR_F32, 2, {predictions->n_rows, predictions->n_classes},
         predictions->proba},
    };
    return tensors_write(path, predictions->numbers ? numbers : format, NULL, 0, tensors, 2, err);
}

static bool take(const TensorFile *file, const char *path, bool probabilities, Arena *arena, Predictions *out,
                 Error *err)
{
    const int64_t any[TENSOR_MAX_RANK] = {-1, -1};
    const Tensor *proba = tensors_find(file, "proba", TENSOR_F32, 2, any, err);
    if (!proba) return false;
    const int64_t n = proba->shape[0], n_classes = proba->shape[1];
    if (n < 1 || n > INT_MAX || n_classes < 1 || n_classes > INT_MAX)
        return error_set(err, ERR_DATA, "%s: predictions of %lld rows and %lld classes", path,
                         (long long)n, (long long)n_classes);
    const int64_t shape[TENSOR_MAX_RANK] = {n};
    const Tensor *row = tensors_find(file, "row", TENSOR_I32, 1, shape, err);
    if (!row) return false;
    const size_t cells = (size_t)n * (size_t)n_classes;
    int32_t *rows = ARENA_NEW(arena, int32_t, n);
    float *p = ARENA_NEW(arena, float, cells);
    if (!rows || !p) return error_memory(err);
    memcpy(rows, row->data, (size_t)n * sizeof *rows);
    memcpy(p, proba->data, cells * sizeof *p);
    for (int64_t i = 0; i < n; i++)
        if (rows[i] < 0 || (i > 0 && rows[i] <= rows[i - 1]))
            return error_set(err, ERR_DATA, "%s: row numbers do not increase at entry %lld", path,
                             (long long)i + 1);
    for (size_t i = 0; i < cells; i++)
        if (probabilities ? !(p[i] >= 0 && p[i] <= 1.001f) : !isfinite(p[i]))
            return error_set(err, ERR_DATA, "%s: row %d: %g is no %s", path,
                             (int)rows[i / (size_t)n_classes], (double)p[i],
                             probabilities ? "probability" : "number");
    *out = (Predictions){(int)n, (int)n_classes, rows, p, !probabilities};
    return true;
}

bool predictions_load(const char *path, Arena *arena, Predictions *out, Error *err)
{
    TensorFile *file = NULL;
    Error other;
    bool probabilities = tensors_read(path, format, &file, err);
    if (!probabilities && !tensors_read(path, numbers, &file, &other)) return false;
    bool ok = take(file, path, probabilities, arena, out, err);
    tensors_free(file);
    return ok;
}
