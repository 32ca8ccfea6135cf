/* ROC and precision-recall curves of one class against the rest, thinned for a report. */
#include <math.h>
#include <stdlib.h>

#include "model/curves.h"

typedef struct {
    float score;
    bool hit;
    double weight;
} Scored;

static int by_score(const void *a, const void *b) /* largest first */
{
    float x = ((const Scored *)a)->score, y = ((const Scored *)b)->score;
    return x > y ? -1 : x < y;
}

/* Four decimals are more than a plot shows. */
static void add_point(Doc *list, double value)
{
    doc_add(list, doc_number(round(value * 1e4) / 1e4));
}

typedef struct {
    Doc *entry, *x, *y;
} Curve;

static Curve curve_start(Doc *list, const char *label, const char *x, const char *y)
{
    Curve curve;
    curve.entry = doc_add(list, doc_object());
    doc_set_text(curve.entry, "label", label);
    curve.x = doc_set(curve.entry, x, doc_array());
    curve.y = doc_set(curve.entry, y, doc_array());
    return curve;
}

/* Walks down the scores, a group of equal ones at a time; the areas are those of
 * engine/metrics.h: ROC by trapezoids, average precision by steps. A point is kept when the curve
 * has moved on by 1 / n_points of its length. */
static void walk(const Scored *row, int n, double positives, double negatives, const char *label, int n_points,
                 Doc *roc_list, Doc *pr_list)
{
    double tp = 0, fp = 0, auc = 0, ap = 0;
    double roc_step = 2.0 / n_points, pr_step = 1.0 / n_points;
    double roc_next = roc_step, pr_next = 0;
    Curve roc = curve_start(roc_list, label, "fpr", "tpr");
    Curve pr = curve_start(pr_list, label, "recall", "precision");
    add_point(roc.x, 0), add_point(roc.y, 0);
    for (int i = 0; i < n;) {
        const float score = row[i].score;
        double hit = 0, miss = 0;
        for (; i < n && row[i].score == score; i++) *(row[i].hit ? &hit : &miss) += row[i].weight;
        auc += miss * (tp + hit / 2);
        tp += hit;
        fp += miss;
        double precision = tp / (tp + fp), recall = tp / positives, fall_out = fp / negatives;
        ap += hit * precision;
        if (recall + fall_out >= roc_next || i == n) {
            add_point(roc.x, fall_out), add_point(roc.y, recall);
            while (roc_next <= recall + fall_out) roc_next += roc_step;
        }
        if (hit > 0 && (recall >= pr_next || tp >= positives)) {
            add_point(pr.x, recall), add_point(pr.y, precision);
            while (pr_next <= recall) pr_next += pr_step;
        }
    }
    doc_set_number(roc.entry, "auc", auc / (positives * negatives));
    doc_set_number(pr.entry, "ap", ap / positives);
}

bool evaluate_curves(const Evaluation *e, Arena *arena, Doc *out, Error *err)
{
    Doc *roc = doc_set(out, "roc", doc_array()), *pr = doc_set(out, "pr", doc_array());
    if (e->n_classes > 300) return true; /* nobody reads so many */
    Scored *row = ARENA_NEW(arena, Scored, e->n);
    if (!row) return error_memory(err);
    int n_points = e->n_classes <= 30 ? 97 : 3000 / e->n_classes;
    for (int c = 0; c < e->n_classes; c++) {
        double positives = 0, negatives = 0;
        int n = 0;
        if (e->n_classes == 2 && c != e->positive) continue; /* the other is its mirror image */
        for (int i = 0; i < e->n; i++) {
            if (e->labels[i] < 0 || (e->weight && !(e->weight[i] > 0))) continue;
            float p = e->proba[(size_t)i * (size_t)e->n_classes + (size_t)c];
            double weight = e->weight ? e->weight[i] : 1;
            row[n++] = (Scored){isnan(p) ? -1 : p, e->labels[i] == c, weight};
            *(e->labels[i] == c ? &positives : &negatives) += weight;
        }
        if (positives == 0 || negatives == 0) continue; /* there is no curve */
        qsort(row, (size_t)n, sizeof *row, by_score);
        walk(row, n, positives, negatives, e->classes[c], n_points, roc, pr);
    }
    return true;
}
