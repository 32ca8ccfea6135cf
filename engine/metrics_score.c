/* Which metrics a task has: room for them, and who computes them. */
#include "data/order.h"
#include "engine/metrics.h"

size_t scored_scratch_bytes(const Task *task, int n)
{
    size_t rows = (size_t)(n > 0 ? n : 0);
    if (!task || task->kind != TASK_NUMBERS) return metrics_scratch_bytes(n);
    return rows * (3 * sizeof(double) + 2 * sizeof(Keyed));
}

bool metrics_create_for(const Task *task, int n_classes, Arena *arena, Metrics *out, Error *err)
{
    if (!task || task_has_classes(task)) return metrics_create(n_classes, arena, out, err);
    *out = (Metrics){.n_targets = task->n_targets};
    out->of_target = arena_alloc(arena, (size_t)task->n_targets, sizeof *out->of_target);
    return out->of_target ? true : error_memory(err);
}

size_t metrics_bytes_for(const Task *task, int n_classes)
{
    if (task && !task_has_classes(task)) return (size_t)task->n_targets * sizeof(double[METRIC_COUNT]);
    return (size_t)n_classes * (size_t)n_classes * sizeof(int64_t) + (size_t)n_classes * sizeof(ClassMetrics);
}

void metrics_score(const ScoredRows *s, unsigned which, void *scratch, Metrics *out)
{
    if (s->task && s->task->kind == TASK_NUMBERS) metrics_of_numbers(s, which, scratch, out);
    else if (s->task && s->task->kind == TASK_LABELS) metrics_of_labels(s, which, scratch, out);
    else if (s->weight) metrics_weighted(s, which, scratch, out);
    else metrics_compute(s->n, s->values, s->ld, s->labels, s->positive, which, scratch, out);
}
