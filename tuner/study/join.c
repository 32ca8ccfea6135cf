/* The guest's side of lent workers: one thread reads what the host says, and each seat has one that trains. */
#include "tuner/study/join.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tuner/store/holder.h"
#include "tuner/study/link_socket.h"
#include "tuner/study/options.h"
#include "tuner/study/porter.h"
#include "tuner/study/scratch.h"

typedef struct Join Join;

typedef struct {
    Join *join;
    int number;
    pthread_t thread;
    Arena *arena;
    int64_t errand;  /* its task: what it says is about that */
    atomic_int stop; /* of the trial under way */
    char *body;      /* (n) of the task that is to be trained next; NULL: none */
    size_t n;
    bool fetched;    /* what came of the files that its task goes on from: `files` */
    PorterNews files;
} Seat;

struct Join {
    const JoinOptions *o;
    const StudyLink *link;
    Scratch scratch;      /* where trials leave their files, if this process has not got the study's folder */
    Porter *porter;       /* which carries them then; else NULL */
    pthread_mutex_t lock; /* of everything below, the seats' tasks, and on_trial */
    pthread_cond_t given;
    Seat *seats;
    int n_seats, n_busy, n_trials;
    bool over;            /* no task comes any more */
    bool failed;
    Error error;
};

static bool stopping(const Join *join)
{
    return join->o->stop && atomic_load(join->o->stop);
}

/* ---- training ------------------------------------------------------------------------------------ */

static bool say(const Join *join, int seat, WireKind kind, const Text *body)
{
    return text_ok(body) && join->link->send(join->link->self, 0, seat, kind, body->bytes, body->n);
}

static bool tell_epoch(void *context, int number, const EpochRow *row)
{
    const Seat *seat = context;
    Text body = {0};
    (void)number;
    bool ok = wire_put_epoch(seat->errand, row, &body) && say(seat->join, seat->number, WIRE_EPOCH, &body);
    text_free(&body);
    return ok;
}

static ParcelTrial parcel_of(const Join *join, const TrialTask *task)
{
    const Runner *runner = join->o->runner;
    const int n_runs = runner->runs ? runner->runs(runner->self, task->values) : 0;
    return (ParcelTrial){task->number, task->again, n_runs};
}

/* What the trial goes on from, where the host has something and this process has not. */
static bool fetch(Seat *seat, const TrialTask *task, Error *err)
{
    Join *join = seat->join;
    if (!join->porter) return true;
    PorterNews news = {.state = porter_hold(join->porter, 0, seat->number, parcel_of(join, task), NULL, true)};
    if (news.state == PARCEL_ERROR) return error_memory(err);
    pthread_mutex_lock(&join->lock);
    while (news.state == PARCEL_MORE && !seat->fetched && !join->over)
        pthread_cond_wait(&join->given, &join->lock);
    if (seat->fetched) news = seat->files;
    seat->fetched = false;
    pthread_mutex_unlock(&join->lock);
    if (news.state == PARCEL_ERROR) *err = news.error;
    if (news.state == PARCEL_WRONG)
        error_set(err, ERR_DATA, "the process that runs the study sends files that cannot be");
    return news.state != PARCEL_ERROR && news.state != PARCEL_WRONG; /* MORE: it is over, and stops at once */
}

/* Tells the host, too. What was cut short here is not told: the host sees this process leave. */
static bool train(Seat *seat, TrialTask *task, TrialRecord *record, bool *told, Error *err)
{
    Join *join = seat->join;
    const Runner *runner = join->o->runner;
    Text body = {0};
    *told = false;
    task->stop = &seat->stop;
    task->on_epoch = tell_epoch;
    task->context = seat;
    if (!fetch(seat, task, err) || !runner->run(runner->self, task, seat->arena, record, err)) {
        if (!join->porter) return false; /* else the disk, say, is one that only this host has */
        return error_wrap(err, "host %s", join->o->facts->host);
    }
    if (record->row.state != TRIAL_INTERRUPTED || !stopping(join))
        *told = (!join->porter
                 || porter_send(join->porter, 0, seat->number, parcel_of(join, task), record))
             && wire_put_record(seat->errand, record, &body) && say(join, seat->number, WIRE_RECORD, &body);
    text_free(&body);
    return true;
}

