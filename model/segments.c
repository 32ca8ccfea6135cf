/* Each level of each column, evaluated by itself. */
#include "model/segments.h"

#include <math.h>
#include <string.h>

#include "model/intervals_weighted.h"
#include "model/scores.h"
#include "model/scores_targets.h"

/* The rows of one level, in order. */
static bool gather(const Judged *all, const Segmentation *by, int level, Arena *arena, Judged *out, Error *err)
{
    const size_t k = (size_t)all->n_classes;
    int n = 0;
    for (int i = 0; i < all->n; i++) n += by->of[i] == level && all->labels[i] >= 0;
    float *proba = ARENA_NEW(arena, float, (size_t)n * k);
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    double *weight = ARENA_NEW(arena, double, all->weight ? n : 0);
    if (!proba || !labels || !weight) return error_memory(err);
    *out = *all;
    out->n = 0;
    for (int i = 0; i < all->n; i++) {
        if (by->of[i] != level || all->labels[i] < 0) continue;
        memcpy(proba + (size_t)out->n * k, all->proba + (size_t)i * k, k * sizeof *proba);
        if (all->weight) weight[out->n] = all->weight[i];
        labels[out->n++] = all->labels[i];
    }
    out->proba = proba;
    out->labels = labels;
    if (all->weight) out->weight = weight;
    return true;
}

/* A class with rows, but none here. */
static bool lacks_a_class(const Judged *all, const Evaluation *here)
{
    for (int i = 0; i < all->n; i++)
        if (all->labels[i] >= 0 && here->metrics.per_class[all->labels[i]].support == 0) return true;
    return false;
}

/* Is it known what row i is? */
static bool is_known(const Judged *all, int i)
{
    const int n_targets = all->task->n_targets;
    for (int t = 0; t < n_targets; t++)
        if (!isnan(all->targets[(size_t)i * (size_t)n_targets + (size_t)t])) return true;
    return false;
}

/* gather() of numbers and labels. */
static bool gather_targets(const Judged *all, const Segmentation *by, int level, Arena *arena, Judged *out,
                           Error *err)
{
    const size_t k = (size_t)all->n_classes, n_targets = (size_t)all->task->n_targets;
    size_t n = 0;
    for (int i = 0; i < all->n; i++) n += by->of[i] == level && is_known(all, i);
    float *values = ARENA_NEW(arena, float, n * k);
    double *targets = ARENA_NEW(arena, double, n * n_targets), *weight = ARENA_NEW(arena, double, n);
    if (!values || !targets || !weight) return error_memory(err);
    *out = *all;
    out->n = 0;
    for (int i = 0; i < all->n; i++) {
        if (by->of[i] != level || !is_known(all, i)) continue;
        const size_t from = (size_t)i, to = (size_t)out->n++;
        memcpy(values + to * k, all->proba + from * k, k * sizeof *values);
        memcpy(targets + to * n_targets, all->targets + from * n_targets, n_targets * sizeof *targets);
        if (all->weight) weight[to] = all->weight[i];
    }
    out->proba = values;
    out->targets = targets;
    if (all->weight) out->weight = weight;
    return true;
}

static bool write_level_of_targets(const Judged *all, const Segmentation *by, int level, Arena *arena,
                                   Doc *list, Error *err)
{
    Judged some;
    TargetScores scores;
    if (!gather_targets(all, by, level, arena, &some, err)) return false;
    if (some.n == 0) return true;
    if (!scores_of_targets(&some, arena, &scores, err)) return false;
    Doc *entry = doc_add(list, doc_object());
    doc_set_text(entry, "level", by->levels[level]);
    doc_set_number(entry, "n", some.n);
    doc_set_bool(entry, "small", some.n < SEGMENT_SMALL);
    scores_put_metrics(all->task->kind, scores.metrics.value, scores.interval, entry);
    return true;
}

static bool write_level(const Judged *all, const Segmentation *by, int level, Arena *arena, Doc *list,
                        Error *err)
{
    Judged some;
    Evaluation e;
    Intervals intervals;
    if (!gather(all, by, level, arena, &some, err)) return false;
    if (some.n == 0) return true;
    if (!scores_measure(&some, arena, &e, err)
        || !intervals_for(&e, some.bootstrap, some.seed, arena, &intervals, err))
        return false;
    Doc *entry = doc_add(list, doc_object());
    doc_set_text(entry, "level", by->levels[level]);
    doc_set_number(entry, "n", some.n);
    doc_set_bool(entry, "small", some.n < SEGMENT_SMALL || lacks_a_class(all, &e));
    scores_write(&e, &intervals, entry);
    return true;
}

bool write_segments(const Judged *judged, Arena *arena, Doc *out, Error *err)
{
    if (judged->n_by == 0) return true;
    Doc *list = doc_set(out, "segments", doc_array());
    const bool classes = !judged->task || task_has_classes(judged->task);
    for (int b = 0; b < judged->n_by; b++) {
        const Segmentation *by = &judged->by[b];
        Doc *column = doc_add(list, doc_object());
        doc_set_text(column, "column", by->column);
        Doc *levels = doc_set(column, "levels", doc_array());
        for (int level = 0; level < by->n_levels; level++)
            if (!(classes ? write_level : write_level_of_targets)(judged, by, level, arena, levels, err))
                return false;
    }
    return true;
}
