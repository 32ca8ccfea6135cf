/* One thread serves the peers of a link: it takes work for their free seats, hears what comes of it, and
 * notices whom it has lost. */
#include "tuner/study/desk.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/grow.h"
#include "tuner/study/endings.h"
#include "tuner/study/peers.h"
#include "tuner/study/porter.h"
#include "tuner/study/roster.h"
#include "tuner/study/wishes.h"
#include "tuner/study/work.h"

enum {
    LETTERS_MOST = 256, /* heard before seats are given work again */
    WAITING_MOST = 16, /* pieces that wait for a seat with enough memory */
    THINK_MS = 10,     /* before what was proposed so far is sent, and the lock let go of */
    TICK_MS = 100      /* a signal only sets a flag: look at it now and then */
};

/* A piece on its way to a seat. */
typedef struct {
    int piece;
    double bytes;
    TrialTask task;
    bool fresh; /* the task is of this round: its memory is still there */
} Parcel;

struct Desk {
    Study *study;
    const StudyLink *link;
    Porter *porter;  /* of files of those who have not got the study's folder; NULL: there is none */
    Waiter *waiter;
    pthread_t thread;
    atomic_bool over;
    PeerFacts self;      /* of this process; as far as they are known */
    FactsJudge judge;
    Arena *arena;    /* of a letter, or of a round of tasks */
    Text body;       /* of what is sent */
    Peer **peers;    /* by number */
    int n_peers, capacity, n_seats, n_free;
    Parcel *parcels; /* taken, and not sent yet */
    int n_parcels, parcels_capacity;
    bool limited;    /* somebody said how much memory there is */
    bool said_large;
    int64_t errands; /* given so far */
    double ticked, silence_s;
};

/* ---- peers --------------------------------------------------------------------------------------- */

static void add_peer(Desk *d, int number)
{
    Peer *peer = calloc(1, sizeof *peer);
    int at = peers_place(d->peers, d->n_peers, number);
    if (!peer || !GROW(NULL, d->peers, d->n_peers, d->capacity)) {
        free(peer);
        d->link->drop(d->link->self, number);
        return;
    }
    peer->number = number;
    peer->heard = clock_seconds();
    memmove(&d->peers[at + 1], &d->peers[at], (size_t)(d->n_peers - at) * sizeof *d->peers);
    d->peers[at] = peer;
    d->n_peers++;
}

static void note(Study *study, const char *code, const Peer *peer)
{
    Error ignored; /* the study's next write meets it, too */
    for (int i = 0; i < peer->n_seats; i++)
        store_event(study->o->store, study->o->info->id, 0, code, peer->name, &ignored);
}

static void count_seats(Desk *d, int n)
{
    d->n_seats += n;
    Study *study = d->study;
    pthread_mutex_lock(&study->lock);
    study->n_seats += n;
    if (n < 0) study_wake(study);
    const int all = study->n_seats + study->o->jobs, most = study->o->lookback;
    const bool came = d->link != study->o->link; /* of the others it was known before */
    if (came && all > most && !study->o->async && !study->said_idle) {
        study->said_idle = true;
        study_say(study, true, "%d trials could run at once, and run.lookback, which is part of the study, is"
                  " %d: no more run than that", all, most);
    }
    pthread_mutex_unlock(&study->lock);
}

/* It is gone. `how`: LOST or LEFT. */
static void forget_peer(Desk *d, Peer *peer, Back how, WorkerEnd why)
{
    const int at = peers_place(d->peers, d->n_peers, peer->number), n_busy = peer->n_busy;
    memmove(&d->peers[at], &d->peers[at + 1], (size_t)(d->n_peers - at - 1) * sizeof *d->peers);
    d->n_peers--;
    d->n_free -= peer->n_seats - n_busy;
    if (peer->n_seats > 0) note(d->study, "LEFT", peer);
    if (peer->n_seats > 0) roster_left(d->study, peer, why, clock_seconds());
    if (n_busy > 0 && how == BACK_LOST) {
        pthread_mutex_lock(&d->study->lock);
        study_say(d->study, true, "the worker of %s is lost: its %d trial%s again elsewhere", peer->name,
                  n_busy, n_busy == 1 ? " runs" : "s run");
        pthread_mutex_unlock(&d->study->lock);
    }
    for (int i = 0; i < peer->n_seats; i++)
        if (peer->seats[i].busy) work_give_back(d->study, peer->seats[i].piece, how);
    if (peer->n_seats > 0) count_seats(d, -peer->n_seats);
    if (d->porter) porter_gone(d->porter, peer->number);
    peer_free(peer);
}

