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

/* The answer of row i and what it weighs; false where it is not known or weighs nothing. */
static bool known(const ScoredRows *s, int i, int t, double *y, double *weight)
{
    *y = s->targets[(size_t)i * (size_t)s->task->n_targets + (size_t)t];
    *weight = s->weight ? s->weight[i] : 1;
    return !isnan(*y) && *weight > 0;
}

static double f1_of(Counts c)
{
    return c.predicted + c.support > 0 ? 2 * c.hits / (c.predicted + c.support) : NAN;
}

/* What of label t follows from its probabilities and answers. */
static Counts one_label(const ScoredRows *s, int t, double *value)
{
    double log_sum = 0, square = 0, n = 0, right = 0, y, w;
    Counts c = {0, 0, 0};
    for (int m = 0; m < METRIC_COUNT; m++) value[m] = NAN;
    for (int i = 0; i < s->n; i++) {
        double p = (double)s->values[(size_t)i * (size_t)s->ld + (size_t)t];
        if (!known(s, i, t, &y, &w)) continue;
        double of_truth = y > 0.5 ? p : 1 - p;
        log_sum -= w * log(of_truth <= 1e-15 ? 1e-15 : of_truth);
        square += w * (p - y) * (p - y);
        bool yes = p > 0.5;
        c.hits += w * (yes && y > 0.5);
        c.predicted += w * yes;
        c.support += w * (y > 0.5);
        right += w * (yes == (y > 0.5));
        n += w;
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

/* Rows of which some answer is known, and of those of which all are the share that are all right. */
static double all_right(const ScoredRows *s, int64_t *n_rows)
{
    const int n_labels = s->task->n_targets;
    int64_t some_rows = 0;
    double n = 0, right = 0, y, w = 0;
    for (int i = 0; i < s->n; i++) {
        bool all = true, some = false, good = true;
        for (int t = 0; t < n_labels; t++) {
            bool is_known = known(s, i, t, &y, &w);
            all = all && is_known;
            some = some || is_known;
            good = good && (s->values[(size_t)i * (size_t)s->ld + (size_t)t] > 0.5f) == (y > 0.5);
        }
        some_rows += some;
        n += all ? w : 0;
        right += all && good ? w : 0;
    }
    *n_rows = some_rows;
    return n > 0 ? right / n : NAN;
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
            (s->weight ? metrics_weighted_areas : metrics_label_areas)(s, t, scratch, &value[METRIC_ROC_AUC],
                                                                       &value[METRIC_PR_AUC]);
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
