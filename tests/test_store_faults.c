/* A disk that fails at every single operation in turn: full, broken, without power. Whatever happened, the
 * file opens, is sound, holds everything that was acknowledged, and the study goes on from there to the same
 * end as if nothing had happened. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/faulty_disk.h"
#include "tests/store_checks.h"

enum { TRIALS = 3, EPOCHS = 2, OPERATIONS = 2000 };

/* What the store said was done, and why it went no further. Shared with the process that plays. */
typedef struct {
    bool trial[TRIALS], ensemble, end;
    Error why;
} Told;

static bool play_trial(Store *store, int64_t study_id, int number, Error *why)
{
    FixtureTrial t;
    int64_t counts[9] = {number + 1, 1, 0, 0, 5, 0, 0, 0, 3};
    MetricRow metrics[] = {{"val", -1, "f1_macro", 0.5, 0.4, 0.6}, {"val", 0, "mcc", 0.5, NAN, NAN}};
    if (!store_trial_begin(store, study_id, fixture_trial(&t, number), why)) return false;
    for (int e = 1; e <= EPOCHS; e++) {
        EpochRow epoch = fixture_epoch(number, e);
        if (!store_epoch(store, t.row.id, &epoch, why)) return false;
    }
    ArtifactRow artifact = {"weights", t.hash, 10, t.hash};
    fixture_end(&t.row, number);
    return store_trial_end(store, &t.row, metrics, 2, &(ConfusionRow){"val", 3, counts}, 1, &artifact, 1, why);
}

static bool play_study(Store *store, Arena *arena, Told *told, Error *why)
{
    StudyInfo info = fixture_study("a");
    StudyStart start;
    TrialRow *rows;
    EnsembleRow *ensembles;
    int n, n_ensembles;
    if (!store_study_begin(store, &info, &fixture_space, &start, why)) return false;
    store_enter(store); /* pages go to the file itself in the middle of the study, too */
    bool ok = store_exec(store, "PRAGMA wal_autocheckpoint = 8", why);
    store_leave(store);
    if (!ok || !store_trials(store, info.id, arena, &rows, &n, why) ||
        !store_ensembles(store, info.id, arena, &ensembles, &n_ensembles, why))
        return false;
    for (int i = 0; i < TRIALS; i++) {
        bool done = i < n && rows[i].state == TRIAL_COMPLETE;
        if (!done && !play_trial(store, info.id, i, why)) return false;
        told->trial[i] = true;
        if (i == 1 && !store_artifact_drop(store, i + 1, "weights", why)) return false;
    }
    EnsembleRow row = {.method = "greedy", .metric = "f1_macro", .value = 0.5, .config = "{}", .n_members = 1,
                       .members = &(EnsembleMemberRow){1, 1}};
    if (n_ensembles == 0 && !store_ensemble_add(store, info.id, &row, why)) return false;
    told->ensemble = true;
    return told->end = store_study_end(store, info.id, "DONE", why);
}

static bool play(const StoreHooks *hooks, Told *told, Error *why)
{
    Store *store;
    Error closing;
    Arena *arena = arena_create(0);
    if (!store_open_with(path, STORE_WRITE, hooks, &store, why)) {
        arena_destroy(arena);
        return false;
    }
    bool ok = play_study(store, arena, told, why);
    if (!store_close(store, &closing) && ok) {
        *why = closing;
        ok = false;
    }
    arena_destroy(arena);
    return ok;
}

/* As it lies there, for a reader: sound, and with all that was told. */
static void check_told(const Told *told)
{
    struct stat st;
    bool any = told->ensemble || told->end;
    for (int i = 0; i < TRIALS; i++) any |= told->trial[i];
    if (!any && (stat(path, &st) != 0 || st.st_size == 0)) return;
    Store *store;
    if (!any && !store_open(path, STORE_READ, &store, &err)) { /* nothing was written to it yet */
        assert_non_null(strstr(err.message, "no study was written"));
        return;
    }
    if (any) OK(store_open(path, STORE_READ, &store, &err));
    for (int i = 0; i < TRIALS; i++) {
        char sql[400], want[40];
        snprintf(sql, sizeof sql, "SELECT state, value, (SELECT count(*) FROM epoch e WHERE e.trial_id ="
                 " t.trial_id), (SELECT count(*) FROM metric m WHERE m.trial_id = t.trial_id), (SELECT"
                 " count(*) FROM confusion c WHERE c.trial_id = t.trial_id) FROM trial t WHERE number = %d", i);
        snprintf(want, sizeof want, "COMPLETE|%d|2|2|4", i);
        if (told->trial[i]) check_query(store, sql, want);
    }
    if (told->ensemble) check_query(store, "SELECT count(*) FROM ensemble_member", "1");
    if (told->end) check_query(store, "SELECT state FROM study", "DONE");
    OK(store_close(store, &err));
    check_sound();
}