static void lose(Desk *d, Peer *peer, WorkerEnd why)
{
    d->link->drop(d->link->self, peer->number);
    forget_peer(d, peer, BACK_LOST, why);
}

/* To write a letter into. */
static Text *blank(Desk *d)
{
    if (d->body.broken || d->body.capacity > 1 << 20) text_free(&d->body);
    d->body.n = 0;
    return &d->body;
}

static bool send_body(Desk *d, const Peer *peer, int seat, WireKind kind)
{
    return text_ok(&d->body)
        && d->link->send(d->link->self, peer->number, seat, kind, d->body.bytes, d->body.n);
}

static bool say(Desk *d, const Peer *peer, int seat, WireKind kind, const char *words)
{
    return d->link->send(d->link->self, peer->number, seat, kind, words, strlen(words));
}

/* ---- what peers say ------------------------------------------------------------------------------ */

static void free_seat(Desk *d, Peer *peer, Seat *seat)
{
    peer->taken -= seat->bytes;
    peer->n_busy--;
    d->n_free++;
    if (peer->n_busy == 0) peer->taken = 0; /* sums of doubles drift */
    free(seat->held);
    *seat = (Seat){0};
}

/* A line for people, and, where it is about who trains, in the study's list of events. */
static void tell(const Desk *d, const char *line)
{
    Study *study = d->study;
    Error ignored;
    store_event(study->o->store, study->o->info->id, 0, "WARNING", line, &ignored);
    pthread_mutex_lock(&study->lock);
    study_say(study, true, "%s", line);
    pthread_mutex_unlock(&study->lock);
}

/* False: it may not take part, and was told why. */
static bool judge(Desk *d, const Peer *peer, const PeerFacts *facts)
{
    FactsVerdict verdict;
    if (!d->study->o->facts) return true;
    facts_judge(&d->judge, facts, facts_clock(), &verdict);
    for (int i = 0; i < verdict.n_warnings; i++) tell(d, verdict.warnings[i]);
    if (!verdict.refusal[0]) return true;
    tell(d, verdict.refusal);
    roster_refused(d->study, facts);
    say(d, peer, 0, WIRE_END, verdict.refusal);
    return false;
}

/* The first letter: HELLO or ASK. What it is comes after the line that says for which study. */
static bool greet(Desk *d, Peer *peer, const Letter *letter)
{
    const char *identity = d->study->o->identity ? d->study->o->identity : "";
    const char *end = letter->n > 0 ? memchr(letter->body, '\n', letter->n) : NULL;
    const size_t length = end ? (size_t)(end - letter->body) : 0, n = end ? letter->n - length - 1 : 0;
    const bool same = length > 0 && length == strlen(identity) && memcmp(letter->body, identity, length) == 0;
    PeerFacts facts;
    const bool known = end && letter->kind == WIRE_HELLO && facts_read(end + 1, n, d->arena, &facts);
    if (known && !judge(d, peer, &facts)) return false;
    if (!same) {
        say(d, peer, 0, WIRE_END, "it has another configuration, other data or another version of consort");
        return false;
    }
    if (letter->kind == WIRE_ASK) {
        const char *question = arena_copy_n(d->arena, end + 1, n);
        if (!question) return false;
        study_answer(d->study, question, d->arena, blank(d));
        return send_body(d, peer, 0, WIRE_ASK);
    }
    if (!known || !peer_introduce(peer, &facts, d->self.host)) return false;
    d->limited |= peer->memory > 0;
    d->n_free += peer->n_seats;
    count_seats(d, peer->n_seats);
    note(d->study, "JOINED", peer);
    roster_joined(d->study, peer, &facts);
    return say(d, peer, 0, WIRE_HELLO, d->porter ? study_token(d->study) : "");
}

static void end_piece(Desk *d, Peer *peer, Seat *seat, TrialRecord *record)
{
    const int piece = seat->piece;
    record->row.pid = peer->pid;
    record->row.host = peer->host;
    record->row.worker = peer->worker;
    free_seat(d, peer, seat);
    work_end(d->study, piece, record);
}

static void hear_clock(Desk *d, Peer *peer, const Letter *letter)
{
    char line[480];
    if (facts_hear_clock(&d->judge, &peer->clock, peer->host, letter->body, letter->n, facts_clock(), line,
                         sizeof line))
        tell(d, line);
}

