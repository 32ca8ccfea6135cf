/* Scores of classes where rows count for different weights: each sum over rows becomes a sum of weights. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/cooling.h"
#include "engine/metrics.h"
#include "engine/ranked.h"

static bool counts(const ScoredRows *s, int i)
{
    return s->labels[i] >= 0 && s->weight[i] > 0;
}

/* Of class k, or of several yes-or-noes a yes of k: is row i, and is that known? */
static bool is_of(const ScoredRows *s, int i, int k, bool *is_known)
{
    if (!s->targets) {
        *is_known = counts(s, i);
        return s->labels[i] == k;
    }
    double y = s->targets[(size_t)i * (size_t)s->task->n_targets + (size_t)k];
    *is_known = !isnan(y) && s->weight[i] > 0;
    return y > 0.5;
}

static const float *row_of(const ScoredRows *s, int i)
{
    return s->values + (size_t)i * (size_t)s->ld;
}

static int argmax(int n, const float *p)
{
    int best = 0;
    for (int k = 1; k < n; k++)
        if (p[k] > p[best]) best = k;
    return best;
}

/* ---- what follows from the decisions ---- */

static double correlation(const Metrics *m, double all, double hits)
{
    double tp = 0, pp = 0, tt = 0;
    for (int k = 0; k < m->n_classes; k++) {
        double t = m->per_class[k].mass, p = m->per_class[k].mass_predicted;
        tp += t * p;
        pp += p * p;
        tt += t * t;
    }
    double spread = (all * all - pp) * (all * all - tt);
    return spread > 0 ? (hits * all - tp) / sqrt(spread) : 0;
}

/* As metrics_from_confusion() does it of counts. */
void metrics_from_masses(double all, Metrics *m)
{
    double hits = 0, precision = 0, recall = 0, f1 = 0, weighted = 0;
    int with_rows = 0;
    for (int k = 0; k < m->n_classes; k++) {
        ClassMetrics *c = &m->per_class[k];
        hits += c->mass_hits;
        c->precision = c->predicted > 0 ? c->mass_hits / c->mass_predicted : NAN;
        c->recall = c->support > 0 ? c->mass_hits / c->mass : NAN;
        c->f1 = c->predicted > 0 && c->support > 0 ? 2 * c->mass_hits / (c->mass + c->mass_predicted) : NAN;
        if (c->support == 0) continue;
        with_rows++;
        precision += c->predicted > 0 ? c->precision : 0;
        recall += c->recall;
        f1 += c->predicted > 0 ? c->f1 : 0;
        weighted += c->predicted > 0 ? c->f1 * c->mass : 0;
    }
    if (with_rows == 0) return;
    m->value[METRIC_ACCURACY] = m->value[METRIC_F1_MICRO] = hits / all;
    m->value[METRIC_F1_MACRO] = f1 / with_rows;
    m->value[METRIC_F1_WEIGHTED] = weighted / all;
    m->value[METRIC_PRECISION_MACRO] = precision / with_rows;
    m->value[METRIC_RECALL_MACRO] = m->value[METRIC_BALANCED_ACCURACY] = recall / with_rows;
    m->value[METRIC_MCC] = correlation(m, all, hits);
}

void metrics_weigh_row(Metrics *m, int label, int predicted, double weight)
{
    m->per_class[label].mass += weight;
    m->per_class[predicted].mass_predicted += weight;
    if (label == predicted) m->per_class[label].mass_hits += weight;
}

void metrics_from_weighted(int n, const int32_t *predicted, const int32_t *labels, const double *weight,
                           Metrics *out)
{
    const size_t k = (size_t)out->n_classes;
    double all = 0;
    memset(out->confusion, 0, k * k * sizeof *out->confusion);
    for (int i = 0; i < n; i++)
        if (labels[i] >= 0 && weight[i] > 0) out->confusion[(size_t)labels[i] * k + (size_t)predicted[i]]++;
    metrics_from_confusion(out);
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0 || !(weight[i] > 0)) continue;
        all += weight[i];
        metrics_weigh_row(out, labels[i], predicted[i], weight[i]);
    }
    metrics_from_masses(all, out);
}

/* The same of the largest probabilities; returns the sum of the weights. */
static double decide(const ScoredRows *s, Metrics *out)
{
    const size_t k = (size_t)out->n_classes;
    double all = 0;
    memset(out->confusion, 0, k * k * sizeof *out->confusion);
    for (int i = 0; i < s->n; i++)
        if (counts(s, i))
            out->confusion[(size_t)s->labels[i] * k + (size_t)argmax(out->n_classes, row_of(s, i))]++;
    metrics_from_confusion(out);
    for (int i = 0; i < s->n; i++) {
        if (!counts(s, i)) continue;
        all += s->weight[i];
        metrics_weigh_row(out, s->labels[i], argmax(out->n_classes, row_of(s, i)), s->weight[i]);
    }
    metrics_from_masses(all, out);
    return all;
}

/* ---- what needs the probabilities ---- */

static double log_loss(const ScoredRows *s)
{
    double sum = 0;
    for (int i = 0; i < s->n; i++) {
        if (!counts(s, i)) continue;
        double p = row_of(s, i)[s->labels[i]];
        sum -= s->weight[i] * log(p <= 1e-15 ? 1e-15 : p);
    }
    return sum;
}

