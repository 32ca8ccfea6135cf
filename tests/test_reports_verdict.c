/* What the verdict says: which way a difference goes, whether chance explains it, and when to be silent. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/report_numbers.h"

static const char *said(const Doc *document, const char *list, const char *part)
{
    const Doc *all = doc_get(doc_get(document, "verdict"), list);
    for (size_t i = 0; i < doc_count(all); i++)
        if (strstr(doc_to_text(doc_at(all, i), ""), part)) return doc_to_text(doc_at(all, i), "");
    return NULL;
}

static const char *headline(const Doc *document)
{
    return doc_to_text(doc_get(doc_get(document, "verdict"), "headline"), "");
}

static Doc *make_of(int n, const ReportParts *parts, Arena *arena)
{
    StudyInfo info;
    Doc *document = NULL;
    Error err = {0};
    Store *store = report_store(n, arena, &info);
    ReportInput input = report_input(store, &info, parts);
    if (!document_make(&input, arena, &document, &err)) fail_msg("%s", err.message);
    store_close(store, NULL);
    folder_empty();
    return document;
}

static void has(const char *text, const char *part)
{
    if (!text || !strstr(text, part)) fail_msg("`%s` lacks `%s`", text ? text : "nothing", part);
}

static void says_what_beats_what(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    ReportParts parts = report_parts();
    Doc *document = make_of(12, &parts, arena);
    has(said(document, "sentences", "On the same test rows"),
        "On the same test rows the default <k>network reaches 0.9410, logistic regression 0.9300 and the majority"
        " class 0.3000: the ensemble beats logistic regression and the majority class by more than chance"
        " explains, and it cannot be told from the default <k>network.");
    has(said(document, "caveats", "gained nothing"), "nothing over the default <k>network.");
    const Doc *verdict = doc_get(document, "verdict"), *first = doc_at(doc_get(verdict, "compared"), 0);
    assert_string_equal(doc_to_text(doc_get(first, "with"), ""), "best trial");
    const Doc *baselines = doc_get(document, "baselines"), *logistic = doc_at(baselines, 1);
    assert_int_equal(doc_count(baselines), 3);
    assert_true(doc_to_number(doc_get(doc_get(logistic, "score"), "value"), 0) == 0.93);
    assert_string_equal(doc_to_text(doc_get(logistic, "split"), ""), "test");
    doc_free(document);
    report_parts_free(&parts);
    arena_destroy(arena);
}

/* The sign is never hidden: neither in the headline nor behind "chance". */
static void says_when_the_single_is_better(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    ReportParts parts = report_parts();
    doc_free(parts.best_test);
    doc_free(parts.compared);
    parts.best_test = report_evaluation(0.9427);
    parts.compared = doc_array();
    report_add_compared(&parts, "best trial", 0.9427, 0.31);
    report_add_compared(&parts, "logistic regression", 0.95, 0.001);
    Doc *document = make_of(12, &parts, arena);
    has(headline(document), "An ensemble of 2 networks reaches a macro F1 of 0.9400 on the test set, 0.0027 worse"
                            " than its best single trial.");
    has(said(document, "sentences", "worse"), "0.0027 worse than the best single trial (trial 18, 0.9427), which"
        " chance may explain (95 % interval of the difference −0.0067 to +0.0013, p = 0.31 by a paired bootstrap)");
    has(said(document, "sentences", "same test rows"), "logistic regression beats the ensemble by more than chance");
    doc_free(document);
    report_parts_free(&parts);
    arena_destroy(arena);
}

static void says_nothing_of_one_trial(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *document = make_of(1, &(ReportParts){0}, arena);
    assert_null(said(document, "sentences", "second"));
    assert_null(said(document, "sentences", "indistinguishable"));
    assert_null(said(document, "sentences", "smallest"));
    assert_null(said(document, "caveats", "best of"));
    doc_free(document);
    arena_destroy(arena);
}