static void *sit(void *context)
{
    Seat *seat = context;
    Join *join = seat->join;
    pthread_mutex_lock(&join->lock);
    for (;;) {
        while (!seat->body && !join->over) pthread_cond_wait(&join->given, &join->lock);
        if (join->over) break;
        char *body = seat->body; /* the next may come as soon as the host has the record */
        size_t n = seat->n;
        seat->body = NULL;
        pthread_mutex_unlock(&join->lock);
        TrialTask task;
        TrialRecord record;
        Error err = {0};
        bool told = false;
        arena_reset(seat->arena);
        bool ok = (wire_task(body, n, join->o->space, seat->arena, &seat->errand, &task)
                   || error_set(&err, ERR_DATA, "the process that runs the study sent no task of ours"))
               && train(seat, &task, &record, &told, &err);
        pthread_mutex_lock(&join->lock);
        free(body);
        join->n_busy--;
        if (!ok && !join->failed) join->error = err;
        join->failed |= !ok;
        if (!told || record.row.state == TRIAL_INTERRUPTED) continue;
        join->n_trials++;
        if (join->o->on_trial) join->o->on_trial(join->o->context, task.number, &record);
    }
    pthread_mutex_unlock(&join->lock);
    return NULL;
}

/* ---- what the host says -------------------------------------------------------------------------- */

static bool greet(const Join *join)
{
    const Runner *runner = join->o->runner;
    const double room = runner->room ? runner->room(runner->self) : 0;
    Text body = {0};
    PeerFacts facts = *join->o->facts;
    facts.seats = join->n_seats;
    facts.memory_bytes = room > 0 ? room : NAN;
    facts.clock_s = facts_clock();
    text_print(&body, "%s\n", join->o->identity);
    bool ok = facts_print(&facts, &body) && say(join, 0, WIRE_HELLO, &body);
    text_free(&body);
    return ok;
}

static bool has_seat(const Join *join, const Letter *letter)
{
    return letter->seat >= 0 && letter->seat < join->n_seats;
}

/* That it is there, and what time it is. */
static void say_alive(const Join *join)
{
    Text body = {0};
    text_print(&body, "%.3f", facts_clock());
    say(join, 0, WIRE_ALIVE, &body);
    text_free(&body);
}

/* False: the host sends what cannot be. */
static bool give(Join *join, const Letter *letter)
{
    char *body = text_keep(letter->body, letter->n);
    pthread_mutex_lock(&join->lock);
    Seat *seat = has_seat(join, letter) ? &join->seats[letter->seat] : NULL;
    bool ok = body && seat && !seat->body;
    if (ok) {
        seat->body = body;
        seat->n = letter->n;
        atomic_store(&seat->stop, 0); /* its last trial is over: the host has the record */
        join->n_busy++;
        pthread_cond_broadcast(&join->given);
    }
    pthread_mutex_unlock(&join->lock);
    if (!ok) free(body);
    return ok;
}

static void stop_all(Join *join)
{
    for (int i = 0; i < join->n_seats; i++) atomic_store(&join->seats[i].stop, 1);
}

/* The host has said how its folder is known. False with the error kept: there is no place to work in. */
static bool choose_folder(Join *join, const Letter *letter)
{
    const JoinOptions *o = join->o;
    const Runner *runner = o->runner;
    char token[TOKEN_SIZE] = "";
    Error err;
    if (letter->n < sizeof token) memcpy(token, letter->body, letter->n);
    if (!*token || !o->folder || !runner->move || token_is_here(o->folder, token)) return true;
    bool ok = scratch_create(&join->scratch, &err) && runner->move(runner->self, join->scratch.path, &err)
           && (join->porter = porter_create(join->scratch.path, join->link, true, &err));
    if (ok) return true;
    pthread_mutex_lock(&join->lock);
    join->failed = true;
    join->error = err;
    pthread_mutex_unlock(&join->lock);
    return false;
}

static void take_news(Join *join)
{
    PorterNews news;
    while (join->porter && porter_next(join->porter, &news)) {
        pthread_mutex_lock(&join->lock);
        join->seats[news.seat].files = news;
        join->seats[news.seat].fetched = true;
        pthread_cond_broadcast(&join->given);
        pthread_mutex_unlock(&join->lock);
    }
}

