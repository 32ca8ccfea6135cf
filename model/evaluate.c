/* A model against labelled rows: metrics, intervals, curves, one document. */
#include "model/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/curves.h"
#include "model/evaluate_parts.h"
#include "model/intervals.h"
#include "model/intervals_weighted.h"
#include "model/reliability.h"
#include "model/scores.h"
#include "model/segments.h"
#include "model/threshold_curve.h"

static void set_interval(Doc *entry, const char *low, const char *high, Interval interval)
{
    doc_set_number(entry, low, interval.low);
    doc_set_number(entry, high, interval.high);
}

/* ---- the parts of the document --------------------------------------------------------------- */

static void write_classes(const Evaluation *e, const Intervals *intervals, Doc *out)
{
    Doc *classes = doc_set(out, "classes", doc_array());
    Doc *per_class = doc_set(out, "per_class", doc_array());
    double precision = 0, recall = 0, all = 0;
    for (int c = 0; c < e->n_classes; c++) {
        const ClassMetrics *one = &e->metrics.per_class[c];
        Doc *entry = doc_add(per_class, doc_object());
        doc_add(classes, doc_text(e->classes[c]));
        doc_set_text(entry, "label", e->classes[c]);
        doc_set_number(entry, "precision", one->precision);
        doc_set_number(entry, "recall", one->recall);
        doc_set_number(entry, "f1", one->f1);
        set_interval(entry, "low95", "high95", intervals->f1[c]);
        set_interval(entry, "precision_low95", "precision_high95", intervals->precision[c]);
        set_interval(entry, "recall_low95", "recall_high95", intervals->recall[c]);
        doc_set_number(entry, "support", (double)one->support);
        doc_set_number(entry, "predicted", (double)one->predicted);
        if (one->support == 0) continue;
        const double rows = e->weight ? one->mass : (double)one->support;
        precision += one->predicted > 0 ? one->precision * rows : 0;
        recall += one->recall * rows;
        all += rows;
    }
    Doc *averages = doc_set(out, "averages", doc_object());
    Doc *macro = doc_set(averages, "macro", doc_object());
    Doc *weighted = doc_set(averages, "weighted", doc_object());
    doc_set_number(macro, "precision", e->value[METRIC_PRECISION_MACRO]);
    doc_set_number(macro, "recall", e->value[METRIC_RECALL_MACRO]);
    doc_set_number(macro, "f1", e->value[METRIC_F1_MACRO]);
    doc_set_number(weighted, "precision", precision / all);
    doc_set_number(weighted, "recall", recall / all);
    doc_set_number(weighted, "f1", e->value[METRIC_F1_WEIGHTED]);
}

static void write_confusion(const Evaluation *e, Doc *out)
{
    enum { TOP = 10 };
    struct {
        int truth, predicted;
        int64_t n;
    } top[TOP + 1];
    int n_top = 0;
    Doc *confusion = doc_set(out, "confusion", doc_array());
    for (int t = 0; t < e->n_classes; t++) {
        Doc *row = doc_add(confusion, doc_array());
        for (int p = 0; p < e->n_classes; p++) {
            int64_t n = e->metrics.confusion[(size_t)t * (size_t)e->n_classes + (size_t)p];
            doc_add(row, doc_number((double)n));
            if (n == 0 || t == p) continue;
            int at = n_top < TOP ? n_top++ : TOP; /* the last place falls off */
            for (; at > 0 && top[at - 1].n < n; at--) top[at] = top[at - 1];
            top[at].truth = t, top[at].predicted = p, top[at].n = n;
        }
    }
    Doc *confused = doc_set(out, "confused", doc_array());
    for (int i = 0; i < n_top; i++) {
        Doc *entry = doc_add(confused, doc_object());
        doc_set_text(entry, "truth", e->classes[top[i].truth]);
        doc_set_text(entry, "predicted", e->classes[top[i].predicted]);
        doc_set_number(entry, "n", (double)top[i].n);
    }
}