static double brier(const ScoredRows *s, int n_classes)
{
    double sum = 0;
    for (int i = 0; i < s->n; i++) {
        double row = 0;
        if (!counts(s, i)) continue;
        for (int k = 0; k < n_classes; k++) {
            double miss = (double)row_of(s, i)[k] - (k == s->labels[i]);
            row += miss * miss;
        }
        sum += s->weight[i] * row;
    }
    return n_classes == 2 ? sum / 2 : sum;
}

static double calibration_error(const ScoredRows *s, int n_classes)
{
    double gap[ECE_BINS] = {0}, sum = 0;
    for (int i = 0; i < s->n; i++) {
        if (!counts(s, i)) continue;
        const float *p = row_of(s, i);
        int top = argmax(n_classes, p);
        if (!isfinite(p[top])) return NAN;
        gap[calibration_bin((double)p[top])] += s->weight[i] * ((top == s->labels[i]) - (double)p[top]);
    }
    for (int b = 0; b < ECE_BINS; b++) sum += fabs(gap[b]);
    return sum;
}

/* Of which classes areas and class-wise errors are: of two the one of interest. */
static void classes_of(const ScoredRows *s, int n_classes, int *first, int *last)
{
    *first = 0, *last = n_classes - 1;
    if (n_classes <= 2) *first = *last = s->positive >= 0 && s->positive < n_classes ? s->positive : *last;
}

static double classwise_error(const ScoredRows *s, int n_classes)
{
    double sum = 0;
    int first, last;
    classes_of(s, n_classes, &first, &last);
    for (int k = first; k <= last; k++) {
        double gap[ECE_BINS] = {0};
        for (int i = 0; i < s->n; i++) {
            if (!counts(s, i)) continue;
            double p = row_of(s, i)[k];
            if (!isfinite(p)) return NAN;
            gap[calibration_bin(p)] += s->weight[i] * ((s->labels[i] == k) - p);
        }
        for (int b = 0; b < ECE_BINS; b++) sum += fabs(gap[b]);
    }
    return sum / (last - first + 1);
}

/* ---- areas ---- */

/* Class k against the rest, as metrics.c has it. */
void metrics_weighted_areas(const ScoredRows *s, int k, void *room, double *roc, double *pr)
{
    uint64_t *scratch = room;
    size_t n = 0;
    double positives = 0, negatives = 0, tp = 0, fp = 0, under = 0, precision = 0;
    *roc = *pr = NAN;
    for (int i = 0; i < s->n; i++) {
        bool is_known, of = is_of(s, i, k, &is_known);
        if (!is_known) continue;
        if (isnan(row_of(s, i)[k])) return;
        scratch[n++] = (uint64_t)ranked_score(row_of(s, i)[k]) << 32 | (uint32_t)i;
        *(of ? &positives : &negatives) += s->weight[i];
    }
    const uint64_t *sorted = ranked_sort(n, 32, scratch, scratch + s->n);
    for (size_t i = 0; i < n;) {
        uint64_t score = sorted[i] >> 32;
        double hit = 0, miss = 0;
        for (; i < n && sorted[i] >> 32 == score; i++) {
            uint32_t row = (uint32_t)sorted[i];
            bool is_known;
            *(is_of(s, (int)row, k, &is_known) ? &hit : &miss) += s->weight[row];
        }
        under += miss * (tp + hit / 2);
        tp += hit;
        fp += miss;
        precision += hit * tp / (tp + fp);
    }
    if (positives > 0 && negatives > 0) *roc = under / (positives * negatives);
    if (positives > 0) *pr = precision / positives;
}

static void areas(const ScoredRows *s, unsigned which, void *scratch, Metrics *out)
{
    double roc = 0, pr = 0, by_class[2];
    int first, last, with_roc = 0, with_pr = 0;
    assert(scratch);
    classes_of(s, out->n_classes, &first, &last);
    for (int k = first; k <= last; k++) {
        if (out->per_class[k].support == 0) continue;
        metrics_weighted_areas(s, k, scratch, &by_class[0], &by_class[1]);
        bool all = out->per_class[k].support == out->n_rows; /* no rest: no ROC area */
        if (!all) roc += by_class[0];
        pr += by_class[1];
        with_roc += !all;
        with_pr++;
    }
    if (which & 1u << METRIC_ROC_AUC) out->value[METRIC_ROC_AUC] = with_roc ? roc / with_roc : NAN;
    if (which & 1u << METRIC_PR_AUC) out->value[METRIC_PR_AUC] = with_pr ? pr / with_pr : NAN;
}

void metrics_weighted(const ScoredRows *s, unsigned which, void *scratch, Metrics *out)
{
    const int k = out->n_classes;
    const double all = decide(s, out);
    double *value = out->value;
    if (!(all > 0)) return;
    if (which & (1u << METRIC_LOG_LOSS | 1u << METRIC_LOSS))
        value[METRIC_LOG_LOSS] = value[METRIC_LOSS] = log_loss(s) / all;
    if (which & 1u << METRIC_BRIER) value[METRIC_BRIER] = brier(s, k) / all;
    if (which & 1u << METRIC_ECE) value[METRIC_ECE] = calibration_error(s, k) / all;
    if (which & 1u << METRIC_ECE_CLASSWISE) value[METRIC_ECE_CLASSWISE] = classwise_error(s, k) / all;
    if (which & 1u << METRIC_LOG_LOSS_CALIBRATED) {
        const CoolingRows rows = {s->n, k, s->values, s->ld, s->labels, s->weight,
                                  cooling_every(s->n, k)};
        value[METRIC_LOG_LOSS_CALIBRATED] = cooling_loss(&rows, cooling_fit(&rows));
    }
    if (which & (1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC)) areas(s, which, scratch, out);
}
