/* tuner/study/peer_notes.h - what the database is told of those who lend seats: who came, who left, and what
 * was lost with them.
 *
 * Lock      takes the study's, and is called without it.
 * Errors    none of its own: what cannot be written is met by the study's next write, too.
 */
#ifndef CONSORT_TUNER_STUDY_PEER_NOTES_H
#define CONSORT_TUNER_STUDY_PEER_NOTES_H
#include "tuner/store/workers.h"
#include "tuner/study/peers.h"
#include "tuner/study/state.h"

void peer_note_joined(Study *study, Peer *peer);
/* What its seats had under way is for nothing. */
void peer_note_left(Study *study, const Peer *peer, WorkerEnd why);
/* The id and the attempt of a trial. */
int64_t peer_trial(Study *study, int number, int *attempt);
#endif
