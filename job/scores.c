/* job/scores.c - makes rows of the database of an evaluation. */
#include "job/scores.h"

#include <math.h>

static bool read_confusion(const Doc *confusion, Arena *arena, ScoreRows *out, Error *err)
{
    enum { MOST = 10000 };
    const size_t k = doc_count(confusion);
    if (k == 0 || k > MOST) return true;
    int64_t *count = arena_alloc(arena, k * k, sizeof *count);
    if (!count) return error_memory(err);
    for (size_t t = 0; t < k; t++)
        for (size_t p = 0; p < k; p++) {
            double n = doc_to_number(doc_at(doc_at(confusion, t), p), 0);
            count[t * k + p] = n > 0 && n < 1e15 ? (int64_t)n : 0;
        }
    out->n_classes = (int)k;
    out->confusion = count;
    return true;
}

bool scores_put(Store *writer, int64_t study_id, const char *model, int64_t trial_id, const char *split,
                const Doc *evaluation, Arena *arena, Error *err)
{
    const Doc *metrics = doc_get(evaluation, "metrics"), *entry;
    const char *name;
    ScoreRows rows = {.model = model, .trial_id = trial_id, .split = split};
    MetricRow *row = ARENA_NEW(arena, MetricRow, doc_count(metrics) + 1);
    if (!row) return error_memory(err);
    for (size_t i = 0; doc_member(metrics, i, &name, &entry); i++) {
        double value = doc_to_number(doc_get(entry, "value"), NAN);
        if (isfinite(value))
            row[rows.n_metrics++] = (MetricRow){.name = name, .value = value,
                                                .low95 = doc_to_number(doc_get(entry, "low95"), NAN),
                                                .high95 = doc_to_number(doc_get(entry, "high95"), NAN)};
    }
    rows.metrics = row;
    return read_confusion(doc_get(evaluation, "confusion"), arena, &rows, err)
        && store_scores(writer, study_id, &rows, err);
}
