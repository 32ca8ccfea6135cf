/* tuner/study/desk.h - the host's side of lent seats: one thread a link gives them work and takes in what
 * comes of it (their side: tuner/study/join.h).
 *
 * The process that runs the study asks, prunes, writes and alone opens the database; a seat is sent a task
 * and sends back its record. So who trains a trial changes nothing, and nothing is claimed twice. The desk
 * never waits for a seat, nor for a turn: it takes work for as many seats as are free, and is woken by
 * study_wake when there is more.
 *
 * Greeting  a peer's first letter says program and study, and what it is (tuner/study/facts.h), which is
 *           judged: refused with a line, or let in, with warnings, which are lines for people and events. Or it
 *           asks something (tuner/study/request.h), and is answered.
 * Faults    a peer that is gone, says nothing for silence_s (tuner/study/options.h), or says what cannot be, is
 *           lost: what its seats had is given back (tuner/study/work.h), and costs its trial an attempt. One
 *           that leaves in order gives back without that. Events JOINED, LEFT, one a seat.
 * Memory    a piece goes only where it fits beside what that peer trains already. One that fits nowhere for
 *           now waits for its place; one that fits on no peer there is goes to the hands of this process,
 *           which is said once. The desk's own memory grows with peers and seats, not with letters.
 */
#ifndef CONSORT_TUNER_STUDY_DESK_H
#define CONSORT_TUNER_STUDY_DESK_H
#include "tuner/study/state.h"

typedef struct Desk Desk;
/* Serves the peers of a link, which is the caller's and outlives it. At most STUDY_LINKS. NULL: no memory, no
 * thread (ERR_IO). */
Desk *desk_begin(Study *study, const StudyLink *link, Error *err);
/* Tells all peers that it is over, unless the study has failed: then they are to find out for themselves.
 * Nothing is out on their seats any more: study_do has waited for that. */
void desk_end(Desk *desk);
#endif
