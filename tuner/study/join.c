#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tuner/study/study_internal.h"

/* ---- the host: a thread for each guest's worker ------------------------------------------------ */

typedef struct Guest {
    Guests *guests;
    struct Guest *next;
    Wire wire;
    pthread_t thread;
    bool lost;
} Guest;

struct Guests {
    Study *study;
    int listener;
    pthread_t thread; /* which waits for them */
    atomic_bool over;
    Guest *first;
};

/* The guest's answer to a task, its epochs on the way. False: it is gone, or leaves. */
static bool ask_guest(Guest *guest, const TrialTask *task, Arena *arena, TrialRecord *out)
{
    Wire *wire = &guest->wire;
    bool told_to_stop = false, gone = false;
    if (!wire_send_task(wire, guest->guests->study->o->space, task)) return false;
    for (double heard = clock_seconds(); !gone && clock_seconds() - heard < WIRE_SILENCE_S;) {
        WireKind kind;
        const char *body;
        size_t n;
        if (!told_to_stop && task->stop && atomic_load(task->stop))
            told_to_stop = wire_send_text(wire, WIRE_STOP, "");
        if (!wire_waits(wire, 100, &gone)) continue;
        if (!wire_receive(wire, arena, &kind, &body, &n)) return false;
        heard = clock_seconds();
        if (kind == WIRE_RECORD)
            return wire_record(body, n, arena, out) && (out->state != TRIAL_INTERRUPTED || told_to_stop);
        if (kind == WIRE_ALIVE) continue;
        EpochRow row;
        if (kind != WIRE_EPOCH || !wire_epoch(body, n, &row)) return false;
        if (!task->on_epoch(task->context, task->number, &row) && !told_to_stop) /* the study has failed */
            told_to_stop = wire_send_text(wire, WIRE_STOP, "");
    }
    return false;
}

/* A Runner's `run`: elsewhere, and here when that comes to nothing. The record is the same. */
static bool run_by_guest(void *self, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    Guest *guest = self;
    const Runner *here = &guest->guests->study->o->runner;
    if (ask_guest(guest, task, arena, out)) return true;
    wire_hang_up(&guest->wire);
    guest->lost = true;
    return here->run(here->self, task, arena, out, err);
}

/* The first message names program and study, and, after a line's end, the process, or what it asks for. */
static bool greet(Guest *guest, Arena *arena, WireKind *kind, const char **rest)
{
    const char *body, *hello;
    size_t n;
    bool gone;
    const char *identity = guest->guests->study->o->identity;
    if (!wire_waits(&guest->wire, WIRE_SILENCE_S * 1000, &gone)
        || !wire_receive(&guest->wire, arena, kind, &body, &n) || (*kind != WIRE_HELLO && *kind != WIRE_ASK))
        return false;
    hello = wire_text(body, n, arena);
    size_t length = strlen(identity);
    if (!hello || strncmp(hello, identity, length) != 0 || hello[length] != '\n') {
        wire_send_text(&guest->wire, WIRE_END, "it has another configuration, other data or another version of "
                       "consort");
        return false;
    }
    *rest = hello + length + 1;
    return *kind == WIRE_ASK || wire_send_text(&guest->wire, WIRE_HELLO, "");
}

static void note(Study *study, const char *code, const char *who)
{
    Error ignored; /* the study's next write meets it, too */
    store_event(study->o->store, study->o->info->id, 0, code, who, &ignored);
}

static void *serve(void *context)
{
    Guest *guest = context;
    Study *study = guest->guests->study;
    Arena *arena = arena_create(0), *words = arena_create(0);
    const char *name;
    WireKind kind;
    bool welcome = arena && words && greet(guest, words, &kind, &name);
    if (welcome && kind == WIRE_ASK) study_answer(study, &guest->wire, name, arena);
    if (welcome && kind == WIRE_HELLO) {
        Runner runner = study->o->runner;
        runner.self = guest;
        runner.run = run_by_guest;
        note(study, "JOINED", name);
        study_work(study, &runner, arena, &guest->lost);
        pthread_mutex_lock(&study->lock);
        bool failed = study->failed; /* then the guest is to find out for itself: this process ends */
        const char *why = study_end_names[study->end];
        pthread_mutex_unlock(&study->lock);
        if (guest->lost || (!failed && !wire_send_text(&guest->wire, WIRE_END, why))) note(study, "LEFT", name);
    }
    wire_hang_up(&guest->wire);
    arena_destroy(arena);
    arena_destroy(words);
    return NULL;
}