/* It counts once its files are there. */
static bool take_record(Desk *d, Peer *peer, Seat *seat, const Letter *letter)
{
    TrialRecord record;
    int64_t errand;
    if (seat->held || !wire_record(letter->body, letter->n, d->arena, &errand, &record)
        || errand != seat->errand || (record.row.state == TRIAL_INTERRUPTED && !seat->told_to_stop))
        return false;
    ParcelState state = PARCEL_WHOLE;
    if (d->porter)
        state = porter_hold(d->porter, peer->number, letter->seat, seat->trial, &record,
                            ending_may_keep(d->study, seat->trial.number, record.row.value));
    if (state == PARCEL_WHOLE) {
        end_piece(d, peer, seat, &record);
        return true;
    }
    if (state == PARCEL_MORE) seat->held = text_keep(letter->body, letter->n);
    seat->n_held = letter->n;
    return seat->held != NULL;
}

/* Files that were waited for are there, or will not come. */
static void take_news(Desk *d)
{
    PorterNews news;
    while (d->porter && porter_next(d->porter, &news)) {
        Peer *peer = peers_find(d->peers, d->n_peers, news.peer);
        Seat *seat = peer && news.seat >= 0 && news.seat < peer->n_seats ? &peer->seats[news.seat] : NULL;
        TrialRecord record;
        int64_t errand;
        if (!seat) continue;
        arena_reset(d->arena);
        if (news.state == PARCEL_ERROR) {
            pthread_mutex_lock(&d->study->lock);
            study_fail(d->study, &news.error);
            pthread_mutex_unlock(&d->study->lock);
        } else if (news.state == PARCEL_WHOLE && seat->held
                   && wire_record(seat->held, seat->n_held, d->arena, &errand, &record)) {
            end_piece(d, peer, seat, &record);
        } else {
            lose(d, peer, WORKER_LOST);
        }
    }
}

/* False: that cannot be. */
static bool take_epoch(Desk *d, Peer *peer, Seat *seat, const Letter *letter)
{
    EpochRow row;
    int64_t errand;
    const TrialTask *task = &seat->task;
    if (!wire_epoch(letter->body, letter->n, &errand, &row) || errand != seat->errand) return false;
    if (task->on_epoch && !task->on_epoch(task->context, task->number, &row) && !seat->told_to_stop)
        seat->told_to_stop = say(d, peer, (int)(seat - peer->seats), WIRE_STOP, ""); /* the study has failed */
    return true;
}

/* False: it is to be dropped. */
static bool hear(Desk *d, Peer *peer, const Letter *letter)
{
    peer->heard = clock_seconds();
    if (peer->n_seats == 0) return greet(d, peer, letter);
    Seat *seat = letter->seat >= 0 && letter->seat < peer->n_seats ? &peer->seats[letter->seat] : NULL;
    switch (letter->kind) {
    case WIRE_ALIVE: hear_clock(d, peer, letter); return true;
    case WIRE_OFFER:
    case WIRE_WANT:
    case WIRE_FILE: return seat && d->porter && porter_letter(d->porter, letter);
    case WIRE_RECORD: return seat && seat->busy && take_record(d, peer, seat, letter);
    case WIRE_EPOCH: return seat && seat->busy && take_epoch(d, peer, seat, letter);
    default: return false;
    }
}

/* True: something was heard, and there may be more. */
static bool next_letter(Desk *d, int timeout_ms, bool *link_over)
{
    Letter letter = {0};
    arena_reset(d->arena);
    LinkEvent event = d->link->next(d->link->self, timeout_ms, d->arena, &letter);
    Peer *peer = peers_find(d->peers, d->n_peers, letter.peer);
    switch (event) {
    case LINK_NOTHING: return false;
    case LINK_OVER:
        *link_over = true;
        return false;
    case LINK_CAME:
        if (!peer) add_peer(d, letter.peer);
        return true;
    case LINK_GONE:
        if (peer) forget_peer(d, peer, BACK_LOST, WORKER_LOST);
        return true;
    case LINK_LETTER: break;
    }
    if (peer && peer->n_seats > 0 && letter.kind == WIRE_END) {
        d->link->drop(d->link->self, peer->number);
        forget_peer(d, peer, BACK_LEFT, WORKER_STOPPED);
    } else if (peer && !hear(d, peer, &letter)) {
        lose(d, peer, WORKER_LOST);
    }
    return true;
}

/* ---- giving work --------------------------------------------------------------------------------- */

