/* What is written about trials: the records that travel through the queue, and what each becomes in
 * the tables. */
#include "tuner/store/write.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double finite_or_null(double x)
{
    return isfinite(x) ? x : NAN;
}

/* ---- what each record becomes ------------------------------------------------------------------ */

bool store_params_write(Store *store, int64_t trial_id, const Doc *params, Error *err)
{
    const char *name;
    const Doc *value;
    for (size_t i = 0; doc_member(params, i, &name, &value); i++) {
        double number = NAN;
        const char *text = NULL;
        Text list = {0};
        switch (doc_kind(value)) {
        case DOC_NULL: continue; /* not active */
        case DOC_BOOL:
            number = doc_to_bool(value, false);
            text = number != 0 ? "true" : "false";
            break;
        case DOC_NUMBER: number = doc_to_number(value, NAN); break;
        case DOC_TEXT: text = doc_to_text(value, ""); break;
        case DOC_ARRAY: case DOC_OBJECT:
            if (!doc_print(value, 0, &list)) {
                text_free(&list);
                return error_memory(err);
            }
            text = list.bytes;
        }
        ParamRow row = {name, number, text};
        bool ok = store_row_put(store, insert_owned, &param_columns, 0, trial_id, &row, err);
        text_free(&list);
        if (!ok) return false;
    }
    return true;
}

static bool write_begin(Store *store, const Record *record, Error *err)
{
    static const char again[] = "UPDATE @table SET @sets WHERE trial_id = :trial_id AND params_hash ="
                                " :params_hash AND state = 'QUEUED'";
    static const char lost[] = "UPDATE @table SET @sets, attempt = :attempt WHERE trial_id = :trial_id AND"
                               " state = 'RUNNING'";
    const BeginRecord *begin = record->as.begin;
    TrialRow row = begin->row;
    bool runs = row.state == TRIAL_RUNNING, waits = row.state == TRIAL_QUEUED && !record->again;
    row.id = record->trial_id;
    row.study_id = record->study_id;
    row.queued_utc = begin->utc;
    row.start_utc = runs || record->again ? begin->utc : NULL;
    row.heartbeat_utc = runs ? begin->utc : NULL;
    row.end_utc = runs || waits ? NULL : begin->utc;
    if (!row.worker && !waits) row.worker = record->worker;
    if (!row.host || waits) row.host = waits ? NULL : store->self.host;
    if (!row.pid || waits) row.pid = waits ? 0 : (int)store->self.pid;
    row.run_utc = runs && (record->again || record->kind == RECORD_AGAIN) ? begin->utc : NULL;
    row.boot_id = waits ? NULL : store->self.boot_id;
    if (record->kind == RECORD_AGAIN)
        return store_row_put(store, lost, &trial_columns, AT_AGAIN, 0, &row, err);
    if (record->again) {
        if (!store_row_put(store, again, &trial_columns, AT_AGAIN, 0, &row, err)) return false;
        if (sqlite3_changes(store->db) == 1) return true;
        return error_set(err, ERR_STORE, "%s: trial %d: the database has another configuration under this "
                         "number; was the study's space or seed changed? Use another name", store->path,
                         row.number);
    }
    row.attempt = 1;
    if (!store_row_put(store, insert_row, &trial_columns, AT_BEGIN, 0, &row, err)) {
        if (sqlite3_extended_errcode(store->db) == SQLITE_CONSTRAINT_UNIQUE)
            error_set(err, ERR_STORE, "%s: trial %d: this configuration with this seed is already in the "
                      "study", store->path, row.number);
        return false;
    }
    return store_params_write(store, record->trial_id, begin->params, err);
}

static bool write_confusion(Store *store, int64_t trial_id, const ConfusionRow *c, Error *err)
{
    for (int t = 0; t < c->n_classes; t++)
        for (int p = 0; p < c->n_classes; p++) {
            ConfusionCell cell = {c->split, t, p, c->count[(size_t)t * c->n_classes + p]};
            if (cell.n && !store_row_put(store, replace_owned, &confusion_columns, 0, trial_id, &cell, err))
                return false;
        }
    return true;
}

static bool write_belongings(Store *store, const EndRecord *end, Error *err)
{
    int64_t id = end->row->id;
    bool ok = true;
    for (int i = 0; ok && i < end->n_metrics; i++)
        ok = store_row_put(store, replace_owned, &metric_columns, 0, id, &end->metrics[i], err);
    for (int i = 0; ok && i < end->n_confusions; i++)
        ok = write_confusion(store, id, &end->confusions[i], err);
    for (int i = 0; ok && i < end->n_artifacts; i++)
        ok = store_row_put(store, replace_owned, &artifact_columns, 0, id, &end->artifacts[i], err);
    return ok;
}

/* How long it ran since it was last paused. */
#define RAN "max(0, coalesce(?2, 0) - (SELECT total(secs) FROM stint WHERE trial_id = ?1 AND how = 'paused'))"
#define ADD_STINT "INSERT INTO stint (trial_id, n, worker, attempt, end_utc, secs, how) "
#define NEXT_STINT "1 + (SELECT coalesce(max(n), 0) FROM stint WHERE trial_id = ?1)"

/* What its worker did; a pause leaves a stint. */
static bool credit(Store *store, const TrialRow *row, Error *err)
{
    const bool pauses = row->state == TRIAL_QUEUED, in_vain = row->state == TRIAL_INTERRUPTED;
    return STORE_DO(store, err, "UPDATE worker SET done = done + ?3, failed = failed + ?4, busy_s = busy_s"
                    " + ?5 * " RAN ", lost_s = lost_s + (1 - ?5) * " RAN " WHERE (study_id, worker) ="
                    " (SELECT study_id, worker FROM trial WHERE trial_id = ?1)", INT(row->id),
                    REAL(row->seconds), INT(!pauses && !in_vain), INT(row->state == TRIAL_FAILED),
                    INT(!in_vain))
        && (!pauses || STORE_DO(store, err, ADD_STINT "SELECT ?1, " NEXT_STINT ", worker, attempt, end_utc, "
                                RAN ", 'paused' FROM trial WHERE trial_id = ?1", INT(row->id),
                                REAL(row->seconds)));
}

