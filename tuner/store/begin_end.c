/* A study begins: is it the same study as last time, may we run it, and what did a dead process leave
 * behind? It ends. Its ensembles. */
#include "tuner/store/lease.h"
#include "tuner/store/queue.h"
#include "tuner/store/view.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* ---- the row ---------------------------------------------------------------------------------------- */

static bool create(Store *store, StudyInfo *info, Error *err)
{
    char *view = NULL;
    if (!store_view_name(store, info->name, &view, err)) return false;
    bool ok = STORE_DO(store, err, "INSERT INTO study (name, state, method, metric, goal, seed, config_sha256,"
                       " data_sha256, split_sha256, view_name, created_utc) VALUES (?1, 'OPEN', ?2, ?3, ?4,"
                       " ?5, ?6, ?7, ?8, ?9, ?10)",
                       TEXT(info->name), TEXT(info->method ? info->method : ""),
                       TEXT(info->metric ? info->metric : ""), TEXT(info->maximize ? "maximize" : "minimize"),
                       INT(info->seed), TEXT(info->config_sha256), TEXT(info->data_sha256),
                       TEXT(info->split_sha256), TEXT(view), TEXT(store->created_utc));
    if (ok) info->id = sqlite3_last_insert_rowid(store->db);
    sqlite3_free(view);
    return ok;
}

/* Finds the study of that name; refuses it when what made its trials comparable has changed. */
static bool find(Store *store, StudyInfo *info, bool *there, Error *err)
{
    sqlite3_stmt *statement =
        STORE_BIND(store, err, "SELECT study_id, config_sha256, data_sha256, split_sha256, created_utc,"
                   " (SELECT coalesce(max(version), 0) FROM space_version v WHERE v.study_id = study.study_id)"
                   " FROM study WHERE name = ?1", TEXT(info->name));
    if (!statement || !store_step(store, statement, there, "looking for the study", err)) return false;
    if (!*there) return true;
    static const char *const what[] = {"another configuration", "other data",
                                       "another split of the data"};
    const char *ours[] = {info->config_sha256, info->data_sha256, info->split_sha256};
    bool ok = true;
    for (int i = 0; ok && i < 3; i++)
        if (!same_text(ours[i], (const char *)sqlite3_column_text(statement, 1 + i)))
            ok = error_set(err, i == 0 ? ERR_CONFIG : ERR_DATA,
                           "%s: study \"%s\" was begun with %s, and its trials could "
                           "not be compared with new ones; give this run another name, or use --fresh",
                           store->path, info->name, what[i]);
    if (ok && sqlite3_column_int64(statement, 5) != info->space_version)
        ok = error_set(err, ERR_STORE, "%s: the search space of study \"%s\" was edited just now; the same"
                       " command again goes on with it", store->path, info->name);
    if (ok) {
        const char *created = (const char *)sqlite3_column_text(statement, 4);
        info->id = sqlite3_column_int64(statement, 0);
        snprintf(store->created_utc, sizeof store->created_utc, "%s", created ? created : "");
    }
    sqlite3_reset(statement);
    return ok;
}

bool store_study_check(Store *store, StudyInfo *info, bool *there, Error *err)
{
    store_enter(store);
    bool ok = find(store, info, there, err);
    store_leave(store);
    return ok;
}

/* What may differ from one run of a study to the next. */
static bool update(Store *store, const StudyInfo *info, Error *err)
{
    if (!STORE_DO(store, err, "UPDATE study SET state = 'OPEN', target = ?2, run_cap = ?3, time_cap_s = ?4,"
                  " config_yaml = ?5, consort_version = ?6, notes = coalesce(?7, notes),"
                  " deterministic = deterministic AND ?8 WHERE study_id = ?1",
                  INT(info->id), REAL(info->target),
                  {info->run_cap ? CELL_INTEGER : CELL_TEXT, info->run_cap, 0, NULL},
                  REAL(info->time_cap_s > 0 ? info->time_cap_s : NAN), TEXT(info->config_yaml),
                  TEXT(info->version), TEXT(info->notes), INT(!info->async)) ||
        !STORE_DO(store, err, "DELETE FROM class_label WHERE study_id = ?1", INT(info->id)))
        return false;
    for (int i = 0; i < info->n_classes; i++)
        if (!STORE_DO(store, err, "INSERT INTO class_label (study_id, class_id, label) VALUES (?1, ?2, ?3)",
                      INT(info->id), INT(i), TEXT(info->classes[i])))
            return false;
    return true;
}

/* A machine that is taken away kills whatever runs: a few such ends say nothing. */
enum { MAX_CRASHES = 10 };

/* ---- recovery --------------------------------------------------------------------------------------- */

