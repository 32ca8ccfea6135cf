/* Workers and their trials, as the database has them. */
#include "tuner/study/roster.h"

#include <stdio.h>
#include <unistd.h>

static WorkerRow row_of(const PeerFacts *facts)
{
    return (WorkerRow){.name = facts->name, .host = facts->host, .pid = facts->pid, .rank = facts->rank,
                       .seats = facts->seats, .isa = isa_names[facts->isa], .version = facts->version,
                       .memory_bytes = facts->memory_bytes < 9e15 ? (int64_t)facts->memory_bytes : 0};
}

bool roster_ourselves(Study *study, int seats, Error *err)
{
    const StudyOptions *o = study->o;
    char name[32];
    snprintf(name, sizeof name, "pid %d", (int)getpid());
    WorkerRow row = {.name = name, .rank = -1, .version = o->info->version};
    if (o->facts) row = row_of(o->facts);
    row.host = NULL; /* here */
    row.seats = seats;
    if (study->own_worker && !store_worker_left(o->store, o->info->id, study->own_worker, WORKER_ENDED, err))
        return false;
    if (!store_worker_joined(o->store, o->info->id, &row, err)) return false;
    study->own_worker = row.worker;
    return true;
}

void roster_joined(const Study *study, Peer *peer, const PeerFacts *facts)
{
    WorkerRow row = row_of(facts);
    Error ignored;
    if (store_worker_joined(study->o->store, study->o->info->id, &row, &ignored)) peer->worker = row.worker;
}

void roster_refused(const Study *study, const PeerFacts *facts)
{
    const StudyOptions *o = study->o;
    WorkerRow row = row_of(facts);
    Error ignored;
    row.seats = 0;
    if (store_worker_joined(o->store, o->info->id, &row, &ignored))
        store_worker_left(o->store, o->info->id, row.worker, WORKER_REFUSED, &ignored);
}

static int64_t trial_of(Study *study, const TrialTask *task, int *attempt)
{
    pthread_mutex_lock(&study->lock); /* another worker's claim may be moving the array */
    const Entry *entry = study->entries[task->number];
    int64_t id = entry->trial_id;
    *attempt = entry->attempt;
    pthread_mutex_unlock(&study->lock);
    return id;
}

void roster_given(Study *study, const Peer *peer, const TrialTask *task)
{
    int attempt;
    Error ignored;
    if (task->on_epoch)
        store_trial_given(study->o->store, trial_of(study, task, &attempt), peer->worker, &ignored);
}

void roster_left(Study *study, const Peer *peer, WorkerEnd why, double now)
{
    const StudyOptions *o = study->o;
    Error ignored;
    for (int i = 0; i < peer->n_seats; i++) {
        const Seat *seat = &peer->seats[i];
        int attempt;
        if (!seat->busy || seat->trial.again > 0) continue; /* a repeat has no attempts */
        const int64_t trial = trial_of(study, &seat->task, &attempt);
        store_attempt_lost(o->store, o->info->id, trial, attempt, peer->worker, now - seat->began, &ignored);
    }
    store_worker_left(o->store, o->info->id, peer->worker, why, &ignored);
}