static void give(Desk *d, Peer *peer, const Parcel *parcel)
{
    int at = 0;
    while (peer->seats[at].busy) at++;
    const Runner *runner = &d->study->o->runner;
    const TrialTask *task = &parcel->task;
    Seat *seat = &peer->seats[at];
    *seat = (Seat){.busy = true, .piece = parcel->piece, .errand = ++d->errands,
                   .bytes = parcel->bytes,
                   .task = {.number = task->number, .on_epoch = task->on_epoch, .context = task->context},
                   .trial = {task->number, task->again,
                             runner->runs ? runner->runs(runner->self, task->values) : 0}};
    peer->taken += parcel->bytes;
    peer->n_busy++;
    d->n_free--;
    seat->began = clock_seconds();
    roster_given(d->study, peer, task);
    if ((d->porter && !porter_send(d->porter, peer->number, at, seat->trial, NULL))
        || !wire_put_task(d->study->o->space, seat->errand, task, blank(d))
        || !send_body(d, peer, at, WIRE_TASK))
        lose(d, peer, WORKER_LOST);
}

/* No peer there has the memory: it is for hands. Or there is none. */
static void hand_back(Desk *d, const Parcel *parcel)
{
    char bytes[32];
    const bool large = d->n_seats > 0;
    if (large && !d->said_large) {
        pthread_mutex_lock(&d->study->lock);
        study_say(d->study, true, "trial %d takes %s of memory, more than any joined worker has: trained here",
                  parcel->task.number, text_bytes(parcel->bytes, bytes));
        pthread_mutex_unlock(&d->study->lock);
        d->said_large = true;
    }
    work_give_back(d->study, parcel->piece, large ? BACK_LARGE : BACK_UNSENT);
}

/* Called with the lock. */
static bool make_task(Desk *d, Parcel *parcel)
{
    Study *study = d->study;
    Error err;
    parcel->fresh = study->work->task(study, study->work->self, parcel->piece, d->arena, &parcel->task, &err);
    if (!parcel->fresh) study_fail(study, &err);
    return parcel->fresh;
}

/* Takes pieces for the seats that are free, as many as can be proposed within THINK_MS. False: there are no
 * more now. Called with the lock. */
static bool take_work(Desk *d)
{
    Study *study = d->study;
    const int most = d->n_parcels < WAITING_MOST ? d->n_free : 0;
    const double until = clock_seconds() + THINK_MS / 1000.0;
    for (int i = 0; i < most && (i == 0 || clock_seconds() < until); i++) {
        int piece;
        if (!GROW(NULL, d->parcels, d->n_parcels, d->parcels_capacity)) return false;
        if (work_take(study, TAKER_SEAT, d->arena, &piece) != WORK_RUNS) return false;
        Parcel *parcel = &d->parcels[d->n_parcels++];
        *parcel = (Parcel){.piece = piece, .bytes = -1};
        if (!make_task(d, parcel)) return false;
    }
    return true;
}

/* Those that have been taken go to the seats where they fit; others wait. */
static void send_parcels(Desk *d)
{
    const Runner *runner = &d->study->o->runner;
    int n = d->n_parcels;
    d->n_parcels = 0;
    for (int i = 0; i < n; i++) {
        Parcel parcel = d->parcels[i];
        bool ever;
        if (parcel.bytes < 0)
            parcel.bytes = d->limited && runner->memory ? runner->memory(runner->self, parcel.task.values) : 0;
        Peer *peer = peers_best(d->peers, d->n_peers, parcel.bytes, &ever);
        if (peer && parcel.fresh) give(d, peer, &parcel);
        else if (!ever) hand_back(d, &parcel);
        else d->parcels[d->n_parcels++] = parcel;
    }
}

/* True: there may be more to give at once. */
static bool give_work(Desk *d)
{
    Study *study = d->study;
    bool more = false;
    if (d->n_free == 0 && (d->n_parcels == 0 || d->n_seats > 0)) return false;
    arena_reset(d->arena);
    pthread_mutex_lock(&study->lock);
    const int waited = d->n_parcels;
    bool (*tidy)(Study *, Error *) = study->work ? study->work->tidy : NULL;
    for (int i = 0; i < waited; i++) make_task(d, &d->parcels[i]);
    if (!d->waiter->waits && d->n_free > 0) {
        more = take_work(d);
        d->waiter->waits = !more;
    }
    pthread_mutex_unlock(&study->lock);
    Error err;
    if (d->n_parcels > waited && tidy && !tidy(study, &err)) { /* the work stays while a piece of it is out */
        pthread_mutex_lock(&study->lock);
        study_fail(study, &err);
        pthread_mutex_unlock(&study->lock);
    }
    send_parcels(d);
    return more && d->n_free > 0 && d->n_parcels < WAITING_MOST;
}

/* ---- the thread ---------------------------------------------------------------------------------- */

static void give_parcels_back(Desk *d)
{
    while (d->n_parcels > 0) work_give_back(d->study, d->parcels[--d->n_parcels].piece, BACK_UNSENT);
}