static void *wait_for_guests(void *context)
{
    Guests *guests = context;
    while (!atomic_load(&guests->over)) {
        int fd = wire_accept(guests->listener);
        Guest *guest = fd < 0 ? NULL : calloc(1, sizeof *guest);
        if (!guest) {
            if (fd >= 0) close(fd);
            continue;
        }
        guest->guests = guests;
        wire_create(&guest->wire, fd);
        if (pthread_create(&guest->thread, NULL, serve, guest) == 0) {
            guest->next = guests->first;
            guests->first = guest;
        } else {
            wire_destroy(&guest->wire);
            free(guest);
        }
    }
    return NULL;
}

Guests *guests_welcome(Study *study)
{
    if (!study->o->identity || !study->o->folder) return NULL;
    Guests *guests = calloc(1, sizeof *guests);
    if (!guests) return NULL;
    guests->study = study;
    guests->listener = wire_listen(study->o->folder, NULL);
    if (guests->listener >= 0 && pthread_create(&guests->thread, NULL, wait_for_guests, guests) == 0)
        return guests;
    if (guests->listener >= 0) wire_unlisten(guests->listener, study->o->folder);
    free(guests);
    return NULL;
}

void guests_farewell(Guests *guests)
{
    if (!guests) return;
    atomic_store(&guests->over, true);
    wire_wake(guests->listener);
    pthread_join(guests->thread, NULL);
    wire_unlisten(guests->listener, guests->study->o->folder);
    while (guests->first) {
        Guest *guest = guests->first;
        guests->first = guest->next;
        pthread_join(guest->thread, NULL);
        wire_destroy(&guest->wire);
        free(guest);
    }
    free(guests);
}

/* ---- the guest: a thread for each worker that is lent, and one that watches over them --------- */

typedef struct {
    const JoinOptions *o;
    pthread_mutex_t *telling; /* of on_trial */
    Wire wire;
    Arena *arena;
    pthread_t thread;
    atomic_int stop;          /* of the trial under way */
    pthread_mutex_t lock;     /* while it is busy nobody but the watcher looks at what comes */
    bool busy;
    atomic_bool ended;
    JoinSummary summary;
    bool failed;
    Error error;
} Seat;

static bool tell_epoch(void *context, int number, const EpochRow *row)
{
    Seat *seat = context;
    (void)number;
    return wire_send_epoch(&seat->wire, row);
}

static void set_busy(Seat *seat, bool busy)
{
    pthread_mutex_lock(&seat->lock);
    seat->busy = busy;
    if (busy) atomic_store(&seat->stop, 0);
    pthread_mutex_unlock(&seat->lock);
}

static bool stopping(const Seat *seat)
{
    return seat->o->stop && atomic_load(seat->o->stop);
}

/* Trains what was sent. False when this seat is done. */
static bool train_for_host(Seat *seat, const char *body, size_t n)
{
    const JoinOptions *o = seat->o;
    TrialTask task;
    TrialRecord record;
    if (!wire_task(body, n, o->space, seat->arena, &task)) return false;
    task.stop = &seat->stop;
    task.on_epoch = tell_epoch;
    task.context = seat;
    set_busy(seat, true);
    bool ok = o->runner->run(o->runner->self, &task, seat->arena, &record, &seat->error);
    set_busy(seat, false);
    seat->failed = !ok;
    if (!ok || stopping(seat) || !wire_send_record(&seat->wire, &record)) return false;
    if (record.state == TRIAL_INTERRUPTED) return true; /* the host wanted it so; it says END next */
    seat->summary.n_trials++;
    pthread_mutex_lock(seat->telling);
    if (o->on_trial) o->on_trial(o->context, task.number, &record);
    pthread_mutex_unlock(seat->telling);
    return true;
}