static bool count(Store *store, int64_t study_id, int *n, Held *held, Error *err)
{
    int64_t rows, highest, worker;
    if (!store_get_int(store, "SELECT count(*) FROM trial WHERE study_id = ?1",
                       (const RowCell[]){INT(study_id)}, 1, 0, &rows, err) ||
        !store_get_int(store, "SELECT max(number) FROM trial WHERE study_id = ?1",
                       (const RowCell[]){INT(study_id)}, 1, -1, &highest, err) ||
        !store_get_int(store, "SELECT max(worker) FROM worker WHERE study_id = ?1",
                       (const RowCell[]){INT(study_id)}, 1, 0, &worker, err))
        return false;
    *n = (int)rows;
    *held = (Held){.study_id = study_id, .last_number = (int)highest,
                   .last_worker = worker >= 0 && worker < INT_MAX / 2 ? (int)worker : INT_MAX / 2};
    return true;
}

bool store_first_id(Store *store, int64_t study_id, int64_t *id, Error *err)
{
    static const char sql[] = "SELECT CASE WHEN (SELECT count(*) FROM study) = 1 AND min(trial_id - number) ="
                              " max(trial_id - number) THEN min(trial_id - number) ELSE 0 END FROM trial"
                              " WHERE study_id = ?1";
    return store_get_int(store, sql, (const RowCell[]){INT(study_id)}, 1, 0, id, err);
}

/* The workers of a process that died, until its last sign of life. */
static bool leave_behind(Store *store, int64_t study_id, Error *err)
{
    return STORE_DO(store, err, "UPDATE worker SET reason = ?2, left_utc = max(joined_utc, coalesce((SELECT"
                    " heartbeat_utc FROM lease WHERE study_id = ?1), joined_utc)) WHERE study_id = ?1 AND"
                    " left_utc IS NULL", INT(study_id), TEXT(worker_end_names[WORKER_LOST]));
}

/* How long the trial of a process that died or was stopped had run since it last began. */
#define UNFINISHED "study_id = ?1 AND state IN ('RUNNING', 'INTERRUPTED')"
#define LAST_SEEN "coalesce(end_utc, heartbeat_utc, start_utc, queued_utc, '')"
#define RAN "max(0, coalesce((julianday(" LAST_SEEN ") - julianday(coalesce(run_utc, start_utc))) * 86400, 0))"

/* What was trained of them is forgotten, and it is remembered for how long. */
static bool note_loss(Store *store, int64_t study_id, Error *err)
{
    static const char lost[] =
        "UPDATE worker SET lost = lost + n, lost_s = lost_s + secs FROM (SELECT worker AS w, count(*) AS n,"
        " total(" RAN ") AS secs FROM trial WHERE study_id = ?1 AND state = 'RUNNING' GROUP BY worker)"
        " WHERE study_id = ?1 AND worker = w";
    return STORE_DO(store, err, "UPDATE stint SET how = 'forgotten' WHERE how = 'paused' AND trial_id IN"
                    " (SELECT trial_id FROM trial WHERE " UNFINISHED ")", INT(study_id))
        && store_do(store, lost, (const RowCell[]){INT(study_id)}, 1, err)
        && STORE_DO(store, err, "INSERT INTO stint (trial_id, n, worker, attempt, end_utc, secs, how)"
                    " SELECT trial_id, 1 + (SELECT coalesce(max(n), 0) FROM stint s WHERE s.trial_id ="
                    " trial.trial_id), worker, attempt, " LAST_SEEN ", " RAN ", CASE state WHEN 'RUNNING'"
                    " THEN 'lost' ELSE 'stopped' END FROM trial WHERE " UNFINISHED, INT(study_id));
}

/* The lease is ours, so nobody is running these. A process that died during a trial again and
 * again probably died of that trial; one that was asked to stop did not. */
