/* Who trained: sums, seats and waiting of three hosts as counted second by second (tests/golden/crew.py); and what
 * a study has of one process, of none, or of nonsense. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utc.h"
#include "tests/golden/crew.h"
#include "tests/store_checks.h"
#include "tuner/insight/crew.h"

#define DAY "2026-01-01T00:00:00.000Z"
enum { N_WORKERS = sizeof golden_workers / sizeof *golden_workers, N_SPANS = sizeof golden_spans / sizeof *golden_spans };

static Arena *arena;

static void run_sql(Text *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql->bytes, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
    sqlite3_close(db);
    text_free(sql);
}

#define AT(s) "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', julianday('" DAY "') + " s " / 86400.0)"

static Store *begin(StudyInfo *info)
{
    Store *store;
    StudyStart start;
    OK(store_open(path, STORE_WRITE, &store, &err));
    *info = fixture_study("a");
    OK(store_study_begin(store, info, &fixture_space, &start, &err));
    return store;
}

static Store *reopen(Store *store)
{
    OK(store_close(store, &err));
    OK(store_open(path, STORE_READ, &store, &err));
    return store;
}

/* The study of the golden numbers, by the calls that a study makes; then its clock is set. */
static Store *golden_study(StudyInfo *info)
{
    Text sql = {0};
    FixtureTrial trial[64];
    Store *store = begin(info);
    for (int w = 0; w < N_WORKERS; w++) {
        WorkerRow row = {.name = golden_workers[w].name, .host = golden_workers[w].host, .pid = w + 1, .rank = w,
                         .seats = golden_workers[w].seats};
        OK(store_worker_joined(store, info->id, &row, &err));
        assert_int_equal(row.worker, w + 1);
    }
    for (int i = 0; i < N_SPANS; i++) {
        TrialRow *row = &trial[golden_spans[i].number].row;
        const int number = golden_spans[i].number;
        const double seconds = golden_spans[i].end - golden_spans[i].start;
        bool again = false;
        for (int k = 0; k < i; k++) again |= golden_spans[k].number == number;
        if (!again) {
            fixture_trial(&trial[number], number)->worker = golden_spans[i].worker + 1;
            OK(store_trial_begin(store, info->id, row, &err));
        }
        if (golden_spans[i].lost) {
            OK(store_attempt_lost(store, info->id, row->id, 1, golden_spans[i].worker + 1, seconds, &err));
            text_print(&sql, "UPDATE stint SET end_utc = " AT("%d") " WHERE trial_id = %d;", golden_spans[i].end,
                       (int)row->id);
            continue;
        }
        fixture_end(row, 0.5);
        row->seconds = seconds;
        row->worker = golden_spans[i].worker + 1;
        OK(store_trial_end(store, row, NULL, 0, NULL, 0, NULL, 0, &err));
        text_print(&sql, "UPDATE trial SET start_utc = " AT("%d") ", end_utc = " AT("%d") " WHERE number = %d;",
                   golden_spans[i].start, golden_spans[i].end, number);
    }
    for (int w = 0; w < N_WORKERS; w++)
        if (golden_workers[w].left != LAST) OK(store_worker_left(store, info->id, w + 1, WORKER_LOST, &err));
    OK(store_study_end(store, info->id, "DONE", &err));
    for (int w = 0; w < N_WORKERS; w++)
        text_print(&sql, "UPDATE worker SET joined_utc = " AT("%d") ", left_utc = " AT("%d") " WHERE worker = %d;",
                   golden_workers[w].came, golden_workers[w].left, w + 1);
    run_sql(&sql);
    return reopen(store);
}

static void near(double got, double want)
{
    if (!(fabs(got - want) < 0.02)) fail_msg("%.17g is not %.17g", got, want); /* times of milliseconds */
}

