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

bool common_rows(const Predictions *a, const Predictions *b, const Table *table, Arena *arena, Pair *out,
                 Error *err)
{
    if (a->n_classes != b->n_classes)
        return error_set(err, ERR_DATA, "their predictions have %d and %d classes", a->n_classes, b->n_classes);
    const int most = a->n_rows, k = a->n_classes;
    const size_t width = (size_t)k;
    float *of_a = ARENA_NEW(arena, float, (size_t)most * width + 1);
    float *of_b = ARENA_NEW(arena, float, (size_t)most * width + 1);
    int32_t *labels = ARENA_NEW(arena, int32_t, most + 1);
    int n = 0;
    double *weight = ARENA_NEW(arena, double, table->weight ? most + 1 : 0);
    if (!of_a || !of_b || !labels || !weight) return error_memory(err);
    for (int i = 0, j = 0; i < most; i++) {
        const int32_t row = a->row[i];
        while (j < b->n_rows && b->row[j] < row) j++;
        if (j == b->n_rows || b->row[j] != row || row < 0 || row >= table->n_rows) continue;
        const int32_t label = table->labels[row];
        if (label < 0 || label >= k) continue;
        memcpy(of_a + (size_t)n * width, a->proba + (size_t)i * width, width * sizeof *of_a);
        memcpy(of_b + (size_t)n * width, b->proba + (size_t)j * width, width * sizeof *of_b);
        if (table->weight) weight[n] = table->weight[row];
        labels[n++] = label;
    }
    if (n == 0) return error_set(err, ERR_DATA, "they predicted no row in common");
    out->n = n, out->n_classes = k, out->a = of_a, out->b = of_b, out->labels = labels;
    out->weight = table->weight ? weight : NULL;
    return true;
}