/* A study that has failed wants nothing any more. */
static void give_up(Desk *d)
{
    for (int i = d->n_peers - 1; i >= 0; i--)
        if (d->peers[i]->n_busy > 0) lose(d, d->peers[i], WORKER_ENDED);
    give_parcels_back(d);
}

/* Now and then: orders to stop, and who has said nothing for too long. */
static void tick(Desk *d, bool all_heard)
{
    const double now = clock_seconds();
    if (now - d->ticked < TICK_MS / 1000.0) return;
    d->ticked = now;
    pthread_mutex_lock(&d->study->lock);
    bool failed = d->study->failed, stopping = study_stopping(d->study);
    d->waiter->waits = false; /* the clock may have decided something */
    pthread_mutex_unlock(&d->study->lock);
    if (failed) give_up(d);
    if (stopping) give_parcels_back(d);
    for (int i = d->n_peers - 1; i >= 0; i--) {
        Peer *peer = d->peers[i];
        if (all_heard && now - peer->heard > d->silence_s) {
            lose(d, peer, WORKER_SILENT);
            continue;
        }
        for (int k = 0; stopping && peer->n_busy > 0 && k < peer->n_seats; k++)
            if (peer->seats[k].busy && !peer->seats[k].told_to_stop)
                peer->seats[k].told_to_stop = say(d, peer, k, WIRE_STOP, "");
    }
}

static void say_goodbye(Desk *d)
{
    pthread_mutex_lock(&d->study->lock);
    bool failed = d->study->failed;
    const char *why = study_end_names[d->study->end];
    pthread_mutex_unlock(&d->study->lock);
    while (d->n_peers > 0) {
        Peer *peer = d->peers[--d->n_peers];
        if (!failed && peer->n_seats > 0) say(d, peer, 0, WIRE_END, why);
        peer_free(peer);
    }
}

static void *serve(void *context)
{
    Desk *d = context;
    bool link_over = false, more = false;
    while (!atomic_load(&d->over) && !link_over) {
        bool heard = true;
        for (int i = 0; heard && i < LETTERS_MOST; i++)
            heard = next_letter(d, i == 0 && !more ? TICK_MS : 0, &link_over);
        take_news(d);
        tick(d, !heard);
        more = give_work(d);
    }
    while (link_over && d->n_peers > 0) forget_peer(d, d->peers[d->n_peers - 1], BACK_LOST, WORKER_LOST);
    if (link_over) give_parcels_back(d);
    pthread_mutex_lock(&d->study->lock);
    d->waiter->link = NULL;
    if (link_over && d->link == d->study->o->link) d->study->link_over = true;
    study_wake(d->study);
    pthread_mutex_unlock(&d->study->lock);
    say_goodbye(d);
    return NULL;
}

static void desk_free(Desk *d)
{
    porter_destroy(d->porter);
    arena_destroy(d->arena);
    arena_destroy(d->judge.arena);
    text_free(&d->body);
    free(d->peers);
    free(d->parcels);
    free(d);
}

/* What guests are held to. */
static void know_ourselves(Desk *d)
{
    const StudyOptions *o = d->study->o;
    const double room = o->runner.room ? o->runner.room(o->runner.self) : 0;
    if (o->facts) d->self = *o->facts;
    else d->self.host = "";
    d->self.memory_bytes = room > 0 ? room : NAN;
    d->judge = (FactsJudge){.host = &d->self, .arena = arena_create(0)};
}

Desk *desk_begin(Study *study, const StudyLink *link)
{
    Desk *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->study = study;
    d->link = link;
    d->silence_s = study->o->silence_s > 0 ? study->o->silence_s : WIRE_SILENCE_S;
    d->arena = arena_create(0);
    know_ourselves(d);
    if (study->o->folder && !(d->porter = porter_create(study->o->folder, link, false, NULL))) {
        desk_free(d);
        return NULL;
    }
    pthread_mutex_lock(&study->lock);
    for (int i = 0; i < STUDY_LINKS && !d->waiter; i++)
        if (!study->waiters[i].link) d->waiter = &study->waiters[i];
    if (d->waiter) *d->waiter = (Waiter){link, true};
    pthread_mutex_unlock(&study->lock);
    if (d->arena && d->judge.arena && d->waiter && pthread_create(&d->thread, NULL, serve, d) == 0) return d;
    if (d->waiter) d->waiter->link = NULL;
    desk_free(d);
    return NULL;
}

void desk_end(Desk *desk)
{
    if (!desk) return;
    atomic_store(&desk->over, true);
    desk->link->wake(desk->link->self);
    pthread_join(desk->thread, NULL);
    desk_free(desk);
}
