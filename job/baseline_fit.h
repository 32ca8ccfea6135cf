/* job/baseline_fit.h - what a study's networks have to beat, fitted on the study's own split.
 *
 * Of classes:
 *     majority class        the shares of the training rows, whatever the row
 *     logistic regression   engine/logistic.h on columns encoded by the defaults; of five penalties the one
 *                           with the least log loss on the validation rows
 * Of numbers and labels:
 *     mean, median          of the training rows, whatever the row; of quantiles those of the training rows
 *     linear regression     engine/linear.h likewise, of the least squared error; of quantiles with those of
 *                           what it misses
 *     shares                of the training rows that each label is so in
 *     logistic regression   a label at a time
 * Of all:
 *     default network       `train` and `data.preprocess` as they are where a configuration says nothing, for
 *                           as many epochs as the study's own trials have at most
 *
 * Each predicts the validation rows (every row by what did not see it, as trials do) and the test rows (the
 * mean of the folds). What they are is the same for every seed, up to the default network's own chance.
 *
 * Memory  the arena; encoded rows one fold at a time, in memory of their own.
 * Errors  ERR_MEMORY, ERR_IO. What cannot be fitted to these data has no predictions, and `note` says why.
 */
#ifndef CONSORT_JOB_BASELINE_FIT_H
#define CONSORT_JOB_BASELINE_FIT_H
#include "engine/metrics.h"
#include "job/baseline_parts.h"

/* In the order of how hard they are to beat. */
#define BASELINE_LIST(X)                                                                        \
    X(BASELINE_MAJORITY, "majority class", FOR_CLASSES) X(BASELINE_SHARES, "shares", FOR_LABELS) \
    X(BASELINE_MEAN, "mean", FOR_NUMBERS) X(BASELINE_MEDIAN, "median", FOR_NUMBERS)             \
    X(BASELINE_LINEAR, "linear regression", FOR_NUMBERS)                                        \
    X(BASELINE_LOGISTIC, "logistic regression", FOR_CLASSES | FOR_LABELS)                       \
    X(BASELINE_NETWORK, "default network", FOR_ALL)
typedef enum { BASELINE_LIST(LIST_ID) BASELINE_COUNT } BaselineKind;
bool baseline_is_for(BaselineKind kind, TaskKind task);
extern const char *const baseline_names[]; /* ends with NULL */

bool baseline_fit(const BaselineInput *input, BaselineKind kind, Arena *arena, Baseline *out, Error *err);
#endif
