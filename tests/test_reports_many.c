/* The report of a study with more trials than models are made of: what is left out is said, what is exact is exact. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "tests/report_fixture.h"

enum { FIRST = 3 };

/* Values that differ, in an order that is not that of the numbers. */
static double value_of(int number)
{
    return (double)((int64_t)number * 7919 % 12007) / 12007;
}

/* Complete trials up to n, out of the first one. */
static void add_trials(int n)
{
    sqlite3 *db;
    char sql[1200];
    snprintf(sql, sizeof sql,
             "UPDATE trial SET state = 'COMPLETE', source = 'tuner', value = number * 7919 %% 12007 / 12007.0;"
             "WITH RECURSIVE more(number) AS (SELECT %d UNION ALL SELECT number + 1 FROM more WHERE number < %d)"
             "INSERT INTO trial (study_id, number, state, source, params_hash, params, seed, value, secs, end_utc)"
             " SELECT study_id, more.number, 'COMPLETE', 'tuner', 'h' || more.number, params, more.number,"
             " more.number * 7919 %% 12007 / 12007.0, 1, end_utc FROM more, trial WHERE trial.number = 0",
             FIRST, n - 1);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static Doc *document_of(int n, Arena *arena)
{
    StudyInfo info;
    Error err = {0};
    Doc *document = NULL;
    store_close(report_store(FIRST, arena, &info), NULL);
    add_trials(n);
    Store *store;
    if (!store_open(path, STORE_READ, &store, &err)) fail_msg("%s", err.message);
    const ReportInput input = {.store = store, .study = &info, .top = 10};
    if (!document_make(&input, arena, &document, &err)) fail_msg("%s", err.message);
    store_close(store, NULL);
    folder_empty();
    return document;
}

static void thins_and_says_so(void **state)
{
    (void)state;
    enum { N = 12000 };
    Arena *arena = arena_create(0);
    Doc *document = document_of(N, arena);
    const Doc *trials = doc_get(document, "trials"), *number = doc_get(trials, "number");
    bool *shown = ARENA_NEW(arena, bool, N);
    assert_int_equal(doc_to_number(doc_get(trials, "total"), 0), N);
    assert_int_equal(doc_to_number(doc_get(doc_get(document, "counts"), "COMPLETE"), 0), N);
    assert_int_equal(doc_count(number), 2000);
    assert_in_range(doc_to_number(doc_get(trials, "modelled"), 0), 10000, 10004);
    const char *note = doc_to_text(doc_get(trials, "note"), "");
    assert_non_null(strstr(note, "Charts show 2000 of 12000 trials: the best 500"));
    assert_non_null(strstr(note, "is worked out from 1000"));
    double best = -1;
    int better = 0;
    for (size_t i = 0; i < doc_count(number); i++) shown[(int)doc_to_number(doc_at(number, i), 0)] = true;
    for (int i = 0; i < N; i++) {
        int above = 0; /* is it one of the best 500, or the best until then? */
        for (int k = 0; k < N; k++) above += value_of(k) > value_of(i);
        if (above < 500 || value_of(i) > best) assert_true(shown[i]);
        if (value_of(i) > best) best = value_of(i), better++;
    }
    assert_true(better > 5);
    assert_true(doc_to_number(doc_at(doc_get(trials, "best"), 1999), 0) == best);
    const Doc *first = doc_at(doc_get(document, "leaderboard"), 0);
    assert_true(doc_to_number(doc_get(first, "value"), 0) == best);
    assert_int_equal(doc_kind(doc_get(first, "params")), DOC_OBJECT);
    doc_free(document);
    arena_destroy(arena);
}

static void is_the_same_each_time(void **state)
{
    (void)state;
    Text text[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        Arena *arena = arena_create(0);
        Doc *document = document_of(10001, arena);
        static const char *const parts[] = {"parameters", "importance", "ablation", "stopping", "leaderboard"};
        for (int k = 0; k < 5; k++) assert_true(doc_print(doc_get(document, parts[k]), 1, &text[i]));
        assert_true(doc_print(doc_get(doc_get(document, "trials"), "number"), 1, &text[i]));
        doc_free(document);
        arena_destroy(arena);
    }
    assert_string_equal(text[0].bytes, text[1].bytes);
    for (int i = 0; i < 2; i++) text_free(&text[i]);
}

static void models_take_all_of_fewer(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = document_of(10000, arena);
    assert_int_equal(doc_kind(doc_get(doc_get(document, "trials"), "modelled")), DOC_NULL);
    assert_null(strstr(doc_to_text(doc_get(doc_get(document, "trials"), "note"), ""), "worked out"));
    doc_free(document);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thins_and_says_so),
        cmocka_unit_test(is_the_same_each_time),
        cmocka_unit_test(models_take_all_of_fewer),
    };
    return cmocka_run_group_tests_name("reports/many", tests, folder_make, folder_drop);
}
