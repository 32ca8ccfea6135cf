/* Who trained: rows of workers and of stints as they are written, read back, left behind by a process that died. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "base/conf.h"
#include "tests/store_checks.h"
#include "tuner/store/merge.h"
#include "tuner/store/repeat_rows.h"
#include "tuner/store/workers.h"

static Store *begin(StudyInfo *info)
{
    Store *store;
    StudyStart start;
    OK(store_open(path, STORE_WRITE, &store, &err));
    *info = fixture_study("a");
    OK(store_study_begin(store, info, &fixture_space, &start, &err));
    return store;
}

static int join_far(Store *store, const StudyInfo *info, int rank)
{
    WorkerRow row = {.name = rank == 3 ? "rank 3" : "rank 4", .host = "node-b", .pid = 4000 + rank, .rank = rank,
                     .seats = 2, .isa = "avx2", .memory_bytes = INT64_C(8) << 30, .version = "0.1.0"};
    OK(store_worker_joined(store, info->id, &row, &err));
    return row.worker;
}

static int join_here(Store *store, const StudyInfo *info)
{
    WorkerRow row = {.name = "pid 1", .rank = -1, .seats = 1};
    OK(store_worker_joined(store, info->id, &row, &err));
    return row.worker;
}

static void begin_trial(Store *store, const StudyInfo *info, FixtureTrial *trial, int number, int worker)
{
    fixture_trial(trial, number)->worker = worker;
    OK(store_trial_begin(store, info->id, &trial->row, &err));
}

static void end_trial(Store *store, FixtureTrial *trial, TrialState state, double seconds)
{
    fixture_end(&trial->row, 0.5);
    trial->row.state = state;
    trial->row.seconds = seconds;
    if (state == TRIAL_FAILED) trial->row.fail_code = "DIVERGED";
    OK(store_trial_end(store, &trial->row, NULL, 0, NULL, 0, NULL, 0, &err));
}

#define SUMS "SELECT name, done, failed, lost, busy_s, lost_s, reason FROM worker ORDER BY worker"

static void workers_come_back_as_they_came(void **state)
{
    (void)state;
    StudyInfo info;
    Store *store = begin(&info);
    assert_int_equal(join_here(store, &info), 1);
    assert_int_equal(join_far(store, &info, 3), 2);
    assert_int_equal(join_far(store, &info, 4), 3);
    OK(store_worker_left(store, info.id, 2, WORKER_SILENT, &err));
    OK(store_worker_left(store, info.id, 2, WORKER_LOST, &err)); /* it left once */
    Arena *arena = arena_create(0);
    WorkerRow *rows;
    int n;
    OK(store_workers(store, info.id, arena, &rows, &n, &err));
    assert_int_equal(n, 3);
    assert_true(rows[0].worker == 1 && rows[0].pid == getpid() && rows[0].rank == -1 && rows[0].seats == 1);
    assert_true(*rows[0].host && !rows[0].isa && !rows[0].version && rows[0].memory_bytes == 0);
    assert_true(rows[1].worker == 2 && rows[1].pid == 4003 && rows[1].rank == 3 && rows[1].seats == 2);
    assert_string_equal(rows[1].name, "rank 3");
    assert_string_equal(rows[1].host, "node-b");
    assert_string_equal(rows[1].isa, "avx2");
    assert_string_equal(rows[1].version, "0.1.0");
    assert_true(rows[1].memory_bytes == INT64_C(8) << 30);
    assert_string_equal(rows[1].reason, "silent");
    assert_true(rows[1].joined_utc[10] == 'T' && rows[1].left_utc[10] == 'T');
    assert_true(!rows[2].reason && !rows[2].left_utc && rows[2].joined_utc[10] == 'T');
    OK(store_study_end(store, info.id, "STOPPED", &err));
    check_query(store, "SELECT worker, reason, left_utc IS NULL FROM worker ORDER BY worker",
                "1|stopped|0;2|silent|0;3|stopped|0");
    WorkerRow late = {.name = "late", .rank = -1};
    REFUSED(store_worker_joined(store, info.id, &late, &err), "not begun with this store");
    OK(store_close(store, &err));
    /* the study goes on: numbers do, too */
    store = begin(&info);
    assert_int_equal(join_here(store, &info), 4);
    OK(store_study_end(store, info.id, "DONE", &err));
    check_query(store, "SELECT reason FROM worker WHERE worker = 4", "ended");
    OK(store_close(store, &err));
    arena_destroy(arena);
}

