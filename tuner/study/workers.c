/* A hand's loop: takes a piece, trains it, sends what it came to, and again; and the threads that these run
 * in. */
#include "tuner/study/workers.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/threads.h"
#include "tuner/study/roster.h"

typedef struct {
    Study *study;
    Taker taker;
    Arena *arena;
    pthread_t thread;
    bool deserted; /* it left, since there is nobody to wait for */
} Hand;

static void wait_a_while(Study *study)
{
    struct timespec until; /* a signal only sets a flag: look at it now and then */
    clock_gettime(CLOCK_MONOTONIC, &until); /* the time of day may be set meanwhile */
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&study->settled, &study->lock, &until);
}

/* Has everybody gone who could train for a process that does not? */
static bool deserted(const Study *study)
{
    return study->link_over && study->n_seats == 0 && study->n_away == 0;
}

static WorkNext take(Hand *hand, int *piece, TrialTask *task, Error *err)
{
    Study *study = hand->study;
    pthread_mutex_lock(&study->lock);
    WorkNext next;
    while ((next = work_take(study, hand->taker, hand->arena, piece)) == WORK_LATER) {
        hand->deserted = hand->taker == TAKER_HOST && deserted(study);
        if (hand->deserted) break;
        wait_a_while(study);
    }
    if (next == WORK_RUNS && !study->work->task(study, study->work->self, *piece, hand->arena, task, err)) {
        study_fail(study, err);
        next = WORK_OVER;
    }
    pthread_mutex_unlock(&study->lock);
    return next;
}

static void fail(Study *study, const Error *err)
{
    pthread_mutex_lock(&study->lock);
    study_fail(study, err);
    pthread_mutex_unlock(&study->lock);
}

/* One piece. False: there is no more. */
static bool work_once(Hand *hand)
{
    Study *study = hand->study;
    const Work *work = study->work;
    const Runner *runner = &study->o->runner;
    int piece;
    TrialTask task;
    TrialRecord record;
    Error err = {0}, ignored;
    WorkNext next = take(hand, &piece, &task, &err);
    if (work->tidy && !work->tidy(study, &err)) fail(study, &err);
    if (next != WORK_RUNS) return false;
    if (!runner->run(runner->self, &task, hand->arena, &record, &err)) {
        fail(study, &err); /* not the trial's fault: leave it to be run again */
        record = (TrialRecord){.row = {.state = TRIAL_INTERRUPTED, .value = NAN, .value_sd = NAN}};
        work->end(study, work->self, piece, &record, &ignored);
        return false;
    }
    if (work->end(study, work->self, piece, &record, &err)) return true;
    fail(study, &err);
    return false;
}

static void *use(void *of)
{
    Hand *hand = of;
    do arena_reset(hand->arena);
    while (work_once(hand));
    return NULL;
}

static bool no_memory(Study *study)
{
    Error err;
    error_memory(&err);
    fail(study, &err);
    return false;
}

/* In so many threads, or as many as can be had; one is this one. True when that one left a host that is
 * deserted. */
static bool work_with(Study *study, int n, Taker taker)
{
    int there = 0, started = 0;
    Hand *hands = calloc((size_t)n, sizeof *hands);
    if (!hands) return no_memory(study);
    for (Arena *arena; there < n && (arena = arena_create(0)); there++)
        hands[there] = (Hand){.study = study, .taker = taker, .arena = arena};
    if (there == 0) {
        free(hands);
        return no_memory(study);
    }
    for (int i = 1; i < there && pthread_create(&hands[i].thread, NULL, use, &hands[i]) == 0; i++) started = i;
    use(&hands[0]);
    for (int i = 1; i <= started; i++) pthread_join(hands[i].thread, NULL);
    const bool left = hands[0].deserted;
    for (int i = 0; i < there; i++) arena_destroy(hands[i].arena);
    free(hands);
    return left;
}

/* Nobody is left who lends seats. */
static void work_alone(Study *study)
{
    const int n = study->o->jobs_alone;
    pthread_mutex_lock(&study->lock);
    if (n > 0) study_say(study, true, "no process is left that lends workers: this one trains, %d at once", n);
    else study_say(study, true, "no process is left that lends workers");
    if (n == 0) {
        study->ended = true;
        study->end = STUDY_INTERRUPTED;
    }
    pthread_mutex_unlock(&study->lock);
    Error err;
    if (n > 0 && !roster_ourselves(study, n, &err)) fail(study, &err);
    else if (n > 0) work_with(study, n, TAKER_HAND);
}

/* What came back and is not trained any more: a study that is continued does it. */
static void put_off_returned(Study *study)
{
    const TrialRecord record = {.row = {.state = TRIAL_INTERRUPTED, .value = NAN, .value_sd = NAN}};
    const Work *work = study->work;
    for (int i = 0; i < study->n_returned && !study->failed; i++) {
        Error err;
        if (!work->end(study, work->self, study->returned[i].piece, &record, &err)) fail(study, &err);
    }
    study->n_returned = 0;
}

void study_do(Study *study, const Work *work)
{
    const int jobs = study->o->jobs;
    pthread_mutex_lock(&study->lock);
    study->work = work;
    study_wake(study);
    pthread_mutex_unlock(&study->lock);
    if (work_with(study, jobs > 0 ? jobs : 1, jobs > 0 ? TAKER_HAND : TAKER_HOST)) work_alone(study);
    pthread_mutex_lock(&study->lock);
    while (study->n_away > 0) wait_a_while(study); /* it has failed: desks give up what is out */
    pthread_mutex_unlock(&study->lock);
    put_off_returned(study);
    pthread_mutex_lock(&study->lock);
    study->work = NULL;
    pthread_mutex_unlock(&study->lock);
}
