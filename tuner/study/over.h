/* tuner/study/over.h - is a study over? By what is known now: its target, its plateau, its failures, the clock.
 *
 * Lock      all of it is called with the study's.
 */
#ifndef CONSORT_TUNER_STUDY_OVER_H
#define CONSORT_TUNER_STUDY_OVER_H
#include "tuner/study/state.h"

/* Is the next trial to start one that a person put into the queue between two sweeps? It is run, whatever
 * the study came to before. */
bool study_next_is_wanted(const Study *study);
/* Then `study->end` says why. A trial that is there already, of an earlier run or wished for, is not left out
 * because of what others came to: that it is to run was decided before. */
bool study_is_over(Study *study);
/* Does a new trial have to wait until all that was sent is on disk, because it might end the study? */
bool study_waits_for_endings(const Study *study);
/* Would what is to start most likely run beyond the time cap? */
bool study_ends_too_late(Study *study, int n, int rung);
#endif
