/* tuner/study/next.h - whose turn it is (what a turn is: tuner/study/state.h).
 *
 * Lock      all of it is called with the study's.
 */
#ifndef CONSORT_TUNER_STUDY_NEXT_H
#define CONSORT_TUNER_STUDY_NEXT_H
#include "tuner/study/state.h"

/* What turn t is for: a promotion where one is due, else the next new trial (number n_started, which may not
 * exist yet) unless no_more, else nothing (-1). Marks entries as out. */
typedef struct {
    int trial, rung;
    bool over; /* there is nothing left to do */
} NextTurn;
bool study_next(Study *study, int t, Arena *arena, NextTurn *out, Error *err);
#endif
