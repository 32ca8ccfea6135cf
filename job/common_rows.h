/* job/common_rows.h - the rows that two trials both predicted without having trained on them, for a paired test
 * (model/paired.h). The trials may be of two studies, as long as the studies split the same table in the same
 * way.
 *
 * Memory  the arena.
 */
#ifndef CONSORT_JOB_COMMON_ROWS_H
#define CONSORT_JOB_COMMON_ROWS_H
#include "data/table.h"
#include "model/model.h"
#include "model/paired.h"
#include "tuner/store/store.h"

/* What a trial predicted for the rows it did not train on. `folder` is its study's. ERR_INVALID where it has
 * not kept them. */
bool trial_predictions(Store *store, const char *folder, const TrialRow *trial, Arena *arena, Predictions *out,
                       Error *err);
/* Fills n, n_classes, a, b and the truth of a pair with the rows that both have and whose truth is known;
 * `table` is the training table. ERR_DATA where there are none, or what was predicted is not alike. */
bool common_rows(const Predictions *a, const Predictions *b, const Table *table, Arena *arena, Pair *out,
                 Error *err);
/* Fills n, n_classes and the truth (labels, or task and targets) with `row` (n), known rows of the table. */
bool truth_of_rows(const Table *table, const int32_t *row, int n, Arena *arena, Pair *out, Error *err);
#endif
