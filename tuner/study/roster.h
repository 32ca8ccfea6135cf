/* tuner/study/roster.h - those who train, written down (tuner/store/workers.h): who came with what, who was
 * given which trial, what was lost with whom.
 *
 * Errors    of peers none: the study's next write meets them, too.
 * Lock      takes the study's itself where it needs it.
 */
#ifndef CONSORT_TUNER_STUDY_ROSTER_H
#define CONSORT_TUNER_STUDY_ROSTER_H
#include "tuner/store/workers.h"
#include "tuner/study/peers.h"
#include "tuner/study/state.h"

/* This process trains so many at a time from now on. */
bool roster_ourselves(Study *study, int seats, Error *err);
void roster_joined(const Study *study, Peer *peer, const PeerFacts *facts);
void roster_refused(const Study *study, const PeerFacts *facts);
/* A run of the finals has no row before it has ended: nothing is written then. */
void roster_given(Study *study, const Peer *peer, const TrialTask *task);
/* What its seats train is for nothing. `now` is clock_seconds(). */
void roster_left(Study *study, const Peer *peer, WorkerEnd why, double now);
#endif
