/* tuner/study/sight.h - what of the other trials a sampler and a trial's pruning may see in a turn.
 *
 * Each turn makes one more turn known (what may be looked at: tuner/study/state.h), so what is shown is kept,
 * and changed where something new is known: a claim costs the same after ten trials and after a million. Where
 * it cannot be kept (several goals, whose one score is another for each proposal) all is copied.
 *
 * Lock      all of it is called with the study's.
 * Memory    ask->seen is good until the next call, a task's curves as long as the study.
 */
#ifndef CONSORT_TUNER_STUDY_SIGHT_H
#define CONSORT_TUNER_STUDY_SIGHT_H
#include "tuner/study/state.h"

/* What the sampler may see when it is asked for trial n at turn t. */
bool sight_of(Study *study, int n, int t, Ask *ask, Arena *arena, Error *err);
/* So that study->sight.seen holds what may be seen of the first n trials at turn t, where somebody asks for it:
 * a sampler that learns, or freeze_thaw. */
bool sight_catch_up(Study *study, int n, int t, Error *err);
/* The curves and scores that pruning in turn t may look at; t may be an earlier turn than before. */
bool sight_curves(Study *study, int t, TrialTask *task, Error *err);
#endif
