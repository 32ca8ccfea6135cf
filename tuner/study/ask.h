/* tuner/study/ask.h - what a sampler proposes, and whether that may be run.
 *
 * Lock      both are called with the study's: a proposal is made for one turn, and the next has to wait for it.
 */
#ifndef CONSORT_TUNER_STUDY_ASK_H
#define CONSORT_TUNER_STUDY_ASK_H
#include "tuner/study/state.h"

/* Fills the entry of number n, asked at turn t: enqueued configurations first, then the sampler's. */
bool study_propose(Study *study, int n, int t, Entry *entry, bool *exhausted, Error *err);
/* Does it fit into memory (else ERR_MEMORY), and do the constraints hold? `violated` gets the text of the first
 * that does not. */
bool study_feasible(Study *study, const Value *values, const char **violated, Error *err);
#endif
