#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reports/html.h"
#include "reports/markdown.h"
#include "tests/report_fixture.h"

static double at(const Doc *array, size_t i)
{
    return doc_to_number(doc_at(array, i), NAN);
}

static double number(const Doc *object, const char *key)
{
    return doc_to_number(doc_get(object, key), NAN);
}

static Doc *make(int n, const ReportParts *parts, Arena *arena)
{
    StudyInfo info;
    Error err = {0};
    Doc *document = NULL;
    Store *store = report_store(n, arena, &info);
    static const ReportParts none = {0};
    ReportInput input = report_input(store, &info, parts ? parts : &none);
    if (!document_make(&input, arena, &document, &err)) fail_msg("%s", err.message);
    store_close(store, NULL);
    folder_empty();
    return document;
}

/* Every trial as it was stored, in order, with the best so far. */
static void says_what_the_store_says(void **state)
{
    (void)state;
    enum { N = 40 };
    Arena *arena = arena_create(0);
    Doc *document = make(N, NULL, arena);
    const Doc *trials = doc_get(document, "trials"), *counts = doc_get(document, "counts");
    double best = NAN;
    assert_int_equal(number(counts, "total"), N);
    assert_int_equal(number(counts, "COMPLETE"), 28);
    assert_int_equal(number(counts, "FAILED"), 4);
    assert_int_equal(doc_count(doc_get(trials, "value")), N);
    for (int i = 0; i < N; i++) {
        double value = at(doc_get(trials, "value"), (size_t)i), want = report_value(i, N);
        TrialState is = report_state(i);
        assert_int_equal(at(doc_get(trials, "number"), (size_t)i), i);
        assert_string_equal(doc_to_text(doc_at(doc_get(trials, "state"), (size_t)i), ""),
                            trial_state_names[is]);
        if (is == TRIAL_COMPLETE || is == TRIAL_PRUNED) assert_true(value == want);
        else assert_true(isnan(value));
        if (is == TRIAL_COMPLETE && !(best >= want)) best = want;
        assert_true(at(doc_get(trials, "best"), (size_t)i) == best);
        double accuracy = at(doc_get(doc_get(trials, "metrics"), "accuracy"), (size_t)i);
        assert_true(is == TRIAL_COMPLETE ? fabs(accuracy - want - 0.01) < 1e-6 : isnan(accuracy));
        assert_true(at(doc_get(trials, "best_epoch"), (size_t)i) == 3 || is == TRIAL_INFEASIBLE);
    }
    assert_null(doc_get(trials, "sd")); /* no trial has one */
    assert_null(doc_get(doc_get(trials, "metrics"), "ece"));
    const Doc *board = doc_get(document, "leaderboard");
    assert_int_equal(doc_count(board), 10);
    assert_int_equal(number(doc_at(board, 0), "trial"), 24);
    for (size_t r = 0; r < 10; r++) {
        const Doc *row = doc_at(board, r);
        assert_int_equal(number(row, "rank"), r + 1);
        assert_true(number(row, "value") == report_value((int)number(row, "trial"), N));
        assert_true(number(doc_get(row, "metrics"), "accuracy") == number(row, "value") + 0.01);
        if (r) assert_true(number(row, "value") <= number(doc_at(board, r - 1), "value"));
    }
    const Doc *failure = doc_at(doc_get(document, "failures"), 0);
    assert_string_equal(doc_to_text(doc_get(failure, "code"), ""), "DIVERGED");
    assert_int_equal(number(failure, "n"), 4);
    assert_int_equal(number(failure, "trial"), 7);
    assert_int_equal(number(doc_get(document, "provenance"), "test_looks"), 2);
    assert_string_equal(doc_to_text(doc_get(doc_get(document, "provenance"), "seed"), ""), "7");
    doc_free(document);
    arena_destroy(arena);
}

static const Doc *parameter(const Doc *document, const char *name)
{
    const Doc *all = doc_get(document, "parameters");
    for (size_t i = 0; i < doc_count(all); i++)
        if (strcmp(doc_to_text(doc_get(doc_at(all, i), "name"), ""), name) == 0) return doc_at(all, i);
    return NULL;
}

