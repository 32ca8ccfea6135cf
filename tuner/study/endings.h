/* tuner/study/endings.h - the ends of turns: sent to the database, and made known to the study once they are on
 * disk.
 *
 * A worker does not wait for that. It leaves a copy of what its turn came to and takes the next turn; one
 * thread, the settler, waits for the commits in the order in which they were sent and lets the study know. So
 * a commit costs a quick trial nothing, and still nobody ever decides by, or is told of, a result that a power
 * cut could take back. More than `lookback` ends are never under way: the turns after them have to wait
 * (without lookback, `async`, the store's queue is the bound).
 *
 * Lock      these take the study's themselves, and are called without it.
 */
#ifndef CONSORT_TUNER_STUDY_ENDINGS_H
#define CONSORT_TUNER_STUDY_ENDINGS_H
#include "tuner/study/state.h"

/* Starts and ends the thread that makes ends known; endings_end waits until all are. */
bool endings_begin(Study *study, Error *err);
void endings_end(Study *study);
/* What turn t came to; everything is copied. False when it cannot be sent; what fails later fails the study. */
bool ending_send(Study *study, int t, const TrialRecord *record, Error *err);
/* The trials that were left behind at a rung. Their entries are settled already: that is decided, whoever
 * writes it; a process that dies before it is written decides the same again. */
bool endings_send_out(Study *study, Error *err);
/* May a trial that has this value keep its model and predictions? If not, nobody need send them. */
bool ending_may_keep(Study *study, int number, double value);
#endif
