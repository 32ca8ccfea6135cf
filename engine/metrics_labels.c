/* How good the probabilities of several yes-or-noes are: each answer's scores as of two classes, and their
 * mean.
 *
 * Averages as scikit-learn's of a matrix of answers: macro and weighted by how many yeses there are, micro over
 * all answers; accuracy is the share of rows all of whose answers are right. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/metrics.h"

typedef struct {
    double hits, predicted, support; /* of yes */
} Counts;

static double f1_of(Counts c)
{
    return c.predicted + c.support > 0 ? 2 * c.hits / (c.predicted + c.support) : NAN;
}

/* What of label t follows from its probabilities and answers. */
static Counts one_label(const ScoredRows *s, int t, double *value)
{
    const int n_labels = s->task->n_targets;
    double log_sum = 0, square = 0, n = 0, right = 0;
    Counts c = {0, 0, 0};
    for (int m = 0; m < METRIC_COUNT; m++) value[m] = NAN;
    for (int i = 0; i < s->n; i++) {
        double y = s->targets[(size_t)i * (size_t)n_labels + (size_t)t];
        double p = s->values[(size_t)i * (size_t)s->ld + (size_t)t];
        if (isnan(y)) continue;
        double of_truth = y > 0.5 ? p : 1 - p;
        log_sum -= log(of_truth <= 1e-15 ? 1e-15 : of_truth);
        square += (p - y) * (p - y);
        bool yes = p > 0.5;
        c.hits += yes && y > 0.5;
        c.predicted += yes;
        c.support += y > 0.5;
        right += yes == (y > 0.5);
        n++;
    }
    if (n == 0) return c;
    value[METRIC_LOG_LOSS] = value[METRIC_LOSS] = log_sum / n;
    value[METRIC_BRIER] = square / n;
    value[METRIC_ACCURACY] = right / n;
    value[METRIC_PRECISION_MACRO] = c.predicted > 0 ? c.hits / c.predicted : NAN;
    value[METRIC_RECALL_MACRO] = c.support > 0 ? c.hits / c.support : NAN;
    value[METRIC_F1_MACRO] = value[METRIC_F1_MICRO] = value[METRIC_F1_WEIGHTED] = f1_of(c);
    return c;
}

/* Rows of which every answer is known: those, and the share of them that are all right. */
static double all_right(const ScoredRows *s, int64_t *n_rows)
{
    const int n_labels = s->task->n_targets;
    int64_t n = 0, known_rows = 0, right = 0;
    for (int i = 0; i < s->n; i++) {
        bool known = true, some = false, good = true;
        for (int t = 0; t < n_labels; t++) {
            double y = s->targets[(size_t)i * (size_t)n_labels + (size_t)t];
            known = known && !isnan(y);
            some = some || !isnan(y);
            good = good && (s->values[(size_t)i * (size_t)s->ld + (size_t)t] > 0.5f) == (y > 0.5);
        }
        known_rows += some;
        n += known;
        right += known && good;
    }
    *n_rows = known_rows;
    return n > 0 ? (double)right / (double)n : NAN;
}

void metrics_of_labels(const ScoredRows *s, unsigned which, void *scratch, Metrics *out)
{
    const int n_labels = s->task->n_targets;
    Counts all = {0, 0, 0};
    double sum[METRIC_COUNT] = {0}, weighted = 0;
    int defined[METRIC_COUNT] = {0};
    for (int t = 0; t < n_labels; t++) {
        double *value = out->of_target[t];
        Counts c = one_label(s, t, value);
        if (which & (1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC))
            metrics_label_areas(s, t, scratch, &value[METRIC_ROC_AUC], &value[METRIC_PR_AUC]);
        all.hits += c.hits;
        all.predicted += c.predicted;
        all.support += c.support;
        if (!isnan(value[METRIC_F1_MACRO])) weighted += c.support * value[METRIC_F1_MACRO];
        for (int m = 0; m < METRIC_COUNT; m++) {
            bool counts = m == METRIC_F1_MACRO || m == METRIC_PRECISION_MACRO || m == METRIC_RECALL_MACRO;
            bool missing = isnan(value[METRIC_LOG_LOSS]); /* no row with an answer */
            if (missing || (isnan(value[m]) && !counts)) continue;
            sum[m] += isnan(value[m]) ? 0 : value[m];
            defined[m]++;
        }
    }
    for (int m = 0; m < METRIC_COUNT; m++) out->value[m] = defined[m] ? sum[m] / defined[m] : NAN;
    out->value[METRIC_ACCURACY] = all_right(s, &out->n_rows);
    out->value[METRIC_F1_MICRO] = out->n_rows ? (isnan(f1_of(all)) ? 0 : f1_of(all)) : NAN;
    out->value[METRIC_F1_WEIGHTED] = all.support > 0 ? weighted / all.support : NAN;
}
