/* What must not go wrong: kill -9 at any moment, full disks, damaged files, two sweeps at once, many
 * threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/rng.h"
#include "tests/store_checks.h"
#include "tuner/store/filesystem.h"
#include "tuner/store/guard.h"

static void run_sql(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

static Store *begin_with(const StoreHooks *hooks, StudyInfo *info, StudyStart *start)
{
    Store *store;
    OK(store_open_with(path, STORE_WRITE, hooks, &store, &err));
    *info = fixture_study("a");
    OK(store_study_begin(store, info, &fixture_space, start, &err));
    return store;
}

static Store *begin(StudyInfo *info, StudyStart *start)
{
    return begin_with(&(StoreHooks){0}, info, start);
}

/* ---- kill -9 -------------------------------------------------------------------------------------------- */

enum { EPOCHS = 4 };

/* A sweep with two trials under way at a time, which reports what was acknowledged. Ends only by being
 * killed, or with 1 when something failed. */
static void sweep(int report)
{
    Store *store;
    StudyInfo info = fixture_study("a");
    StudyStart start;
    Error why = {0};
    Arena *arena = arena_create(0);
    TrialRow *rows;
    int n, next = 0;
    if (!store_open(path, STORE_WRITE, &store, &why) ||
        !store_study_begin(store, &info, &fixture_space, &start, &why) ||
        !store_trials(store, info.id, arena, &rows, &n, &why))
        goto failed;
    for (int i = 0;; ) {
        FixtureTrial trial[2];
        for (int k = 0; k < 2; k++) {
            while (i < n && rows[i].state != TRIAL_QUEUED) i++;
            int number = i < n ? rows[i++].number : n + next++;
            if (!store_trial_begin(store, info.id, fixture_trial(&trial[k], number), &why)) goto failed;
        }
        for (int e = 1; e <= EPOCHS; e++)
            for (int k = 0; k < 2; k++) {
                EpochRow epoch = fixture_epoch(trial[k].row.number, e);
                if (!store_epoch(store, trial[k].row.id, &epoch, &why)) goto failed;
            }
        for (int k = 1; k >= 0; k--) {
            int64_t counts[9] = {5, 1, 0, 0, 5, 0, 0, 0, trial[k].row.number + 1};
            fixture_end(&trial[k].row, trial[k].row.number);
            if (!store_trial_end(store, &trial[k].row, &(MetricRow){"val", -1, "mcc", 0.5, NAN, NAN}, 1,
                                 &(ConfusionRow){"val", 3, counts}, 1, NULL, 0, &why))
                goto failed;
            int number = trial[k].row.number;
            if (write(report, &number, sizeof number) != sizeof number) _exit(2);
        }
    }
failed:
    fprintf(stderr, "%s\n", why.message);
    _exit(1);
}

static void wait_ms(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

static void survives_being_killed_at_any_moment(void **state)
{
    (void)state;
    enum { ROUNDS = 25, MOST = 20000 };
    static bool acknowledged[MOST];
    Rng rng = rng_stream(3, 0, RNG_TEST);
    int n_acknowledged = 0, n_recovered = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int report[2];
        assert_int_equal(pipe(report), 0);
        pid_t child = fork();
        if (child == 0) {
            close(report[0]);
            sweep(report[1]);
        }
        close(report[1]);
        /* Some while they open and recover, most in the middle of their work. */
        int patience = round % 5 ? 1 + (int)rng_below(&rng, 20) : 0, status, number;
        for (bool alive = true;;) {
            if (alive && patience-- <= 0) {
                wait_ms((int)rng_below(&rng, round % 5 ? 4 : 25));
                kill(child, SIGKILL);
                alive = false;
            }
            if (read(report[0], &number, sizeof number) != sizeof number) break;
            assert_true(number >= 0 && number < MOST);
            assert_false(acknowledged[number]); /* nothing finished is run again */
            acknowledged[number] = true;
            n_acknowledged++;
        }
        close(report[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status)); /* it did not end by itself */

        /* As it lies there: readers must manage with what was left behind. */
        struct stat st;
        if (stat(path, &st) != 0 || st.st_size == 0) continue; /* killed before the first byte */
        check_sound();
        Store *store;
        Arena *arena = arena_create(0);
        OK(store_open(path, STORE_READ, &store, &err));
        StudyInfo *studies;
        TrialRow *rows;
        int n, seen = 0;
        OK(store_studies(store, arena, &studies, &n, &err));
        if (n == 1) {
            OK(store_trials(store, studies[0].id, arena, &rows, &n, &err));
            for (int i = 0; i < n; i++) {
                assert_int_equal(rows[i].number, i);
                assert_int_equal(rows[i].id, i + 1);
                if (acknowledged[i]) assert_int_equal(rows[i].state, TRIAL_COMPLETE), seen++;
                if (rows[i].state == TRIAL_COMPLETE) assert_true(rows[i].value == i);
                else if (rows[i].state == TRIAL_RUNNING) n_recovered++;
            }
        }
        assert_int_equal(seen, n_acknowledged);
        check_query(store, "SELECT count(*) FROM trial t WHERE state = 'COMPLETE' AND ("
                    " (SELECT count(*) FROM epoch e WHERE e.trial_id = t.trial_id) <> 4 OR"
                    " (SELECT count(*) FROM metric m WHERE m.trial_id = t.trial_id) <> 1 OR"
                    " (SELECT count(*) FROM confusion c WHERE c.trial_id = t.trial_id) <> 4)", "0");
        OK(store_close(store, &err));
        arena_destroy(arena);
    }
    assert_true(n_acknowledged > 20 && n_recovered > 0);
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, &start);
    check_query(store, "SELECT count(*) FROM trial WHERE state IN ('RUNNING', 'INTERRUPTED')", "0");
    check_query(store, "SELECT count(*) FROM epoch JOIN trial USING (trial_id) WHERE state <> 'COMPLETE'", "0");
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    check_sound();
}

