/* How good predictions are: from the confusion matrix, from probabilities, from ranks. */
#include "engine/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/cooling.h"
#include "engine/ranked.h"

#define LIST_LABEL(id, name, up, label, tasks) label,
#define LIST_UP(id, name, up, label, tasks) up,
#define LIST_TASKS(id, name, up, label, tasks) tasks,
const char *const metric_names[] = {METRIC_LIST(LIST_NAME) NULL};
static const char *const labels_of[] = {METRIC_LIST(LIST_LABEL)};
static const bool larger_of[] = {METRIC_LIST(LIST_UP)};
static const unsigned tasks_of[] = {METRIC_LIST(LIST_TASKS)};

MetricId metric_find(const char *name)
{
    if (strncmp(name, "val_", 4) == 0) name += 4;
    int found = names_find(metric_names, name);
    return found < 0 ? METRIC_COUNT : (MetricId)found;
}

const char *metric_name(MetricId id)
{
    assert(id < METRIC_COUNT);
    return metric_names[id];
}

const char *metric_label(MetricId id)
{
    assert(id < METRIC_COUNT);
    return labels_of[id];
}

bool metric_larger_is_better(MetricId id)
{
    assert(id < METRIC_COUNT);
    return larger_of[id];
}

bool metric_is_for(MetricId id, TaskKind task)
{
    assert(id < METRIC_COUNT);
    return tasks_of[id] >> task & 1;
}

MetricId metric_of_model(MetricId id)
{
    return id == METRIC_LOG_LOSS_CALIBRATED ? METRIC_LOG_LOSS : id;
}

unsigned metrics_for(TaskKind task)
{
    unsigned set = 0;
    for (int m = 0; m < METRIC_COUNT; m++) set |= metric_is_for((MetricId)m, task) ? 1u << m : 0;
    return set;
}

bool metrics_create(int n_classes, Arena *arena, Metrics *out, Error *err)
{
    assert(n_classes > 0);
    ClassMetrics *per_class = ARENA_NEW(arena, ClassMetrics, n_classes);
    int64_t *confusion =
        per_class ? ARENA_NEW(arena, int64_t, (size_t)n_classes * (size_t)n_classes) : NULL;
    if (!confusion) return error_memory(err);
    *out = (Metrics){.n_classes = n_classes, .per_class = per_class, .confusion = confusion};
    return true;
}

/* ---- what follows from the confusion matrix ---- */

/* A class that has rows but was never predicted has no precision and no F1; both count 0. */
static ClassMetrics class_metrics(double hits, int64_t support, int64_t predicted)
{
    ClassMetrics c = {.precision = NAN, .recall = NAN, .f1 = NAN, .support = support, .predicted = predicted};
    if (predicted > 0) c.precision = hits / (double)predicted;
    if (support > 0) c.recall = hits / (double)support;
    if (predicted > 0 && support > 0) c.f1 = 2 * hits / (double)(support + predicted);
    return c;
}

/* Gorodkin's correlation, with rows s, hits c, and t_k, p_k rows of and as class k:
 * (c s - sum t_k p_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2)); 0 when a factor is 0. */
static double correlation(const Metrics *m, double hits)
{
    double s = (double)m->n_rows, tp = 0, pp = 0, tt = 0;
    for (int k = 0; k < m->n_classes; k++) {
        double t = (double)m->per_class[k].support, p = (double)m->per_class[k].predicted;
        tp += t * p;
        pp += p * p;
        tt += t * t;
    }
    double spread = (s * s - pp) * (s * s - tt);
    return spread > 0 ? (hits * s - tp) / sqrt(spread) : 0;
}

/* Fills everything that `confusion` determines; the others become nan. */
void metrics_from_confusion(Metrics *m)
{
    const int n = m->n_classes;
    double hits = 0, precision = 0, recall = 0, f1 = 0, weighted = 0;
    int with_rows = 0;
    for (int i = 0; i < METRIC_COUNT; i++) m->value[i] = NAN;
    m->n_rows = 0;
    for (int k = 0; k < n; k++) {
        int64_t support = 0, predicted = 0;
        for (int j = 0; j < n; j++) {
            support += m->confusion[(size_t)k * (size_t)n + (size_t)j];
            predicted += m->confusion[(size_t)j * (size_t)n + (size_t)k];
        }
        double hit = (double)m->confusion[(size_t)k * (size_t)n + (size_t)k];
        ClassMetrics c = m->per_class[k] = class_metrics(hit, support, predicted);
        hits += hit;
        m->n_rows += support;
        if (support == 0) continue;
        with_rows++;
        precision += predicted > 0 ? c.precision : 0;
        recall += c.recall;
        f1 += predicted > 0 ? c.f1 : 0;
        weighted += predicted > 0 ? c.f1 * (double)support : 0;
    }
    if (m->n_rows == 0) return;
    m->value[METRIC_ACCURACY] = m->value[METRIC_F1_MICRO] = hits / (double)m->n_rows;
    m->value[METRIC_F1_MACRO] = f1 / with_rows;
    m->value[METRIC_F1_WEIGHTED] = weighted / (double)m->n_rows;
    m->value[METRIC_PRECISION_MACRO] = precision / with_rows;
    m->value[METRIC_RECALL_MACRO] = m->value[METRIC_BALANCED_ACCURACY] = recall / with_rows;
    m->value[METRIC_MCC] = correlation(m, hits);
}

