/* Events and rows about processes that lend seats: an event a seat, a row a process. */
#include "tuner/study/peer_notes.h"

#include <stdio.h>

#include "base/clock.h"

static void note(Study *study, const char *code, const Peer *peer)
{
    Error ignored;
    for (int i = 0; i < peer->n_seats; i++)
        store_event(study->o->store, study->o->info->id, 0, code, peer->name, &ignored);
}

int64_t peer_trial(Study *study, int number, int *attempt)
{
    pthread_mutex_lock(&study->lock); /* another worker's claim may be moving the array */
    const Entry *entry = study->entries[number];
    int64_t id = entry->trial_id;
    *attempt = entry->attempt;
    pthread_mutex_unlock(&study->lock);
    return id;
}

void peer_note_joined(Study *study, Peer *peer)
{
    char name[32];
    Error ignored;
    if (peer->rank >= 0) snprintf(name, sizeof name, "rank %d", peer->rank);
    else snprintf(name, sizeof name, "pid %d", peer->pid);
    WorkerRow row = {.name = name, .host = peer->host, .pid = peer->pid, .rank = peer->rank,
                     .seats = peer->n_seats, .memory_bytes = peer->memory < 9e15 ? (int64_t)peer->memory : 0};
    note(study, "JOINED", peer);
    if (store_worker_joined(study->o->store, study->o->info->id, &row, &ignored)) peer->worker = row.worker;
}

void peer_note_left(Study *study, const Peer *peer, WorkerEnd why)
{
    const StudyOptions *o = study->o;
    Error ignored;
    note(study, "LEFT", peer);
    for (int i = 0; i < peer->n_seats; i++) {
        const Seat *seat = &peer->seats[i];
        int attempt;
        if (!seat->busy || seat->trial.again > 0) continue; /* a repeat has no attempts */
        const int64_t trial = peer_trial(study, seat->task.number, &attempt);
        store_attempt_lost(o->store, o->info->id, trial, attempt, peer->worker, clock_seconds() - seat->began,
                           &ignored);
    }
    store_worker_left(o->store, o->info->id, peer->worker, why, &ignored);
}