/* A writer without WAL, killed in the middle of a commit, leaves a journal that must be rolled back before
 * the file means anything. */
static void readers_roll_back_what_a_killed_writer_left(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, &start);
    for (int i = 0; i < 200; i++) {
        FixtureTrial t;
        OK(store_trial_begin(store, info.id, fixture_trial(&t, i), &err));
    }
    OK(store_close(store, &err));
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db;
        sqlite3_open(path, &db);
        sqlite3_exec(db, "PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE trial SET source = 'half';"
                     "UPDATE param SET num = 7", NULL, NULL, NULL);
        _exit(0); /* without COMMIT; the small cache has spilled into the file */
    }
    waitpid(child, NULL, 0);
    char journal[200];
    snprintf(journal, sizeof journal, "%s-journal", path);
    assert_true(file_exists(journal));
    OK(store_open(path, STORE_READ, &store, &err));
    check_query(store, "SELECT count(*) FROM trial WHERE source = 'tuner'", "200");
    OK(store_close(store, &err));
    check_sound();
}

static void explains_what_it_cannot_read_without_writing(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    int report[2], number;
    assert_int_equal(pipe(report), 0);
    pid_t child = fork();
    if (child == 0) sweep(report[1]);
    assert_int_equal(read(report[0], &number, sizeof number), sizeof number);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(report[0]);
    close(report[1]);
    char shm[200];
    snprintf(shm, sizeof shm, "%s-shm", path);
    unlink(shm); /* as when a copy of the other two is mounted read-only */
    Store *store = NULL;
    assert_int_equal(seteuid(65534), 0);
    Error why = {0};
    bool opened = store_open(path, STORE_READ, &store, &why);
    assert_int_equal(seteuid(0), 0);
    assert_false(opened);
    assert_non_null(strstr(why.message, "the run that wrote it was killed"));
    OK(store_open(path, STORE_READ, &store, &err));
    OK(store_close(store, &err));
}

/* ---- recovery ---------------------------------------------------------------------------------------------- */

/* A process that begins trial 0 with something of everything, and dies. */
static void die_in_trial(int number)
{
    pid_t child = fork();
    if (child == 0) {
        Store *store;
        StudyInfo info = fixture_study("a");
        StudyStart start;
        FixtureTrial t;
        EpochRow epoch = fixture_epoch(0, 1);
        Error why;
        bool ok = store_open(path, STORE_WRITE, &store, &why) &&
                  store_study_begin(store, &info, &fixture_space, &start, &why) &&
                  store_trial_begin(store, info.id, fixture_trial(&t, number), &why) &&
                  store_epoch(store, t.row.id, &epoch, &why) && store_flush(store, &why);
        _exit(ok ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void a_trial_that_kills_ten_processes_is_given_up(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Arena *arena = arena_create(0);
    TrialRow *rows;
    int n;
    for (int i = 1; i <= 10; i++) {
        die_in_trial(0);
        if (i == 10) break;
        Store *store = begin(&info, &start);
        assert_int_equal(start.n_trials, 1);
        assert_int_equal(start.n_recovered, 1);
        assert_int_equal(start.n_crashed, 0);
        OK(store_trials(store, info.id, arena, &rows, &n, &err));
        assert_int_equal(rows[0].state, TRIAL_QUEUED);
        assert_int_equal(rows[0].attempt, i + 1);
        assert_int_equal(rows[0].epochs, 0);
        assert_null(rows[0].start_utc);
        check_query(store, "SELECT count(*) FROM epoch", "0");
        OK(store_count_events(store, info.id, "RECOVERED", &n, &err));
        assert_int_equal(n, i);
        OK(store_close(store, &err)); /* gives the lease back, leaves the row QUEUED */
    }
    Store *store = begin(&info, &start);
    assert_int_equal(start.n_recovered, 0);
    assert_int_equal(start.n_crashed, 1);
    OK(store_trials(store, info.id, arena, &rows, &n, &err));
    assert_int_equal(rows[0].state, TRIAL_FAILED);
    assert_string_equal(rows[0].fail_code, "CRASHED");
    OK(store_count_events(store, info.id, "CRASHED", &n, &err));
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].fail_text, "the process died 10 times while it ran this trial");
    FixtureTrial t;
    REFUSED(store_trial_begin(store, info.id, fixture_trial(&t, 0), &err), "numbers come in order");
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 1), &err));
    OK(store_close(store, &err));
    arena_destroy(arena);
}