/* The fault is over, and the same command is given again. */
static void check_goes_on(const StoreHooks *hooks, const Text *whole)
{
    Told told = {0};
    OK(play(hooks, &told, &err));
    check_sound();
    Text text = store_dump();
    size_t same = 0;
    while (same < text.n && same < whole->n && text.bytes[same] == whole->bytes[same]) same++;
    if (text.n != whole->n || same < text.n)
        fail_msg("not the same study: %.300s\nnot %.300s", text.bytes + same, whole->bytes + same);
    text_free(&text);
}

static Text play_undisturbed(const StoreHooks *hooks)
{
    Told told = {0};
    folder_empty();
    disk_fail(DISK_FINE, 0, false);
    OK(play(hooks, &told, &err));
    return store_dump();
}

/* Another process plays, and its disk fails at that operation. False when there are not so many. */
static bool play_on_a_bad_disk(DiskFault fault, int at, bool once, const StoreHooks *hooks, Told *told)
{
    enum { REACHED = 0, NOT_REACHED = 7 };
    int status;
    folder_empty();
    *told = (Told){0};
    pid_t child = fork();
    if (child == 0) {
        disk_fail(fault, at, once);
        play(hooks, told, &told->why);
        _exit(atomic_load(&disk.n) < at ? NOT_REACHED : REACHED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != REACHED) assert_int_equal(WEXITSTATUS(status), NOT_REACHED);
    return WEXITSTATUS(status) == REACHED;
}

/* At every operation in turn; with `share` > 1 at every n-th, unless CONSORT_FAULTS=all. Returns at how many. */
static int fail_each(DiskFault fault, bool once, const StoreHooks *hooks, int share)
{
    const char *wanted = getenv("CONSORT_FAULTS");
    if (wanted && strcmp(wanted, "all") == 0) share = 1;
    Text whole = play_undisturbed(hooks);
    FILE *file = tmpfile();
    assert_true(file && ftruncate(fileno(file), sizeof(Told)) == 0);
    Told *told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    assert_true(told != MAP_FAILED);
    int at = 1 + (int)fault % share, n_refused = 0, n = 0;
    for (; play_on_a_bad_disk(fault, at, once, hooks, told); at += share, n++) {
        const Error *why = &told->why;
        assert_true(at < OPERATIONS);
        if (why->code != ERR_NONE) {
            const char *words = fault == DISK_FULL ? "disk is full" : "Input/output error";
            n_refused++;
            if (why->code != ERR_IO || strchr(why->message, '\n') || !strstr(why->message, words))
                fail_msg("operation %d: %s: %s", at, error_name(why->code), why->message);
        }
        check_told(told);
        check_goes_on(hooks, &whole);
    }
    munmap(told, sizeof *told);
    fclose(file);
    text_free(&whole);
    assert_true(fault == DISK_DARK || fault == DISK_TORN || n_refused > n / 3);
    return n;
}

static const StoreHooks wal = {0}, rollback = {.rollback_journal = true};

static void a_full_disk_at_every_write(void **state)
{
    (void)state;
    int n = fail_each(DISK_FULL, false, &wal, 1);
    n += fail_each(DISK_FULL, true, &wal, 11);
    n += fail_each(DISK_FULL, false, &rollback, 11);
    print_message("%d full disks\n", n);
}

static void a_broken_disk_at_every_write(void **state)
{
    (void)state;
    int n = fail_each(DISK_BROKEN, false, &wal, 11);
    n += fail_each(DISK_BROKEN, true, &wal, 11);
    n += fail_each(DISK_BROKEN, true, &rollback, 11);
    print_message("%d broken disks\n", n);
}

static void the_power_goes_at_every_write(void **state)
{
    (void)state;
    int n = fail_each(DISK_DARK, true, &wal, 3);
    n += fail_each(DISK_TORN, true, &wal, 3);
    n += fail_each(DISK_TORN, true, &rollback, 11);
    print_message("%d power cuts\n", n);
}

int main(void)
{
    disk_install();
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, empty)
        T(a_full_disk_at_every_write),
        T(a_broken_disk_at_every_write),
        T(the_power_goes_at_every_write),
    };
    return cmocka_run_group_tests_name("tuner/store on disks that fail", tests, folder_make, folder_drop);
}
