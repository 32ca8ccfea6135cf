/* tuner/store/workers.h - the processes that train for a study, from when each came to when it left, and what
 * of their training was for nothing.
 *
 * One row of `worker` a process and stay; trials and stints name it by its number in the study. A trial belongs
 * to the worker in TrialRow.worker, else to this process, if that said with a row whose host is NULL that it is
 * a worker, too. What a worker has done, store_trial_end and the calls here add up in its row.
 *
 * Threads   the writing calls may come from any thread, and do not wait but for room in the queue.
 * Errors    as in store.h.
 */
#ifndef CONSORT_TUNER_STORE_WORKERS_H
#define CONSORT_TUNER_STORE_WORKERS_H
#include "tuner/store/store.h"

/* One came: sets row->worker, its number. Of a study begun with this store. Everything is copied. */
bool store_worker_joined(Store *store, int64_t study_id, WorkerRow *row, Error *err);
/* It left. Those that are there still when the study ends leave with it. */
bool store_worker_left(Store *store, int64_t study_id, int worker, WorkerEnd why, Error *err);
/* A trial that has begun is trained by this one. */
bool store_trial_given(Store *store, int64_t trial_id, int worker, Error *err);
/* This attempt at a trial came to nothing after so many seconds, because its worker is gone. */
bool store_attempt_lost(Store *store, int64_t study_id, int64_t trial_id, int attempt, int worker,
                        double seconds, Error *err);

/* In the order in which they came. */
bool store_workers(Store *store, int64_t study_id, Arena *arena, WorkerRow **out, int *n, Error *err);
/* Trials that run now, by number. */
bool store_running(Store *store, int64_t study_id, Arena *arena, TrialRow **out, int *n, Error *err);
/* How long those that ended last took, the last first, `most` of them at most; into the arena. */
bool store_recent_seconds(Store *store, int64_t study_id, int most, Arena *arena, double **out, int *n,
                          Error *err);
/* By trial, then as they were. */
bool store_stints(Store *store, int64_t study_id, Arena *arena, StintRow **out, int *n, Error *err);
#endif