static void an_interrupted_trial_is_run_again_as_often_as_need_be(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    for (int i = 1; i <= 5; i++) {
        Store *store = begin(&info, &start);
        assert_int_equal(start.n_recovered, i > 1);
        assert_int_equal(start.n_crashed, 0);
        FixtureTrial t;
        OK(store_trial_begin(store, info.id, fixture_trial(&t, 0), &err));
        assert_int_equal(t.row.id, 1);
        assert_int_equal(t.row.attempt, i);
        MetricRow metric = {"val", -1, "mcc", 0.5, NAN, NAN};
        ArtifactRow artifact = {"weights", "x", 1, NULL};
        int64_t counts[9] = {1};
        fixture_end(&t.row, 0.5);
        t.row.state = TRIAL_INTERRUPTED;
        OK(store_trial_end(store, &t.row, &metric, 1, &(ConfusionRow){"val", 3, counts}, 1, &artifact, 1,
                           &err));
        OK(store_study_end(store, info.id, "STOPPED", &err));
        OK(store_close(store, &err));
    }
    Store *store = begin(&info, &start);
    check_query(store, "SELECT state, attempt, crashes, value, epochs, best_epoch, secs, end_utc FROM trial",
                "QUEUED|6|0|null|0|null|null|null");
    check_query(store, "SELECT (SELECT count(*) FROM metric) + (SELECT count(*) FROM confusion) +"
                " (SELECT count(*) FROM artifact)", "0");
    check_query(store, "SELECT count(*) FROM param", "7"); /* what it is stays */
    /* what waits must be asked again as it was */
    FixtureTrial t;
    fixture_trial(&t, 0);
    t.row.params_hash = "something else";
    OK(store_trial_begin(store, info.id, &t.row, &err));
    REFUSED(store_flush(store, &err), "another configuration under this number");
    REFUSED(store_close(store, &err), "another configuration");
}

static void a_late_result_does_not_overwrite(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, &start);
    FixtureTrial t;
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 0), &err));
    OK(store_flush(store, &err));
    run_sql("UPDATE trial SET attempt = 2");
    fixture_end(&t.row, 0.5);
    OK(store_trial_end(store, &t.row, &(MetricRow){"val", -1, "mcc", 1, 1, 1}, 1, NULL, 0, NULL, 0, &err));
    check_query(store, "SELECT state, value, (SELECT count(*) FROM metric) FROM trial", "RUNNING|null|0");
    check_query(store, "SELECT trial_id, text FROM event WHERE code = 'LATE_RESULT'",
                "1|a result of attempt 1 came late and was dropped");
    t.row.attempt = 2;
    OK(store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, &err));
    check_query(store, "SELECT state, value FROM trial", "COMPLETE|0.5");
    t.row.id = 99;
    REFUSED(store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, &err), "not in the database");
    store_close(store, NULL);
}

/* ---- the lease ----------------------------------------------------------------------------------------------- */

static void one_study_has_one_sweep(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    int go[2], ready[2];
    char byte = 0, words[40];
    assert_int_equal(pipe(go) | pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        Store *store;
        Error why;
        FixtureTrial t;
        info = fixture_study("a");
        bool ok = store_open(path, STORE_WRITE, &store, &why) &&
                  store_study_begin(store, &info, &fixture_space, &start, &why) &&
                  store_trial_begin(store, info.id, fixture_trial(&t, 0), &why) && store_flush(store, &why);
        byte = ok;
        if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(1);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    Store *store = NULL, *second;
    snprintf(words, sizeof words, "is being run by pid %d on host", (int)child);
    if (store_library_has_wal_fix()) {
        OK(store_open(path, STORE_WRITE, &store, &err));
        info = fixture_study("a");
        REFUSED(store_study_begin(store, &info, &fixture_space, &start, &err), words);
        OK(store_close(store, &err));
    } else {
        REFUSED(store_open(path, STORE_WRITE, &store, &err), words);
    }
    assert_non_null(strstr(err.message, " UTC"));
    OK(store_open(path, STORE_READ, &store, &err)); /* reading is always possible */
    check_query(store, "SELECT state FROM trial", "RUNNING");
    OK(store_close(store, &err));
    kill(child, SIGKILL);
    siginfo_t gone;
    waitid(P_PID, (id_t)child, &gone, WEXITED | WNOWAIT); /* dead, not yet buried */
    store = begin(&info, &start);
    assert_int_equal(start.n_recovered, 1);
    waitpid(child, NULL, 0);
    /* a second store of this process may write, but not run the same study */
    OK(store_open(path, STORE_WRITE, &second, &err));
    StudyInfo again = fixture_study("a"), other = fixture_study("b");
    REFUSED(store_study_begin(second, &again, &fixture_space, &start, &err), "run by this very process");
    OK(store_study_begin(second, &other, &fixture_space, &start, &err));
    OK(store_close(second, &err));
    OK(store_close(store, &err));
    store = begin(&info, &start); /* closing gave the lease back */
    OK(store_close(store, &err));
    close(go[0]), close(go[1]), close(ready[0]), close(ready[1]);
}

static void a_lease_is_worth_as_much_as_its_process(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, &start);
    OK(store_close(store, &err));
    Holder self;
    holder_self(&self);
    assert_true(self.started > 0 && self.pid == getpid() && strlen(self.boot_id) == 36);
    Holder p = self;
    assert_true(holder_alive(&p, &self, 1e9));
    p.started++; /* the pid was used again */
    assert_false(holder_alive(&p, &self, 0));
    p = self;
    p.pid = 0x3fffffff;
    assert_false(holder_alive(&p, &self, 0));
    p = self;
    p.boot_id[0] ^= 1;
    assert_false(holder_alive(&p, &self, 0));
    p = self;
    p.pid_space++; /* in another container: its pid says nothing here */
    assert_true(holder_alive(&p, &self, 10));
    assert_false(holder_alive(&p, &self, 20));
    run_sql("INSERT INTO lease VALUES (1, 'elsewhere', 'x', 4711, 1, 1, '2026-11-23T12:03:00.000Z',"
            " strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))");
    if (!store_library_has_wal_fix())
        REFUSED(store_open(path, STORE_WRITE, &store, &err),
                "study \"a\" is being run by pid 4711 on host elsewhere since 2026-11-23 12:03 UTC");
    run_sql("UPDATE lease SET heartbeat_utc = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-16 seconds')");
    store = begin_with(&(StoreHooks){.beat_ms = 20}, &info, &start);
    assert_string_equal(store_notice(store, 0), "pid 4711 on host elsewhere ran it last and has given no sign of"
                        " life for 0 s; it is taken over");
    /* and the other way round: somebody takes it from us */
    FixtureTrial t;
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 0), &err));
    OK(store_flush(store, &err));
    run_sql("UPDATE lease SET pid = pid + 1");
    fixture_end(&t.row, 0.5);
    REFUSED(store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, &err), "another process took this study");
    REFUSED(store_close(store, &err), "another process took this study");
    run_sql("DELETE FROM lease WHERE pid = 0");
    OK(store_open(path, STORE_READ, &store, &err));
    check_query(store, "SELECT state, value FROM trial", "RUNNING|null");
    check_query(store, "SELECT count(*) FROM lease", "1"); /* theirs */
    OK(store_close(store, &err));
}

