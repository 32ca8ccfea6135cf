/* A model against labelled rows: metrics, intervals, curves, one document. */
#include "model/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "model/threshold_curve.h"

/* ---- intervals ------------------------------------------------------------------------------- */

/* What a resample can tell again: everything the confusion matrix determines, the two losses that
 * are means over rows, and each class's F1. */
typedef struct {
    int n_samples, n_values; /* B resamples of METRIC_COUNT + K values */
    double *value;           /* (n_values, B), each sorted, nan where undefined (at the end) */
} Bootstrap;

static int compare_doubles(const void *a, const void *b) /* nan last */
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return x < y ? -1 : x > y;
}

/* Per row: -log p of its class, and the squared distance to it; engine/metrics.h averages these. */
static void row_losses(const Evaluation *e, int row, double *log_loss, double *brier)
{
    const float *p = e->proba + (size_t)row * (size_t)e->n_classes;
    double sum = 0;
    for (int c = 0; c < e->n_classes; c++) {
        double miss = (double)p[c] - (c == e->labels[row]);
        sum += miss * miss;
    }
    double at_label = p[e->labels[row]];
    *log_loss = -log(at_label <= 1e-15 ? 1e-15 : at_label);
    *brier = e->n_classes == 2 ? sum / 2 : sum;
}

static bool resample(const Evaluation *e, int n_samples, uint64_t seed, Arena *arena,
                     Bootstrap *out, Error *err)
{
    const int n_values = METRIC_COUNT + e->n_classes;
    Metrics metrics;
    Bootstrap b = {n_samples, n_values, ARENA_NEW(arena, double, (size_t)n_values * (size_t)n_samples)};
    int32_t *known = ARENA_NEW(arena, int32_t, e->n), *truth = ARENA_NEW(arena, int32_t, e->n);
    int32_t *guess = ARENA_NEW(arena, int32_t, e->n);
    double *loss = ARENA_NEW(arena, double, 2 * (size_t)e->n);
    if (!b.value || !known || !truth || !guess || !loss) return error_memory(err);
    if (!metrics_create(e->n_classes, arena, &metrics, err)) return false;
    uint32_t n = 0;
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0) continue;
        row_losses(e, i, &loss[2 * n], &loss[2 * n + 1]);
        known[n++] = i;
    }
    for (int s = 0; s < n_samples; s++) {
        Rng rng = rng_stream(seed, (uint32_t)s, RNG_BOOTSTRAP);
        double log_loss = 0, brier = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t draw = rng_below(&rng, n);
            truth[i] = e->labels[known[draw]];
            guess[i] = e->predicted[known[draw]];
            log_loss += loss[2 * draw];
            brier += loss[2 * draw + 1];
        }
        metrics_from_predictions((int)n, guess, truth, &metrics);
        metrics.value[METRIC_LOG_LOSS] = metrics.value[METRIC_LOSS] = log_loss / n;
        metrics.value[METRIC_BRIER] = brier / n;
        for (int m = 0; m < METRIC_COUNT; m++)
            b.value[(size_t)m * (size_t)n_samples + (size_t)s] = metrics.value[m];
        for (int c = 0; c < e->n_classes; c++) {
            const ClassMetrics *one = &metrics.per_class[c];
            bool counts_0 = one->support > 0 && one->predicted == 0;
            b.value[(size_t)(METRIC_COUNT + c) * (size_t)n_samples + (size_t)s] =
                counts_0 ? 0 : one->f1;
        }
    }
    for (int v = 0; v < n_values; v++)
        qsort(b.value + (size_t)v * (size_t)n_samples, (size_t)n_samples, sizeof *b.value,
              compare_doubles);
    *out = b;
    return true;
}

/* Percentile with linear interpolation among the defined; NaN when fewer than half are. */
static double percentile(const Bootstrap *b, int value, double share)
{
    const double *sorted = b->value + (size_t)value * (size_t)b->n_samples;
    int n = b->n_samples;
    while (n > 0 && isnan(sorted[n - 1])) n--;
    if (n == 0 || 2 * n < b->n_samples) return NAN;
    double place = share * (n - 1);
    int at = (int)place;
    if (at + 1 >= n) return sorted[n - 1];
    return sorted[at] + (place - at) * (sorted[at + 1] - sorted[at]);
}

static void set_interval(Doc *entry, const Bootstrap *b, int value)
{
    doc_set_number(entry, "low95", percentile(b, value, 0.025));
    doc_set_number(entry, "high95", percentile(b, value, 0.975));
}

/* ---- the parts of the document --------------------------------------------------------------- */

