/* tuner/store/score_rows.h - how good the products of a study are: on the test set, and where they are no trial
 * on the validation rows, too.
 *
 * A trial's go where its other metrics are, `metric` and `confusion` with split `test`. What is no trial, the
 * ensemble and the baselines, has tables of its own with the same columns, `model_metric` and
 * `model_confusion`; the views `scores`, `per_class` and `confused_pairs` show all of them.
 */
#ifndef CONSORT_TUNER_STORE_SCORE_ROWS_H
#define CONSORT_TUNER_STORE_SCORE_ROWS_H
#include "tuner/store/store.h"

/* What is scored: a trial (its id), or a model by its name. */
typedef struct {
    int64_t trial_id;  /* 0: it is no trial */
    const char *model; /* "ensemble", "logistic regression"; of a trial NULL */
    const char *split; /* "val", "test" */
    int n_metrics;
    const MetricRow *metrics; /* their split and fold are not looked at */
    int n_classes;
    const int64_t *confusion; /* (K, K) [truth * K + predicted] */
} ScoreRows;

/* In the place of what was there of the same model and split; n_metrics 0 and n_classes 0 forget it. Waits
 * until it is on disk. */
bool store_scores(Store *store, int64_t study_id, const ScoreRows *scores, Error *err);
#endif