static void write_mistakes(const Evaluation *e, Doc *out)
{
    enum { TOP = 24 };
    struct {
        int row;
        float p;
    } top[TOP + 1];
    int n_top = 0;
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0 || e->predicted[i] == e->labels[i]) continue;
        float p = e->proba[(size_t)i * (size_t)e->n_classes + (size_t)e->predicted[i]];
        int at = n_top < TOP ? n_top++ : TOP;
        for (; at > 0 && top[at - 1].p < p; at--) top[at] = top[at - 1];
        top[at].row = i, top[at].p = p;
    }
    Doc *list = doc_set(out, "mistakes", doc_array());
    for (int i = 0; i < n_top; i++) {
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "row", top[i].row);
        doc_set_text(entry, "truth", e->classes[e->labels[top[i].row]]);
        doc_set_text(entry, "predicted", e->classes[e->predicted[top[i].row]]);
        doc_set_number(entry, "p", (double)top[i].p);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static Doc *broken(Doc *doc, Error *err)
{
    doc_free(doc);
    error_memory(err);
    return NULL;
}

/* A document that lost something on the way to a failed allocation must not pass for whole. */
static Doc *whole(Doc *doc, Error *err)
{
    Text text = {0};
    bool ok = doc_print(doc, 0, &text);
    text_free(&text);
    return ok ? doc : broken(doc, err);
}

void evaluate_as(const Model *model, Judged *judged)
{
    judged->classes = (const char *const *)model->schema.classes;
    judged->decision = model->decision;
    judged->cost = model->cost;
    judged->asked = model->asked;
    judged->interest = model->interest;
    judged->task = &model->schema.task;
}

bool evaluate_predictions(const Judged *judged, Arena *arena, Doc **out, Error *err)
{
    Evaluation e;
    Intervals intervals;
    if (judged->task && judged->task->kind == TASK_NUMBERS) return evaluate_numbers(judged, arena, out, err);
    if (judged->task && judged->task->kind == TASK_LABELS) return evaluate_labels(judged, arena, out, err);
    if (!scores_measure(judged, arena, &e, err)) return false;
    if (e.metrics.n_rows == 0)
        return error_set(err, ERR_DATA, "no row has a known class: there is nothing to compare with");
    if (!intervals_for(&e, judged->bootstrap, judged->seed, arena, &intervals, err)) return false;
    const Model rule = {.decision = judged->decision, .cost = judged->cost, .asked = judged->asked};
    const bool interest = judged->positive >= 0 && judged->positive < e.n_classes;
    Doc *doc = doc_object();
    doc_set_number(doc, "rows", (double)e.metrics.n_rows);
    double weight = 0;
    for (int i = 0; e.weight && i < e.n; i++) weight += e.labels[i] >= 0 ? e.weight[i] : 0;
    if (e.weight) doc_set_number(doc, "weight_sum", weight);
    doc_set_text(doc, "positive", e.n_classes == 2 ? e.classes[e.positive] : NULL);
    scores_write(&e, &intervals, doc);
    write_classes(&e, &intervals, doc);
    write_confusion(&e, doc);
    if (!write_reliability(&e, arena, doc, err) || !write_segments(judged, arena, doc, err)
        || !evaluate_curves(&e, arena, doc, err) || !evaluate_decision(&e, &rule, interest, arena, doc, err)) {
        doc_free(doc);
        return false;
    }
    write_mistakes(&e, doc);
    doc = whole(doc, err);
    if (doc) *out = doc;
    return doc != NULL;
}

/* What is said of each member, by task. */
static const struct {
    unsigned tasks;
    MetricId metric;
} of_members[] = {{FOR_CLASSES | FOR_LABELS, METRIC_ACCURACY}, {FOR_CLASSES | FOR_LABELS, METRIC_F1_MACRO},
                  {FOR_CLASSES | FOR_LABELS, METRIC_LOG_LOSS}, {FOR_NUMBERS, METRIC_RMSE},
                  {FOR_NUMBERS, METRIC_MAE}, {FOR_NUMBERS, METRIC_R2}, {FOR_NUMBERS, METRIC_PINBALL}};
