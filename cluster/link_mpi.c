/* Letters between ranks: queues that one thread empties into MPI, and frames that it puts together. */
#include "cluster/link_mpi.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cluster/frames.h"

enum {
    SHORTEST_NAP_NS = 50000,
    LONGEST_NAP_NS = 1000000,
    LAST_NAP_NS = 20000000,           /* of a rank that has nothing more to do */
    PATIENCE_S = WIRE_SILENCE_S + 5,  /* at the end, with those that were heard until then */
    IMPATIENCE_S = 2                  /* with those that were not */
};
#define QUEUE_MOST ((size_t)1 << 30)

typedef struct {
    char *frame;               /* (FRAME_BYTES) in which MPI puts what comes */
    Coming coming;
    Parcelled *first, *last;   /* to be sent */
    size_t waiting, at;        /* their bytes; those of the first that were given to MPI */
    bool giving;               /* a frame of the first is on its way */
    bool came, said_gone, dropped;
    bool gone;                 /* MPI says so */
    bool said_bye, heard_bye;  /* what comes after BYE is PART alone, from the host: whether all are there */
    bool parted;
} Peer;

struct LinkMpi {
    StudyLink link;
    Mpi *mpi;
    atomic_int *stop;
    bool told_stop;
    int first, n; /* peers `first` to n - 1 */
    Peer *peers;
    bool whole;   /* nobody is left behind */
    int new_peer; /* has come, and its first letter is whole and not yet told; -1: none */
    pthread_mutex_t lock; /* of what `send`, `wake` and `drop` touch: queues, gone, woken, fresh */
    pthread_cond_t sent;
    bool woken, fresh; /* by `wake`; something was sent since */
};

/* ---- sending ------------------------------------------------------------------------------------------ */

static void empty_queue(Peer *peer, bool keep_first)
{
    Parcelled **from = keep_first && peer->first ? &peer->first->next : &peer->first;
    for (Parcelled *p = *from, *next; p; p = next) {
        next = p->next;
        peer->waiting -= p->n;
        free(p);
    }
    *from = NULL;
    peer->last = peer->first;
}

static bool enqueue(Peer *peer, int kind, int seat, const void *body, size_t n)
{
    Parcelled *letter = peer->waiting + n <= QUEUE_MOST ? frames_of(kind, seat, body, n) : NULL;
    if (!letter) return false;
    if (peer->last) peer->last->next = letter;
    else peer->first = letter;
    peer->last = letter;
    peer->waiting += letter->n;
    return true;
}

static bool is_peer(const LinkMpi *self, int peer) { return peer >= self->first && peer < self->n; }

/* With the lock held: whoever naps goes to work. */
static void call_up(LinkMpi *self)
{
    self->fresh = true;
    pthread_cond_signal(&self->sent);
}

static bool send_letter(void *of, int peer, int seat, WireKind kind, const void *body, size_t n)
{
    LinkMpi *self = of;
    if (!is_peer(self, peer)) return false;
    pthread_mutex_lock(&self->lock);
    Peer *to = &self->peers[peer];
    bool ok = !to->gone && !to->said_bye && !to->heard_bye && enqueue(to, (int)kind, seat, body, n);
    if (ok) call_up(self);
    pthread_mutex_unlock(&self->lock);
    return ok;
}

static void wake(void *of)
{
    LinkMpi *self = of;
    pthread_mutex_lock(&self->lock);
    self->woken = true;
    pthread_cond_signal(&self->sent);
    pthread_mutex_unlock(&self->lock);
}

/* With the lock held. */
static void say_bye(Peer *peer)
{
    if (peer->gone || peer->said_bye) return;
    peer->said_bye = enqueue(peer, LINK_MPI_BYE, 0, NULL, 0);
}

static void drop(void *of, int peer)
{
    LinkMpi *self = of;
    if (!is_peer(self, peer)) return;
    pthread_mutex_lock(&self->lock);
    say_bye(&self->peers[peer]);
    self->peers[peer].said_gone = self->peers[peer].dropped = true;
    call_up(self);
    pthread_mutex_unlock(&self->lock);
}

/* With the lock held: nothing more to it, and nothing from it. */
static void lose(LinkMpi *self, int rank)
{
    Peer *peer = &self->peers[rank];
    peer->gone = true;
    empty_queue(peer, peer->giving); /* what MPI still has stays where it is */
}

/* Gives MPI the next frame of everybody to whom none is on its way. */
static void give(LinkMpi *self)
{
    for (int i = self->first; i < self->n; i++) {
        Peer *peer = &self->peers[i];
        if (!peer->first || peer->giving || peer->gone) continue;
        const size_t left = peer->first->n - peer->at, n = left < FRAME_BYTES ? left : FRAME_BYTES;
        if (mpi_give(self->mpi, i, peer->first->bytes + peer->at, n)) {
            peer->at += n;
            peer->giving = true;
        } else {
            lose(self, i);
        }
    }
}