/* Clocks of two machines need not agree, and either may be set. What beats is alive, whatever the time it beats
 * with; what stands still is dead, even if its last beat is yet to come. */
static void a_clock_that_jumps_neither_steals_nor_blocks(void **state)
{
    (void)state;
    static const char *const shifts[] = {"+3 hours", "-3 hours", "+90 days", "-20 hours"};
    const StoreHooks hooks = {.beat_ms = 10000}; /* watched for half a minute, or until it beats */
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, &start);
    OK(store_study_end(store, info.id, "STOPPED", &err));
    OK(store_close(store, &err));
    for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) {
        char sql[200], word[20];
        snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO lease VALUES (1, 'elsewhere', 'x', 4711, 1, 1,"
                 " '2026-11-23T12:03:00.000Z', strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now', '%s'))", shifts[i]);
        run_sql(sql);
        int ready[2];
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        if (child == 0) {
            sqlite3 *db;
            sqlite3_open(path, &db);
            sqlite3_busy_timeout(db, 5000);
            for (bool first = true;; first = false) {
                sqlite3_exec(db, sql, NULL, NULL, NULL);
                if (first && write(ready[1], "x", 1) != 1) _exit(1);
                wait_ms(100);
            }
        }
        assert_int_equal(read(ready[0], word, 1), 1);
        bool opened = store_open_with(path, STORE_WRITE, &hooks, &store, &err);
        bool begun = opened && store_study_begin(store, &info, &fixture_space, &start, &err);
        if (opened) store_close(store, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(ready[0]), close(ready[1]);
        assert_false(begun);
        if (!strstr(err.message, "is being run by pid 4711")) fail_msg("%s: %s", shifts[i], err.message);
        store = begin_with(&(StoreHooks){.beat_ms = 20}, &info, &start); /* and now it stands still */
        OK(store_study_end(store, info.id, "STOPPED", &err));
        OK(store_close(store, &err));
    }
}

static void the_writer_has_a_heart(void **state)
{
    (void)state;
    Store *store, *reader;
    StudyInfo info = fixture_study("a");
    StudyStart start;
    FixtureTrial t;
    OK(store_open_with(path, STORE_WRITE, &(StoreHooks){.beat_ms = 20}, &store, &err));
    OK(store_study_begin(store, &info, &fixture_space, &start, &err));
    OK(store_trial_begin(store, info.id, fixture_trial(&t, 0), &err));
    OK(store_flush(store, &err));
    OK(store_open(path, STORE_READ, &reader, &err));
    bool beats = false;
    for (int i = 0; i < 60000 && !beats; i++) {
        Text out = {0};
        wait_ms(10);
        OK(ask(reader, "SELECT t.heartbeat_utc > t.start_utc AND l.heartbeat_utc > l.since_utc"
               " FROM trial t, lease l", &out, &err));
        beats = strcmp(out.bytes, "1") == 0;
        text_free(&out);
    }
    assert_true(beats);
    check_query(reader, "SELECT trial, heartbeat_age_s < 60 FROM running", "0|1");
    OK(store_close(reader, &err));
    OK(store_close(store, &err));
}

/* ---- threads ----------------------------------------------------------------------------------------------- */

typedef struct {
    Store *store;
    int64_t study_id;
    pthread_mutex_t numbers;
    int next, n_trials, n_epochs;
    atomic_int n_errors, running, n_reads;
    Error error; /* of one of them */
} Crowd;

