/* tuner/study/claim.h - the next turn: waited for, decided, begun, and handed out.
 *
 * Lock      both are called with the study's; study_claim lets go of it while it waits.
 */
#ifndef CONSORT_TUNER_STUDY_CLAIM_H
#define CONSORT_TUNER_STUDY_CLAIM_H
#include "tuner/study/state.h"

/* Takes turns until one is to be trained, whose trial runs from now on: its number; -1 when there is none, or
 * with `err` and a study that has failed. */
int study_claim(Study *study, Arena *arena, Error *err);
/* What whoever trains turn t is to do. Memory: the arena. */
bool study_task(Study *study, int t, Arena *arena, TrialTask *task, Error *err);
#endif
