/* ensemble/disagreement.h - how much two members differ on the same rows: of classes the share of rows on which
 * they name different ones, of answers the share of those on which they differ, of numbers the root mean square
 * of their difference, with the targets' standard deviations as unit.
 *
 * Shapes   p, q (n_rows, n_values). Errors none.
 */
#ifndef CONSORT_ENSEMBLE_DISAGREEMENT_H
#define CONSORT_ENSEMBLE_DISAGREEMENT_H
#include "data/task.h"

double disagreement(const Task *task, int n_rows, int n_values, const float *p, const float *q);
#endif
