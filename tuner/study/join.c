/* The guest's side of lent workers: a thread trains for the host in each seat, and one watches over them. */
#include "tuner/study/join.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tuner/study/wire.h"

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
    if (record.row.state == TRIAL_INTERRUPTED) return true; /* the host wanted it so; it says END next */
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