/* One letter. False: that was the last. */
static bool hear(Join *join, const Letter *letter, bool *welcome, JoinSummary *out)
{
    switch (letter->kind) {
    case WIRE_HELLO:
        *welcome = true;
        return join->porter || choose_folder(join, letter);
    case WIRE_OFFER:
    case WIRE_WANT:
    case WIRE_FILE: return !join->porter || (has_seat(join, letter) && porter_letter(join->porter, letter));
    case WIRE_TASK: return give(join, letter);
    case WIRE_STOP:
        if (has_seat(join, letter)) atomic_store(&join->seats[letter->seat].stop, 1);
        return true;
    case WIRE_END:
        out->end = *welcome ? JOIN_ENDED : JOIN_REFUSED;
        snprintf(out->text, sizeof out->text, "%.*s", (int)(letter->n < 480 ? letter->n : 480), letter->body);
        if (*welcome && strcmp(out->text, study_end_names[STUDY_EDITED]) == 0) out->end = JOIN_EDITED;
        return false;
    default: return true;
    }
}

/* Until it is over: for the study, the host, this process, or because a trial could not be trained. */
static void attend(Join *join, Arena *arena, JoinSummary *out)
{
    bool welcome = false;
    double spoke = clock_seconds();
    for (;;) {
        Letter letter;
        pthread_mutex_lock(&join->lock);
        bool failed = join->failed, busy = join->n_busy > 0;
        pthread_mutex_unlock(&join->lock);
        if (failed) return;
        if (stopping(join)) {
            stop_all(join);
            out->end = JOIN_STOPPED;
            if (!busy && !(join->porter && porter_is_owing(join->porter))) {
                say(join, 0, WIRE_END, &(Text){0});
                return;
            }
        }
        arena_reset(arena);
        LinkEvent event = join->link->next(join->link->self, 100, arena, &letter);
        if (event == LINK_GONE || event == LINK_OVER) return;
        if (event == LINK_LETTER && !hear(join, &letter, &welcome, out)) return;
        take_news(join);
        if (clock_seconds() - spoke < WIRE_ALIVE_S) continue;
        spoke = clock_seconds();
        say_alive(join);
    }
}

static bool take_seat(Join *join, Seat *seat)
{
    *seat = (Seat){.join = join, .number = join->n_seats, .arena = arena_create(0)};
    if (seat->arena && pthread_create(&seat->thread, NULL, sit, seat) == 0) return true;
    arena_destroy(seat->arena);
    return false;
}

static void leave(Join *join)
{
    stop_all(join); /* what is under way is thrown away */
    pthread_mutex_lock(&join->lock);
    join->over = true;
    pthread_cond_broadcast(&join->given);
    pthread_mutex_unlock(&join->lock);
    for (int i = 0; i < join->n_seats; i++) {
        pthread_join(join->seats[i].thread, NULL);
        free(join->seats[i].body);
        arena_destroy(join->seats[i].arena);
    }
}

bool study_join(const JoinOptions *options, JoinSummary *out, Error *err)
{
    StudyLink socket;
    Join join = {.o = options, .link = options->link};
    *out = (JoinSummary){.end = JOIN_NOBODY};
    if (!join.link && !link_socket_connect(options->folder, &socket)) return true;
    if (!join.link) join.link = &socket;
    pthread_mutex_init(&join.lock, NULL);
    pthread_cond_init(&join.given, NULL);
    Arena *arena = arena_create(0);
    join.seats = calloc((size_t)options->jobs, sizeof *join.seats);
    while (arena && join.seats && join.n_seats < options->jobs && take_seat(&join, &join.seats[join.n_seats]))
        join.n_seats++;
    out->end = JOIN_LOST;
    if (join.n_seats == 0) {
        error_memory(&join.error);
        join.failed = true;
    } else if (greet(&join)) {
        attend(&join, arena, out);
    }
    leave(&join);
    porter_destroy(join.porter);
    Error moving;
    if (join.scratch.path && !options->runner->move(options->runner->self, options->folder, &moving)
        && !join.failed) {
        join.failed = true;
        join.error = moving;
    }
    scratch_destroy(&join.scratch);
    out->n_trials = join.n_trials;
    if (!options->link) link_socket_destroy(&socket);
    arena_destroy(arena);
    free(join.seats);
    pthread_mutex_destroy(&join.lock);
    pthread_cond_destroy(&join.given);
    if (join.failed) *err = join.error;
    return !join.failed;
}
