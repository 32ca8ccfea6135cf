/* Trials run again on fresh seeds: their rows, written and read. */
#include "tuner/store/repeat_rows.h"

#include <limits.h>
#include <math.h>

#include "tuner/store/lease.h"
#include "tuner/store/queue.h"

bool store_repeat(Store *store, const RepeatRow *row, Error *err)
{
    char now[32];
    if (!store_enter_write(store, err)) return false;
    store_utc(now, true);
    bool ok = store_lease_check(store, false, err)
           && STORE_DO(store, err, "INSERT OR IGNORE INTO repeat (trial_id, run, seed, state, value, value_sd,"
                       " epochs, fail_code, fail_text, secs, end_utc, host, pid) VALUES (?1, ?2, ?3, ?4, ?5,"
                       " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)", INT(row->trial_id), INT(row->run),
                       INT(row->seed), TEXT(trial_state_names[row->state]),
                       REAL(isfinite(row->value) ? row->value : NAN),
                       REAL(isfinite(row->value_sd) ? row->value_sd : NAN), INT(row->epochs),
                       TEXT(row->fail_code), TEXT(row->fail_text), REAL(row->seconds), TEXT(now),
                       TEXT(store->self.host), INT(store->self.pid));
    return store_leave_write(store, ok, err);
}

static int bounded(sqlite3_stmt *s, int column)
{
    int64_t value = sqlite3_column_int64(s, column);
    return value < 0 ? 0 : value > INT_MAX ? INT_MAX : (int)value;
}

static double number(sqlite3_stmt *s, int column) /* NULL: NaN */
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

/* A copy of a text; NULL stays NULL. */
static bool copy(sqlite3_stmt *s, int column, Arena *arena, const char **out)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    *out = text ? arena_copy(arena, text) : NULL;
    return *out || sqlite3_column_type(s, column) == SQLITE_NULL;
}

bool store_repeats(Store *store, int64_t study_id, Arena *arena, RepeatRow **out, int *n, Error *err)
{
    int64_t most = 0;
    int found = 0;
    bool row = false;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM repeat CROSS JOIN trial USING (trial_id)"
                            " WHERE study_id = ?1", (const Bind[]){INT(study_id)}, 1, 0, &most, err);
    RepeatRow *rows = ok ? ARENA_NEW(arena, RepeatRow, most + 1) : NULL;
    if (ok && !rows) ok = error_memory(err);
    static const char sql[] =
        "SELECT r.trial_id, t.number, r.run, r.seed, r.state, r.value, r.value_sd, r.epochs, r.secs,"
        " r.fail_code, r.fail_text, CASE WHEN t.state = 'COMPLETE' AND t.source <> 'import' THEN t.value END"
        " FROM repeat r CROSS JOIN trial t USING (trial_id) WHERE t.study_id = ?1 ORDER BY t.number, r.run";
    sqlite3_stmt *s = ok ? STORE_BIND(store, err, sql, INT(study_id)) : NULL;
    ok = s && store_step(store, s, &row, "reading", err);
    for (; ok && row && found < most; found++) {
        RepeatRow *r = &rows[found];
        const char *state = (const char *)sqlite3_column_text(s, 4);
        *r = (RepeatRow){.trial_id = sqlite3_column_int64(s, 0), .number = bounded(s, 1), .run = bounded(s, 2),
                         .seed = (uint64_t)sqlite3_column_int64(s, 3),
                         .state = state && *state == 'C' ? TRIAL_COMPLETE : TRIAL_FAILED, .value = number(s, 5),
                         .value_sd = number(s, 6), .epochs = bounded(s, 7), .seconds = number(s, 8),
                         .first = number(s, 11)};
        ok = (copy(s, 9, arena, &r->fail_code) && copy(s, 10, arena, &r->fail_text)) || error_memory(err);
        if (ok) ok = store_step(store, s, &row, "reading", err);
    }
    if (s) sqlite3_reset(s);
    store_leave(store);
    if (!ok) return false;
    *out = rows;
    *n = found;
    return true;
}