static void a_trial_is_its_workers(void **state)
{
    (void)state;
    StudyInfo info;
    FixtureTrial here, far, gone;
    Store *store = begin(&info);
    FixtureTrial before;
    begin_trial(store, &info, &before, 0, 0); /* nobody has said that it trains */
    end_trial(store, &before, TRIAL_COMPLETE, 3);
    join_here(store, &info);
    int b = join_far(store, &info, 3), c = join_far(store, &info, 4);
    begin_trial(store, &info, &here, 1, 0);
    begin_trial(store, &info, &far, 2, b);
    begin_trial(store, &info, &gone, 3, b);
    check_query(store, "SELECT number, worker FROM trial ORDER BY 1", "0|null;1|1;2|2;3|2");
    end_trial(store, &here, TRIAL_COMPLETE, 2);
    far.row.host = "node-b";
    far.row.pid = 4003;
    end_trial(store, &far, TRIAL_FAILED, 4.5);
    OK(store_attempt_lost(store, info.id, gone.row.id, 1, b, 7.25, &err));
    OK(store_worker_left(store, info.id, b, WORKER_LOST, &err));
    gone.row.worker = c;
    end_trial(store, &gone, TRIAL_COMPLETE, 8);
    check_query(store, "SELECT number, worker, pid FROM trial WHERE number = 2", "2|2|4003");
    check_query(store, "SELECT number, worker FROM trial WHERE number = 3", "3|3");
    check_query(store, SUMS, "pid 1|1|0|0|2|0|null;rank 3|1|1|1|4.5|7.25|lost;rank 4|1|0|0|8|0|null");
    check_query(store, "SELECT trial_id, n, worker, attempt, secs, how FROM stint", "4|1|2|1|7.25|lost");
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
}

static void pauses_leave_stints_and_count_once(void **state)
{
    (void)state;
    StudyInfo info;
    FixtureTrial trial;
    Store *store = begin(&info);
    join_here(store, &info);
    int b = join_far(store, &info, 3);
    begin_trial(store, &info, &trial, 0, b);
    end_trial(store, &trial, TRIAL_QUEUED, 2);
    trial.row.worker = 0; /* goes on here */
    trial.row.state = TRIAL_RUNNING;
    OK(store_trial_begin(store, info.id, &trial.row, &err));
    check_query(store, "SELECT worker, run_utc >= start_utc FROM trial", "1|1");
    end_trial(store, &trial, TRIAL_QUEUED, 5);
    trial.row.state = TRIAL_RUNNING;
    OK(store_trial_begin(store, info.id, &trial.row, &err));
    end_trial(store, &trial, TRIAL_COMPLETE, 9);
    check_query(store, SUMS, "pid 1|1|0|0|7|0|null;rank 3|0|0|0|2|0|null");
    Arena *arena = arena_create(0);
    StintRow *stints;
    int n;
    OK(store_stints(store, info.id, arena, &stints, &n, &err));
    assert_int_equal(n, 2);
    assert_true(stints[0].n == 1 && stints[0].worker == b && stints[0].seconds == 2 && stints[0].attempt == 1);
    assert_true(stints[1].n == 2 && stints[1].worker == 1 && stints[1].seconds == 3);
    assert_string_equal(stints[1].how, "paused");
    assert_int_equal(stints[1].trial_id, trial.row.id);
    OK(store_stints(store, info.id + 1, arena, &stints, &n, &err));
    assert_int_equal(n, 0);
    RepeatRow repeat = {.trial_id = trial.row.id, .run = 1, .state = TRIAL_COMPLETE, .value = 1, .value_sd = NAN,
                        .seconds = 0.5};
    OK(store_repeat(store, &repeat, &err)); /* the finals are work, too */
    check_query(store, "SELECT busy_s FROM worker WHERE worker = 1", "7.5");
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    arena_destroy(arena);
}

