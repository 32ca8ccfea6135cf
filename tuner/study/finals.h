/* tuner/study/finals.h - the finals: when the search has ended, its leaders run again on fresh seeds (who wins
 * then: tuner/insight/finalists.h).
 *
 * What is to be run is a list that follows from the settled trials: run 1 of every leader, then run 2, ... What
 * a run comes to follows from its trial and its number. So nobody waits for anybody, and any number of workers
 * gives the same rows. What an earlier process has finished is in the database and left out.
 *
 * Lock      the study's guards the list and what is told; entries do not change any more and are read without.
 */
#ifndef CONSORT_TUNER_STUDY_FINALS_H
#define CONSORT_TUNER_STUDY_FINALS_H
#include "tuner/study/state.h"

/* Runs the leaders again, here and on seats. Called once the search is over; where it is interrupted, so is the
 * study. */
bool study_finals(Study *study, Error *err);
#endif
