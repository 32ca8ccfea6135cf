/* The evaluation of several yes-or-noes: each as two classes, and all together. */
#include <math.h>
#include <string.h>

#include "model/curves.h"
#include "model/evaluate_parts.h"
#include "model/intervals.h"
#include "model/reliability.h"
#include "model/intervals_weighted.h"
#include "model/scores.h"
#include "model/scores_targets.h"
#include "model/segments.h"

/* Probabilities of both answers, and which is true, of label t. */
static bool as_classes(const Judged *j, int t, Arena *arena, Judged *out, Error *err)
{
    const Task *task = j->task;
    float *proba = ARENA_NEW(arena, float, 2 * (size_t)j->n);
    int32_t *labels = ARENA_NEW(arena, int32_t, j->n);
    if (!proba || !labels) return error_memory(err);
    for (int i = 0; i < j->n; i++) {
        float p = j->proba[(size_t)i * (size_t)j->n_classes + (size_t)t];
        double y = j->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
        proba[2 * i] = 1 - p;
        proba[2 * i + 1] = p;
        labels[i] = isnan(y) ? -1 : y > 0.5;
    }
    *out = (Judged){.n = j->n, .n_classes = 2, .classes = task->targets[t].answer, .proba = proba,
                    .labels = labels, .weight = j->weight, .positive = 1, .bootstrap = j->bootstrap,
                    .seed = j->seed};
    return true;
}

static void write_confusion(const Metrics *m, Doc *out)
{
    Doc *confusion = doc_set(out, "confusion", doc_array());
    for (int t = 0; t < 2; t++) {
        Doc *row = doc_add(confusion, doc_array());
        for (int p = 0; p < 2; p++) doc_add(row, doc_number((double)m->confusion[2 * t + p]));
    }
}

/* Precision, recall and F1 are of yes. */
static bool write_label(const Judged *j, int t, const double value[METRIC_COUNT], Arena *arena, Doc *out,
                        Error *err)
{
    Judged one;
    Evaluation e;
    Intervals intervals;
    if (!as_classes(j, t, arena, &one, err) || !scores_measure(&one, arena, &e, err)) return false;
    doc_set_text(out, "name", j->task->targets[t].name);
    Doc *answers = doc_set(out, "answers", doc_array());
    for (int a = 0; a < 2; a++) doc_add(answers, doc_text(j->task->targets[t].answer[a]));
    doc_set_number(out, "rows", (double)e.metrics.n_rows);
    if (e.metrics.n_rows == 0) {
        Interval none[METRIC_COUNT];
        for (int m = 0; m < METRIC_COUNT; m++) none[m] = interval_none;
        scores_put_metrics(TASK_LABELS, value, none, out);
        return true;
    }
    if (!intervals_for(&e, j->bootstrap, j->seed, arena, &intervals, err)) return false;
    Interval *of = intervals.metric;
    of[METRIC_F1_MACRO] = of[METRIC_F1_MICRO] = of[METRIC_F1_WEIGHTED] = intervals.f1[1];
    of[METRIC_PRECISION_MACRO] = intervals.precision[1];
    of[METRIC_RECALL_MACRO] = intervals.recall[1];
    scores_put_metrics(TASK_LABELS, value, of, out);
    write_confusion(&e.metrics, out);
    return write_reliability(&e, arena, out, err) && evaluate_curves(&e, arena, out, err);
}

bool evaluate_labels(const Judged *j, Arena *arena, Doc **out, Error *err)
{
    TargetScores scores;
    if (!scores_of_targets(j, arena, &scores, err)) return false;
    if (scores.metrics.n_rows == 0)
        return error_set(err, ERR_DATA, "no row has a known answer: there is nothing to compare with");
    Doc *doc = doc_object();
    doc_set_text(doc, "task", task_names[TASK_LABELS]);
    doc_set_number(doc, "rows", (double)scores.metrics.n_rows);
    scores_put_metrics(TASK_LABELS, scores.metrics.value, scores.interval, doc);
    Doc *targets = doc_set(doc, "targets", doc_array());
    bool ok = true;
    for (int t = 0; ok && t < j->task->n_targets; t++)
        ok = write_label(j, t, scores.metrics.of_target[t], arena, doc_add(targets, doc_object()), err);
    return doc_hand_over(doc, ok && write_segments(j, arena, doc, err), out, err);
}
