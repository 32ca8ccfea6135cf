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
        bool ok = STORE_DO(store, err, "INSERT INTO param (trial_id, name, num, txt)"
                           " VALUES (?1, ?2, ?3, ?4)", INT(trial_id), TEXT(name), REAL(number), TEXT(text));
        text_free(&list);
        if (!ok) return false;
    }
    return true;
}

static bool write_begin(Store *store, const Record *record, Error *err)
{
    const BeginRecord *begin = record->as.begin;
    const TrialRow *row = &begin->row;
    const Holder *self = &store->self;
    bool runs = row->state == TRIAL_RUNNING, waits = row->state == TRIAL_QUEUED;
    const char *now = begin->utc;
    if (record->again) {
        if (!STORE_DO(store, err, "UPDATE trial SET state = ?3, start_utc = coalesce(start_utc, ?4),"
                      " heartbeat_utc = ?5,"
                      " end_utc = ?6, host = ?7, pid = ?8, boot_id = ?9, threads = ?10, fail_code = ?11,"
                      " fail_text = ?12, trace = ?13"
                      " WHERE trial_id = ?1 AND params_hash = ?2 AND state = 'QUEUED'",
                      INT(record->trial_id), TEXT(row->params_hash), TEXT(trial_state_names[row->state]),
                      TEXT(now), TEXT(runs ? now : NULL), TEXT(runs ? NULL : now), TEXT(self->host),
                      INT(self->pid), TEXT(self->boot_id), COUNT(row->threads), TEXT(row->fail_code),
                      TEXT(row->fail_text), TEXT(row->trace)))
            return false;
        if (sqlite3_changes(store->db) == 1) return true;
        return error_set(err, ERR_STORE, "%s: trial %d: the database has another configuration under this "
                         "number; was the study's space or seed changed? Use another name", store->path,
                         row->number);
    }
    if (!STORE_DO(store, err, "INSERT INTO trial (trial_id, study_id, number, state, source, params_hash,"
                  " params, trace, seed, attempt, threads, fail_code, fail_text, queued_utc, start_utc,"
                  " heartbeat_utc, end_utc, host, pid, boot_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                  " 1, ?10, ?11, ?12, ?13, ?13, ?14, ?15, ?16, ?17, ?18)",
                  INT(record->trial_id), INT(record->study_id), INT(row->number),
                  TEXT(trial_state_names[row->state]), TEXT(row->source ? row->source : "tuner"),
                  TEXT(row->params_hash), TEXT(row->params), TEXT(row->trace), INT(row->seed),
                  COUNT(row->threads), TEXT(row->fail_code), TEXT(row->fail_text), TEXT(now),
                  TEXT(runs ? now : NULL), TEXT(runs || waits ? NULL : now), TEXT(waits ? NULL : self->host),
                  COUNT(waits ? 0 : self->pid), TEXT(waits ? NULL : self->boot_id))) {
        if (sqlite3_extended_errcode(store->db) == SQLITE_CONSTRAINT_UNIQUE)
            error_set(err, ERR_STORE, "%s: trial %d: this configuration with this seed is already in the "
                      "study", store->path, row->number);
        return false;
    }
    return store_params_write(store, record->trial_id, begin->params, err);
}

static bool write_epoch(Store *store, const Record *record, Error *err)
{
    const EpochRow *row = &record->as.epoch;
    return STORE_DO(store, err, "INSERT OR REPLACE INTO epoch (trial_id, fold, epoch, lr, train_loss,"
                    " val_loss, val_metric, grad_norm, secs) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    INT(record->trial_id), INT(row->fold), INT(row->epoch), REAL(row->learning_rate),
                    REAL(row->train_loss), REAL(row->val_loss), REAL(row->val_metric),
                    REAL(row->grad_norm), REAL(row->seconds));
}