/* One trial paused once and running, one running, one interrupted; then it dies. */
static void die_at_work(void)
{
    FixtureTrial trial[3];
    StudyInfo info;
    Store *store = begin(&info);
    join_here(store, &info);
    join_far(store, &info, 3);
    begin_trial(store, &info, &trial[0], 0, 2);
    end_trial(store, &trial[0], TRIAL_QUEUED, 2);
    trial[0].row.state = TRIAL_RUNNING;
    OK(store_trial_begin(store, info.id, &trial[0].row, &err));
    begin_trial(store, &info, &trial[1], 1, 0);
    begin_trial(store, &info, &trial[2], 2, 0);
    end_trial(store, &trial[2], TRIAL_INTERRUPTED, 1.5);
    OK(store_flush(store, &err));
    _exit(0);
}

static void a_process_that_died_leaves_what_it_lost(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) die_at_work();
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    /* as if it had lived a while */
    assert_int_equal(sqlite3_exec(db, "UPDATE trial SET start_utc = '2026-01-01T00:00:00.000Z', heartbeat_utc ="
                                  " '2026-01-01T00:01:40.000Z' WHERE state = 'RUNNING'; UPDATE trial SET run_utc ="
                                  " '2026-01-01T00:01:00.000Z' WHERE number = 0; UPDATE worker SET joined_utc ="
                                  " '2025-12-31T23:59:59.000Z'; UPDATE lease SET heartbeat_utc ="
                                  " '2026-01-01T00:01:40.000Z'", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    StudyInfo info;
    FixtureTrial trial;
    Store *store = begin(&info);
    check_query(store, "SELECT worker, reason, left_utc, done, lost, busy_s, round(lost_s, 3) FROM worker ORDER BY"
                " worker", "1|lost|2026-01-01T00:01:40.000Z|0|1|0|101.5;2|lost|2026-01-01T00:01:40.000Z|0|1|2|40");
    check_query(store, "SELECT trial_id, n, worker, attempt, how FROM stint ORDER BY 1, 2",
                "1|1|2|1|forgotten;1|2|2|1|lost;2|1|1|1|lost;3|1|1|1|stopped");
    check_query(store, "SELECT trial_id, round(secs, 3), end_utc FROM stint WHERE how = 'lost' ORDER BY 1",
                "1|40|2026-01-01T00:01:40.000Z;2|100|2026-01-01T00:01:40.000Z");
    check_query(store, "SELECT count(worker), count(run_utc) FROM trial", "0|0");
    /* begun anew: what was forgotten is not taken off */
    fixture_trial(&trial, 0);
    assert_int_equal(join_here(store, &info), 3);
    OK(store_trial_begin(store, info.id, &trial.row, &err));
    end_trial(store, &trial, TRIAL_COMPLETE, 6);
    check_query(store, "SELECT done, busy_s FROM worker WHERE worker = 3", "1|6");
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
}

static const Space *read_space(Arena *arena)
{
    static const char yaml[] = "x: {min: 0.0, max: 9.0}\n";
    Conf *conf;
    Space *space;
    OK(conf_read_text("a.yaml", yaml, sizeof yaml - 1, arena, &conf, &err));
    OK(space_read(conf->root, NULL, NULL, arena, &space, &err));
    return space;
}

/* With parameters as that space has them. */
static void begin_in(const Space *space, Store *store, const StudyInfo *info, FixtureTrial *trial, int number,
                     int worker)
{
    const Value value = {VALUE_REAL, number, NULL};
    fixture_trial(trial, number)->worker = worker;
    snprintf(trial->params, sizeof trial->params, "{\"x\":%d}", number);
    space_hash(space, &value, trial->hash);
    OK(store_trial_begin(store, info->id, &trial->row, &err));
}

static void merged_trials_bring_their_workers(void **state)
{
    (void)state;
    char other[160];
    snprintf(other, sizeof other, "%s/other.db", folder);
    StudyInfo a, b = fixture_study("b");
    StudyStart start;
    FixtureTrial trial, second;
    Store *from, *into = begin(&a);
    join_here(into, &a);
    OK(store_study_end(into, a.id, "STOPPED", &err));
    OK(store_open(other, STORE_WRITE, &from, &err));
    OK(store_study_begin(from, &b, &fixture_space, &start, &err));
    join_here(from, &b); /* trains nothing, and stays where it is */
    int far = join_far(from, &b, 3);
    Arena *arena = arena_create(0);
    const Space *space = read_space(arena);
    begin_in(space, from, &b, &trial, 0, far);
    OK(store_attempt_lost(from, b.id, trial.row.id, 1, far, 3, &err));
    end_trial(from, &trial, TRIAL_COMPLETE, 2);
    MergeSide sides[2] = {{into, &a, folder, false}, {from, &b, folder, false}};
    MergeCount count;
    OK(store_flush(from, &err));
    for (int round = 0; round < 2; round++) {
        OK(merge_study(sides, 2, space, false, &count, &err));
        check_query(into, "SELECT number, worker FROM trial", "0|2");
        check_query(into, "SELECT trial_id, worker, how, secs FROM stint", "1|2|lost|3");
        check_query(into, "SELECT worker, name, done, lost FROM worker ORDER BY 1", "1|pid 1|0|0;2|rank 3|1|1");
    }
    /* more of the same worker's later: it is known again */
    begin_in(space, from, &b, &second, 1, far);
    end_trial(from, &second, TRIAL_COMPLETE, 2);
    OK(merge_study(sides, 2, space, false, &count, &err));
    assert_int_equal(count.n_merged, 1);
    check_query(into, "SELECT number, worker FROM trial ORDER BY 1", "0|2;1|2");
    check_query(into, "SELECT worker, name, done, lost FROM worker ORDER BY 1", "1|pid 1|0|0;2|rank 3|2|1");
    OK(store_study_end(from, b.id, "DONE", &err));
    OK(store_close(from, &err));
    OK(store_close(into, &err));
    arena_destroy(arena);
}

/* Cells that only a damaged or hostile file has. */
static void strange_rows_are_read_within_bounds(void **state)
{
    (void)state;
    StudyInfo info;
    Store *store = begin(&info);
    join_here(store, &info);
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "INSERT INTO worker (study_id, worker, name, host, rank, seats, joined_utc,"
                                  " busy_s) VALUES (1, 9223372036854775807, '', '', -9223372036854775807, -5, 'x',"
                                  " -1e999)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    Arena *arena = arena_create(0);
    WorkerRow *rows;
    int n;
    OK(store_open(path, STORE_READ, &store, &err));
    OK(store_workers(store, 1, arena, &rows, &n, &err));
    assert_int_equal(n, 2);
    assert_true(rows[1].seats == 0 && rows[1].worker == 1000000000 && rows[1].busy_s < 0);
    OK(store_close(store, &err));
    store = begin(&info); /* and the study goes on */
    WorkerRow row = {.name = "pid 1", .rank = -1};
    OK(store_worker_joined(store, info.id, &row, &err));
    OK(store_flush(store, &err));
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    arena_destroy(arena);
}

#define T(f) cmocka_unit_test_setup(f, empty)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(workers_come_back_as_they_came),
        T(a_trial_is_its_workers),
        T(pauses_leave_stints_and_count_once),
        T(a_process_that_died_leaves_what_it_lost),
        T(merged_trials_bring_their_workers),
        T(strange_rows_are_read_within_bounds),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
