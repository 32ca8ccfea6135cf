/* Writes the scores of a trial on the test set, and those of what is no trial. */
#include "tuner/store/score_rows.h"

#include "tuner/store/queue.h"
#include "tuner/store/sql.h"

/* Of a model: the owner of its rows is the study. */
typedef struct {
    const char *model, *split, *name;
    double value, low95, high95;
} ModelMetric;
typedef struct {
    const char *model, *split;
    int64_t truth, pred, n;
} ModelCell;

static const RowColumn model_metric_list[] = {
    COLUMN(ModelMetric, model, TEXT), COLUMN(ModelMetric, split, TEXT), COLUMN(ModelMetric, name, TEXT),
    COLUMN(ModelMetric, value, REAL),
    COLUMN_NAMED(ModelMetric, low95, "lo95", REAL), COLUMN_NAMED(ModelMetric, high95, "hi95", REAL),
};
static const RowTable model_metric_columns = COLUMN_TABLE("model_metric", "study_id", ModelMetric,
                                                          model_metric_list);
static const RowColumn model_cell_list[] = {
    COLUMN(ModelCell, model, TEXT), COLUMN(ModelCell, split, TEXT), COLUMN(ModelCell, truth, INTEGER),
    COLUMN(ModelCell, pred, INTEGER), COLUMN(ModelCell, n, INTEGER),
};
static const RowTable model_cell_columns = COLUMN_TABLE("model_confusion", "study_id", ModelCell,
                                                        model_cell_list);

static bool forget(Store *store, int64_t study_id, const ScoreRows *s, Error *err)
{
    if (s->trial_id)
        return STORE_DO(store, err, "DELETE FROM metric WHERE trial_id = ?1 AND split = ?2", INT(s->trial_id),
                        TEXT(s->split))
            && STORE_DO(store, err, "DELETE FROM confusion WHERE trial_id = ?1 AND split = ?2",
                        INT(s->trial_id), TEXT(s->split));
    return STORE_DO(store, err, "DELETE FROM model_metric WHERE study_id = ?1 AND model = ?2 AND split = ?3",
                    INT(study_id), TEXT(s->model), TEXT(s->split))
        && STORE_DO(store, err, "DELETE FROM model_confusion WHERE study_id = ?1 AND model = ?2 AND split = ?3",
                    INT(study_id), TEXT(s->model), TEXT(s->split));
}

static bool put_metric(Store *store, int64_t study_id, const ScoreRows *s, const MetricRow *m, Error *err)
{
    const MetricRow row = {s->split, -1, m->name, m->value, m->low95, m->high95};
    const ModelMetric of_model = {s->model, s->split, m->name, m->value, m->low95, m->high95};
    if (s->trial_id) return store_row_put(store, replace_owned, &metric_columns, 0, s->trial_id, &row, err);
    return store_row_put(store, replace_owned, &model_metric_columns, 0, study_id, &of_model, err);
}

static bool put_cell(Store *store, int64_t study_id, const ScoreRows *s, int truth, int pred, Error *err)
{
    int64_t n = s->confusion[(size_t)truth * (size_t)s->n_classes + (size_t)pred];
    const ConfusionCell cell = {s->split, truth, pred, n};
    const ModelCell of_model = {s->model, s->split, truth, pred, n};
    if (n == 0) return true;
    if (s->trial_id) return store_row_put(store, replace_owned, &confusion_columns, 0, s->trial_id, &cell, err);
    return store_row_put(store, replace_owned, &model_cell_columns, 0, study_id, &of_model, err);
}

bool store_scores(Store *store, int64_t study_id, const ScoreRows *s, Error *err)
{
    if (!store_enter_write(store, err)) return false;
    bool ok = forget(store, study_id, s, err);
    for (int i = 0; ok && i < s->n_metrics; i++) ok = put_metric(store, study_id, s, &s->metrics[i], err);
    for (int t = 0; ok && t < s->n_classes; t++)
        for (int p = 0; ok && p < s->n_classes; p++) ok = put_cell(store, study_id, s, t, p, err);
    return store_leave_write(store, ok, err);
}