static void knows_scales_and_what_varies(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = make(30, NULL, arena);
    const Doc *rate = parameter(document, "learning_rate"), *width = parameter(document, "width_1");
    assert_string_equal(doc_to_text(doc_get(rate, "scale"), ""), "log");
    assert_true(at(doc_get(rate, "values"), 4) == 0.005);
    assert_string_equal(doc_to_text(doc_get(width, "scale"), ""), "category");
    /* sorted by number, whatever the order in the file or of appearance */
    assert_string_equal(doc_to_text(doc_at(doc_get(width, "categories"), 0), ""), "32");
    assert_string_equal(doc_to_text(doc_at(doc_get(width, "categories"), 2), ""), "128");
    assert_int_equal(at(doc_get(width, "values"), 0), 2);
    assert_string_equal(doc_to_text(doc_get(parameter(document, "batch_size"), "scale"), ""), "linear");
    assert_null(parameter(document, "epochs")); /* the same in all trials */
    assert_string_equal(doc_to_text(doc_get(doc_get(document, "constants"), "epochs"), ""), "20");
    doc_free(document);
    arena_destroy(arena);
}

static void says_which_settings_mattered(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = make(60, NULL, arena);
    const Doc *importance = doc_get(document, "importance"), *list = doc_get(importance, "parameters");
    assert_int_equal(number(importance, "n_trials"), 54); /* infeasible ones tell nothing */
    assert_int_equal(number(importance, "n_top"), 6);
    assert_int_equal(doc_count(list), 6);
    assert_true(number(importance, "left_out") > 0.5);
    /* The fixture's score follows the learning rate, which rises with the number. */
    assert_string_equal(doc_to_text(doc_get(doc_at(list, 0), "name"), ""), "learning_rate");
    doc_free(document);
    arena_destroy(arena);
}

/* The fixture's networks have 1000 to 1400 weights by turns; the best one of 60 is number 36. */
static void draws_the_front_of_score_and_size(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = make(60, NULL, arena);
    const Doc *front = doc_get(document, "front"), *members = doc_get(front, "members");
    size_t n = doc_count(doc_get(front, "trial"));
    assert_int_equal(n, 42);
    assert_int_equal(number(front, "trials"), 42);
    assert_false(doc_to_bool(doc_get(front, "asked"), true));
    double size = INFINITY, value = INFINITY, last = 0;
    for (size_t k = 0; k < doc_count(members); k++) {
        const Doc *values = doc_get(doc_at(members, k), "values");
        assert_true(at(values, 0) < value && at(values, 1) < size);
        value = at(values, 0);
        size = at(values, 1);
    }
    assert_int_equal(number(doc_at(members, 0), "trial"), 36);
    assert_true(size == 1000);
    for (size_t i = 0; i < n; i++) {
        bool beaten = false;
        const Doc *scores = doc_at(doc_get(front, "values"), 0), *sizes = doc_at(doc_get(front, "values"), 1);
        for (size_t k = 0; k < n; k++)
            beaten |= at(scores, k) >= at(scores, i) && at(sizes, k) <= at(sizes, i)
                   && (at(scores, k) > at(scores, i) || at(sizes, k) < at(sizes, i));
        assert_true(doc_to_bool(doc_at(doc_get(front, "on_front"), i), false) == !beaten);
        assert_true(at(doc_get(front, "volume"), i) >= last);
        last = at(doc_get(front, "volume"), i);
    }
    assert_true(last == number(front, "hypervolume") && last > 0.5 && last <= 1);
    doc_free(document);
    arena_destroy(arena);
}

static void draws_curves_of_the_best_and_the_median(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = make(40, NULL, arena);
    const Doc *curves = doc_get(document, "curves"), *first = doc_at(curves, 0);
    assert_int_equal(doc_count(curves), 9);
    assert_int_equal(number(first, "trial"), 24);
    assert_string_equal(doc_to_text(doc_get(doc_at(curves, 8), "role"), ""), "median");
    assert_int_equal(number(doc_at(curves, 8), "rank"), 15);
    assert_int_equal(doc_count(doc_get(first, "epoch")), 4);
    assert_true(at(doc_get(first, "val_loss"), 2) == fixture_epoch(24, 3).val_loss);
    doc_free(document);
    arena_destroy(arena);
}