static void write_metrics(const Evaluation *e, const Bootstrap *b, Doc *out)
{
    Doc *metrics = doc_set(out, "metrics", doc_object());
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (m == METRIC_LOSS) continue; /* the training loss is not known here */
        Doc *entry = doc_set(metrics, metric_name((MetricId)m), doc_object());
        doc_set_number(entry, "value", e->value[m]);
        set_interval(entry, b, m);
    }
}

static void write_classes(const Evaluation *e, const Bootstrap *b, Doc *out)
{
    Doc *classes = doc_set(out, "classes", doc_array());
    Doc *per_class = doc_set(out, "per_class", doc_array());
    double precision = 0, recall = 0;
    for (int c = 0; c < e->n_classes; c++) {
        const ClassMetrics *one = &e->metrics.per_class[c];
        Doc *entry = doc_add(per_class, doc_object());
        doc_add(classes, doc_text(e->classes[c]));
        doc_set_text(entry, "label", e->classes[c]);
        doc_set_number(entry, "precision", one->precision);
        doc_set_number(entry, "recall", one->recall);
        doc_set_number(entry, "f1", one->f1);
        set_interval(entry, b, METRIC_COUNT + c);
        doc_set_number(entry, "support", (double)one->support);
        doc_set_number(entry, "predicted", (double)one->predicted);
        if (one->support == 0) continue;
        precision += one->predicted > 0 ? one->precision * (double)one->support : 0;
        recall += one->recall * (double)one->support;
    }
    Doc *averages = doc_set(out, "averages", doc_object());
    Doc *macro = doc_set(averages, "macro", doc_object());
    Doc *weighted = doc_set(averages, "weighted", doc_object());
    doc_set_number(macro, "precision", e->value[METRIC_PRECISION_MACRO]);
    doc_set_number(macro, "recall", e->value[METRIC_RECALL_MACRO]);
    doc_set_number(macro, "f1", e->value[METRIC_F1_MACRO]);
    doc_set_number(weighted, "precision", precision / (double)e->metrics.n_rows);
    doc_set_number(weighted, "recall", recall / (double)e->metrics.n_rows);
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

static int largest(const Evaluation *e, int row)
{
    const float *p = e->proba + (size_t)row * (size_t)e->n_classes;
    int top = 0;
    for (int c = 1; c < e->n_classes; c++)
        if (p[c] > p[top]) top = c;
    return top;
}

/* Of the most probable class, as the calibration error counts it, whatever was decided. */
static void write_reliability(const Evaluation *e, Doc *out)
{
    enum { BINS = 15 };
    double n[BINS] = {0}, confidence[BINS] = {0}, hits[BINS] = {0};
    for (int i = 0; i < e->n; i++) {
        if (e->labels[i] < 0) continue;
        int top = largest(e, i);
        double p = e->proba[(size_t)i * (size_t)e->n_classes + (size_t)top];
        int bin = !(p > 0) ? 0 : p >= 1 ? BINS - 1 : (int)(p * BINS);
        n[bin]++;
        confidence[bin] += p;
        hits[bin] += top == e->labels[i];
    }
    Doc *list = doc_set(out, "reliability", doc_array());
    for (int b = 0; b < BINS; b++) {
        Doc *entry = doc_add(list, doc_object());
        doc_set_number(entry, "low", (double)b / BINS);
        doc_set_number(entry, "high", (b + 1.0) / BINS);
        doc_set_number(entry, "n", n[b]);
        doc_set_number(entry, "confidence", confidence[b] / n[b]); /* 0 / 0 is null */
        doc_set_number(entry, "accuracy", hits[b] / n[b]);
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

static bool measure(Evaluation *e, const Judged *judged, Arena *arena, Error *err)
{
    const Model model = {.schema = {.n_classes = e->n_classes}, .decision = judged->decision,
                         .cost = judged->cost};
    e->predicted = ARENA_NEW(arena, int32_t, e->n);
    void *scratch = arena_alloc(arena, 1, metrics_scratch_bytes(e->n));
    if (!e->predicted || !scratch) return error_memory(err);
    if (!metrics_create(e->n_classes, arena, &e->metrics, err)) return false;
    for (int i = 0; i < e->n; i++)
        e->predicted[i] = model_decide(&model, e->proba + (size_t)i * (size_t)e->n_classes);
    metrics_compute(e->n, e->proba, e->n_classes, e->labels, e->positive, METRICS_ALL, scratch,
                    &e->metrics);
    memcpy(e->value, e->metrics.value, sizeof e->value);
    metrics_from_predictions(e->n, e->predicted, e->labels, &e->metrics);
    for (int m = 0; m < METRIC_COUNT; m++)
        if (!isnan(e->metrics.value[m])) e->value[m] = e->metrics.value[m];
    return true;
}

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
}

bool evaluate_predictions(const Judged *judged, Arena *arena, Doc **out, Error *err)
{
    Evaluation e = {.n = judged->n, .n_classes = judged->n_classes, .classes = judged->classes,
                    .proba = judged->proba, .labels = judged->labels, .positive = judged->positive};
    Bootstrap b = {0};
    if (e.positive < 0 || e.positive >= e.n_classes) e.positive = judged->interest - 1;
    if (e.positive < 0 || e.positive >= e.n_classes) e.positive = e.n_classes > 1;
    if (!measure(&e, judged, arena, err)) return false;
    if (e.metrics.n_rows == 0)
        return error_set(err, ERR_DATA, "no row has a known class: there is nothing to compare with");
    int draws = judged->bootstrap > 0 ? judged->bootstrap : 0;
    if (!resample(&e, draws, judged->seed, arena, &b, err)) return false;
    const Model rule = {.decision = judged->decision, .cost = judged->cost, .asked = judged->asked};
    const bool interest = judged->positive >= 0 && judged->positive < e.n_classes;
    Doc *doc = doc_object();
    doc_set_number(doc, "rows", (double)e.metrics.n_rows);
    doc_set_text(doc, "positive", e.n_classes == 2 ? e.classes[e.positive] : NULL);
    write_metrics(&e, &b, doc);
    write_classes(&e, &b, doc);
    write_confusion(&e, doc);
    write_reliability(&e, doc);
    if (!evaluate_curves(&e, arena, doc, err) || !evaluate_decision(&e, &rule, interest, arena, doc, err)) {
        doc_free(doc);
        return false;
    }
    write_mistakes(&e, doc);
    doc = whole(doc, err);
    if (doc) *out = doc;
    return doc != NULL;
}

static bool write_members(const Model *model, const Table *table, const float *members,
                          int positive, Arena *arena, Doc *out, Error *err)
{
    Metrics metrics;
    if (!metrics_create(model->schema.n_classes, arena, &metrics, err)) return false;
    Doc *list = doc_set(out, "members", doc_array());
    const size_t cells = (size_t)table->n_rows * (size_t)model->schema.n_classes;
    double total = 0;
    for (int m = 0; m < model->n_members; m++) total += model->members[m].weight;
    for (int m = 0; m < model->n_members; m++) {
        metrics_compute(table->n_rows, members + (size_t)m * cells, model->schema.n_classes,
                        table->labels, positive, 1u << METRIC_LOG_LOSS, NULL, &metrics);
        Doc *entry = doc_add(list, doc_object());
        doc_set_text(entry, "name", model->members[m].name);
        doc_set_number(entry, "weight", model->members[m].weight / total);
        doc_set_number(entry, "accuracy", metrics.value[METRIC_ACCURACY]);
        doc_set_number(entry, "f1_macro", metrics.value[METRIC_F1_MACRO]);
        doc_set_number(entry, "log_loss", metrics.value[METRIC_LOG_LOSS]);
    }
    return true;
}

bool evaluate_model(const Model *model, const Table *table, int positive, int bootstrap,
                    uint64_t seed, Arena *arena, Doc **out, Error *err)
{
    if (!table->labels)
        return error_set(err, ERR_DATA, "the data have no label column to compare with; `predict` "
                                        "needs none");
    const int n = table->n_rows, n_classes = model->schema.n_classes;
    const size_t cells = (size_t)n * (size_t)n_classes;
    float *members = ARENA_NEW(arena, float, (size_t)model->n_members * cells);
    float *proba = ARENA_NEW(arena, float, cells);
    if (!members || !proba) return error_memory(err);
    double start = clock_seconds();
    if (!model_predict_members(model, table, arena, members, err)) return false;
    model_combine(model, n, members, proba);
    double took = clock_seconds() - start;
    Judged judged = {.n = n, .n_classes = n_classes, .proba = proba, .labels = table->labels,
                     .positive = positive, .bootstrap = bootstrap, .seed = seed};
    evaluate_as(model, &judged);
    Doc *doc = NULL;
    if (!evaluate_predictions(&judged, arena, &doc, err)) return false;
    doc_set_number(doc, "microseconds_per_row", n > 0 ? 1e6 * took / n : NAN);
    if (!write_members(model, table, members, positive, arena, doc, err)) {
        doc_free(doc);
        return false;
    }
    doc = whole(doc, err);
    if (doc) *out = doc;
    return doc != NULL;
}