void metrics_from_predictions(int n, const int32_t *predicted, const int32_t *labels,
                              Metrics *out)
{
    size_t k = (size_t)out->n_classes;
    memset(out->confusion, 0, k * k * sizeof *out->confusion);
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        assert(labels[i] < out->n_classes && predicted[i] >= 0 && predicted[i] < out->n_classes);
        out->confusion[(size_t)labels[i] * k + (size_t)predicted[i]]++;
    }
    metrics_from_confusion(out);
}

/* ---- what needs the probabilities ---- */

static int argmax(int n, const float *p)
{
    int best = 0;
    for (int k = 1; k < n; k++)
        if (p[k] > p[best]) best = k;
    return best;
}

static double log_loss(int n, const float *proba, int ld, const int32_t *labels)
{
    double sum = 0;
    int64_t count = 0;
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        double p = proba[(size_t)i * (size_t)ld + (size_t)labels[i]];
        sum -= log(p <= 1e-15 ? 1e-15 : p); /* written so that a nan stays one */
        count++;
    }
    return count ? sum / (double)count : NAN;
}

static double brier(int n, const float *proba, int ld, const int32_t *labels, int n_classes)
{
    double sum = 0;
    int64_t count = 0;
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        const float *p = proba + (size_t)i * (size_t)ld;
        double row = 0;
        for (int k = 0; k < n_classes; k++) {
            double miss = (double)p[k] - (k == labels[i]);
            row += miss * miss;
        }
        sum += row;
        count++;
    }
    if (n_classes == 2) sum /= 2;
    return count ? sum / (double)count : NAN;
}

int calibration_bin(double p)
{
    return !(p > 0) ? 0 : p >= 1 ? ECE_BINS - 1 : (int)(p * ECE_BINS);
}

static double calibration_error(int n, const float *proba, int ld, const int32_t *labels,
                                int n_classes)
{
    double confidence[ECE_BINS] = {0}, hits[ECE_BINS] = {0}, sum = 0;
    int64_t count = 0;
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        const float *p = proba + (size_t)i * (size_t)ld;
        int top = argmax(n_classes, p);
        double c = p[top];
        if (!isfinite(c)) return NAN;
        int bin = calibration_bin(c);
        confidence[bin] += c;
        hits[bin] += top == labels[i];
        count++;
    }
    for (int b = 0; b < ECE_BINS; b++) sum += fabs(hits[b] - confidence[b]);
    return count ? sum / (double)count : NAN;
}

/* A class at a time, so that what is held is a class's bins and not (K, bins). */
static double classwise_error(int n, const float *proba, int ld, const int32_t *labels, int n_classes,
                              int positive)
{
    double sum = 0;
    int64_t count = 0;
    int first = 0, last = n_classes - 1;
    if (n_classes <= 2) first = last = positive >= 0 && positive < n_classes ? positive : last;
    for (int k = first; k <= last; k++) {
        double gap[ECE_BINS] = {0};
        count = 0;
        for (int i = 0; i < n; i++) {
            double p = proba[(size_t)i * (size_t)ld + (size_t)k];
            if (labels[i] < 0) continue;
            if (!isfinite(p)) return NAN;
            gap[calibration_bin(p)] += (labels[i] == k) - p;
            count++;
        }
        for (int b = 0; b < ECE_BINS; b++) sum += fabs(gap[b]);
    }
    return count ? sum / (double)count / (last - first + 1) : NAN;
}

/* A row's score, as an integer that sorts the largest score first, with its truth in the lowest bit. */
typedef uint64_t Ranked;

static Ranked ranked(float score, bool positive)
{
    return (uint64_t)ranked_score(score) << 1 | positive;
}

typedef struct {
    double roc, pr; /* NaN where undefined */
} Areas;

static Areas walk(size_t count, double positives, Ranked *scratch, Ranked *other);

void metrics_label_areas(const ScoredRows *s, int t, void *scratch, double *roc, double *pr)
{
    const int n_labels = s->task->n_targets;
    Ranked *items = scratch;
    size_t count = 0;
    double positives = 0;
    *roc = *pr = NAN;
    for (int i = 0; i < s->n; i++) {
        double y = s->targets[(size_t)i * (size_t)n_labels + (size_t)t];
        float p = s->values[(size_t)i * (size_t)s->ld + (size_t)t];
        if (isnan(y)) continue;
        if (isnan(p)) return;
        items[count++] = ranked(p, y > 0.5);
        positives += y > 0.5;
    }
    if (count == 0) return;
    Areas areas = walk(count, positives, items, items + s->n);
    *roc = areas.roc;
    *pr = areas.pr;
}

