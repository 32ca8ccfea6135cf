/* model/intervals_labels.h - 95 % intervals of the averages over several yes-or-noes.
 *
 * Rows are left out by groups, every G-th of them, and what is left is scored: a jackknife with all of a row's
 * answers together, as they go together (Efron & Tibshirani 1993, ch. 11). A value in [0, 1] gets Wilson's
 * interval of as many rows as a share with that error would have had (model/interval.h), log loss a normal one
 * of its logarithm. Each label by itself is two classes and has the intervals of model/intervals.h.
 */
#ifndef CONSORT_MODEL_INTERVALS_LABELS_H
#define CONSORT_MODEL_INTERVALS_LABELS_H
#include "base/arena.h"
#include "base/error.h"
#include "engine/metrics.h"
#include "model/interval.h"
#include "model/judged.h"

/* `value` are the averages, of `n_rows` known rows. */
bool intervals_of_labels(const Judged *judged, const double value[METRIC_COUNT], int64_t n_rows, Arena *arena,
                         Interval out[METRIC_COUNT], Error *err);
#endif