static void *crowd_writer(void *context)
{
    Crowd *crowd = context;
    Error why;
    for (;;) {
        FixtureTrial t;
        pthread_mutex_lock(&crowd->numbers);
        int number = crowd->next++;
        bool more = number < crowd->n_trials;
        bool ok = !more || store_trial_begin(crowd->store, crowd->study_id, fixture_trial(&t, number), &why);
        pthread_mutex_unlock(&crowd->numbers);
        if (!more) break;
        for (int e = 1; ok && e <= crowd->n_epochs; e++) {
            EpochRow epoch = fixture_epoch(number, e);
            ok = store_epoch(crowd->store, t.row.id, &epoch, &why);
        }
        int64_t counts[9] = {number + 1, 1, 0, 0, 5, 0, 0, 0, 3};
        MetricRow metrics[] = {{"val", -1, "f1_macro", 0.5, 0.4, 0.6}, {"val", 0, "mcc", 0.5, NAN, NAN}};
        ArtifactRow artifact = {"weights", t.hash, 10, t.hash};
        fixture_end(&t.row, sin(number));
        ok = ok && store_trial_end(crowd->store, &t.row, metrics, 2, &(ConfusionRow){"val", 3, counts}, 1,
                                   &artifact, 1, &why);
        if (ok && number % 3 == 0) ok = store_artifact_drop(crowd->store, t.row.id, "weights", &why);
        if (!ok) {
            atomic_fetch_add(&crowd->n_errors, 1);
            crowd->error = why;
            break;
        }
    }
    return NULL;
}

static void *crowd_reader(void *context)
{
    Crowd *crowd = context;
    Arena *arena = arena_create(0);
    Store *store = NULL;
    Error why;
    bool ok = store_open(path, STORE_READ, &store, &why);
    while (ok && atomic_load(&crowd->running)) {
        TrialRow *rows;
        int n;
        Text out = {0};
        arena_reset(arena);
        ok = store_trials(store, crowd->study_id, arena, &rows, &n, &why) &&
             ask(store, "SELECT count(*), max(value) FROM a", &out, &why) &&
             ask(store, "SELECT * FROM leaderboard LIMIT 3", &out, &why);
        text_free(&out);
        for (int i = 0; ok && i < n; i++) /* never half a trial */
            if (rows[i].number != i || (rows[i].state == TRIAL_COMPLETE && isnan(rows[i].value)))
                ok = error_set(&why, ERR_STORE, "row %d is odd", i);
        atomic_fetch_add(&crowd->n_reads, 1);
        wait_ms(1);
    }
    if (ok) ok = store_close(store, &why);
    if (!ok) {
        atomic_fetch_add(&crowd->n_errors, 1);
        crowd->error = why;
    }
    arena_destroy(arena);
    return NULL;
}

static void run_crowd(const StoreHooks *hooks, int n_writers, int n_readers, int n_trials, int n_epochs)
{
    pthread_t threads[32];
    Crowd crowd = {.n_trials = n_trials, .n_epochs = n_epochs, .running = 1};
    pthread_mutex_init(&crowd.numbers, NULL);
    StudyInfo info = fixture_study("a");
    StudyStart start;
    OK(store_open_with(path, STORE_WRITE, hooks, &crowd.store, &err));
    OK(store_study_begin(crowd.store, &info, &fixture_space, &start, &err));
    crowd.study_id = info.id;
    for (int i = 0; i < n_writers + n_readers; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i < n_writers ? crowd_writer : crowd_reader, &crowd), 0);
    for (int i = 0; i < n_writers; i++) pthread_join(threads[i], NULL);
    atomic_store(&crowd.running, 0);
    for (int i = n_writers; i < n_writers + n_readers; i++) pthread_join(threads[i], NULL);
    if (atomic_load(&crowd.n_errors)) fail_msg("%s", crowd.error.message);
    char want[60];
    snprintf(want, sizeof want, "%d|%d", n_trials, n_trials * n_epochs);
    check_query(crowd.store, "SELECT (SELECT count(*) FROM trial WHERE state = 'COMPLETE'),"
                " (SELECT count(*) FROM epoch)", want);
    OK(store_study_end(crowd.store, info.id, "DONE", &err));
    OK(store_close(crowd.store, &err));
    pthread_mutex_destroy(&crowd.numbers);
    check_sound();
}

static void many_threads_lose_nothing(void **state)
{
    (void)state;
    run_crowd(&(StoreHooks){0}, 16, 4, 48, 100);
}

static void a_rollback_journal_does_as_well(void **state)
{
    (void)state;
    run_crowd(&(StoreHooks){.rollback_journal = true}, 4, 2, 12, 50);
    Store *store;
    OK(store_open(path, STORE_READ, &store, &err));
    check_query(store, "SELECT count(*) FROM event WHERE code = 'JOURNAL' AND text LIKE 'rollback journal%'", "1");
    OK(store_close(store, &err));
}

static void content_does_not_depend_on_who_was_first(void **state)
{
    (void)state;
    run_crowd(&(StoreHooks){0}, 1, 0, 24, 10);
    Text one = store_dump();
    folder_empty();
    run_crowd(&(StoreHooks){0}, 8, 1, 24, 10);
    Text eight = store_dump();
    assert_true(one.n > 20000);
    assert_int_equal(one.n, eight.n);
    assert_memory_equal(one.bytes, eight.bytes, one.n);
    text_free(&one);
    text_free(&eight);
}

/* ---- disks ------------------------------------------------------------------------------------------------------ */

/* Writes trials until that fails; returns how many were acknowledged. */
static int fill(Store *store, int64_t study_id, Error *why)
{
    for (int number = 0; number < 5000; number++) {
        FixtureTrial t;
        bool ok = store_trial_begin(store, study_id, fixture_trial(&t, number), why);
        for (int e = 1; ok && e <= 20; e++) {
            EpochRow epoch = fixture_epoch(number, e);
            ok = store_epoch(store, t.row.id, &epoch, why);
        }
        fixture_end(&t.row, number);
        ok = ok && store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, why);
        if (!ok) return number;
    }
    return -1;
}

