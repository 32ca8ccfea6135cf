/* tuner/trial/artifacts.h - the files of a trial of networks, all in <folder>/artifacts/.
 *
 *     trial-000012.consort              its model            written once it is complete, and kept
 *     trial-000012.proba                its predictions      while it is among the best (tuner/study/kept.h)
 *     trial-000012.R.checkpoint         the state of run R, while it is trained or waits at a rung
 *     trial-000012.again-A.R.checkpoint the same of its A-th repeat
 *
 * Errors  a full disk, a folder that went away: they stop the study.
 */
#ifndef CONSORT_TUNER_TRIAL_ARTIFACTS_H
#define CONSORT_TUNER_TRIAL_ARTIFACTS_H
#include "tuner/trial/gathered.h"
#include "tuner/trial/objective.h"
#include "tuner/trial/runner.h"

/* Do the runs of this task leave their states on the way? */
bool checkpoints_wanted(const Objective *objective, const TrialTask *task);
/* NULL: no memory. */
char *checkpoint_path(const Objective *objective, int number, int again, int run, Arena *arena);
/* A trial that has an answer needs no states any more; one that was interrupted or paused does. */
void checkpoints_remove(const Objective *objective, const TrialTask *task, int n_runs, Arena *arena);

/* The model and the predictions, as files that are whole before any row of `out` names them. */
bool artifacts_write(const Objective *objective, const TrialTask *task, const Gathered *g, Arena *arena,
                     TrialRecord *out, Error *err);
#endif