static bool write_end(Store *store, const Record *record, Error *err)
{
    static const char sql[] = "UPDATE @table SET @sets WHERE trial_id = :trial_id AND attempt = :attempt";
    TrialRow row = *record->as.end->row;
    char note[120];
    if (row.attempt < 1) row.attempt = 1;
    row.value = finite_or_null(row.value);
    row.value_sd = finite_or_null(row.value_sd);
    row.end_utc = record->as.end->utc;
    row.heartbeat_utc = NULL;
    if (!store_row_put(store, sql, &trial_columns, AT_END, 0, &row, err)) return false;
    if (sqlite3_changes(store->db) == 1)
        return write_belongings(store, record->as.end, err) && credit(store, &row, err);
    /* Declared dead and taken back while it was still running, and now it is here. The row belongs to
     * the later attempt. */
    snprintf(note, sizeof note, "a result of attempt %d came late and was dropped", row.attempt);
    int64_t there;
    if (!store_get_int(store, "SELECT trial_id FROM trial WHERE trial_id = ?1",
                       (const RowCell[]){INT(row.id)}, 1, 0, &there, err))
        return false;
    if (!there)
        return error_set(err, ERR_STORE, "%s: trial %d (id %" PRId64 ") is not in the database",
                         store->path, row.number, row.id);
    return store_event_now(store, 0, row.id, "LATE_RESULT", note, err);
}

bool store_trial_there(Store *store, int64_t study_id, const TrialRow *row, bool *there, Error *err)
{
    int64_t id;
    static const char sql[] = "SELECT trial_id FROM trial WHERE study_id = ?1 AND params_hash = ?2 AND seed ="
                              " ?3";
    const RowCell values[] = {INT(study_id), TEXT(row->params_hash), INT(row->seed)};
    if (!store_get_int(store, sql, values, 3, 0, &id, err)) return false;
    *there = id != 0;
    return true;
}

/* ---- workers ----------------------------------------------------------------------------------- */

static bool write_joined(Store *store, const Record *record, Error *err)
{
    WorkerRow row = record->as.joined->row;
    row.worker = record->worker;
    row.joined_utc = record->as.joined->utc;
    if (!row.host) {
        row.host = store->self.host;
        row.pid = store->self.pid;
    }
    return store_row_put(store, insert_owned, &worker_columns, 0, record->study_id, &row, err);
}

static bool write_left(Store *store, const Record *record, Error *err)
{
    return STORE_DO(store, err, "UPDATE worker SET left_utc = ?3, reason = ?4 WHERE study_id = ?1 AND"
                    " worker = ?2 AND left_utc IS NULL", INT(record->study_id), INT(record->worker),
                    TEXT(record->as.loss.utc), TEXT(worker_end_names[record->as.loss.why]));
}

static bool write_lost(Store *store, const Record *record, Error *err)
{
    const LossRecord *loss = &record->as.loss;
    return STORE_DO(store, err, ADD_STINT "SELECT ?1, " NEXT_STINT ", ?2, ?3, ?4, ?5, 'lost'",
                    INT(record->trial_id), COUNT(record->worker), INT(record->attempt), TEXT(loss->utc),
                    REAL(loss->seconds))
        && STORE_DO(store, err, "UPDATE worker SET lost = lost + 1, lost_s = lost_s + ?3 WHERE study_id = ?1"
                    " AND worker = ?2", INT(record->study_id), INT(record->worker), REAL(loss->seconds));
}

static bool write_given(Store *store, const Record *record, Error *err)
{
    return STORE_DO(store, err, "UPDATE trial SET worker = ?2, (host, pid) = (SELECT host, pid FROM worker w"
                    " WHERE w.study_id = trial.study_id AND w.worker = ?2) WHERE trial_id = ?1 AND"
                    " state = 'RUNNING'", INT(record->trial_id), INT(record->worker));
}

bool store_record_write(Store *store, const Record *record, Error *err)
{
    switch (record->kind) {
    case RECORD_BEGIN: case RECORD_AGAIN: return write_begin(store, record, err);
    case RECORD_EPOCH:
        return store_row_put(store, replace_owned, &epoch_columns, 0, record->trial_id, &record->as.epoch, err);
    case RECORD_END: return write_end(store, record, err);
    case RECORD_DROP:
        return STORE_DO(store, err, "DELETE FROM artifact WHERE trial_id = ?1 AND kind = ?2",
                        INT(record->trial_id), TEXT(record->as.text->code));
    case RECORD_EVENT:
        return store_event_now(store, record->study_id, record->trial_id, record->as.text->code,
                               record->as.text->text, err);
    case RECORD_JOINED: return write_joined(store, record, err);
    case RECORD_LEFT: return write_left(store, record, err);
    case RECORD_LOST: return write_lost(store, record, err);
    case RECORD_GIVEN: return write_given(store, record, err);
    }
    return true;
}

void store_record_free(Record *record)
{
    if (record->kind == RECORD_BEGIN || record->kind == RECORD_AGAIN) {
        doc_free(record->as.begin->params);
        free(record->as.begin);
    } else if (record->kind == RECORD_END) {
        free(record->as.end);
    } else if (record->kind == RECORD_DROP || record->kind == RECORD_EVENT) {
        free(record->as.text);
    } else if (record->kind == RECORD_JOINED) {
        free(record->as.joined);
    }
}

