/* job/scores.h - evaluations (model/evaluate.h) into the database, where people query them
 * (tuner/store/score_rows.h).
 */
#ifndef CONSORT_JOB_SCORES_H
#define CONSORT_JOB_SCORES_H
#include "base/doc.h"
#include "tuner/store/score_rows.h"

/* Metrics, intervals and confusion of `evaluation`, in the place of what was there; NULL forgets it. Of `model`
 * or, where that is not 0, of the trial with that id. */
bool scores_put(Store *writer, int64_t study_id, const char *model, int64_t trial_id, const char *split,
                const Doc *evaluation, Arena *arena, Error *err);
#endif
