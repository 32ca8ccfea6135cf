/* tuner/study/workers.h - those who take turns: one loop, whoever trains.
 *
 * A worker of this process trains by the study's own runner, one of a guest by a runner that sends the trial
 * away (tuner/study/guests.h); all else is the same.
 *
 * Lock      these take the study's themselves, and are called without it. It is not held while a trial runs.
 */
#ifndef CONSORT_TUNER_STUDY_WORKERS_H
#define CONSORT_TUNER_STUDY_WORKERS_H
#include "tuner/study/state.h"

/* Calls `each` in as many threads as the study has jobs, or as can be had, with an arena of its own, and waits
 * for all. */
void study_workers(const Study *study, Arena **arenas, void (*each)(void *context, Arena *arena),
                   void *context);
/* Takes turns until the search is over, or `*leave` (NULL: never) after one of them. */
void study_work(Study *study, const Runner *runner, Arena *arena, const bool *leave);
#endif
