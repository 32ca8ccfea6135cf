/* tests/made_link.h - a link whose peers are made up, in this process: they answer in an order of their own,
 * die, fall silent, and say what cannot be.
 *
 * Peers train in `next`, by the runner that the link is given: what comes out is what any process would send. A
 * peer does `manner` with its task number `when`, counted from 0, and is honest with all before.
 */
#ifndef CONSORT_TESTS_MADE_LINK_H
#define CONSORT_TESTS_MADE_LINK_H
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "base/text.h"
#include "tuner/study/link.h"

typedef enum {
    HONEST, DIES, /* after some epochs */
    DIES_TOLD, /* when it has sent its record */
    LEAVES, SILENT,
    HOLDS, /* comes to the end of a trial only where it is told to stop */
    /* What breaks the rules. */
    BAD_RECORD, STALE_RECORD, STALE_EPOCH, FREE_SEAT, NO_SEAT, BAD_EPOCH, NO_KIND, TWO_HELLOS, UNASKED_END /* of a trial, not of the peer */
} Manner;

enum { MADE_PEERS = 16, MADE_SEATS = 8 };
typedef struct {
    const char *identity;
    int seats;
    double memory;
    Manner manner;
    int when;
    int after; /* it comes when so many peers are gone */
    /* What it came to. */
    bool came, greeted, gone, dropped, ended;
    int n_tasks;
    char refused[200];
    int64_t errand; /* of the task under way */
    double taken[MADE_SEATS], most; /* bytes under way, and the most there ever were */
    char *body[MADE_SEATS];
    size_t n[MADE_SEATS];
    bool stop[MADE_SEATS];
} MadePeer;

typedef struct {
    const Space *space;
    const Runner *runner;
    MadePeer peer[MADE_PEERS];
    int n_peers, n_gone, n_records;
    bool forever; /* somebody may come yet, whatever happens */
    Rng rng;
    Arena *arena;
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool woken;
    Letter *letters; /* to the host; kind WIRE_END + 1: it is gone */
    int n_letters, capacity;
    int on; /* of a trial under way: peer and seat, for its epochs */
    int on_seat;
    StudyLink link;
} Made;

static void made_say(Made *m, int peer, int seat, int kind, const void *body, size_t n)
{
    if (m->n_letters == m->capacity)
        m->letters = realloc(m->letters, (size_t)(m->capacity = 2 * m->capacity + 16) * sizeof *m->letters);
    char *copy = malloc(n + 1);
    if (n > 0) memcpy(copy, body, n);
    copy[n] = '\0';
    m->letters[m->n_letters++] = (Letter){peer, seat, (WireKind)kind, copy, n};
}

static void made_go(Made *m, int peer)
{
    made_say(m, peer, 0, WIRE_END + 1, "", 0);
    m->peer[peer].gone = true;
    m->n_gone++;
}

static bool made_epoch(void *context, int number, const EpochRow *row)
{
    Made *m = context;
    Text body = {0};
    (void)number;
    wire_put_epoch(m->peer[m->on].errand, row, &body);
    made_say(m, m->on, m->on_seat, WIRE_EPOCH, body.bytes, body.n);
    text_free(&body);
    return true;
}

static void made_greet(Made *m, int p)
{
    Text body = {0};
    MadePeer *peer = &m->peer[p];
    text_print(&body, "%s\n{\"host\":\"far\",\"pid\":%d,\"seats\":%d,\"memory_bytes\":%.0f}", peer->identity, 100 + p,
               peer->seats, peer->memory);
    made_say(m, p, 0, WIRE_HELLO, body.bytes, body.n);
    text_free(&body);
    peer->greeted = true;
}