static void check_kept(int n_acknowledged)
{
    Store *store;
    char want[40];
    check_sound();
    OK(store_open(path, STORE_READ, &store, &err));
    snprintf(want, sizeof want, "%d|%d", n_acknowledged, n_acknowledged * 20);
    check_query(store, "SELECT count(DISTINCT trial_id), count(*) FROM trial JOIN epoch USING (trial_id)"
                " WHERE state = 'COMPLETE'", want);
    OK(store_close(store, &err));
}

static void a_full_disk_is_said_once_and_stays_said(void **state)
{
    (void)state;
    Store *store;
    StudyInfo info = fixture_study("a");
    StudyStart start;
    OK(store_open_with(path, STORE_WRITE, &(StoreHooks){.max_pages = 60}, &store, &err));
    OK(store_study_begin(store, &info, &fixture_space, &start, &err));
    Error first = {0};
    int n = fill(store, info.id, &first);
    assert_true(n > 3);
    assert_int_equal(first.code, ERR_IO);
    if (!strstr(first.message, "the disk is full")) fail_msg("%s", first.message);
    FixtureTrial t;
    EpochRow epoch = fixture_epoch(0, 1);
    REFUSED(store_epoch(store, 1, &epoch, &err), first.message);
    REFUSED(store_trial_begin(store, info.id, fixture_trial(&t, 6000), &err), first.message);
    REFUSED(store_event(store, info.id, 0, "X", NULL, &err), first.message);
    REFUSED(store_study_end(store, info.id, "DONE", &err), first.message);
    REFUSED(store_ensemble_add(store, info.id, &(EnsembleRow){.method = "m", .metric = "m"}, &err), first.message);
    char want[40];
    snprintf(want, sizeof want, "%d", n); /* reading still works */
    check_query(store, "SELECT count(*) FROM trial WHERE state = 'COMPLETE'", want);
    REFUSED(store_close(store, &err), first.message);
    check_kept(n);
    store = begin(&info, &start); /* there is room again */
    assert_true(start.resumed && start.n_trials >= n && start.n_crashed == 0);
    OK(store_close(store, &err));
}

static void a_file_that_may_not_grow_is_a_full_disk(void **state)
{
    (void)state;
    for (int rollback = 0; rollback < 2; rollback++) {
        folder_empty();
        int report[2], n = -1;
        assert_int_equal(pipe(report), 0);
        pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            struct rlimit limit = {300 << 10, 300 << 10};
            setrlimit(RLIMIT_FSIZE, &limit);
            Store *store;
            Error why = {0};
            StudyInfo info = fixture_study("a");
            StudyStart start;
            if (!store_open_with(path, STORE_WRITE, &(StoreHooks){.rollback_journal = rollback}, &store, &why) ||
                !store_study_begin(store, &info, &fixture_space, &start, &why))
                _exit(1);
            n = fill(store, info.id, &why);
            Error again = {0};
            bool closed = store_close(store, &again);
            if (write(report[1], &n, sizeof n) != sizeof n) _exit(2);
            if (strstr(why.message, "disk is full") && !closed && strcmp(why.message, again.message) == 0)
                _exit(0);
            fprintf(stderr, "%s\n%s\n", why.message, again.message);
            _exit(3);
        }
        int status;
        assert_int_equal(read(report[0], &n, sizeof n), sizeof n);
        waitpid(child, &status, 0);
        close(report[0]), close(report[1]);
        assert_int_equal(status, 0);
        assert_true(n > 3);
        check_kept(n);
    }
}

/* A running study with trial 0 acknowledged and trial 1 under way. */
static Store *running(FixtureTrial t[2])
{
    StudyInfo info;
    StudyStart start;
    folder_empty();
    Store *store = begin(&info, &start);
    for (int i = 0; i < 2; i++) OK(store_trial_begin(store, info.id, fixture_trial(&t[i], i), &err));
    fixture_end(&t[0].row, 0.5);
    OK(store_trial_end(store, &t[0].row, NULL, 0, NULL, 0, NULL, 0, &err));
    fixture_end(&t[1].row, 1);
    return store;
}

static bool end_of_trial(Store *store, FixtureTrial *t)
{
    return store_trial_end(store, &t->row, NULL, 0, NULL, 0, NULL, 0, &err);
}

/* The copy is whole; put in place, the study goes on from it. */
static void check_rescued(const char *name)
{
    char copy[200];
    snprintf(copy, sizeof copy, "%s/%s", folder, name);
    if (!strstr(err.message, copy)) fail_msg("%s", err.message);
    assert_int_equal(rename(copy, path), 0);
    check_sound();
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, &start);
    check_query(store, "SELECT number, state, value FROM trial", "0|COMPLETE|0.5;1|QUEUED|null");
    OK(store_close(store, &err));
}

