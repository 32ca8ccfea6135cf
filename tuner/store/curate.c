/* What people change in a study between two sweeps. */
#include "tuner/store/curate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/store/lease.h"
#include "tuner/store/queue.h"

bool curate_allowed(Store *store, int64_t study_id, Error *err)
{
    store_enter(store);
    bool ok = store_lease_free(store, study_id, err);
    store_leave(store);
    return ok;
}

bool curate_holder(Store *store, int64_t study_id, StudyHolder *out, Error *err)
{
    StudyHolder got = {.until = NAN};
    Holder who = {0};
    bool row = false;
    store_enter(store);
    sqlite3_stmt *s = STORE_BIND(store, err, "SELECT host, boot_id, pid, pid_space, started, since_utc,"
                                 " (julianday('now') - julianday(heartbeat_utc)) * 86400,"
                                 " (julianday('now') - 2440587.5) * 86400 FROM lease"
                                 " WHERE study_id = ?1", INT(study_id));
    bool ok = s && store_step(store, s, &row, "asking who runs the study", err);
    if (ok && row) {
        const char *host = (const char *)sqlite3_column_text(s, 0);
        const char *boot = (const char *)sqlite3_column_text(s, 1);
        const char *since = (const char *)sqlite3_column_text(s, 5);
        snprintf(who.host, sizeof who.host, "%s", host ? host : "");
        snprintf(who.boot_id, sizeof who.boot_id, "%s", boot ? boot : "");
        who.pid = got.pid = sqlite3_column_int64(s, 2);
        who.pid_space = sqlite3_column_int64(s, 3);
        who.started = sqlite3_column_int64(s, 4);
        snprintf(got.since_utc, sizeof got.since_utc, "%s", since ? since : "");
        snprintf(got.host, sizeof got.host, "%s", who.host);
        got.beat_age_s = sqlite3_column_double(s, 6);
        got.alive = holder_alive(&who, &store->self, got.beat_age_s);
        got.until = sqlite3_column_double(s, 7) - (got.alive ? 0 : got.beat_age_s);
        got.here = strcmp(who.host, store->self.host) == 0 && who.pid_space == store->self.pid_space;
        got.writes = got.here && (!store->self.started || holder_has_open(got.pid, store->path));
        sqlite3_reset(s);
    }
    store_leave(store);
    if (ok) *out = got;
    return ok;
}

/* A study that has something to do is not done. */
static bool reopen(Store *store, int64_t study_id, Error *err)
{
    return STORE_DO(store, err, "UPDATE study SET state = 'STOPPED' WHERE study_id = ?1 AND state = 'DONE'"
                    " AND EXISTS (SELECT 1 FROM trial WHERE study_id = ?1 AND state = 'QUEUED')",
                    INT(study_id));
}

/* ---- adding ------------------------------------------------------------------------------------ */

static bool add_row(Store *store, int64_t study_id, int64_t number, TrialRow *row, Error *err)
{
    Doc *params = doc_parse(row->params, strlen(row->params), err);
    if (!params) return false;
    bool queued = row->state == TRIAL_QUEUED;
    char now[32];
    pthread_mutex_lock(&store->lock);
    row->id = store->next_trial_id++;
    pthread_mutex_unlock(&store->lock);
    row->number = (int)number;
    TrialRow written = *row;
    written.study_id = study_id;
    written.attempt = 1;
    if (!isfinite(written.value)) written.value = NAN;
    written.queued_utc = store_utc(now, true);
    written.end_utc = queued ? NULL : now;
    bool ok = store_row_put(store, insert_row, &trial_columns, AT_ADD, 0, &written, err)
           && store_params_write(store, row->id, params, err)
           && store_event_now(store, study_id, row->id, queued ? "ENQUEUED" : "IMPORTED", NULL, err);
    doc_free(params);
    return ok;
}