static void given(Peer *peer)
{
    Parcelled *letter = peer->first;
    peer->giving = false;
    if (!letter || (peer->at < letter->n && !peer->gone)) return;
    peer->first = letter->next;
    if (!peer->first) peer->last = NULL;
    peer->waiting -= letter->n;
    peer->at = 0;
    free(letter);
}

/* ---- what comes --------------------------------------------------------------------------------------- */

/* What is whole now, to the caller. */
static LinkEvent hand_over(LinkMpi *self, int rank, Arena *arena, Letter *out)
{
    Peer *peer = &self->peers[rank];
    const Coming *coming = &peer->coming;
    char *body = ARENA_NEW(arena, char, (size_t)coming->head.n + 1);
    if (body && coming->head.n > 0) memcpy(body, coming->body, coming->head.n);
    *out = (Letter){rank, coming->head.seat, (WireKind)coming->head.kind, body, (size_t)coming->head.n};
    if (coming->room > 64 * (size_t)FRAME_BYTES) frames_free(&peer->coming);
    if (body) return LINK_LETTER;
    pthread_mutex_lock(&self->lock);
    lose(self, rank);
    pthread_mutex_unlock(&self->lock);
    return LINK_NOTHING;
}

/* A frame has come. LINK_LETTER: a letter for the caller is whole. With the lock held. */
static LinkEvent took(LinkMpi *self, int rank, size_t n)
{
    Peer *peer = &self->peers[rank];
    const FrameEnd end = frames_take(&peer->coming, peer->frame, n);
    const int kind = peer->coming.head.kind;
    if (end == FRAME_LETTER && kind == LINK_MPI_BYE) peer->heard_bye = true;
    if (end == FRAME_LETTER && kind == LINK_MPI_PART) {
        peer->parted = true;
        self->whole = peer->coming.head.seat != 0;
    }
    if (peer->parted || (peer->heard_bye && self->first == 1)) return LINK_NOTHING; /* nothing comes after it */
    if (end == FRAME_BROKEN || !mpi_take(self->mpi, rank, peer->frame, FRAME_BYTES)) {
        lose(self, rank);
        return LINK_NOTHING;
    }
    if (end == FRAME_LETTER && kind == LINK_MPI_STOP && self->stop) atomic_store(self->stop, 1);
    const bool ours = kind == LINK_MPI_STOP || kind == LINK_MPI_BYE;
    return end == FRAME_LETTER && !ours && !peer->said_bye ? LINK_LETTER : LINK_NOTHING;
}

/* Somebody of whom it is not yet told that nothing more will come. With the lock held. */
static bool tell_gone(LinkMpi *self, Letter *out)
{
    for (int i = self->first; i < self->n; i++) {
        Peer *peer = &self->peers[i];
        if (peer->said_gone || !(peer->gone || peer->heard_bye)) continue;
        peer->said_gone = true;
        *out = (Letter){.peer = i};
        return true;
    }
    return false;
}

static bool nobody_is_left(const LinkMpi *self)
{
    for (int i = self->first; i < self->n; i++)
        if (!self->peers[i].said_gone) return false;
    return true;
}

/* Everything that MPI has to tell, until something is for the caller; `*rank` sent it. With the lock held. */
static LinkEvent move(LinkMpi *self, int *rank, bool *moved)
{
    size_t n;
    give(self);
    for (;;) {
        const Moved what = mpi_look(self->mpi, rank, &n);
        if (what == MOVED_NOTHING) return LINK_NOTHING;
        *moved = true;
        if (!is_peer(self, *rank)) continue;
        if (what == MOVED_LOST) lose(self, *rank);
        if (what == MOVED_OUT) {
            given(&self->peers[*rank]);
            give(self);
        }
        if (what == MOVED_IN && took(self, *rank, n) == LINK_LETTER) return LINK_LETTER;
    }
}

/* ---- waiting ------------------------------------------------------------------------------------------ */

/* Until somebody sends or wakes, or so long. With the lock held. */
static void nap(LinkMpi *self, long ns)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ns;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!self->woken && !self->fresh
           && pthread_cond_timedwait(&self->sent, &self->lock, &until) != ETIMEDOUT) {}
}

/* What was raised here is known to the host before any trial here has come to the end of its epoch. */
static void pass_stop_on(LinkMpi *self)
{
    if (self->first != 0 || self->told_stop || !self->stop || !atomic_load(self->stop)) return;
    Peer *host = &self->peers[0];
    self->told_stop = host->gone || host->said_bye || enqueue(host, LINK_MPI_STOP, 0, NULL, 0);
}

static LinkEvent wait_for(LinkMpi *self, double until, int *rank, Letter *out)
{
    for (long ns = SHORTEST_NAP_NS;; ns = 2 * ns < LONGEST_NAP_NS ? 2 * ns : LONGEST_NAP_NS) {
        bool moved = false;
        self->fresh = false;
        pass_stop_on(self);
        if (move(self, rank, &moved) == LINK_LETTER) return LINK_LETTER;
        if (tell_gone(self, out)) return LINK_GONE;
        if (nobody_is_left(self)) return LINK_OVER;
        if (self->woken || clock_seconds() >= until) break;
        if (moved) ns = SHORTEST_NAP_NS;
        nap(self, ns);
    }
    self->woken = false;
    return LINK_NOTHING;
}