static void what_was_deleted_is_rescued(void **state)
{
    (void)state;
    FixtureTrial t[2];
    for (int replaced = 0; replaced < 2; replaced++) {
        Store *store = running(t);
        unlink(path);
        if (replaced) fclose(fopen(path, "w"));
        REFUSED(end_of_trial(store, &t[1]), "deleted, moved or replaced");
        assert_int_equal(err.code, ERR_STORE);
        REFUSED(store_close(store, &err), "move that file there and run the same command again");
        check_rescued("trials.rescued.db");
    }
    Store *store = running(t);
    char aside[200], other[200];
    snprintf(aside, sizeof aside, "%s/trials.rescued.db", folder); /* nothing is written over */
    fclose(fopen(aside, "w"));
    snprintf(other, sizeof other, "%s/moved.db", folder);
    assert_int_equal(rename(path, other), 0);
    REFUSED(end_of_trial(store, &t[1]), "deleted, moved or replaced");
    REFUSED(store_close(store, &err), "deleted, moved or replaced");
    check_rescued("trials.rescued-2.db");
    store = running(t);
    char elsewhere[200];
    snprintf(elsewhere, sizeof elsewhere, "%s.moved", folder);
    assert_int_equal(rename(folder, elsewhere), 0);
    bool ended = end_of_trial(store, &t[1]);
    store_close(store, NULL);
    assert_int_equal(rename(elsewhere, folder), 0);
    assert_false(ended);
    assert_non_null(strstr(err.message, "no copy could be kept"));
}

static void overwrite(const char *name, off_t at, size_t n)
{
    static const char rubbish[1 << 16] = {1, 2, 3};
    FILE *file = fopen(name, "r+b");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    assert_int_equal(fwrite(rubbish, 1, n, file), n);
    fclose(file);
}

