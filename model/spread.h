/* model/spread.h - how many rows a score is worth: v (1 - v) / variance, what model/interval.h makes
 * intervals of.
 *
 * The variance of a score over samples of rows is the mean square of the rows' influences: how the score
 * moves when a row counts a little more (infinitesimal jackknife; Efron, Biometrika 68 (1981), 589-599).
 * For the area under a ROC curve this is DeLong's (Biometrics 44 (1988), 837-845); here one pass serves ROC
 * and precision-recall, and the mean over classes has its own, as rows count in all of them. No resampling,
 * so no draws and no seed.
 *
 * Confusion  of few errors an observed variance says nothing (none of one sort: zero). So influences are
 *            those of a table in which each class has half an error more and half a hit more.
 * Areas      near 1 likewise: the rows are at most those of Hanley & McNeil's variance there (Radiology 143
 *            (1982), 29-36), in Newcombe's symmetrical form (Statistics in Medicine 25 (2006), 559-573).
 */
#ifndef CONSORT_MODEL_SPREAD_H
#define CONSORT_MODEL_SPREAD_H
#include "model/rescore.h"

/* Effective rows of each metric of the confusion matrix (of MCC as (1 + MCC) / 2), into rows[metric]; the
 * others are left alone. NaN where undefined. */
bool spread_of_confusion(const Metrics *metrics, Arena *arena, double rows[METRIC_COUNT], Error *err);
/* Of METRIC_ROC_AUC and METRIC_PR_AUC, and their values into value[]. `r` was asked for both. */
bool spread_of_areas(const Rescore *r, Arena *arena, double value[METRIC_COUNT], double rows[METRIC_COUNT],
                     Error *err);
#endif
