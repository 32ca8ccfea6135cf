/* Trials run again on fresh seeds: their rows, written and read. */
#include "tuner/store/repeat_rows.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>

#include "tuner/store/lease.h"
#include "tuner/store/queue.h"

static const RowColumn repeat_list[] = {
    COLUMN(RepeatRow, run, INTEGER, .counts = true),
    COLUMN(RepeatRow, seed, INTEGER),
    COLUMN(RepeatRow, state, TEXT, .names = trial_state_names),
    COLUMN(RepeatRow, value, REAL),
    COLUMN(RepeatRow, value_sd, REAL),
    COLUMN(RepeatRow, epochs, INTEGER, .counts = true),
    COLUMN(RepeatRow, fail_code, TEXT),
    COLUMN(RepeatRow, fail_text, TEXT),
    COLUMN_NAMED(RepeatRow, seconds, "secs", REAL),
    COLUMN(RepeatRow, end_utc, TEXT),
    COLUMN(RepeatRow, host, TEXT),
    COLUMN(RepeatRow, pid, INTEGER),
};
const RowTable repeat_columns = COLUMN_TABLE("repeat", "trial_id", RepeatRow, repeat_list);

bool store_repeat(Store *store, const RepeatRow *row, Error *err)
{
    static const char sql[] = "INSERT OR IGNORE INTO @table (@owner, @names) VALUES (:owner, @marks)";
    char now[32];
    RepeatRow written = *row;
    if (!store_enter_write(store, err)) return false;
    if (!isfinite(written.value)) written.value = NAN;
    if (!isfinite(written.value_sd)) written.value_sd = NAN;
    written.end_utc = store_utc(now, true);
    if (!written.host) {
        written.host = store->self.host;
        written.pid = (int)store->self.pid;
    }
    bool ok = store_lease_check(store, false, err)
           && store_row_put(store, sql, &repeat_columns, 0, row->trial_id, &written, err)
           && STORE_DO(store, err, "UPDATE worker SET busy_s = busy_s + ?2 WHERE study_id = (SELECT"
                       " study_id FROM trial WHERE trial_id = ?1) AND left_utc IS NULL AND CASE ?5 WHEN 0 THEN"
                       " host = ?3 AND pid = ?4 ELSE worker = ?5 END", INT(row->trial_id),
                       REAL(written.seconds > 0 ? written.seconds : 0), TEXT(written.host), INT(written.pid),
                       INT(row->worker));
    return store_leave_write(store, ok, err);
}

/* The row that the statement stands at. What is the trial's own stands behind what is the repeat's. */
static bool take(Store *store, const Statement *s, RepeatRow *r, Arena *arena, Error *err)
{
    Error why;
    const int n = repeat_columns.n;
    int64_t number = sqlite3_column_int64(s->statement, n + 1);
    RowCell first = store_cell(s->statement, n + 2);
    if (!store_row_take(s, r, arena, &why))
        return why.code == ERR_MEMORY
                   ? error_memory(err)
                   : error_set(err, ERR_STORE, "%s: a row of `repeat`: %.200s; the database is damaged",
                               store->path, why.message);
    if (number < 0 || number > INT_MAX)
        return error_set(err, ERR_STORE, "%s: a repeat of trial %" PRId64 "; the database is damaged",
                         store->path, number);
    r->trial_id = sqlite3_column_int64(s->statement, n);
    r->number = (int)number;
    r->first = first.kind == CELL_REAL ? first.d : NAN;
    return true;
}

bool store_repeats(Store *store, int64_t study_id, Arena *arena, RepeatRow **out, int *n, Error *err)
{
    static const char sql[] =
        "SELECT @names, id, number, first FROM @table CROSS JOIN (SELECT trial_id AS id, number, CASE WHEN"
        " state = 'COMPLETE' AND source <> 'import' AND fail_code IS NULL THEN value END AS first FROM trial"
        " WHERE study_id = ?1) ON id = trial_id ORDER BY number, run";
    int64_t most = 0;
    int found = 0;
    bool row = false;
    store_enter(store);
    bool ok = store_get_int(store, "SELECT count(*) FROM repeat CROSS JOIN trial USING (trial_id)"
                            " WHERE study_id = ?1", (const RowCell[]){INT(study_id)}, 1, 0, &most, err);
    RepeatRow *rows = ok ? ARENA_NEW(arena, RepeatRow, most + 1) : NULL;
    if (ok && !rows) ok = error_memory(err);
    Statement *s = ok ? store_row_bind(store, sql, &repeat_columns, 0, (const RowCell[]){INT(study_id)}, 1, err)
                      : NULL;
    ok = s && store_step(store, s->statement, &row, "reading", err);
    for (; ok && row && found < most; found++)
        ok = take(store, s, &rows[found], arena, err) && store_step(store, s->statement, &row, "reading", err);
    if (s) sqlite3_reset(s->statement);
    store_leave(store);
    if (!ok) return false;
    *out = rows;
    *n = found;
    return true;
}
