/* tuner/study/link.h - letters between the process that runs a study, its host, and processes that train for
 * it.
 *
 * Such a process is a *peer* of the host: one that joined through the socket in the study's folder, a rank of
 * MPI, or one that is made up (bench/scale). It lends *seats*, numbered from 0; a seat trains one trial at a
 * time. A letter is of a kind, is for or from a seat, and has a body, which tuner/study/wire.h writes and
 * reads; what is said by or to a whole process has seat 0. A link carries letters and knows nothing about
 * them: the host has one for each way in which peers come, a guest has one, whose only peer, number 0, is the
 * host. Numbers of peers that are gone do not come back.
 *
 * Order     letters between two processes arrive in the order in which they were sent, once each, or the peer
 *           is gone.
 * Threads   one calls `next`; `send` and `wake` may be called by many, also while it waits.
 * Errors    none of its own: a peer is there or gone. What comes is checked as if it came from a stranger.
 */
#ifndef CONSORT_TUNER_STUDY_LINK_H
#define CONSORT_TUNER_STUDY_LINK_H
#include "base/arena.h"
#include "tuner/study/wire.h"

typedef struct {
    int peer, seat;
    WireKind kind;
    const char *body; /* (n), in the arena that was given */
    size_t n;
} Letter;

typedef enum {
    LINK_LETTER,
    LINK_NOTHING, /* in that time */
    LINK_CAME,    /* letter.peer is new */
    LINK_GONE,    /* letter.peer says nothing any more: it died, hung up, or broke the rules */
    LINK_OVER     /* nobody is there, and nobody can come any more */
} LinkEvent;

typedef struct {
    void *self;
    LinkEvent (*next)(void *self, int timeout_ms, Arena *arena, Letter *out);
    /* Takes a copy, and does not wait for the peer. False: it is gone, or there is no memory. */
    bool (*send)(void *self, int peer, int seat, WireKind kind, const void *body, size_t n);
    void (*wake)(void *self);           /* `next` returns soon, with LINK_NOTHING if need be */
    /* Nothing more to it after what was sent, and nothing from it, not even LINK_GONE: it sees that. */
    void (*drop)(void *self, int peer);
} StudyLink;
#endif
