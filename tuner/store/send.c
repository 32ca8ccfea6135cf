/* What callers send to the writer: each record a copy, or borrowed until its sender has waited for it. */
#include "tuner/store/queue.h"

#include <stdlib.h>
#include <string.h>

static size_t room_for(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *put(char **at, const char *text)
{
    if (!text) return NULL;
    size_t n = strlen(text) + 1;
    char *copy = memcpy(*at, text, n);
    *at += n;
    return copy;
}

static BeginRecord *begin_copy(const TrialRow *row)
{
    BeginRecord *copy = calloc(1, sizeof *copy + record_text_bytes(&trial_columns, row));
    if (!copy) return NULL;
    copy->row = *row;
    record_move_texts(&trial_columns, &copy->row, (char *)(copy + 1));
    return copy;
}

bool store_trial_begin(Store *store, int64_t study_id, TrialRow *row, Error *err)
{
    if (store->mode != STORE_WRITE)
        return error_set(err, ERR_INVALID, "%s: opened for reading", store->path);
    if (row->state != TRIAL_RUNNING && row->state != TRIAL_INFEASIBLE && row->state != TRIAL_QUEUED)
        return error_set(err, ERR_INVALID, "trial %d: a trial begins as RUNNING, INFEASIBLE or QUEUED",
                         row->number);
    if (!row->params || !row->params_hash)
        return error_set(err, ERR_INVALID, "trial %d: no parameters", row->number);
    Doc *params = doc_parse(row->params, strlen(row->params), err);
    if (!params) return error_wrap(err, "trial %d: parameters", row->number);
    BeginRecord *begin = begin_copy(row);
    if (!begin) {
        doc_free(params);
        return error_memory(err);
    }
    begin->params = params;
    store_utc(begin->utc, true);
    Record record = {.kind = RECORD_BEGIN, .study_id = study_id, .number = row->number,
                     .trial_id = row->id, .attempt = row->attempt, .as.begin = begin};
    bool ok = store_push(store, &record, NULL, err);
    if (!ok) {
        store_record_free(&record);
        return false;
    }
    row->id = record.trial_id;
    row->attempt = record.attempt;
    return true;
}

bool store_trial_again(Store *store, const TrialRow *row, Error *err)
{
    BeginRecord *begin = begin_copy(row);
    if (!begin) return error_memory(err);
    store_utc(begin->utc, true);
    Record record = {.kind = RECORD_AGAIN, .number = row->number, .trial_id = row->id, .as.begin = begin};
    bool ok = store_push(store, &record, NULL, err);
    if (!ok) store_record_free(&record);
    return ok;
}

bool store_epoch(Store *store, int64_t trial_id, const EpochRow *row, Error *err)
{
    Record record = {.kind = RECORD_EPOCH, .trial_id = trial_id, .as.epoch = *row};
    return store_push(store, &record, NULL, err);
}

bool store_trial_end_send(Store *store, const TrialRow *row, const MetricRow *metrics, int n_metrics,
                          const ConfusionRow *confusions, int n_confusions, const ArtifactRow *artifacts,
                          int n_artifacts, uint64_t *ticket, Error *err)
{
    if ((unsigned)row->state >= TRIAL_STATE_COUNT || row->state == TRIAL_RUNNING)
        return error_set(err, ERR_INVALID, "trial %d: cannot end as RUNNING", row->number);
    EndRecord *end = malloc(sizeof *end);
    if (!end) return error_memory(err);
    *end = (EndRecord){row, metrics, confusions, artifacts, n_metrics, n_confusions, n_artifacts, ""};
    store_utc(end->utc, true);
    Record record = {.kind = RECORD_END, .trial_id = row->id, .as.end = end};
    bool ok = store_push(store, &record, ticket, err);
    if (!ok) free(end); /* else the writer frees it */
    return ok;
}

bool store_trial_end_wait(Store *store, uint64_t ticket, Error *err)
{
    return store_await(store, ticket, err);
}

bool store_trial_end(Store *store, const TrialRow *row, const MetricRow *metrics, int n_metrics,
                     const ConfusionRow *confusions, int n_confusions, const ArtifactRow *artifacts,
                     int n_artifacts, Error *err)
{
    uint64_t ticket;
    return store_trial_end_send(store, row, metrics, n_metrics, confusions, n_confusions, artifacts,
                                n_artifacts, &ticket, err)
        && store_trial_end_wait(store, ticket, err);
}

static bool push_text(Store *store, RecordKind kind, int64_t study_id, int64_t trial_id,
                      const char *code, const char *text, Error *err)
{
    TextRecord *copy = malloc(sizeof *copy + room_for(code) + room_for(text));
    if (!copy) return error_memory(err);
    char *at = (char *)(copy + 1);
    copy->code = put(&at, code);
    copy->text = put(&at, text);
    Record record = {.kind = kind, .study_id = study_id, .trial_id = trial_id, .as.text = copy};
    bool ok = store_push(store, &record, NULL, err);
    if (!ok) free(copy); /* else the writer frees it */
    return ok;
}

bool store_artifact_drop(Store *store, int64_t trial_id, const char *kind, Error *err)
{
    return push_text(store, RECORD_DROP, 0, trial_id, kind, NULL, err);
}

bool store_event(Store *store, int64_t study_id, int64_t trial_id, const char *code, const char *text,
                 Error *err)
{
    return push_text(store, RECORD_EVENT, study_id, trial_id, code, text, err);
}
