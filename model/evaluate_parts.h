/* model/evaluate_parts.h - the documents of model/evaluate.h by task: what evaluate_predictions chooses from. */
#ifndef CONSORT_MODEL_EVALUATE_PARTS_H
#define CONSORT_MODEL_EVALUATE_PARTS_H
#include "base/doc.h"
#include "model/intervals_numbers.h"

bool evaluate_numbers(const Judged *judged, Arena *arena, Doc **out, Error *err);
bool evaluate_labels(const Judged *judged, Arena *arena, Doc **out, Error *err);

/* What the metrics and their intervals are made of; of no known row everything is undefined. */
bool evaluate_scores_of_numbers(const Judged *judged, Arena *arena, Metrics *metrics, NumberIntervals *intervals,
                                Error *err);
bool evaluate_scores_of_labels(const Judged *judged, Arena *arena, Metrics *metrics, Interval interval[METRIC_COUNT],
                               Error *err);
/* Sets "metrics" {name: {value, low95, high95}} of those that the task has. */
void evaluate_put_metrics(TaskKind task, const double value[METRIC_COUNT], const Interval interval[METRIC_COUNT],
                          Doc *out);
#endif
