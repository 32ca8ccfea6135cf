/* job/common_rows.c - reads two trials' stored predictions and keeps the rows that both have. */
#include "job/common_rows.h"

#include <string.h>

#include "base/file.h"

bool trial_predictions(Store *store, const char *folder, const TrialRow *trial, Arena *arena, Predictions *out,
                       Error *err)
{
    ArtifactRow *artifacts;
    int n;
    if (!store_artifacts(store, trial->id, arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_PROBA)) {
            const char *path = path_join(arena, folder, artifacts[i].path);
            return path ? predictions_load(path, arena, out, err) : error_memory(err);
        }
    return error_set(err, ERR_INVALID, "trial %d has not kept its predictions (run.keep_models)",
                     trial->number);
}

bool truth_of_rows(const Table *table, const int32_t *row, int n, Arena *arena, Pair *out, Error *err)
{
    const size_t n_targets = table->targets ? (size_t)table->task.n_targets : 0;
    int32_t *labels = table->labels ? ARENA_NEW(arena, int32_t, n + 1) : NULL;
    double *targets = n_targets ? ARENA_NEW(arena, double, (size_t)n * n_targets + 1) : NULL;
    double *weight = table->weight ? ARENA_NEW(arena, double, n + 1) : NULL;
    if ((table->labels && !labels) || (n_targets && !targets) || (table->weight && !weight))
        return error_memory(err);
    for (int i = 0; i < n; i++) {
        if (labels) labels[i] = table->labels[row[i]];
        if (weight) weight[i] = table->weight[row[i]];
        for (size_t t = 0; t < n_targets; t++)
            targets[(size_t)i * n_targets + t] = table->targets[(size_t)row[i] * n_targets + t];
    }
    out->n = n, out->n_classes = table_values(table);
    out->labels = labels, out->targets = targets, out->weight = weight, out->task = &table->task;
    return true;
}

bool common_rows(const Predictions *a, const Predictions *b, const Table *table, Arena *arena, Pair *out,
                 Error *err)
{
    const int most = a->n_rows, k = table_values(table);
    const size_t width = (size_t)k;
    if (a->n_classes != b->n_classes)
        return error_set(err, ERR_DATA, "their predictions have %d and %d classes", a->n_classes, b->n_classes);
    if (a->n_classes != k)
        return error_set(err, ERR_DATA, "their predictions have %d values a row, and the data %d",
                         a->n_classes, k);
    float *of_a = ARENA_NEW(arena, float, (size_t)most * width + 1);
    float *of_b = ARENA_NEW(arena, float, (size_t)most * width + 1);
    int32_t *rows = ARENA_NEW(arena, int32_t, most + 1);
    int n = 0;
    if (!of_a || !of_b || !rows) return error_memory(err);
    for (int i = 0, j = 0; i < most; i++) {
        const int32_t row = a->row[i];
        while (j < b->n_rows && b->row[j] < row) j++;
        if (j == b->n_rows || b->row[j] != row || row < 0 || row >= table->n_rows) continue;
        if (!table_known(table, row)) continue;
        memcpy(of_a + (size_t)n * width, a->proba + (size_t)i * width, width * sizeof *of_a);
        memcpy(of_b + (size_t)n * width, b->proba + (size_t)j * width, width * sizeof *of_b);
        rows[n++] = row;
    }
    if (n == 0) return error_set(err, ERR_DATA, "they predicted no row in common");
    out->a = of_a, out->b = of_b;
    return truth_of_rows(table, rows, n, arena, out, err);
}