static void sums_and_waiting_are_those_counted_by_the_second(void **state)
{
    (void)state;
    StudyInfo info;
    Crew crew;
    TrialRow *trials;
    int n, spans_of[8] = {0};
    Store *store = golden_study(&info);
    OK(crew_read(store, info.id, NAN, arena, &crew, &err));
    OK(store_trials(store, info.id, arena, &trials, &n, &err));
    assert_true(isnan(crew.all.time.waiting_s));
    OK(crew_spans(store, info.id, trials, n, LOOKBACK, arena, &crew, &err));
    assert_int_equal(crew.n_workers, N_WORKERS);
    assert_true(crew.many);
    CrewTime sum = {0};
    for (int w = 0; w < N_WORKERS; w++) {
        near(crew.time[w].seats_s, golden_workers[w].seats_s);
        near(crew.time[w].busy_s, golden_workers[w].busy_s);
        near(crew.time[w].lost_s, golden_workers[w].lost_s);
        near(crew.time[w].waiting_s, golden_workers[w].waiting_s);
        assert_int_equal(crew.workers[w].done, golden_workers[w].done);
        assert_int_equal(crew.workers[w].lost, golden_workers[w].lost);
        sum.seats_s += golden_workers[w].seats_s, sum.busy_s += golden_workers[w].busy_s;
        sum.lost_s += golden_workers[w].lost_s, sum.waiting_s += golden_workers[w].waiting_s;
    }
    near(crew.all.time.seats_s, sum.seats_s);
    near(crew.all.time.busy_s, sum.busy_s);
    near(crew.all.time.lost_s, sum.lost_s);
    near(crew.all.time.waiting_s, sum.waiting_s);
    near(crew_share(&crew.all.time), sum.busy_s / sum.seats_s);
    near(crew.all.hours, LAST / 3600.0);
    assert_int_equal(crew.all.seats, MOST_SEATS);
    assert_int_equal(crew.n_hosts, 3);
    for (int h = 0; h < 3; h++) {
        assert_string_equal(crew.hosts[h].host, golden_hosts[h].host);
        assert_int_equal(crew.hosts[h].seats, golden_hosts[h].most);
    }
    assert_true(crew.hosts[1].workers == 2 && crew.hosts[1].gone == 1 && crew.hosts[1].here == 0);
    /* each span where it was, and one seat trains one trial at a time */
    assert_int_equal(crew.n_spans, N_SPANS);
    for (int i = 0; i < crew.n_spans; i++) {
        const CrewSpan *span = &crew.spans[i];
        near(span->start - utc_seconds(DAY), golden_spans[i].start);
        near(span->end - span->start, golden_spans[i].end - golden_spans[i].start);
        assert_true(span->lost == (golden_spans[i].lost == 1));
        assert_int_equal(span->number, trials[span->at].number);
        assert_true(span->lane >= 0 && span->lane < crew.workers[span->worker].seats);
        for (int k = 0; k < i; k++)
            if (crew.spans[k].worker == span->worker && crew.spans[k].lane == span->lane)
                assert_true(crew.spans[k].end <= span->start + 0.01);
        spans_of[span->worker]++;
    }
    for (int w = 0; w < N_WORKERS; w++)
        assert_int_equal(spans_of[w], golden_workers[w].done + golden_workers[w].lost);
    OK(store_close(store, &err));
}

static void trials_are_dealt_out_to_seats_again(void **state)
{
    (void)state;
    enum { N = sizeof replay_seconds / sizeof *replay_seconds };
    double seconds[N], waited;
    for (int i = 0; i < N; i++) seconds[i] = replay_seconds[i];
    for (size_t i = 0; i < sizeof golden_replays / sizeof *golden_replays; i++) {
        assert_true(crew_replay(seconds, N, golden_replays[i].seats, golden_replays[i].lookback, &waited));
        if (fabs(waited - golden_replays[i].waited) > 1e-12)
            fail_msg("%zu: %.17g, not %.17g", i, waited, golden_replays[i].waited);
    }
}

/* Eight seats on two hosts, a lookback of eight, and every tenth trial takes thirty times as long. */
static void much_waiting_has_a_cure(void **state)
{
    (void)state;
    StudyInfo info;
    Text sql = {0};
    Store *store = begin(&info);
    for (int w = 0; w < 2; w++) {
        WorkerRow row = {.name = "x", .host = w ? "a" : "b", .pid = w + 1, .rank = w, .seats = 4};
        OK(store_worker_joined(store, info.id, &row, &err));
    }
    for (int i = 0; i < 100; i++) {
        FixtureTrial trial;
        fixture_trial(&trial, i)->worker = 1 + i % 2;
        OK(store_trial_begin(store, info.id, &trial.row, &err));
        fixture_end(&trial.row, 0.5);
        trial.row.seconds = i % 10 ? 1 : 30;
        OK(store_trial_end(store, &trial.row, NULL, 0, NULL, 0, NULL, 0, &err));
    }
    OK(store_study_end(store, info.id, "DONE", &err));
    /* 390 s of training in 8 x 120 s of seats */
    text_print(&sql, "UPDATE worker SET joined_utc = '" DAY "', left_utc = " AT("%d"), 120);
    run_sql(&sql);
    store = reopen(store);
    Crew crew;
    OK(crew_read(store, info.id, NAN, arena, &crew, &err));
    const char *cure = crew_cure(store, info.id, &crew, 8, arena);
    assert_non_null(cure);
    assert_non_null(strstr(cure, "of the seats' time was waiting for slow trials within run.lookback: 8; a study with "));
    assert_null(crew_cure(store, info.id, &crew, 400, arena)); /* it is not the window */
    assert_null(crew_cure(store, info.id, &crew, 0, arena));
    OK(store_close(store, &err));
}

