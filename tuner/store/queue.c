/* The queue, and the thread that empties it into SQLite.
 *
 * A batch waits until it is old enough or large enough, or somebody waits for it: then everything
 * queued goes into one transaction, and one fsync serves all who wait. The first failure stays: what
 * was not committed is dropped, and every later write is told why. */
#include "tuner/store/queue.h"

#include "base/clock.h"
#include "base/threads.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/store/guard.h"
#include "tuner/store/lease.h"

enum { QUEUE_ROOM = 32768, BATCH_RECORDS = 16384, BATCH_MS = 250 };

/* ---- the writer thread --------------------------------------------------------------------------- */

static struct timespec after_ms(struct timespec t, int ms)
{
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

static struct timespec now_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

static bool is_past(struct timespec t)
{
    struct timespec now = now_monotonic();
    return now.tv_sec > t.tv_sec || (now.tv_sec == t.tv_sec && now.tv_nsec >= t.tv_nsec);
}

static void fail(Store *store, const Error *err)
{
    pthread_mutex_lock(&store->lock);
    if (!store->failed) store->failure = *err;
    store->failed = true;
    pthread_cond_broadcast(&store->settled);
    pthread_cond_broadcast(&store->room);
    pthread_mutex_unlock(&store->lock);
}

static bool write_batch(Store *store, int n, bool beat, Error *err)
{
    pthread_mutex_lock(&store->connection);
    bool ok = store_guard(store, err) && store_begin(store, err);
    if (ok) {
        ok = store_lease_check(store, beat, err);
        for (int i = 0; ok && i < n; i++) ok = store_record_write(store, &store->batch[i], err);
        ok = store_commit(store, ok, err);
        store_guard_mark(store);
    }
    pthread_mutex_unlock(&store->connection);
    return ok;
}

static void *writer(void *context)
{
    Store *store = context;
    struct timespec next_beat = after_ms(now_monotonic(), store->beat_ms);
    pthread_mutex_lock(&store->lock);
    for (;;) {
        while (store->count == 0 && !store->stopping && !is_past(next_beat))
            pthread_cond_timedwait(&store->work, &store->lock, &next_beat);
        if (store->count == 0 && store->stopping) break;
        struct timespec ripe = after_ms(store->oldest, BATCH_MS);
        while (store->count > 0 && store->count < BATCH_RECORDS && !store->n_waiting &&
               !store->stopping && !is_past(ripe))
            pthread_cond_timedwait(&store->work, &store->lock, &ripe);
        int n = store->count < BATCH_RECORDS ? store->count : BATCH_RECORDS;
        for (int i = 0; i < n; i++) store->batch[i] = store->ring[(store->head + i) % QUEUE_ROOM];
        store->head = (store->head + n) % QUEUE_ROOM;
        store->count -= n;
        if (n) pthread_cond_broadcast(&store->room);
        bool beat = is_past(next_beat), failed = store->failed;
        bool needed = n > 0 || store->n_held > 0;
        pthread_mutex_unlock(&store->lock);

        Error err = {0};
        bool saved = !failed && (!needed || write_batch(store, n, beat, &err));
        if (!saved && !failed) fail(store, &err);
        for (int i = 0; i < n; i++) store_record_free(&store->batch[i]);
        if (beat) next_beat = after_ms(now_monotonic(), store->beat_ms);

        pthread_mutex_lock(&store->lock);
        store->n_settled += (uint64_t)n;
        if (saved) store->n_committed = store->n_settled;
        pthread_cond_broadcast(&store->settled);
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}

bool store_writer_start(Store *store, Error *err)
{
    if (!store_get_int(store, "SELECT max(trial_id) FROM trial", NULL, 0, 0, &store->next_trial_id, err))
        return false;
    if (store->next_trial_id < 0 || store->next_trial_id > INT64_MAX / 2)
        return error_set(err, ERR_STORE, "%s: a trial has the id %lld; the database is damaged", store->path,
                         (long long)store->next_trial_id);
    store->next_trial_id++;
    store->ring = calloc(QUEUE_ROOM, sizeof *store->ring);
    store->batch = calloc(BATCH_RECORDS, sizeof *store->batch);
    if (!store->ring || !store->batch) {
        free(store->ring);
        free(store->batch);
        return error_memory(err);
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->work, &monotonic);
    pthread_cond_init(&store->room, &monotonic);
    pthread_cond_init(&store->settled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    /* Signals are the business of the thread that handles Ctrl-C. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&store->thread, NULL, writer, store);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0) return store->has_thread = true;
    free(store->ring);
    free(store->batch);
    pthread_mutex_destroy(&store->lock);
    return threads_error("thread", rc, err);
}

void store_writer_stop(Store *store)
{
    if (!store->has_thread) return;
    pthread_mutex_lock(&store->lock);
    store->stopping = true;
    pthread_cond_broadcast(&store->work);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    store->has_thread = false;
}

/* ---- the queue ------------------------------------------------------------------------------------ */

/* From here on, static functions are called with `lock` held. */
static bool there_is_room(Store *store, Error *err)
{
    while (!store->failed && store->count == QUEUE_ROOM)
        pthread_cond_wait(&store->room, &store->lock);
    if (!store->failed) return true;
    if (err) *err = store->failure;
    return false;
}

static void append(Store *store, const Record *record)
{
    if (store->count == 0) store->oldest = now_monotonic();
    store->ring[(store->head + store->count) % QUEUE_ROOM] = *record;
    store->count++;
    store->n_pushed++;
    if (store->count == 1 || store->count == BATCH_RECORDS) pthread_cond_signal(&store->work);
}

static bool await(Store *store, uint64_t ticket, Error *err)
{
    store->n_waiting++;
    pthread_cond_signal(&store->work);
    /* Also after a failure: until it has settled, the writer may still read what the record borrows. */
    while (store->n_settled < ticket) pthread_cond_wait(&store->settled, &store->lock);
    store->n_waiting--;
    if (store->n_committed >= ticket) return true;
    if (err) *err = store->failure;
    return false;
}

/* The study among those whose lease is ours; NULL: it is none of them. */
static Held *find_held(Store *store, int64_t study_id)
{
    for (int i = 0; i < store->n_held; i++)
        if (store->held[i].study_id == study_id) return &store->held[i];
    return NULL;
}

/* The next of the study's workers. */
static bool number_worker(Store *store, Record *record, Error *err)
{
    Held *held = find_held(store, record->study_id);
    if (!held)
        return error_set(err, ERR_INVALID, "a worker comes to a study that was not begun with this store");
    record->worker = ++held->last_worker;
    if (!record->as.joined->row.host) held->own_worker = record->worker;
    return true;
}

/* With `lock` held: the row's id and attempt. Ids are given in number order, so they do not depend on
 * who asks first. */
static bool number_it(Store *store, Record *record, Error *err)
{
    Held *held = find_held(store, record->study_id);
    record->worker = held ? held->own_worker : 0;
    for (int i = 0; i < store->n_requeued; i++) {
        Requeued *q = &store->requeued[i];
        if (q->study_id != record->study_id || q->number != record->number) continue;
        record->trial_id = q->trial_id;
        record->attempt = q->attempt;
        record->again = true;
        *q = store->requeued[--store->n_requeued];
        return true;
    }
    if (!held)
        return error_set(err, ERR_INVALID, "trial %d: its study was not begun with this store", record->number);
    const bool late = record->number <= held->last_number;
    if (record->trial_id > 0 && late) return record->again = true; /* it was paused */
    if (late && !held->gaps)
        return error_set(err, ERR_INVALID, "trial %d begun after trial %d: numbers come in order, "
                         "each once", record->number, held->last_number);
    if (!late) held->last_number = record->number;
    record->trial_id = late && held->first_id > 0 ? held->first_id + record->number : store->next_trial_id++;
    record->attempt = 1;
    return true;
}

bool store_push(Store *store, Record *record, uint64_t *ticket, Error *err)
{
    if (store->mode != STORE_WRITE) {
        error_set(err, ERR_INVALID, "%s: opened for reading", store->path);
        return false;
    }
    double start = clock_seconds();
    pthread_mutex_lock(&store->lock);
    bool ok = there_is_room(store, err);
    if (ok && record->kind == RECORD_BEGIN) ok = number_it(store, record, err);
    if (ok && record->kind == RECORD_JOINED) ok = number_worker(store, record, err);
    if (ok) append(store, record);
    if (ok && ticket) *ticket = store->n_pushed;
    store->callers_s += clock_seconds() - start;
    pthread_mutex_unlock(&store->lock);
    return ok;
}

bool store_await(Store *store, uint64_t ticket, Error *err)
{
    pthread_mutex_lock(&store->lock);
    bool ok = await(store, ticket, err);
    pthread_mutex_unlock(&store->lock);
    return ok;
}

bool store_flush(Store *store, Error *err)
{
    pthread_mutex_lock(&store->lock);
    bool ok = await(store, store->n_pushed, err);
    if (ok && store->failed) { /* a heartbeat failed: nothing was lost, but nothing more is written */
        if (err) *err = store->failure;
        ok = false;
    }
    pthread_mutex_unlock(&store->lock);
    return ok;
}

void store_enter(Store *store)
{
    if (store->mode == STORE_WRITE) store_flush(store, NULL);
    pthread_mutex_lock(&store->connection);
}

void store_leave(Store *store)
{
    pthread_mutex_unlock(&store->connection);
}

bool store_enter_write(Store *store, Error *err)
{
    if (store->mode != STORE_WRITE)
        return error_set(err, ERR_INVALID, "%s: opened for reading", store->path);
    Error why = {0};
    if (!store_flush(store, &why)) {
        if (err) *err = why;
        return false;
    }
    pthread_mutex_lock(&store->connection);
    if (store_guard(store, &why) && store_begin(store, &why)) return true;
    pthread_mutex_unlock(&store->connection);
    fail(store, &why);
    if (err) *err = why;
    return false;
}

bool store_leave_write(Store *store, bool ok, Error *err)
{
    Error why = {0};
    bool saved = store_commit(store, ok, &why);
    store_guard_mark(store);
    pthread_mutex_unlock(&store->connection);
    if (saved) return true;
    if (ok) { /* the commit itself failed; else the caller's reason stands */
        fail(store, &why);
        if (err) *err = why;
    }
    return false;
}

bool store_enter_idle(Store *store, int64_t study_id, Error *err)
{
    if (!store_enter_write(store, err)) return false;
    if (store_lease_free(store, study_id, err)) return true;
    return store_leave_write(store, false, err);
}
