/* job/judged_rows.c - puts predictions beside the truth, and judges the best trial of a study. */
#include "job/judged_rows.h"

#include <string.h>

#include "job/common_rows.h"
#include "model/evaluate.h"

enum { BOOTSTRAP_SAMPLES = 1000 };

bool judged_rows(const Finished *f, const Predictions *p, const Table *table, Judged *out, Error *err)
{
    const size_t n = (size_t)p->n_rows, k = table->targets ? (size_t)table->task.n_targets : 0;
    int32_t *labels = table->labels ? ARENA_NEW(f->arena, int32_t, n) : NULL;
    double *targets = k ? arena_alloc(f->arena, n, k * sizeof *targets) : NULL;
    double *weight = table->weight ? ARENA_NEW(f->arena, double, n) : NULL;
    if ((table->labels && !labels) || (k && !targets) || (table->weight && !weight)) return error_memory(err);
    for (size_t i = 0; i < n; i++) {
        size_t row = (size_t)p->row[i];
        if (labels) labels[i] = table->labels[row];
        if (k) memcpy(targets + i * k, table->targets + row * k, k * sizeof *targets);
        if (weight) weight[i] = table->weight[row];
    }
    *out = (Judged){.n = p->n_rows, .n_classes = p->n_classes, .classes = f->data.train->classes,
                    .proba = p->proba, .labels = labels, .targets = targets, .weight = weight,
                    .task = &f->data.train->task, .positive = f->data.positive,
                    .bootstrap = f->config->report.ci == CI_BOOTSTRAP ? BOOTSTRAP_SAMPLES : 0,
                    .seed = f->study.seed};
    return true;
}

bool judged_best_trial(const Finished *f, Doc **out, Error *err)
{
    const Table *table = f->data.train;
    const bool loss = f->config->metric == METRIC_LOSS && table->task.kind == TASK_LABELS;
    const MetricId metric = loss ? METRIC_LOG_LOSS : metric_of_model(f->config->metric);
    TrialRow best;
    Predictions p;
    Judged judged;
    Doc *doc;
    Error why = {0};
    bool found;
    *out = NULL;
    if (!store_best(f->store, f->study.id, NULL, f->study.maximize, f->arena, &best, &found, err)) return false;
    if (!found) return true;
    bool ok = trial_predictions(f->store, f->place.folder, &best, f->arena, &p, &why);
    for (int i = 0; ok && i < p.n_rows; i++) ok = p.row[i] < table->n_rows;
    if (!ok || p.n_classes != table_values(table)) return why.code != ERR_MEMORY || error_memory(err);
    if (!judged_rows(f, &p, table, &judged, err)) return false;
    if (!evaluate_predictions(&judged, f->arena, &doc, &why))
        return why.code != ERR_MEMORY || error_memory(err);
    *out = doc_copy(doc_get(doc_get(doc, "metrics"), metric_name(metric)));
    doc_free(doc);
    return *out || error_memory(err);
}