static LinkEvent next(void *of, int timeout_ms, Arena *arena, Letter *out)
{
    LinkMpi *self = of;
    int rank = self->new_peer;
    if (rank >= 0) {
        self->new_peer = -1;
        return hand_over(self, rank, arena, out);
    }
    pthread_mutex_lock(&self->lock);
    LinkEvent event = wait_for(self, clock_seconds() + timeout_ms / 1000.0, &rank, out);
    pthread_mutex_unlock(&self->lock);
    if (event != LINK_LETTER) return event;
    Peer *peer = &self->peers[rank];
    if (peer->coming.head.kind >= LINK_MPI_OWN || peer->came || self->first == 0)
        return hand_over(self, rank, arena, out);
    peer->came = true;
    self->new_peer = rank;
    *out = (Letter){.peer = rank};
    return LINK_CAME;
}

/* ---- beginning and ending ----------------------------------------------------------------------------- */

LinkMpi *link_mpi_open(Mpi *mpi, atomic_int *stop, Error *err)
{
    const bool host = mpi_rank(mpi) == 0;
    LinkMpi *self = calloc(1, sizeof *self);
    if (!self) {
        error_memory(err);
        return NULL;
    }
    *self = (LinkMpi){.mpi = mpi, .stop = stop, .first = host ? 1 : 0, .n = host ? mpi_size(mpi) : 1,
                      .new_peer = -1, .whole = true,
                      .link = {.self = self, .next = next, .send = send_letter, .wake = wake, .drop = drop}};
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->sent, &monotonic);
    pthread_condattr_destroy(&monotonic);
    self->peers = calloc((size_t)self->n, sizeof *self->peers);
    bool ok = self->peers != NULL;
    for (int i = self->first; ok && i < self->n; i++) {
        Peer *peer = &self->peers[i];
        ok = (peer->frame = malloc(FRAME_BYTES)) != NULL;
        peer->gone = ok && !mpi_take(mpi, i, peer->frame, FRAME_BYTES);
    }
    if (ok) return self;
    error_memory(err);
    self->n = self->peers ? self->n : 0;
    link_mpi_close(self);
    return NULL;
}

const StudyLink *link_mpi(LinkMpi *self) { return &self->link; }

/* With the lock held, until `done` or nothing has moved for so long (0: for ever). */
static bool move_until(LinkMpi *self, bool (*done)(const Peer *), double patience_s, long longest_ns)
{
    long ns = SHORTEST_NAP_NS;
    for (double heard = clock_seconds();;) {
        int rank, left = 0;
        bool moved = false;
        move(self, &rank, &moved);
        for (int i = self->first; i < self->n; i++) left += self->peers[i].frame && !done(&self->peers[i]);
        if (left == 0) return true;
        if (moved) heard = clock_seconds();
        else if (patience_s > 0 && clock_seconds() - heard > patience_s) return false;
        ns = moved ? SHORTEST_NAP_NS : 2 * ns < longest_ns ? 2 * ns : longest_ns;
        self->woken = self->fresh = false;
        nap(self, ns);
    }
}

static bool has_left(const Peer *peer) { return peer->gone || peer->heard_bye || peer->dropped; }
static bool has_left_at_last(const Peer *peer) { return peer->gone || peer->heard_bye; }
static bool has_parted(const Peer *peer) { return peer->gone || peer->parted; }
static bool has_all(const Peer *peer) { return peer->gone || !peer->first; }

/* The host hears everybody's goodbye, and then says whether that was everybody's. With the lock held. */
static void part(LinkMpi *self)
{
    for (int i = self->first; i < self->n; i++)
        if (self->peers[i].frame) say_bye(&self->peers[i]);
    if (self->first == 0) {
        move_until(self, has_parted, 0, LAST_NAP_NS);
        return;
    }
    self->whole = move_until(self, has_left, PATIENCE_S, LONGEST_NAP_NS)
               && move_until(self, has_left_at_last, IMPATIENCE_S, LONGEST_NAP_NS);
    for (int i = self->first; i < self->n; i++) {
        Peer *peer = &self->peers[i];
        if (peer->frame && !peer->gone) peer->gone = !enqueue(peer, LINK_MPI_PART, self->whole, NULL, 0);
    }
    move_until(self, has_all, IMPATIENCE_S, LONGEST_NAP_NS);
}

bool link_mpi_close(LinkMpi *self)
{
    if (!self) return true;
    pthread_mutex_lock(&self->lock);
    part(self);
    const bool whole = self->whole;
    pthread_mutex_unlock(&self->lock);
    for (int i = self->first; i < self->n; i++) {
        Peer *peer = &self->peers[i];
        if (!whole) continue; /* MPI may write there yet */
        mpi_forget(self->mpi, i);
        frames_free(&peer->coming);
        empty_queue(peer, false);
        free(peer->frame);
    }
    if (whole) free(self->peers);
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->sent);
    free(self);
    return whole;
}