static void what_was_overwritten_is_noticed(void **state)
{
    (void)state;
    for (int how = 0; how < 4; how++) {
        FixtureTrial t[2];
        Store *store = running(t);
        store_enter(store); /* what the journal has is not lost with the file */
        OK(store_exec(store, "PRAGMA wal_checkpoint(TRUNCATE)", &err));
        store_guard_mark(store);
        store_leave(store);
        wait_ms(20); /* times of change have steps of a few milliseconds */
        pid_t child = fork(); /* in another process: closing a file drops our locks on it */
        if (child == 0) {
            if (how == 0) overwrite(path, 0, 100);
            else if (how == 1) overwrite(path, 8192, 1 << 14);
            else if (truncate(path, how == 2 ? 0 : 20000) != 0) _exit(1);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        REFUSED(end_of_trial(store, &t[1]), "cut off or overwritten by another program");
        assert_int_equal(err.code, ERR_STORE);
        REFUSED(store_close(store, &err), ".recover");
    }
}

static void others_may_write_what_is_sound(void **state)
{
    (void)state;
    FixtureTrial t[2];
    Store *store = running(t);
    wait_ms(20);
    pid_t child = fork();
    if (child == 0) {
        run_sql("UPDATE study SET notes = 'from a shell'; PRAGMA wal_checkpoint(TRUNCATE)");
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    OK(end_of_trial(store, &t[1]));
    check_query(store, "SELECT notes, (SELECT count(*) FROM trial WHERE state = 'COMPLETE') FROM study",
                "from a shell|2");
    OK(store_close(store, &err));
    check_sound();
}

static void a_journal_that_is_deleted_loses_nothing(void **state)
{
    (void)state;
    FixtureTrial t[2];
    Store *store = running(t);
    char journal[200];
    snprintf(journal, sizeof journal, "%s-wal", path);
    assert_int_equal(unlink(journal), 0);
    REFUSED(end_of_trial(store, &t[1]), "its journal trials.db-wal was deleted");
    REFUSED(store_close(store, &err), "run the same command again");
    check_sound();
    StudyInfo info;
    StudyStart start;
    store = begin(&info, &start);
    check_query(store, "SELECT number, state, value FROM trial", "0|COMPLETE|0.5;1|QUEUED|null");
    OK(store_close(store, &err));
}

/* ---- hostile files ------------------------------------------------------------------------------------------------ */

/* Calls everything that reads; what it says does not matter, that it returns does. */
static void read_all(StoreMode mode)
{
    Store *store;
    Error why = {0};
    Arena *arena = arena_create(64 << 20);
    if (store_open(path, mode, &store, &why)) {
        StudyInfo *studies, found;
        TrialRow *trials;
        EpochRow *epochs;
        MetricRow *metrics;
        ArtifactRow *artifacts;
        EnsembleRow *ensembles;
        ConfusionRow confusion;
        int n_studies, n_trials = 0, n;
        Text out = {0};
        if (mode == STORE_WRITE) {
            StudyInfo info = fixture_study("a");
            StudyStart start;
            FixtureTrial t;
            if (store_study_begin(store, &info, &fixture_space, &start, &why) &&
                store_trial_begin(store, info.id, fixture_trial(&t, 5000), &why))
                store_trial_end(store, &t.row, NULL, 0, NULL, 0, NULL, 0, &why);
        }
        if (store_studies(store, arena, &studies, &n_studies, &why))
            for (int i = 0; i < n_studies && i < 3; i++) {
                if (!store_trials(store, studies[i].id, arena, &trials, &n_trials, &why)) n_trials = 0;
                store_ensembles(store, studies[i].id, arena, &ensembles, &n, &why);
                store_count_events(store, studies[i].id, "CREATED", &n, &why);
                for (int k = 0; k < n_trials && k < 5; k++) {
                    store_epochs(store, trials[k].id, arena, &epochs, &n, &why);
                    store_metrics(store, trials[k].id, arena, &metrics, &n, &why);
                    store_artifacts(store, trials[k].id, arena, &artifacts, &n, &why);
                    store_confusion(store, trials[k].id, "val", arena, &confusion, &why);
                }
            }
        store_study_find(store, NULL, arena, &found, &why);
        static const char *const views[] = {"leaderboard", "best", "progress", "running", "failures",
                                            "per_class", "confused_pairs", "pareto", "history", "a"};
        for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
            char sql[64];
            snprintf(sql, sizeof sql, "SELECT * FROM %s", views[i]);
            ask(store, sql, &out, &why);
        }
        text_free(&out);
        store_close(store, &why);
    }
    assert_null(strchr(why.message, '\n'));
    arena_destroy(arena);
}

static void put_file(const unsigned char *bytes, size_t n)
{
    folder_empty();
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (n) assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void damaged_files_are_refused_or_read_never_believed(void **state)
{
    (void)state;
    run_crowd(&(StoreHooks){0}, 1, 0, 12, 5);
    Bytes good;
    OK(file_read(path, 0, &good, &err));
    unsigned char *bad = malloc(good.n);
    assert_non_null(bad);
    Rng rng = rng_stream(11, 0, RNG_TEST);
    for (int i = 0; i < 45; i++) { /* cut off */
        size_t n = i < 15 ? (size_t)i * 12 : i < 30 ? rng_below(&rng, (uint32_t)good.n)
                                                    : rng_below(&rng, (uint32_t)good.n / 4096) * 4096u;
        put_file((unsigned char *)good.bytes, n);
        read_all(i % 6 == 5 ? STORE_WRITE : STORE_READ);
    }
    for (int i = 0; i < 100; i++) { /* flipped bits, more and more of them, often in the first pages */
        memcpy(bad, good.bytes, good.n);
        for (int k = 0; k <= i / 10; k++) {
            size_t at = rng_below(&rng, (uint32_t)(rng_below(&rng, 2) ? 8192 : good.n));
            bad[at] ^= (unsigned char)(1u << rng_below(&rng, 8));
        }
        put_file(bad, good.n);
        read_all(i % 10 == 9 ? STORE_WRITE : STORE_READ);
    }
    for (int i = 0; i < 20; i++) { /* noise, alone and behind a good first page */
        for (size_t k = 0; k < good.n; k++) bad[k] = (unsigned char)rng_u32(&rng);
        if (i % 2) memcpy(bad, good.bytes, 4096);
        put_file(bad, good.n);
        read_all(i % 4 == 3 ? STORE_WRITE : STORE_READ);
    }
    free(bad);
    bytes_free(&good);
}

/* What SQLite finds in order but we could not have written. */
static void impossible_contents_are_refused(void **state)
{
    (void)state;
    static const struct { const char *sql, *words; } cases[] = {
        {"UPDATE trial SET number = -1 WHERE trial_id = 1", "damaged"},
        {"PRAGMA ignore_check_constraints = ON; UPDATE trial SET state = 'x' WHERE trial_id = 1", "damaged"},
        {"INSERT INTO confusion VALUES (1, 'val', 3, 0, 1)", "damaged"},
        {"INSERT INTO confusion VALUES (1, 'val', -1, 0, 1)", "damaged"},
        {"DELETE FROM class_label; INSERT INTO confusion VALUES (1, 'val', 4000000000, 0, 1)", "damaged"},
        {"INSERT INTO confusion VALUES (1, 'val', 0, 2, 9223372036854775807)", "damaged"},
        {"UPDATE study SET config_yaml = NULL", "no configuration"},
        {"DROP TABLE confusion", "no such table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_empty();
        run_crowd(&(StoreHooks){0}, 1, 0, 2, 1);
        run_sql(cases[i].sql);
        Store *store;
        Arena *arena = arena_create(0);
        TrialRow *rows;
        ConfusionRow confusion;
        StudyInfo study;
        int n;
        OK(store_open(path, STORE_READ, &store, &err));
        REFUSED(store_study_find(store, NULL, arena, &study, &err) &&
                store_trials(store, 1, arena, &rows, &n, &err) &&
                store_confusion(store, 1, "val", arena, &confusion, &err), cases[i].words);
        assert_int_equal(err.code, ERR_STORE);
        OK(store_close(store, &err));
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, empty)
        T(survives_being_killed_at_any_moment),
        T(readers_roll_back_what_a_killed_writer_left),
        T(explains_what_it_cannot_read_without_writing),
        T(a_trial_that_kills_ten_processes_is_given_up),
        T(an_interrupted_trial_is_run_again_as_often_as_need_be),
        T(a_late_result_does_not_overwrite),
        T(one_study_has_one_sweep),
        T(a_lease_is_worth_as_much_as_its_process),
        T(a_clock_that_jumps_neither_steals_nor_blocks),
        T(the_writer_has_a_heart),
        T(many_threads_lose_nothing),
        T(a_rollback_journal_does_as_well),
        T(content_does_not_depend_on_who_was_first),
        T(a_full_disk_is_said_once_and_stays_said),
        T(a_file_that_may_not_grow_is_a_full_disk),
        T(what_was_deleted_is_rescued),
        T(what_was_overwritten_is_noticed),
        T(others_may_write_what_is_sound),
        T(a_journal_that_is_deleted_loses_nothing),
        T(damaged_files_are_refused_or_read_never_believed),
        T(impossible_contents_are_refused),
    };
    return cmocka_run_group_tests_name("tuner/store under stress", tests, folder_make, folder_drop);
}