/* Class k against the rest. Walks down the scores, a group of equal scores at a time:
 *     ROC area  sum over groups of fp_g (tp before + tp_g / 2) / (P N)
 *     PR area   sum over groups of tp_g / P * precision at the group's end */
static Areas areas_of(int n, const float *proba, int ld, const int32_t *labels, int k,
                      Ranked *scratch)
{
    size_t count = 0;
    double positives = 0;
    for (int i = 0; i < n; i++) {
        float p = proba[(size_t)i * (size_t)ld + (size_t)k];
        if (labels[i] < 0) continue;
        if (isnan(p)) return (Areas){NAN, NAN};
        scratch[count++] = ranked(p, labels[i] == k);
        positives += labels[i] == k;
    }
    return walk(count, positives, scratch, scratch + n);
}

static Areas walk(size_t count, double positives, Ranked *scratch, Ranked *other)
{
    const Ranked *sorted = ranked_sort(count, 1, scratch, other);
    double negatives = (double)count - positives, tp = 0, fp = 0, roc = 0, pr = 0;
    for (size_t i = 0; i < count;) {
        uint64_t score = sorted[i] >> 1;
        double hit = 0, miss = 0;
        for (; i < count && sorted[i] >> 1 == score; i++) {
            hit += sorted[i] & 1;
            miss += !(sorted[i] & 1);
        }
        roc += miss * (tp + hit / 2);
        tp += hit;
        fp += miss;
        pr += hit * tp / (tp + fp);
    }
    return (Areas){positives > 0 && negatives > 0 ? roc / (positives * negatives) : NAN,
                   positives > 0 ? pr / positives : NAN};
}

size_t metrics_scratch_bytes(int n)
{
    return 2 * (size_t)(n > 0 ? n : 0) * sizeof(Ranked);
}

static void areas(int n, const float *proba, int ld, const int32_t *labels, int positive,
                  unsigned which, void *scratch, Metrics *out)
{
    assert(scratch);
    const int n_classes = out->n_classes;
    int first = 0, last = n_classes - 1, with_roc = 0, with_pr = 0;
    double roc = 0, pr = 0;
    if (n_classes <= 2) first = last = positive >= 0 && positive < n_classes ? positive : last;
    for (int k = first; k <= last; k++) {
        if (out->per_class[k].support == 0) continue;
        Areas a = areas_of(n, proba, ld, labels, k, scratch);
        bool all = out->per_class[k].support == out->n_rows; /* no rest: no ROC area */
        if (!all) roc += a.roc;
        pr += a.pr;
        with_roc += !all;
        with_pr++;
    }
    if (which & 1u << METRIC_ROC_AUC) out->value[METRIC_ROC_AUC] = with_roc ? roc / with_roc : NAN;
    if (which & 1u << METRIC_PR_AUC) out->value[METRIC_PR_AUC] = with_pr ? pr / with_pr : NAN;
}

void metrics_compute(int n, const float *proba, int ld, const int32_t *labels, int positive,
                     unsigned which, void *scratch, Metrics *out)
{
    const int n_classes = out->n_classes;
    memset(out->confusion, 0, (size_t)n_classes * (size_t)n_classes * sizeof *out->confusion);
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0) continue;
        assert(labels[i] < n_classes);
        int guess = argmax(n_classes, proba + (size_t)i * (size_t)ld);
        out->confusion[(size_t)labels[i] * (size_t)n_classes + (size_t)guess]++;
    }
    metrics_from_confusion(out);
    if (which & (1u << METRIC_LOG_LOSS | 1u << METRIC_LOSS))
        out->value[METRIC_LOG_LOSS] = out->value[METRIC_LOSS] = log_loss(n, proba, ld, labels);
    if (which & 1u << METRIC_BRIER)
        out->value[METRIC_BRIER] = brier(n, proba, ld, labels, n_classes);
    if (which & 1u << METRIC_ECE)
        out->value[METRIC_ECE] = calibration_error(n, proba, ld, labels, n_classes);
    if (which & 1u << METRIC_ECE_CLASSWISE)
        out->value[METRIC_ECE_CLASSWISE] = classwise_error(n, proba, ld, labels, n_classes, positive);
    if (which & 1u << METRIC_LOG_LOSS_CALIBRATED) {
        const CoolingRows rows = {n, n_classes, proba, ld, labels, NULL, cooling_every(n, n_classes)};
        out->value[METRIC_LOG_LOSS_CALIBRATED] = cooling_loss(&rows, cooling_fit(&rows));
    }
    if (which & (1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC))
        areas(n, proba, ld, labels, positive, which, scratch, out);
}