/* A peer with its task under way, as its manner is. */
static void made_train(Made *m, int p, int seat)
{
    MadePeer *peer = &m->peer[p];
    const bool acts = peer->n_tasks++ == peer->when;
    const Manner manner = acts ? peer->manner : HONEST;
    atomic_int stop = peer->stop[seat];
    TrialTask task;
    TrialRecord record;
    Text body = {0};
    Error err;
    arena_reset(m->arena);
    bool ok = wire_task(peer->body[seat], peer->n[seat], m->space, m->arena, &peer->errand, &task);
    m->on = p, m->on_seat = seat;
    task.on_epoch = made_epoch;
    task.context = m;
    task.stop = &stop;
    ok = ok && m->runner->run(m->runner->self, &task, m->arena, &record, &err)
      && wire_put_record(peer->errand - (manner == STALE_RECORD), &record, &body);
    if (!ok) abort();
    if (manner == SILENT) { /* what it had said of its epochs is lost, too */
        text_free(&body);
        return;
    }
    free(peer->body[seat]);
    peer->body[seat] = NULL;
    peer->taken[seat] = 0;
    const int other = (seat + 1) % peer->seats;
    switch (manner) {
    case BAD_RECORD: made_say(m, p, seat, WIRE_RECORD, body.bytes, body.n / 2); break;
    case STALE_RECORD: made_say(m, p, seat, WIRE_RECORD, body.bytes, body.n); break;
    case FREE_SEAT: made_say(m, p, other, WIRE_RECORD, body.bytes, body.n); break;
    case NO_SEAT: made_say(m, p, 77, WIRE_RECORD, body.bytes, body.n); break;
    case BAD_EPOCH: made_say(m, p, seat, WIRE_EPOCH, "epoch", 5); break;
    case STALE_EPOCH:
        body.n = 0;
        wire_put_epoch(peer->errand - 1, &(EpochRow){.epoch = 1}, &body);
        made_say(m, p, seat, WIRE_EPOCH, body.bytes, body.n);
        break;
    case NO_KIND: made_say(m, p, seat, WIRE_TASK, body.bytes, body.n); break;
    case TWO_HELLOS: made_greet(m, p); break;
    case UNASKED_END:
        body.n = 0;
        record.row.state = TRIAL_INTERRUPTED;
        wire_put_record(peer->errand, &record, &body);
        made_say(m, p, seat, WIRE_RECORD, body.bytes, body.n);
        break;
    case LEAVES: made_say(m, p, 0, WIRE_END, "", 0); break;
    case DIES: made_go(m, p); break;
    default:
        made_say(m, p, seat, WIRE_RECORD, body.bytes, body.n);
        m->n_records++;
        if (manner == DIES_TOLD) made_go(m, p);
    }
    text_free(&body);
}

/* One of the tasks that are under way, by chance. False: there is none. */
static bool made_step(Made *m)
{
    int found[MADE_PEERS * MADE_SEATS], n = 0;
    for (int p = 0; p < m->n_peers; p++) {
        const MadePeer *peer = &m->peer[p];
        bool silent = peer->manner == SILENT && peer->n_tasks > peer->when;
        for (int s = 0; s < peer->seats && peer->came && !peer->gone && !peer->dropped && !silent; s++)
            if (peer->body[s] && (peer->manner != HOLDS || peer->stop[s])) found[n++] = p * MADE_SEATS + s;
    }
    if (n == 0) return false;
    int at = found[rng_below(&m->rng, (uint32_t)n)];
    made_train(m, at / MADE_SEATS, at % MADE_SEATS);
    return true;
}

static bool made_over(const Made *m)
{
    bool there = m->forever;
    for (int p = 0; p < m->n_peers; p++) there |= !m->peer[p].gone && !m->peer[p].dropped;
    return !there;
}

/* Something new without waiting. False: there is none. */
static bool made_take(Made *m, Arena *arena, Letter *out, LinkEvent *event)
{
    for (int p = 0; p < m->n_peers; p++) {
        MadePeer *peer = &m->peer[p];
        if (peer->came || m->n_gone < peer->after) continue;
        peer->came = true;
        made_greet(m, p);
        *out = (Letter){.peer = p};
        *event = LINK_CAME;
        return true;
    }
    while (m->n_letters > 0 || made_step(m)) {
        if (m->n_letters == 0) continue;
        Letter letter = m->letters[0];
        memmove(m->letters, m->letters + 1, (size_t)--m->n_letters * sizeof letter);
        *out = letter;
        out->body = arena_copy_n(arena, letter.body, letter.n);
        free((char *)letter.body);
        if (m->peer[letter.peer].dropped) continue;
        *event = (int)letter.kind > WIRE_END ? LINK_GONE : LINK_LETTER;
        return true;
    }
    *event = LINK_OVER;
    return made_over(m);
}

