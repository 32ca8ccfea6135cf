/* Decides, measures, and writes the metrics down. */
#include "model/scores.h"

#include <math.h>
#include <string.h>

#include "model/model.h"

bool scores_measure(const Judged *judged, Arena *arena, Evaluation *out, Error *err)
{
    const int n = judged->n, k = judged->n_classes;
    const Model model = {.schema = {.n_classes = k}, .decision = judged->decision, .cost = judged->cost};
    Evaluation e = {.n = n, .n_classes = k, .classes = judged->classes, .proba = judged->proba,
                    .labels = judged->labels, .weight = judged->weight, .decision = judged->decision,
                    .cost = judged->cost, .positive = judged->positive};
    if (e.positive < 0 || e.positive >= k) e.positive = judged->interest - 1;
    if (e.positive < 0 || e.positive >= k) e.positive = k > 1;
    e.predicted = ARENA_NEW(arena, int32_t, n);
    void *scratch = arena_alloc(arena, 1, metrics_scratch_bytes(n));
    if (!e.predicted || !scratch) return error_memory(err);
    if (!metrics_create(k, arena, &e.metrics, err)) return false;
    for (int i = 0; i < n; i++) e.predicted[i] = model_decide(&model, e.proba + (size_t)i * (size_t)k);
    const ScoredRows rows = {.n = n, .n_classes = k, .values = e.proba, .ld = k, .labels = e.labels,
                             .weight = e.weight, .positive = e.positive};
    metrics_score(&rows, METRICS_ALL & ~(1u << METRIC_LOG_LOSS_CALIBRATED), scratch, &e.metrics);
    memcpy(e.value, e.metrics.value, sizeof e.value);
    if (e.weight) metrics_from_weighted(n, e.predicted, e.labels, e.weight, &e.metrics);
    else metrics_from_predictions(n, e.predicted, e.labels, &e.metrics);
    for (int m = 0; m < METRIC_COUNT; m++)
        if (!isnan(e.metrics.value[m])) e.value[m] = e.metrics.value[m];
    *out = e;
    return true;
}

/* A calibration error is given without its noise, what was counted beside it: the interval is about the
 * former. */
void scores_write(const Evaluation *e, const Intervals *intervals, Doc *out)
{
    Doc *metrics = doc_set(out, "metrics", doc_object());
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!metric_is_for((MetricId)m, TASK_CLASSES)) continue;
        if (m == METRIC_LOSS) continue; /* the training loss is not known here */
        if (m == METRIC_LOG_LOSS_CALIBRATED) continue; /* a model is calibrated, or is not: log loss tells */
        bool noisy = m == METRIC_ECE || m == METRIC_ECE_CLASSWISE;
        Doc *entry = doc_set(metrics, metric_name((MetricId)m), doc_object());
        doc_set_number(entry, "value", m == METRIC_ECE ? intervals->ece : m == METRIC_ECE_CLASSWISE
                       ? intervals->ece_classwise : e->value[m]);
        doc_set_number(entry, "low95", intervals->metric[m].low);
        doc_set_number(entry, "high95", intervals->metric[m].high);
        if (noisy) doc_set_number(entry, "counted", e->value[m]);
    }
}