static bool recover(Store *store, const StudyInfo *info, StudyStart *start, Error *err)
{
    int64_t id = info->id, n_unfinished, n_crashed, n_beyond = 0;
    if (!store_get_int(store, "SELECT count(*) FROM trial WHERE study_id = ?1 AND state IN"
                       " ('RUNNING', 'INTERRUPTED')", (const RowCell[]){INT(id)}, 1, 0, &n_unfinished, err))
        return false;
    if (n_unfinished == 0) return true;
    static const char forget[] = "DELETE FROM @table WHERE @owner IN (SELECT trial_id FROM trial WHERE "
                                 UNFINISHED ")";
    static const char queue[] = "UPDATE @table SET state = 'QUEUED', attempt = attempt + 1, @forgets WHERE "
                                UNFINISHED;
    for (int i = 0; run_tables[i]; i++)
        if (!store_row_do(store, forget, run_tables[i], 0, (const RowCell[]){INT(id)}, 1, err)) return false;
    char now[32];
    store_utc(now, true);
    if (!note_loss(store, id, err)) return false;
    if (!STORE_DO(store, err, "UPDATE trial SET crashes = crashes + 1 WHERE study_id = ?1 AND"
                  " state = 'RUNNING'", INT(id)) ||
        !STORE_DO(store, err, "UPDATE trial SET state = 'FAILED', fail_code = ?4, fail_text ="
                  " 'the process died ' || crashes || ' times while it ran this trial', end_utc = ?2,"
                  " heartbeat_utc = NULL WHERE study_id = ?1 AND state = 'RUNNING' AND crashes >= ?3",
                  INT(id), TEXT(now), INT(MAX_CRASHES), TEXT(fail_code_names[FAIL_CRASHED])))
        return false;
    n_crashed = sqlite3_changes(store->db);
    /* imported ones do not count, and what the user queued is run in any case */
    if (info->run_cap > 0 &&
        !store_get_int(store, "SELECT count(*) FROM trial t WHERE " UNFINISHED " AND source <> 'user' AND"
                       " (SELECT count(*) FROM trial u WHERE u.study_id = ?1 AND u.number < t.number AND"
                       " u.source <> 'import') >= ?2", (const RowCell[]){INT(id), INT(info->run_cap)}, 2, 0,
                       &n_beyond, err))
        return false;
    if (!STORE_DO(store, err, "INSERT INTO event (utc, study_id, trial_id, code, text) SELECT ?2, study_id,"
                  " trial_id, CASE state WHEN 'FAILED' THEN 'CRASHED' ELSE 'RECOVERED' END,"
                  " CASE state WHEN 'INTERRUPTED' THEN 'was interrupted'"
                  " ELSE 'left by pid ' || pid || ' on ' || host END FROM trial WHERE study_id = ?1 AND"
                  " (state IN ('RUNNING', 'INTERRUPTED') OR (state = 'FAILED' AND end_utc = ?2))"
                  " ORDER BY number", INT(id), TEXT(now)) ||
        !store_row_do(store, queue, &trial_columns, AT_RETRY, (const RowCell[]){INT(id)}, 1, err))
        return false;
    start->n_recovered = sqlite3_changes(store->db);
    start->n_crashed = (int)n_crashed;
    start->n_beyond = (int)n_beyond;
    return true;
}

/* The rows that wait, so that store_trial_begin knows them again. */
static bool list_queued(Store *store, int64_t study_id, Requeued **out, int *n_out, Error *err)
{
    int64_t n;
    if (!store_get_int(store, "SELECT count(*) FROM trial WHERE study_id = ?1 AND state = 'QUEUED'",
                       (const RowCell[]){INT(study_id)}, 1, 0, &n, err))
        return false;
    sqlite3_stmt *statement =
        STORE_BIND(store, err, "SELECT trial_id, number, attempt FROM trial WHERE study_id = ?1 AND"
                   " state = 'QUEUED' ORDER BY number", INT(study_id));
    bool row;
    if (!statement || !store_step(store, statement, &row, "reading", err)) return false;
    Requeued *list = calloc((size_t)n + 1, sizeof *list);
    int i = 0;
    bool ok = list != NULL;
    if (!ok) error_memory(err);
    while (ok && row) {
        if (i < n)
            list[i++] = (Requeued){study_id, sqlite3_column_int64(statement, 0),
                                   sqlite3_column_int(statement, 1), sqlite3_column_int(statement, 2)};
        ok = store_step(store, statement, &row, "reading", err);
    }
    if (!list) sqlite3_reset(statement);
    if (!ok) {
        free(list);
        return false;
    }
    *out = list;
    *n_out = i;
    return true;
}

/* ---- begin and end ------------------------------------------------------------------------------------ */

/* Makes room first, so that after the commit nothing can fail. */
static bool reserve_held(Store *store, int n_more, Error *err)
{
    pthread_mutex_lock(&store->lock);
    Held *held = realloc(store->held, ((size_t)store->n_held + 1) * sizeof *held);
    if (held) store->held = held;
    Requeued *requeued = realloc(store->requeued,
                                 ((size_t)store->n_requeued + (size_t)n_more + 1) * sizeof *requeued);
    if (requeued) store->requeued = requeued;
    pthread_mutex_unlock(&store->lock);
    return (held && requeued) || error_memory(err);
}