bool curate_add(Store *store, int64_t study_id, TrialRow *rows, const MetricRow *metrics, int n_metrics,
                int n, int *n_added, Error *err)
{
    int64_t next;
    int added = 0;
    bool there;
    if (!store_enter_idle(store, study_id, err)) return false;
    bool ok = store_get_int(store, "SELECT max(number) + 1 FROM trial WHERE study_id = ?1",
                            (const RowCell[]){INT(study_id)}, 1, 0, &next, err);
    for (int i = 0; ok && i < n; i++) {
        rows[i].id = 0;
        ok = store_trial_there(store, study_id, &rows[i], &there, err);
        if (!ok || there) continue;
        ok = add_row(store, study_id, next + added, &rows[i], err);
        for (int m = 0; ok && m < n_metrics; m++)
            ok = store_row_put(store, insert_owned, &metric_columns, 0, rows[i].id, &metrics[i * n_metrics + m],
                               err);
        added++;
    }
    ok = ok && reopen(store, study_id, err);
    if (!store_leave_write(store, ok, err)) return false;
    *n_added = added;
    return true;
}

/* ---- by number --------------------------------------------------------------------------------- */

/* The trial's id and state; ERR_INVALID when there is none. */
static bool look_up(Store *store, int64_t study_id, int number, int64_t *id, char state[16], Error *err)
{
    sqlite3_stmt *s = STORE_BIND(store, err,
                                 "SELECT trial_id, state FROM trial WHERE study_id = ?1 AND number ="
                                 " ?2", INT(study_id), INT(number));
    bool row;
    if (!s || !store_step(store, s, &row, "reading", err)) return false;
    if (row) {
        const char *text = (const char *)sqlite3_column_text(s, 1);
        *id = sqlite3_column_int64(s, 0);
        snprintf(state, 16, "%s", text ? text : "");
        sqlite3_reset(s);
        return true;
    }
    int64_t n;
    if (!store_get_int(store, "SELECT count(*) FROM trial WHERE study_id = ?1",
                       (const RowCell[]){INT(study_id)}, 1, 0,
                       &n, err))
        return false;
    return error_set(err, ERR_INVALID, n ? "there is no trial %d; the study has 0 to %" PRId64
                                         : "there is no trial %d%.0" PRId64 "; the study has none yet",
                     number, n - (n > 0));
}

static bool retry_one(Store *store, int64_t study_id, int number, Error *err)
{
    static const char sql[] = "UPDATE @table SET state = 'QUEUED', attempt = attempt + 1, crashes = 0, @forgets"
                              " WHERE trial_id = ?1";
    int64_t id, other_seed;
    char state[16];
    if (!look_up(store, study_id, number, &id, state, err)) return false;
    if (strcmp(state, "QUEUED") == 0) return true; /* it will run anyway */
    if (strcmp(state, "FAILED") != 0 && strcmp(state, "INTERRUPTED") != 0 && strcmp(state, "RUNNING") != 0)
        return error_set(err, ERR_INVALID, "trial %d is %s; only failed and interrupted trials are run again%s",
                         number, state, strcmp(state, "EXCLUDED") == 0 ? " (`include` brings it back)"
                             : "");
    if (!store_get_int(store, "SELECT t.seed <> s.seed FROM trial t JOIN study s USING (study_id) WHERE"
                       " trial_id = ?1", (const RowCell[]){INT(id)}, 1, 0, &other_seed, err))
        return false;
    if (other_seed)
        return error_set(err, ERR_INVALID, "trial %d was merged from a study of another seed; `consort enqueue`"
                         " its configuration to run it with this one's", number);
    for (int i = 0; run_tables[i]; i++)
        if (!store_row_do(store, "DELETE FROM @table WHERE @owner = ?1", run_tables[i], 0,
                          (const RowCell[]){INT(id)}, 1, err))
            return false;
    return STORE_DO(store, err, "UPDATE stint SET how = 'forgotten' WHERE trial_id = ?1 AND how = 'paused'",
                    INT(id))
        && store_row_do(store, sql, &trial_columns, AT_RETRY, (const RowCell[]){INT(id)}, 1, err)
        && store_event_now(store, study_id, id, "RETRY", NULL, err);
}

bool curate_retry(Store *store, int64_t study_id, const int *numbers, int n, Error *err)
{
    if (!store_enter_idle(store, study_id, err)) return false;
    bool ok = true;
    for (int i = 0; ok && i < n; i++) ok = retry_one(store, study_id, numbers[i], err);
    ok = ok && reopen(store, study_id, err);
    return store_leave_write(store, ok, err);
}

