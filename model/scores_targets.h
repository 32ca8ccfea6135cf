/* model/scores_targets.h - the scores of numbers and labels and their intervals: what an evaluation and each of
 * its segments has. (Classes: model/scores.h.) */
#ifndef CONSORT_MODEL_SCORES_TARGETS_H
#define CONSORT_MODEL_SCORES_TARGETS_H
#include "base/doc.h"
#include "model/intervals_numbers.h"

typedef struct {
    Metrics metrics;
    Interval interval[METRIC_COUNT];         /* of the averages */
    Interval (*of_target)[METRIC_COUNT];     /* (T) of numbers; NULL: labels, which are judged as two classes */
} TargetScores;

/* ERR_MEMORY only: of no known row everything is undefined. */
bool scores_of_targets(const Judged *judged, Arena *arena, TargetScores *out, Error *err);
/* Sets "metrics" {name: {value, low95, high95}} of those that the task has. */
void scores_put_metrics(TaskKind task, const double value[METRIC_COUNT], const Interval interval[METRIC_COUNT],
                        Doc *out);
#endif
