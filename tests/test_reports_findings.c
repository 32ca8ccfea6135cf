/* What the trials taught, as sentences and JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "reports/findings.h"

static void a_posterior_says_why_the_winner_won(void **state)
{
    (void)state;
    const Posterior posterior = {.n = 3, .noise = 0.25,
                                 .trial = {{4, 0.91, 0.9, 0.88, 0.92}, {14, 0.94, 0.89, 0.8, 0.93}, {2, 0.8, 0.8, 0.7, 0.9}}};
    assert_string_equal(posterior_sentence(&posterior, 4, arena),
                        "By a model of all trials, trial 4 is worth 0.9 (0.88 to 0.92), and the next, trial 14 0.89"
                        " (0.8 to 0.93); noise is 25.0 % of what the settings explain.");
    assert_non_null(strstr(posterior_sentence(&posterior, 14, arena), "but trial 4 0.9"));
    assert_string_equal(posterior_sentence(&posterior, 1, arena), "");
    assert_string_equal(posterior_sentence(&(Posterior){.n = 0}, 0, arena), "");
    Doc *doc = posterior_doc(&posterior);
    const Doc *first = doc_at(doc_get(doc, "trials"), 0);
    assert_int_equal(doc_count(doc_get(doc, "trials")), 3);
    assert_true(doc_to_number(doc_get(first, "trial"), 0) == 4 && doc_to_number(doc_get(first, "mean"), 0) == 0.9);
    doc_free(doc);
}

static void finalists_say_who_won(void **state)
{
    (void)state;
    const Finalist list[] = {{7, 3, 0, 0.89, 0.89, 0.01, 0.89}, {3, 3, 0, 0.9, 0.84, 0.05, 0.81}};
    const Finalist lost[] = {{0, 1, 1, 0.5, 0.5, NAN, NAN}};
    assert_non_null(strstr(finalists_sentence(list, 2, arena), "trial 7 wins with a mean of 0.89 over 3 runs"));
    assert_non_null(strstr(finalists_sentence(list, 1, arena), "Trial 7 has a mean of 0.89 over 3 runs"));
    assert_non_null(strstr(finalists_sentence(lost, 1, arena), "every run failed"));
    assert_string_equal(finalists_sentence(list, 0, arena), "");
    Doc *doc = finalists_doc(list, 2);
    assert_int_equal(doc_count(doc), 2);
    assert_true(doc_to_number(doc_get(doc_at(doc, 1), "fresh"), 0) == 0.81);
    doc_free(doc);
}

static void importance_has_parameters_pairs_and_a_map(void **state)
{
    (void)state;
    Conf *conf;
    Space *space;
    Error err = {0};
    const char *yaml = "parameters: {a: {min: 0.0, max: 1.0}, b: {values: [p, q, r]}}";
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s", err.message);
    ParamImportance params[] = {{.dim = 1, .importance = 0.7, .favours = "q"},
                                {.dim = 0, .importance = 0.3, .favours = "0.1 to 0.2"}};
    PairMap map = {.a = 0, .b = 1, .n_a = 2, .n_b = 3, .a_value = {value_real(0.25), value_real(0.75)},
                   .b_value = {value_text("p"), value_text("q")}};
    Importance importance = {.n_trials = 60, .n_params = 2, .param = params, .n_pairs = 1,
                             .pair = {{0, 1, 0.2}}, .map = &map};
    Doc *doc = importance_doc(&importance, space);
    const Doc *list = doc_get(doc, "parameters"), *shown = doc_get(doc, "map");
    assert_int_equal(doc_count(list), 2);
    assert_string_equal(doc_to_text(doc_get(doc_at(list, 0), "name"), ""), "b");
    assert_string_equal(doc_to_text(doc_get(doc_at(list, 1), "favours"), ""), "0.1 to 0.2");
    assert_int_equal(doc_count(doc_get(doc, "pairs")), 1);
    assert_int_equal(doc_count(doc_get(shown, "a_values")), 2);
    assert_int_equal(doc_kind(doc_at(doc_get(shown, "b_values"), 2)), DOC_NULL); /* active nowhere */
    assert_int_equal(doc_count(doc_get(shown, "mean")), 3);
    assert_int_equal(doc_count(doc_at(doc_get(shown, "mean"), 0)), 2);
    doc_free(doc);
    importance = (Importance){.warning = "all trials have the same score"};
    doc = importance_doc(&importance, space);
    assert_non_null(strstr(doc_to_text(doc_get(doc, "warning"), ""), "same score"));
    assert_null(doc_get(doc, "map"));
    doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_posterior_says_why_the_winner_won),
        cmocka_unit_test(finalists_say_who_won),
        cmocka_unit_test(importance_has_parameters_pairs_and_a_map),
    };
    return cmocka_run_group_tests_name("reports/findings", tests, start, finish);
}