static void *sit(void *context)
{
    Seat *seat = context;
    char hello[600];
    bool welcome = false;
    snprintf(hello, sizeof hello, "%s\npid %" PRId64, seat->o->identity, (int64_t)getpid());
    seat->summary.end = JOIN_LOST;
    bool gone = !wire_send_text(&seat->wire, WIRE_HELLO, hello);
    while (!gone && !stopping(seat)) {
        WireKind kind;
        const char *body;
        size_t n;
        if (!wire_waits(&seat->wire, 100, &gone)) continue;
        arena_reset(seat->arena);
        if (!wire_receive(&seat->wire, seat->arena, &kind, &body, &n)) break;
        if (kind == WIRE_HELLO) welcome = true;
        if (kind == WIRE_TASK && !train_for_host(seat, body, n)) break;
        if (kind != WIRE_END) continue;
        seat->summary.end = welcome ? JOIN_ENDED : JOIN_REFUSED;
        snprintf(seat->summary.text, sizeof seat->summary.text, "%.*s", (int)(n < 200 ? n : 200), body);
        break;
    }
    if (stopping(seat)) seat->summary.end = JOIN_STOPPED;
    wire_hang_up(&seat->wire);
    atomic_store(&seat->ended, true);
    return NULL;
}

/* Until all have ended: passes on that a trial is to stop (the host says so, is gone, or Ctrl-C here), and
 * tells the host that long epochs are not the end of us. */
static void watch(Seat *seats, int n_seats)
{
    for (int tick = 0, n_ended = 0; n_ended < n_seats; tick++) {
        n_ended = 0;
        for (int i = 0; i < n_seats; i++) {
            Seat *seat = &seats[i];
            bool gone = false;
            n_ended += atomic_load(&seat->ended);
            pthread_mutex_lock(&seat->lock);
            if (seat->busy && (wire_waits(&seat->wire, 0, &gone) || gone || stopping(seat)))
                atomic_store(&seat->stop, 1);
            bool speak = seat->busy && tick % 40 == 0;
            pthread_mutex_unlock(&seat->lock);
            if (speak) wire_send_text(&seat->wire, WIRE_ALIVE, "");
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
}

/* A seat that is connected and has its thread. */
static bool take_seat(Seat *seat, const JoinOptions *o, pthread_mutex_t *telling)
{
    int fd = wire_connect(o->folder);
    if (fd < 0) return false;
    *seat = (Seat){.o = o, .telling = telling, .arena = arena_create(0)};
    wire_create(&seat->wire, fd);
    pthread_mutex_init(&seat->lock, NULL);
    if (seat->arena && pthread_create(&seat->thread, NULL, sit, seat) == 0) return true;
    wire_destroy(&seat->wire);
    pthread_mutex_destroy(&seat->lock);
    arena_destroy(seat->arena);
    return false;
}

bool study_join(const JoinOptions *options, JoinSummary *out, Error *err)
{
    int n = 0;
    bool ok = true;
    pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER;
    Seat *seats = calloc((size_t)options->jobs, sizeof *seats);
    if (!seats) return error_memory(err);
    while (n < options->jobs && take_seat(&seats[n], options, &telling)) n++;
    watch(seats, n);
    *out = (JoinSummary){.end = JOIN_NOBODY};
    for (int i = 0; i < n; i++) {
        Seat *seat = &seats[i];
        pthread_join(seat->thread, NULL);
        int before = out->n_trials;
        /* All end alike, but for one that connected when nobody listened any more: a word counts for more. */
        if (out->end != JOIN_ENDED && out->end != JOIN_REFUSED) *out = seat->summary;
        out->n_trials = before + seat->summary.n_trials;
        if (seat->failed && ok) {
            ok = false;
            *err = seat->error;
        }
        wire_destroy(&seat->wire);
        pthread_mutex_destroy(&seat->lock);
        arena_destroy(seat->arena);
    }
    free(seats);
    pthread_mutex_destroy(&telling);
    return ok;
}
