/* model/paired.h - is one of two models better, on the same rows?
 *
 * Two scores with intervals of their own overlap long before the difference is in doubt, because the same
 * rows are hard for both. So the rows are compared in pairs. The difference is b - a, with its sign, whatever
 * the test says.
 *
 * Accuracy  p by McNemar's test, exact: of the rows that only one got right, is the share of each one half?
 *           Two-sided binomial. McNemar, Psychometrika 12 (1947), 153-157; recommended for one test set
 *           by Dietterich, Neural Computation 10 (1998), 1895-1923. The interval is Tango's score interval
 *           for a difference of paired shares, which covers where few rows or none are right in one alone:
 *           Statistics in Medicine 17 (1998), 891-908.
 * Others    paired bootstrap: rows are drawn with replacement, both are scored on the same draw; the
 *           interval is between the 2.5 and 97.5 % quantiles of the difference. Efron & Tibshirani,
 *           "An Introduction to the Bootstrap" (1993), ch. 13. p is twice the smaller share of draws on
 *           one side of zero. Interval and p are NaN where a class has too few rows (model/intervals.h).
 * Numbers, labels  all metrics by the paired bootstrap, rows with all their targets, means of errors
 *           studentized (model/paired_means.h); none of fewer than PAIRED_FEWEST rows. Beside them: in how
 *           many rows is one nearer to the truth (of labels: has it all answers right alone)? Exact sign test,
 *           which is McNemar's of these.
 * Says nothing about other seeds or other splits: the networks are taken as they are.
 *
 *     PairedDelta d;
 *     const Pair pair = {.n = n, .n_classes = k, .a = single, .b = ensemble, .labels = labels,
 *                        .draws = PAIRED_DRAWS, .seed = seed, .positive = -1};
 *     if (!paired_difference(&pair, METRIC_ROC_AUC, arena, &d, err)) return false;
 *
 * Shapes    probabilities (n, K) row-major, labels (n) in [0, K): rows without a class are left out before.
 * Errors    memory only.
 */
#ifndef CONSORT_MODEL_PAIRED_H
#define CONSORT_MODEL_PAIRED_H
#include <stdint.h>

#include "engine/metrics.h"
#include "model/pair.h"

typedef struct {
    MetricId metric;
    double a, b, delta, low95, high95, p; /* delta = b - a; NaN where one of them is undefined */
    const char *test;                     /* whose p it is: "mcnemar" or "bootstrap" */
    int n;                                /* rows */
} PairedDelta;
enum { PAIRED_METRICS = 3, PAIRED_DRAWS = 1000, PAIRED_FEWEST = 5 };
typedef struct {
    int n, only_a, only_b;   /* rows; of them, right in one alone; of numbers, nearer in one */
    double mcnemar_p;        /* 1 when nothing differs */
    PairedDelta delta[PAIRED_METRICS]; /* accuracy, macro F1, log loss; of numbers RMSE, MAE, R2 */
} Paired;

double mcnemar_exact(int only_a, int only_b);
/* Tango's 95 % interval of the difference of two paired shares of n rows, (only_b - only_a) / n. */
void paired_share_interval(int n, int only_a, int only_b, double *low95, double *high95);
/* The difference of one metric, any of engine/metrics.h. */
bool paired_difference(const Pair *pair, MetricId metric, Arena *arena, PairedDelta *out, Error *err);
/* Of several, `metrics` (n_metrics), on the same draws. */
bool paired_differences(const Pair *pair, const MetricId *metrics, int n_metrics, Arena *arena,
                        PairedDelta *out, Error *err);
/* What two trials are compared by; PAIRED_METRICS of them. */
const MetricId *paired_metrics(const Task *task);
bool paired_compare(const Pair *pair, Arena *arena, Paired *out, Error *err);
#endif
