/* tuner/study/turns.h - which results may be looked at in a turn, and turns as they are taken and end (what a
 * turn is: tuner/study/state.h; whose it is: tuner/study/next.h).
 *
 * Lock      all of it is called with the study's.
 */
#ifndef CONSORT_TUNER_STUDY_TURNS_H
#define CONSORT_TUNER_STUDY_TURNS_H
#include "tuner/study/state.h"

/* May the result of this turn be looked at in turn t? */
bool turn_seen(const Study *study, int turn, int t);
/* The highest rung of the entry whose result may be looked at in turn t; -1: none. */
int entry_reached(const Study *study, const Entry *entry, int t);
/* Is that its last word? A study that is read back knows the last word before its turn. */
bool entry_known(const Study *study, const Entry *entry, int t);
/* The epoch at which the entry is paused at a rung, or all its epochs; 0 where that is not known. */
int entry_epoch(const Study *study, const Entry *entry, int rung);
/* Writes the turn down. For a new trial also joins its bracket. */
bool study_take(Study *study, int trial, int rung, Error *err);
/* Its trial has come to the end of it. */
void turn_end(Study *study, int turn);
/* A trial that is out and not written yet, which becomes the caller's to write; -1: none. */
int study_next_out(Study *study);
#endif
