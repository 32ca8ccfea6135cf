/* Versions of a search space: written by whoever may, read back, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/store_checks.h"
#include "tuner/store/versions.h"

static Store *begin(StudyInfo *info, int version)
{
    Store *store;
    StudyStart start;
    OK(store_open(path, STORE_WRITE, &store, &err));
    *info = fixture_study("a");
    info->space_version = version;
    OK(store_study_begin(store, info, &fixture_space, &start, &err));
    return store;
}

static SpaceEdited edit(int version, bool holds)
{
    return (SpaceEdited){.first = {1, 0, "{x: {min: 1, max: 2}}", "", "", NULL, NULL},
                         .next = {version, -1, "{x: {min: 1, max: 3}}", "[\"x < 3\"]", "x: wider", NULL, "why"},
                         .config_yaml = "b: 2\n", .space = &fixture_space, .holds = holds};
}

static void versions_come_back(void **state)
{
    (void)state;
    StudyInfo info, found;
    FixtureTrial trial;
    SpaceVersion *versions;
    int n;
    Store *store = begin(&info, 0);
    Arena *arena = arena_create(0);
    OK(store_versions(store, info.id, arena, &versions, &n, &err));
    assert_int_equal(n, 0);
    assert_null(version_of(versions, n, 3));
    for (int i = 0; i < 2; i++) OK(store_trial_begin(store, info.id, fixture_trial(&trial, i), &err));
    SpaceEdited row = edit(2, true); /* while it runs: what was queued before is counted */
    OK(store_version_add(store, info.id, &row, &err));
    assert_int_equal(row.next.from_trial, 2);
    REFUSED(store_version_add(store, info.id, &row, &err), "somebody else has edited the study just now");
    OK(store_trial_begin(store, info.id, fixture_trial(&trial, 2), &err));
    row = edit(3, true);
    OK(store_version_add(store, info.id, &row, &err));
    assert_int_equal(row.next.from_trial, 3);
    OK(store_versions(store, info.id, arena, &versions, &n, &err));
    assert_int_equal(n, 3);
    assert_true(versions[0].version == 1 && versions[0].from_trial == 0 && versions[2].from_trial == 3);
    assert_string_equal(versions[0].parameters, "{x: {min: 1, max: 2}}");
    assert_string_equal(versions[0].constraints, "");
    assert_string_equal(versions[1].constraints, "[\"x < 3\"]");
    assert_string_equal(versions[1].changes, "x: wider");
    assert_string_equal(versions[1].note, "why");
    assert_int_equal(version_of(versions, n, 1)->version, 1);
    assert_int_equal(version_of(versions, n, 2)->version, 2);
    assert_int_equal(version_of(versions, n, 9)->version, 3);
    OK(store_study_find(store, "a", arena, &found, &err));
    assert_int_equal(found.space_version, 3);
    assert_string_equal(found.config_yaml, "b: 2\n");
    check_query(store, "SELECT group_concat(text, '; ') FROM event WHERE code = 'EDITED'",
                "the search space: version 2 from trial 2 on; the search space: version 3 from trial 3 on");
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
    arena_destroy(arena);
}

/* Between two sweeps by anybody, while one runs by that one alone; and who begins must know of it. */
static void who_may(void **state)
{
    (void)state;
    StudyInfo info;
    StudyStart start;
    Store *store = begin(&info, 0);
    SpaceEdited row = edit(2, false);
    REFUSED(store_version_add(store, info.id, &row, &err), "being run by");
    OK(store_study_end(store, info.id, "DONE", &err));
    row = edit(2, false);
    OK(store_version_add(store, info.id, &row, &err));
    check_query(store, "SELECT state FROM study", "STOPPED");
    OK(store_close(store, &err));
    OK(store_open(path, STORE_WRITE, &store, &err));
    info = fixture_study("a");
    REFUSED(store_study_begin(store, &info, &fixture_space, &start, &err), "was edited just now");
    OK(store_close(store, &err));
    store = begin(&info, 2);
    OK(store_study_end(store, info.id, "DONE", &err));
    OK(store_close(store, &err));
}

static void strange_rows(void **state)
{
    (void)state;
    static const char *const rows[] = {"2, -1, 'p', '2026-11-30T22:00:00Z'", "2, 4294967296, 'p', '2026-11-30T22:00:00Z'",
                                       "4294967296, 1, 'p', '2026-11-30T22:00:00Z'", "2, 1, 'p', '2026'"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        StudyInfo info;
        SpaceVersion *versions;
        int n;
        char sql[300];
        folder_empty();
        Store *store = begin(&info, 0);
        OK(store_study_end(store, info.id, "DONE", &err));
        snprintf(sql, sizeof sql, "INSERT INTO space_version (study_id, version, from_trial, parameters, utc)"
                 " VALUES (1, %s)", rows[i]);
        assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
        Arena *arena = arena_create(0);
        REFUSED(store_versions(store, info.id, arena, &versions, &n, &err), "the database is damaged");
        arena_destroy(arena);
        OK(store_close(store, &err));
    }
}

#define T(f) cmocka_unit_test_setup(f, empty)
int main(void)
{
    const struct CMUnitTest tests[] = {T(versions_come_back), T(who_may), T(strange_rows)};
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
