/* tuner/study/guests.h - workers that other processes on the host lend to a study (their side:
 * tuner/study/join.h).
 *
 * The process that runs the study asks, prunes, writes and alone opens the database; a guest is sent a trial
 * and sends back its record. So a guest is one more worker: who trains a trial changes nothing, and nothing is
 * claimed twice. When a guest dies, its trial is trained here.
 *
 * Threads   one waits for guests, one serves each worker that is lent, in the loop of tuner/study/workers.h.
 */
#ifndef CONSORT_TUNER_STUDY_GUESTS_H
#define CONSORT_TUNER_STUDY_GUESTS_H
#include "tuner/study/state.h"

typedef struct Guests Guests;
/* NULL: nobody can join, and the study does without. */
Guests *guests_welcome(Study *study);
/* Waits until all have ended their last trial. */
void guests_farewell(Guests *guests);
#endif
