/* tuner/study/turns.h - whose turn it is, and which results may be looked at then (what a turn is:
 * tuner/study/state.h).
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
/* What turn t is for: a promotion where one is due, else the next new trial (number n_started, which may not
 * exist yet) unless no_more, else nothing (-1). Marks entries as out. */
typedef struct {
    int trial, rung;
    bool over; /* there is nothing left to do */
} NextTurn;
bool study_next(Study *study, int t, Arena *arena, NextTurn *out, Error *err);
/* Writes the turn down. For a new trial also joins its bracket. */
bool study_take(Study *study, int trial, int rung, Error *err);
/* Its trial has come to the end of it. */
void turn_end(Study *study, int turn);
/* A trial that is out and not written yet, which becomes the caller's to write; -1: none. */
int study_next_out(Study *study);
#endif
