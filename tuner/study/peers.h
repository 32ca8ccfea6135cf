/* tuner/study/peers.h - who lends seats through one link, as its desk knows them (tuner/study/desk.h): a list
 * in the order of their numbers, which the desk keeps.
 *
 * Threads   the desk's alone.
 * Memory    a peer is one block, with its seats; what a seat holds is its own.
 * Errors    none.
 */
#ifndef CONSORT_TUNER_STUDY_PEERS_H
#define CONSORT_TUNER_STUDY_PEERS_H
#include "tuner/study/facts.h"
#include "tuner/study/parcel.h"

/* Trains one piece at a time. */
typedef struct {
    bool busy, told_to_stop;
    int piece;
    int64_t errand; /* what its letters are about */
    double bytes, began;
    TrialTask task; /* only where epochs go: number, on_epoch, context */
    ParcelTrial trial;
    char *held;     /* (n_held) the letter with its record, which waits for files; NULL: none does */
    size_t n_held;
} Seat;

/* A process that lends seats. */
typedef struct {
    int number, n_seats, n_busy; /* no seats: it has not said who it is */
    Seat *seats;
    double memory, taken, heard; /* bytes: 0 is unknown; the time of its last word */
    FactsClock clock;
    int pid, rank; /* rank -1: none */
    int worker;    /* its number among the study's (tuner/store/workers.h); 0: none */
    char host[65], name[100];
} Peer;

/* Where the peer of that number stands among n, or would. */
int peers_place(Peer *const *peers, int n, int number);
Peer *peers_find(Peer *const *peers, int n, int number); /* NULL: there is none */
/* The peer with most seats free, of those where so many bytes fit now; `ever`: is there one where they fit at
 * all? */
Peer *peers_best(Peer *const *peers, int n, double bytes, bool *ever);
enum { PEER_SEATS_MOST = 4096 };
/* It says who it is, to a process on the host `here`. False: that cannot be, or there is no memory. */
bool peer_introduce(Peer *peer, const PeerFacts *facts, const char *here);
void peer_free(Peer *peer);
#endif