static bool exclude_one(Store *store, int64_t study_id, int number, bool excluded, Error *err)
{
    int64_t id;
    char state[16];
    if (!look_up(store, study_id, number, &id, state, err)) return false;
    bool is_out = strcmp(state, "EXCLUDED") == 0;
    if (is_out == excluded) return true;
    if (excluded && (strcmp(state, "RUNNING") == 0 || strcmp(state, "QUEUED") == 0
                     || strcmp(state, "INTERRUPTED") == 0))
        return error_set(err, ERR_INVALID, "trial %d is %s; only trials that have ended can be left out",
                         number,
                         state);
    return (excluded ? STORE_DO(store, err, "UPDATE trial SET state_before = state, state = 'EXCLUDED'"
                                " WHERE trial_id = ?1", INT(id))
                     : STORE_DO(store, err, "UPDATE trial SET state = state_before, state_before = NULL"
                                " WHERE trial_id = ?1", INT(id)))
        && store_event_now(store, study_id, id, excluded ? "EXCLUDED" : "INCLUDED", NULL, err);
}

bool curate_exclude(Store *store, int64_t study_id, const int *numbers, int n, bool excluded, Error *err)
{
    if (!store_enter_idle(store, study_id, err)) return false;
    bool ok = true;
    for (int i = 0; ok && i < n; i++) ok = exclude_one(store, study_id, numbers[i], excluded, err);
    return store_leave_write(store, ok, err);
}

/* ---- notes ------------------------------------------------------------------------------------- */

bool curate_note(Store *store, int64_t study_id, int number, const char *text, Error *err)
{
    int64_t id = 0;
    char state[16];
    if (!store_enter_write(store, err)) return false;
    bool ok = (number < 0 || look_up(store, study_id, number, &id, state, err))
           && store_event_now(store, study_id, id, "NOTE", text, err);
    return store_leave_write(store, ok, err);
}

bool curate_notes(Store *store, int64_t study_id, Arena *arena, NoteRow **out, int *n, Error *err)
{
    int64_t most;
    int count = 0;
    bool row = false;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM event WHERE study_id = ?1 AND code = 'NOTE'",
                            (const RowCell[]){INT(study_id)}, 1, 0, &most, err);
    NoteRow *notes = ok ? ARENA_NEW(arena, NoteRow, most + 1) : NULL;
    if (ok && !notes) ok = error_memory(err);
    sqlite3_stmt *s = ok ? STORE_BIND(store, err, "SELECT coalesce(t.number, -1), e.utc, e.text FROM event e"
                                      " LEFT JOIN trial t USING (trial_id) WHERE e.study_id = ?1 AND"
                                      " e.code = 'NOTE' ORDER BY e.event_id", INT(study_id)) : NULL;
    ok = s && store_step(store, s, &row, "reading", err);
    while (ok && row && count < most) {
        const char *utc = (const char *)sqlite3_column_text(s,
                                                            1), *text = (const char *)sqlite3_column_text(s, 2);
        notes[count] = (NoteRow){sqlite3_column_int(s, 0), arena_copy(arena, utc ? utc : ""),
                                 arena_copy(arena, text ? text : "")};
        ok = (notes[count].utc && notes[count].text) || error_memory(err);
        count++;
        if (ok) ok = store_step(store, s, &row, "reading", err);
    }
    if (s) sqlite3_reset(s);
    store_leave(store);
    if (!ok) return false;
    *out = notes;
    *n = count;
    return true;
}

/* ---- artifacts ----------------------------------------------------------------------------------- */

bool curate_drop(Store *store, int64_t study_id, const int64_t *trial_ids, int n, Error *err)
{
    if (!store_enter_idle(store, study_id, err)) return false;
    bool ok = true;
    for (int i = 0; ok && i < n; i++)
        ok = STORE_DO(store, err, "DELETE FROM artifact WHERE trial_id = ?1 AND kind IN (?2, ?3)",
                      INT(trial_ids[i]), TEXT(artifact_kind_names[ARTIFACT_WEIGHTS]),
                      TEXT(artifact_kind_names[ARTIFACT_PROBA]));
    return store_leave_write(store, ok, err);
}