static void hold(Store *store, const Held *held, const Requeued *queued, int n_queued)
{
    pthread_mutex_lock(&store->lock);
    store->held[store->n_held++] = *held;
    for (int i = 0; i < n_queued; i++) store->requeued[store->n_requeued++] = queued[i];
    pthread_mutex_unlock(&store->lock);
}

static void let_go(Store *store, int64_t study_id)
{
    pthread_mutex_lock(&store->lock);
    int n = 0;
    for (int i = 0; i < store->n_held; i++)
        if (store->held[i].study_id != study_id) store->held[n++] = store->held[i];
    store->n_held = n;
    n = 0;
    for (int i = 0; i < store->n_requeued; i++)
        if (store->requeued[i].study_id != study_id) store->requeued[n++] = store->requeued[i];
    store->n_requeued = n;
    pthread_mutex_unlock(&store->lock);
}

bool store_study_begin(Store *store, StudyInfo *info, const Space *space, StudyStart *start, Error *err)
{
    StudyStart got = {0};
    StudyInfo study = *info;
    Requeued *queued = NULL;
    Held held = {.last_number = -1};
    int n_queued = 0;
    if (!info->name || !*info->name) return error_set(err, ERR_INVALID, "a study needs a name");
    if (!store_enter_write(store, err)) return false;
    store_utc(store->created_utc, false);
    bool ok = find(store, &study, &got.resumed, err);
    if (ok && got.resumed) ok = store_lease_free(store, study.id, err);
    if (ok && !got.resumed) ok = create(store, &study, err);
    ok = ok && update(store, &study, err) && store_view_study(store, study.id, space, err) &&
         leave_behind(store, study.id, err) && store_lease_take(store, study.id, err) &&
         count(store, study.id, &got.n_trials, &held, err) &&
         store_first_id(store, study.id, &held.first_id, err) && recover(store, &study, &got, err) &&
         list_queued(store, study.id, &queued, &n_queued, err) &&
         store_event_now(store, study.id, 0, got.resumed ? "RESUMED" : "CREATED", info->version, err);
    if (ok && store->journal_note[0]) {
        ok = store_event_now(store, study.id, 0, "JOURNAL", store->journal_note, err);
    }
    ok = ok && reserve_held(store, n_queued, err);
    /* `held` is read with the connection: change it before others may use that, undo if need be */
    held.gaps = got.n_trials <= held.last_number;
    if (ok) hold(store, &held, queued, n_queued);
    free(queued);
    if (!store_leave_write(store, ok, err)) {
        if (ok) let_go(store, study.id);
        return false;
    }
    info->id = study.id;
    info->created_utc = store->created_utc;
    *start = got;
    return true;
}

bool store_study_end(Store *store, int64_t study_id, const char *state, Error *err)
{
    char note[80], now[32];
    if (!store_enter_write(store, err)) return false;
    pthread_mutex_lock(&store->lock);
    snprintf(note, sizeof note, "workers waited %.3f s for the database", store->callers_s);
    pthread_mutex_unlock(&store->lock);
    bool ok = STORE_DO(store, err, "UPDATE study SET state = ?2 WHERE study_id = ?1", INT(study_id),
                       TEXT(state)) &&
              STORE_DO(store, err, "UPDATE worker SET left_utc = ?2, reason = ?3 WHERE study_id = ?1 AND"
                       " left_utc IS NULL", INT(study_id), TEXT(store_utc(now, true)),
                       TEXT(worker_end_names[strcmp(state, "STOPPED") == 0 ? WORKER_STOPPED : WORKER_ENDED])) &&
              store_event_now(store, study_id, 0, state, note, err) &&
              store_lease_give(store, study_id, err);
    if (ok) let_go(store, study_id);
    return store_leave_write(store, ok, err);
}

/* ---- ensembles ------------------------------------------------------------------------------------------ */

bool store_ensemble_add(Store *store, int64_t study_id, EnsembleRow *row, Error *err)
{
    char now[32];
    if (!store_enter_write(store, err)) return false;
    EnsembleRow written = *row;
    if (!isfinite(written.value)) written.value = NAN;
    written.created_utc = store_utc(now, false);
    bool ok = store_row_put(store, insert_owned, &ensemble_columns, AT_ADD, study_id, &written, err);
    int64_t id = sqlite3_last_insert_rowid(store->db);
    for (int i = 0; ok && i < row->n_members; i++)
        ok = STORE_DO(store, err, "INSERT INTO ensemble_member (ensemble_id, ord, trial_id, weight)"
                      " VALUES (?1, ?2, ?3, ?4)", INT(id), INT(i), INT(row->members[i].trial_id),
                      REAL(row->members[i].weight));
    if (!store_leave_write(store, ok, err)) return false;
    row->id = id;
    return true;
}
