/* model/evaluate.h - how good a model is on rows of which the truth is known, with intervals.
 *
 * Each score has a 95 % interval for other rows of the same kind (model/intervals.h), each class its
 * reliability (model/reliability.h); a column's levels may be scored apart (model/segments.h).
 */
#ifndef CONSORT_MODEL_EVALUATE_H
#define CONSORT_MODEL_EVALUATE_H
#include "base/doc.h"
#include "model/judged.h"
#include "model/model.h"

/* Classes and decision as the model has them. */
void evaluate_as(const Model *model, Judged *judged);

/* One document:
 * rows, metrics {name: {value, low95, high95}} (calibration errors without noise, and counted), per_class
 * [{label, precision, recall, f1, support, predicted, low95/high95 of f1, precision_low95 ...}], averages
 * {macro, weighted}, confusion [[...]], classes, confused [{truth, predicted, n}] (top 10), reliability
 * [{low, high, n, confidence, accuracy}], roc [{label, fpr [], tpr [], auc}] and pr [{label, recall [],
 * precision [], ap}] curves of one class against the rest (of two classes the positive one; at most 100
 * points), mistakes [{row, truth, predicted, p}] (the 24 most confident), decision and
 * threshold_curve (threshold_curve.h). Undefined values are null (NaN until printed). A class is given by
 * its label. ERR_DATA when no row has a known class. The caller frees it.
 *
 * Of numbers and labels "task" says so, rows and metrics (the averages over targets) are as above, and targets
 * has an entry {name, metrics} of each with
 *     numbers  truth {low, high, mean, sd}, scatter [{truth, predicted}] (at most 400, evenly from the rows),
 *              residuals {edges [], counts [], below, above} (truth less prediction; at most 40 bins, and how
 *              many lie beyond), by_truth and by_predicted [{low, high, n, truth, predicted, rmse}] (ten groups
 *              of equal size, means), worst [{row, truth, predicted, low, high}] (the 24 largest errors), and
 *              of quantiles [{quantile, below}] (the share of rows below each)
 *     labels   answers [no, yes], rows, confusion, reliability, class_reliability, warnings, roc and pr as of
 *              two classes; precision, recall and F1 are of yes */
bool evaluate_predictions(const Judged *judged, Arena *arena, Doc **out, Error *err);
/* The same of a model on a table. Of one that promises intervals or sets (conformal.h) each target of numbers
 * has interval [{level, coverage {value, low95, high95}, width (mean), method}], its worst rows low and high
 * of the widest, and classes have sets [{level, coverage, size (mean), empty (share), method}]. Adds members
 * [{name, weight, accuracy, f1_macro, log_loss}] (of numbers {name, weight, rmse, mae, r2, pinball}),
 * microseconds_per_row (one thread, this machine). */
bool evaluate_model(const Model *model, const Table *table, int positive, int bootstrap,
                    uint64_t seed, Arena *arena, Doc **out, Error *err);
/* And by the levels of columns, `by` (n_by), of the table's rows. */
bool evaluate_model_by(const Model *model, const Table *table, const Segmentation *by, int n_by, int positive,
                       int bootstrap, uint64_t seed, Arena *arena, Doc **out, Error *err);
#endif