/* Who has nothing to tell says that it lives, as WIRE_ALIVE_S would have it. */
static void made_alive(Made *m)
{
    for (int p = 0; p < m->n_peers; p++) {
        const MadePeer *peer = &m->peer[p];
        const bool silent = peer->manner == SILENT && peer->n_tasks > peer->when;
        if (peer->greeted && !peer->gone && !peer->dropped && !silent) made_say(m, p, 0, WIRE_ALIVE, "", 0);
    }
}

static LinkEvent made_next(void *self, int timeout_ms, Arena *arena, Letter *out)
{
    Made *m = self;
    LinkEvent event;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    until.tv_sec += timeout_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&m->lock);
    bool there = made_take(m, arena, out, &event);
    if (!there && timeout_ms > 0 && !m->woken) pthread_cond_timedwait(&m->rung, &m->lock, &until);
    if (!there && timeout_ms > 0) made_alive(m);
    if (!there) there = made_take(m, arena, out, &event);
    m->woken = false;
    pthread_mutex_unlock(&m->lock);
    return there ? event : LINK_NOTHING;
}

static bool made_send(void *self, int number, int seat, WireKind kind, const void *body, size_t n)
{
    Made *m = self;
    pthread_mutex_lock(&m->lock);
    MadePeer *peer = &m->peer[number];
    bool ok = !peer->gone && !peer->dropped, fits = seat >= 0 && seat < peer->seats;
    if (ok && kind == WIRE_END && peer->n_tasks == 0) snprintf(peer->refused, sizeof peer->refused, "%s",
                                                               (const char *)body);
    if (ok && kind == WIRE_END) peer->ended = true;
    if (ok && kind == WIRE_STOP) peer->stop[seat] = true;
    if (ok && kind == WIRE_TASK) {
        TrialTask task;
        int64_t errand;
        double sum = 0;
        if (!fits || peer->body[seat]) abort(); /* never two at a time */
        peer->body[seat] = memcpy(malloc(n), body, n);
        peer->n[seat] = n;
        peer->stop[seat] = false;
        if (m->runner->memory) {
            Arena *arena = arena_create(0);
            if (!wire_task(body, n, m->space, arena, &errand, &task)) abort();
            peer->taken[seat] = m->runner->memory(m->runner->self, task.values);
            arena_destroy(arena);
        }
        for (int s = 0; s < peer->seats; s++) sum += peer->taken[s];
        if (sum > peer->most) peer->most = sum;
    }
    pthread_mutex_unlock(&m->lock);
    return ok;
}

static void made_wake(void *self)
{
    Made *m = self;
    pthread_mutex_lock(&m->lock);
    m->woken = true;
    pthread_cond_signal(&m->rung);
    pthread_mutex_unlock(&m->lock);
}

static void made_drop(void *self, int number)
{
    Made *m = self;
    pthread_mutex_lock(&m->lock);
    if (!m->peer[number].gone) m->n_gone++;
    m->peer[number].dropped = true;
    pthread_mutex_unlock(&m->lock);
}

static void made_create(Made *m, const Space *space, const Runner *runner, uint64_t seed)
{
    *m = (Made){.space = space, .runner = runner, .rng = rng_stream(seed, 1, RNG_SAMPLER), .arena = arena_create(0)};
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->rung, NULL);
    m->link = (StudyLink){.self = m, .next = made_next, .send = made_send, .wake = made_wake, .drop = made_drop};
}

static MadePeer *made_peer(Made *m, int seats, Manner manner, int when)
{
    MadePeer *peer = &m->peer[m->n_peers++];
    *peer = (MadePeer){.identity = "us", .seats = seats, .manner = manner, .when = when};
    return peer;
}

static void made_destroy(Made *m)
{
    for (int i = 0; i < m->n_letters; i++) free((char *)m->letters[i].body);
    for (int p = 0; p < m->n_peers; p++)
        for (int s = 0; s < MADE_SEATS; s++) free(m->peer[p].body[s]);
    free(m->letters);
    arena_destroy(m->arena);
    pthread_mutex_destroy(&m->lock);
    pthread_cond_destroy(&m->rung);
}
#endif