static void says_how_it_decides(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    ReportParts parts = report_parts();
    Doc *decision = doc_set(parts.test, "decision", doc_object());
    doc_set_text(decision, "rule", "bad when p(bad) >= 0.34, else good");
    doc_set_text(decision, "asked", "f1_macro");
    Doc *document = make_of(12, &parts, arena);
    has(said(document, "sentences", "decides"), "The model decides: bad when p(bad) >= 0.34, else good (for f1_macro,"
        " chosen on the validation rows; single trials decide in the same way");
    assert_string_equal(doc_to_text(doc_get(doc_get(document, "verdict"), "decision"), ""),
                        "bad when p(bad) >= 0.34, else good");
    doc_free(document);
    report_parts_free(&parts);
    arena_destroy(arena);
}

static void warns_of_a_test_of_another_ensemble(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    StudyInfo info;
    Doc *document = NULL;
    Store *store = report_store(12, arena, &info);
    ReportParts parts = report_parts();
    ReportInput input = report_input(store, &info, &parts);
    input.test = input.best_test = NULL;
    input.untested = true;
    assert_true(document_make(&input, arena, &document, NULL));
    has(said(document, "caveats", "another ensemble"), "opens it again");
    assert_null(said(document, "caveats", "No test set"));
    store_close(store, NULL);
    folder_empty();
    doc_free(document);
    report_parts_free(&parts);
    arena_destroy(arena);
}

static void says_numbers_in_their_unit(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *one = numbers_document(1, arena), *two = numbers_document(2, arena), *labels = numbers_document(0, arena);
    has(headline(one), "An ensemble of 2 networks predicts price </script>");
    has(headline(one), " with a typical error of 2.91 (RMSE) on the test set.");
    has(said(one, "sentences", "R2 is"), "R2 is 0.9153 (0.8953 to 0.9353); the rank correlation of true and predicted"
        " values is 0.9300.");
    has(said(one, "sentences", "On the same test rows"), "On the same test rows linear regression reaches 4.4000 and"
        " the mean 9.2000: the ensemble beats linear regression and the mean by more than chance explains; the"
        " ensemble's error is 34 % below that of linear regression.");
    has(said(one, "sentences", "intervals"), "80 % intervals hold 79.0 % of the rows; their mean width is 7.1.");
    assert_null(said(one, "caveats", "promise"));
    /* 0.1443 is 2 sqrt(2) standard errors of the best trial's own interval */
    has(said(one, "sentences", "indistinguishable"), "The first 15 trials are statistically indistinguishable: they lie"
        " within 0.1443 of the best");
    has(headline(two), "An ensemble of 2 networks reaches an RMSE of 2.9100 on the test set.");
    has(headline(labels), "An ensemble of 2 networks reaches a macro F1 of 0.8800 on the test set.");
    assert_null(said(labels, "sentences", "R2"));
    has(said(two, "sentences", "indistinguishable"), "The first 4 trials are statistically indistinguishable: compared"
        " with the best row by row, none differs by more than chance explains.");
    assert_true(doc_to_bool(doc_get(doc_at(doc_get(two, "leaderboard"), 3), "alike"), false));
    assert_false(doc_to_bool(doc_get(doc_at(doc_get(two, "leaderboard"), 4), "alike"), true));
    assert_string_equal(doc_to_text(doc_get(doc_get(one, "study"), "task"), ""), "numbers");
    assert_int_equal(doc_count(doc_get(doc_get(two, "study"), "targets")), 2);
    doc_free(one), doc_free(two), doc_free(labels);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_beats_what),
        cmocka_unit_test(says_when_the_single_is_better),
        cmocka_unit_test(says_nothing_of_one_trial),
        cmocka_unit_test(says_how_it_decides),
        cmocka_unit_test(warns_of_a_test_of_another_ensemble),
        cmocka_unit_test(says_numbers_in_their_unit),
    };
    return cmocka_run_group_tests_name("reports/verdict", tests, folder_make, folder_drop);
}
