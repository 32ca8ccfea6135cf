/* The host's side of lent workers: a thread waits for guests, and one serves each of them. */
#include "tuner/study/guests.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tuner/study/wire.h"
#include "tuner/study/wishes.h"
#include "tuner/study/workers.h"

typedef struct Guest {
    Guests *guests;
    struct Guest *next;
    Wire wire;
    pthread_t thread;
    int pid; /* the process that trains; 0: it did not say */
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
            return wire_record(body, n, arena, out) && (out->row.state != TRIAL_INTERRUPTED || told_to_stop);
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
    if (ask_guest(guest, task, arena, out)) {
        out->row.pid = guest->pid;
        return true;
    }
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
        double pid;
        if (strncmp(name, "pid ", 4) == 0 && text_to_number(name + 4, &pid) && pid >= 1 && pid <= INT_MAX)
            guest->pid = (int)pid;
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
