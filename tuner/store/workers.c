/* Who trains: workers come, leave and lose attempts, said to the writer. */
#include "tuner/store/workers.h"

#include <math.h>
#include <stdlib.h>

#include "tuner/store/queue.h"

bool store_worker_joined(Store *store, int64_t study_id, WorkerRow *row, Error *err)
{
    WorkerRecord *copy = calloc(1, sizeof *copy + record_text_bytes(&worker_columns, row));
    if (!copy) return error_memory(err);
    copy->row = *row;
    record_move_texts(&worker_columns, &copy->row, (char *)(copy + 1));
    copy->row.left_utc = copy->row.reason = NULL;
    store_utc(copy->utc, true);
    Record record = {.kind = RECORD_JOINED, .study_id = study_id, .as.joined = copy};
    if (!store_push(store, &record, NULL, err)) {
        store_record_free(&record);
        return false;
    }
    row->worker = record.worker;
    return true;
}

bool store_worker_left(Store *store, int64_t study_id, int worker, WorkerEnd why, Error *err)
{
    Record record = {.kind = RECORD_LEFT, .study_id = study_id, .worker = worker, .as.loss.why = why};
    store_utc(record.as.loss.utc, true);
    return store_push(store, &record, NULL, err);
}

bool store_trial_given(Store *store, int64_t trial_id, int worker, Error *err)
{
    Record record = {.kind = RECORD_GIVEN, .trial_id = trial_id, .worker = worker};
    return store_push(store, &record, NULL, err);
}

bool store_attempt_lost(Store *store, int64_t study_id, int64_t trial_id, int attempt, int worker,
                        double seconds, Error *err)
{
    Record record = {.kind = RECORD_LOST, .study_id = study_id, .trial_id = trial_id, .attempt = attempt,
                     .worker = worker, .as.loss.seconds = isfinite(seconds) && seconds > 0 ? seconds : 0};
    store_utc(record.as.loss.utc, true);
    return store_push(store, &record, NULL, err);
}