enum { N_OF_MEMBERS = sizeof of_members / sizeof *of_members };

static bool write_members(const Model *model, const Judged *judged, const float *members, Arena *arena,
                          Doc *out, Error *err)
{
    const Task *task = &model->schema.task;
    Metrics metrics;
    ScoredRows rows = {.task = task, .n = judged->n, .n_classes = judged->n_classes, .ld = judged->n_classes,
                       .labels = judged->labels, .targets = judged->targets, .weight = judged->weight,
                       .positive = judged->positive};
    unsigned which = 0;
    void *scratch = arena_alloc(arena, 1, scored_scratch_bytes(task, judged->n));
    if (!scratch) return error_memory(err);
    if (!metrics_create_for(task, model->schema.n_classes, arena, &metrics, err)) return false;
    for (int i = 0; i < N_OF_MEMBERS; i++)
        if (of_members[i].tasks >> task->kind & 1) which |= 1u << of_members[i].metric;
    Doc *list = doc_set(out, "members", doc_array());
    double total = 0;
    for (int m = 0; m < model->n_members; m++) total += model->members[m].weight;
    for (int m = 0; m < model->n_members; m++) {
        rows.values = members + (size_t)m * (size_t)judged->n * (size_t)judged->n_classes;
        metrics_score(&rows, which, scratch, &metrics);
        Doc *entry = doc_add(list, doc_object());
        doc_set_text(entry, "name", model->members[m].name);
        doc_set_number(entry, "weight", model->members[m].weight / total);
        for (int i = 0; i < N_OF_MEMBERS; i++)
            if (of_members[i].tasks >> task->kind & 1)
                doc_set_number(entry, metric_name(of_members[i].metric), metrics.value[of_members[i].metric]);
    }
    return true;
}

bool evaluate_model(const Model *model, const Table *table, int positive, int bootstrap,
                    uint64_t seed, Arena *arena, Doc **out, Error *err)
{
    return evaluate_model_by(model, table, NULL, 0, positive, bootstrap, seed, arena, out, err);
}

bool evaluate_model_by(const Model *model, const Table *table, const Segmentation *by, int n_by, int positive,
                       int bootstrap, uint64_t seed, Arena *arena, Doc **out, Error *err)
{
    if (!table_has_label(table))
        return error_set(err, ERR_DATA, "the data have no label column to compare with; `predict` "
                                        "needs none");
    const int n = table->n_rows, n_classes = model_values(model);
    const size_t cells = (size_t)n * (size_t)n_classes;
    float *members = ARENA_NEW(arena, float, (size_t)model->n_members * cells);
    float *proba = ARENA_NEW(arena, float, cells);
    if (!members || !proba) return error_memory(err);
    double start = clock_seconds();
    if (!model_predict_members(model, table, arena, members, err)) return false;
    model_combine(model, n, members, proba);
    double took = clock_seconds() - start;
    Judged judged = {.n = n, .n_classes = n_classes, .proba = proba, .labels = table->labels,
                     .targets = table->targets, .weight = table->weight, .positive = positive,
                         .bootstrap = bootstrap,
                     .seed = seed, .by = by, .n_by = n_by};
    evaluate_as(model, &judged);
    Doc *doc = NULL;
    if (!evaluate_predictions(&judged, arena, &doc, err)) return false;
    doc_set_number(doc, "microseconds_per_row", n > 0 ? 1e6 * took / n : NAN);
    if (!write_members(model, &judged, members, arena, doc, err)
        || !evaluate_promises(model->conformal, &judged, arena, doc, err)) {
        doc_free(doc);
        return false;
    }
    doc = whole(doc, err);
    if (doc) *out = doc;
    return doc != NULL;
}