static void one_process_is_no_crew(void **state)
{
    (void)state;
    StudyInfo info;
    Crew crew;
    WorkerRow row = {.name = "pid 1", .rank = -1, .seats = 4};
    Store *store = begin(&info);
    OK(crew_read(store, info.id, 5, arena, &crew, &err));
    assert_true(crew.n_workers == 0 && crew.n_hosts == 0 && !crew.many && isnan(crew_share(&crew.all.time)));
    for (int run = 0; run < 2; run++) { /* and one that is started again is none either */
        if (run) store = begin(&info);
        OK(store_worker_joined(store, info.id, &row, &err));
        OK(store_study_end(store, info.id, "STOPPED", &err));
        OK(store_close(store, &err));
    }
    OK(store_open(path, STORE_READ, &store, &err));
    OK(crew_read(store, info.id, NAN, arena, &crew, &err));
    assert_int_equal(crew.n_workers, 2);
    assert_int_equal(crew.n_hosts, 1);
    assert_false(crew.many);
    assert_int_equal(crew.all.seats, 4);
    OK(store_close(store, &err));
}

static void what_runs_counts_until_now(void **state)
{
    (void)state;
    StudyInfo info;
    Crew crew;
    Text sql = {0};
    FixtureTrial trial[2];
    WorkerRow row = {.name = "pid 1", .rank = -1, .seats = 2};
    Store *store = begin(&info);
    OK(store_worker_joined(store, info.id, &row, &err));
    for (int i = 0; i < 2; i++) OK(store_trial_begin(store, info.id, fixture_trial(&trial[i], i), &err));
    OK(store_flush(store, &err));
    text_print(&sql, "UPDATE worker SET joined_utc = '" DAY "'; UPDATE trial SET start_utc = '" DAY "';"
               " UPDATE trial SET run_utc = " AT("%d") " WHERE number = 1;", 30);
    run_sql(&sql);
    OK(crew_read(store, info.id, utc_seconds(DAY) + 100, arena, &crew, &err));
    near(crew.all.time.seats_s, 200);
    near(crew.all.time.busy_s, 170);
    assert_true(crew.all.running == 2 && crew.hosts[0].running == 2 && crew.all.here == 1 && crew.all.seats == 2);
    store_close(store, NULL);
}

static void nonsense_gives_numbers_all_the_same(void **state)
{
    (void)state;
    StudyInfo info;
    Crew crew;
    Text sql = {0};
    TrialRow *trials;
    int n;
    Store *store = golden_study(&info);
    OK(store_close(store, &err));
    text_print(&sql, "UPDATE worker SET seats = 9223372036854775807, busy_s = -1e999 WHERE worker = 1;"
               "UPDATE worker SET joined_utc = 'yesterday', lost_s = 1e999 WHERE worker = 2;"
               "UPDATE worker SET joined_utc = '9999-12-31T00:00:00Z', host = '' WHERE worker = 3;"
               "UPDATE stint SET secs = -5, end_utc = '';UPDATE trial SET secs = 1e308 WHERE number = 4;"
               "UPDATE trial SET end_utc = 'x', worker = -3 WHERE number = 5;");
    run_sql(&sql);
    OK(store_open(path, STORE_READ, &store, &err));
    OK(crew_read(store, info.id, NAN, arena, &crew, &err));
    OK(store_trials(store, info.id, arena, &trials, &n, &err));
    OK(crew_spans(store, info.id, trials, n, LOOKBACK, arena, &crew, &err));
    for (int i = 0; i < crew.n_spans; i++) assert_true(crew.spans[i].lane >= 0 && isfinite(crew.spans[i].start));
    for (int w = 0; w < crew.n_workers; w++) {
        assert_true(isfinite(crew.time[w].seats_s) && crew.time[w].seats_s >= 0);
        assert_true(crew.time[w].busy_s >= 0 && isfinite(crew.time[w].busy_s) && crew.time[w].waiting_s >= 0);
    }
    Doc *doc = crew_doc(&crew, true);
    Text text = {0};
    assert_true(doc_print(doc, 0, &text));
    assert_null(strstr(text.bytes, "nan"));
    assert_null(strstr(text.bytes, "inf"));
    text_free(&text);
    doc_free(doc);
    crew_cure(store, info.id, &crew, LOOKBACK, arena);
    OK(store_close(store, &err));
}

static int begin_arena(void **state)
{
    arena = arena_create(0);
    return empty(state) || !arena;
}

static int end_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin_arena, end_arena)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(sums_and_waiting_are_those_counted_by_the_second),
        T(trials_are_dealt_out_to_seats_again),
        T(much_waiting_has_a_cure),
        T(one_process_is_no_crew),
        T(what_runs_counts_until_now),
        T(nonsense_gives_numbers_all_the_same),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
