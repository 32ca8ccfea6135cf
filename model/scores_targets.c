/* Measures numbers and labels, and writes the metrics down. */
#include "model/scores_targets.h"

#include <string.h>

#include "model/intervals_labels.h"

bool scores_of_targets(const Judged *j, Arena *arena, TargetScores *out, Error *err)
{
    const ScoredRows rows = {.task = j->task, .n = j->n, .n_classes = j->n_classes, .values = j->proba,
                             .ld = j->n_classes, .targets = j->targets, .weight = j->weight};
    void *scratch = arena_alloc(arena, 1, scored_scratch_bytes(j->task, j->n));
    TargetScores got = {.of_target = NULL};
    Metrics *metrics = &got.metrics;
    NumberIntervals intervals;
    if (!scratch) return error_memory(err);
    if (!metrics_create_for(j->task, j->n_classes, arena, metrics, err)) return false;
    metrics_score(&rows, metrics_for(j->task->kind), scratch, metrics);
    if (j->task->kind == TASK_LABELS) {
        if (!intervals_of_labels(j, metrics->value, metrics->n_rows, arena, got.interval, err)) return false;
    } else {
        if (!intervals_of_numbers(j, metrics, arena, &intervals, err)) return false;
        memcpy(got.interval, intervals.metric, sizeof got.interval);
        got.of_target = intervals.of_target;
    }
    *out = got;
    return true;
}

void scores_put_metrics(TaskKind task, const double value[METRIC_COUNT], const Interval interval[METRIC_COUNT],
                        Doc *out)
{
    Doc *metrics = doc_set(out, "metrics", doc_object());
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!metric_is_for((MetricId)m, task)) continue;
        if (m == METRIC_LOSS) continue; /* the training loss is not known here */
        Doc *entry = doc_set(metrics, metric_name((MetricId)m), doc_object());
        doc_set_number(entry, "value", value[m]);
        doc_set_number(entry, "low95", interval[m].low);
        doc_set_number(entry, "high95", interval[m].high);
    }
}