static bool write_belongings(Store *store, const EndRecord *end, Error *err)
{
    int64_t id = end->row->id;
    for (int i = 0; i < end->n_metrics; i++) {
        const MetricRow *m = &end->metrics[i];
        if (!STORE_DO(store, err, "INSERT OR REPLACE INTO metric (trial_id, split, fold, name, value, lo95,"
                      " hi95) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", INT(id), TEXT(m->split), INT(m->fold),
                      TEXT(m->name), REAL(m->value), REAL(m->low95), REAL(m->high95)))
            return false;
    }
    for (int i = 0; i < end->n_confusions; i++) {
        const ConfusionRow *c = &end->confusions[i];
        for (int t = 0; t < c->n_classes; t++)
            for (int p = 0; p < c->n_classes; p++) {
                int64_t n = c->count[(size_t)t * c->n_classes + p];
                if (n && !STORE_DO(store, err, "INSERT OR REPLACE INTO confusion (trial_id, split, truth,"
                                   " pred, n) VALUES (?1, ?2, ?3, ?4, ?5)", INT(id), TEXT(c->split),
                                   INT(t), INT(p), INT(n)))
                    return false;
            }
    }
    for (int i = 0; i < end->n_artifacts; i++) {
        const ArtifactRow *a = &end->artifacts[i];
        if (!STORE_DO(store, err, "INSERT OR REPLACE INTO artifact (trial_id, kind, path, bytes, sha256)"
                      " VALUES (?1, ?2, ?3, ?4, ?5)", INT(id), TEXT(a->kind), TEXT(a->path),
                      INT(a->bytes), TEXT(a->sha256)))
            return false;
    }
    return true;
}

static bool write_end(Store *store, const Record *record, Error *err)
{
    const TrialRow *row = record->as.end->row;
    char note[120];
    if (!STORE_DO(store, err, "UPDATE trial SET state = ?3, value = ?4, value_sd = ?5, best_epoch = ?6,"
                  " epochs = ?7, n_params = ?8, model_bytes = ?9, secs = ?10, threads = ?11,"
                  " fail_code = ?12, fail_text = ?13, end_utc = ?14, rung = ?15, heartbeat_utc = NULL"
                  " WHERE trial_id = ?1 AND attempt = ?2",
                  INT(row->id), INT(row->attempt > 0 ? row->attempt : 1),
                  TEXT(trial_state_names[row->state]), REAL(finite_or_null(row->value)),
                  REAL(finite_or_null(row->value_sd)), COUNT(row->best_epoch), INT(row->epochs),
                  COUNT(row->n_params), COUNT(row->model_bytes), REAL(row->seconds),
                  COUNT(row->threads), TEXT(row->fail_code), TEXT(row->fail_text),
                  TEXT(record->as.end->utc), COUNT(row->rung)))
        return false;
    if (sqlite3_changes(store->db) == 1) return write_belongings(store, record->as.end, err);
    /* Declared dead and taken back while it was still running, and now it is here. The row belongs to
     * the later attempt. */
    snprintf(note, sizeof note, "a result of attempt %d came late and was dropped", row->attempt);
    int64_t there;
    if (!store_get_int(store, "SELECT trial_id FROM trial WHERE trial_id = ?1",
                       (const Bind[]){INT(row->id)}, 1, 0, &there, err))
        return false;
    if (!there)
        return error_set(err, ERR_STORE, "%s: trial %d (id %" PRId64 ") is not in the database",
                         store->path, row->number, row->id);
    return store_event_now(store, 0, row->id, "LATE_RESULT", note, err);
}

bool store_trial_there(Store *store, int64_t study_id, const TrialRow *row, bool *there, Error *err)
{
    int64_t id;
    static const char sql[] = "SELECT trial_id FROM trial WHERE study_id = ?1 AND params_hash = ?2 AND seed ="
                              " ?3";
    const Bind values[] = {INT(study_id), TEXT(row->params_hash), INT(row->seed)};
    if (!store_get_int(store, sql, values, 3, 0, &id, err)) return false;
    *there = id != 0;
    return true;
}

bool store_record_write(Store *store, const Record *record, Error *err)
{
    switch (record->kind) {
    case RECORD_BEGIN: return write_begin(store, record, err);
    case RECORD_EPOCH: return write_epoch(store, record, err);
    case RECORD_END: return write_end(store, record, err);
    case RECORD_DROP:
        return STORE_DO(store, err, "DELETE FROM artifact WHERE trial_id = ?1 AND kind = ?2",
                        INT(record->trial_id), TEXT(record->as.text->code));
    case RECORD_EVENT:
        return store_event_now(store, record->study_id, record->trial_id, record->as.text->code,
                               record->as.text->text, err);
    }
    return true;
}

void store_record_free(Record *record)
{
    if (record->kind == RECORD_BEGIN) {
        doc_free(record->as.begin->params);
        free(record->as.begin);
    } else if (record->kind == RECORD_END) {
        free(record->as.end);
    } else if (record->kind == RECORD_DROP || record->kind == RECORD_EVENT) {
        free(record->as.text);
    }
}