/* Order statistics of the normal distribution (Harter 1961, table 1). */
static void knows_the_luck_of_the_best(void **state)
{
    (void)state;
    assert_true(expected_maximum(1) == 0);
    assert_true(fabs(expected_maximum(2) - 0.56418958) < 1e-7);
    assert_true(fabs(expected_maximum(10) - 1.53875273) < 1e-7);
    assert_true(fabs(expected_maximum(100) - 2.50759364) < 1e-7);
}

static void judges_with_the_noise_of_the_rows(void **state)
{
    (void)state;
    enum { N = 40 };
    Arena *arena = arena_create(0);
    ReportParts parts = report_parts();
    Doc *document = make(N, &parts, arena);
    const Doc *verdict = doc_get(document, "verdict");
    double best = report_value(24, N), share = (best * 1000 + 1) / 1002;
    double error = sqrt(share * (1 - share) / 1000), band = 2 * sqrt(2) * error;
    int alike = 0;
    for (int i = 0; i < N; i++)
        alike += report_state(i) == TRIAL_COMPLETE && best - report_value(i, N) < band;
    assert_true(alike > 1 && alike < 28);
    assert_true(fabs(number(verdict, "standard_error") - error) < 1e-15);
    assert_int_equal(number(verdict, "alike"), alike);
    assert_true(fabs(number(verdict, "optimism") - error * expected_maximum(alike)) < 1e-12);
    assert_true(fabs(number(verdict, "gain") - 0.005) < 1e-12);
    assert_string_equal(doc_to_text(doc_get(verdict, "headline"), ""),
                        "An ensemble of 2 networks reaches a macro F1 of 0.9400 on the test set.");
    assert_string_equal(doc_to_text(doc_at(doc_get(verdict, "sentences"), 1), ""),
                        "On the test set it is 0.0050 better than the best single trial (trial 18, 0.9350), more"
                        " than chance explains (95 % interval of the difference +0.0010 to +0.0090, p = 0.012 by a"
                        " paired bootstrap).");
    doc_free(document);
    report_parts_free(&parts);
    arena_destroy(arena);
}

static void reports_a_study_with_nothing_in_it(void **state)
{
    (void)state;
    for (int n = 0; n <= 2; n++) {
        Arena *arena = arena_create(0);
        Doc *document = make(n, NULL, arena);
        Text page = {0}, markdown = {0};
        Error err = {0};
        assert_true(html_write(document, &page, &err));
        assert_true(markdown_write(document, &markdown, &err));
        if (n == 0) assert_non_null(strstr(page.bytes, "No trial has been run yet."));
        else assert_non_null(strstr(page.bytes, " reaches a macro F1 of "));
        if (strstr(markdown.bytes, " nan") || strstr(page.bytes, ">nan")) fail_msg("%s", markdown.bytes);
        text_free(&page), text_free(&markdown);
        doc_free(document);
        arena_destroy(arena);
    }
}

static void survives_failing_allocations(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *own = arena_create(0);
    StudyInfo info;
    ReportParts parts = report_parts();
    Store *store = report_store(12, arena, &info);
    ReportInput input = report_input(store, &info, &parts);
    Doc *document = NULL;
    Error err = {0};
    bool ok = false;
    long n = 0;
    for (; !ok && n < 5000; n++) {
        arena_reset(own);
        arena_fail_after(own, n);
        err = (Error){0};
        ok = document_make(&input, own, &document, &err);
        if (!ok) {
            assert_int_equal(err.code, ERR_MEMORY);
            assert_null(document);
        }
    }
    arena_fail_after(own, -1);
    assert_true(ok && n > 20);
    doc_free(document);
    store_close(store, NULL);
    folder_empty();
    report_parts_free(&parts);
    arena_destroy(own);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_store_says),
        cmocka_unit_test(knows_scales_and_what_varies),
        cmocka_unit_test(says_which_settings_mattered),
        cmocka_unit_test(draws_the_front_of_score_and_size),
        cmocka_unit_test(draws_curves_of_the_best_and_the_median),
        cmocka_unit_test(knows_the_luck_of_the_best),
        cmocka_unit_test(judges_with_the_noise_of_the_rows),
        cmocka_unit_test(reports_a_study_with_nothing_in_it),
        cmocka_unit_test(survives_failing_allocations),
    };
    return cmocka_run_group_tests_name("reports/document", tests, folder_make, folder_drop);
}
