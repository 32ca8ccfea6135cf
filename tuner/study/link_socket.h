/* tuner/study/link_socket.h - letters through a socket in the study's folder (tuner/study/link.h), which only
 * its owner may use: how processes of one host join (`sweep --join`).
 *
 * Format    a letter is its kind, its seat and the length of its body, each uint32 as the host has it, and
 *           the body.
 * Bounds    a body has at most WIRE_BODY_MOST bytes, takes memory as its bytes come, and so much may wait to
 *           be sent to one peer: one that takes less is gone. At most SOCKET_PEERS are there at once; others
 *           wait to be let in.
 * Waiting   sends never wait; what a socket does not take is queued, and goes out while `next` waits.
 */
#ifndef CONSORT_TUNER_STUDY_LINK_SOCKET_H
#define CONSORT_TUNER_STUDY_LINK_SOCKET_H
#include "base/error.h"
#include "tuner/study/link.h"

enum { SOCKET_PEERS = 500 };

/* The host's: listens in the folder, in place of one that a killed process left. ERR_IO: nobody can join. */
bool link_socket_listen(const char *folder, StudyLink *out, Error *err);
/* A guest's. False: nobody listens. */
bool link_socket_connect(const char *folder, StudyLink *out);
/* Sends what waits, for at most two seconds, and hangs up. */
void link_socket_destroy(StudyLink *link);
#endif
