/* What the trials taught, as sentences and JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "reports/findings.h"

static void a_posterior_has_means(void **state)
{
    (void)state;
    const Posterior posterior = {.n = 3, .trial = {{4, 0.91, 0.9}, {14, 0.94, 0.89}, {2, 0.8, 0.8}}};
    Doc *doc = posterior_doc(&posterior);
    const Doc *first = doc_at(doc_get(doc, "trials"), 0);
    assert_int_equal(doc_count(doc_get(doc, "trials")), 3);
    assert_true(doc_to_number(doc_get(first, "trial"), 0) == 4);
    assert_true(doc_to_number(doc_get(first, "mean"), 0) == 0.9);
    doc_free(doc);
}

static void finalists_say_who_won(void **state)
{
    (void)state;
    const Finalist list[] = {{7, 3, 0, 0.89, 0.89, 0.01, 0.89, 0.87, 0.91}, {3, 3, 0, 0.9, 0.84, 0.05, 0.81, 0.79, 0.83}};
    const Finalist lost[] = {{0, 1, 1, 0.5, 0.5, NAN, NAN, NAN, NAN}};
    assert_non_null(strstr(finalists_sentence(list, 2, arena), "trial 7 wins with a mean of 0.89 over 3 runs"));
    assert_non_null(strstr(finalists_sentence(list, 1, arena), "Trial 7 has a mean of 0.89 over 3 runs"));
    assert_non_null(strstr(finalists_sentence(list, 2, arena), "0.89 (on average over seeds, on these rows: 0.87 to"
                           " 0.91, 95 %)"));
    assert_non_null(strstr(finalists_sentence(lost, 1, arena), "every run failed"));
    assert_string_equal(finalists_sentence(list, 0, arena), "");
    Doc *doc = finalists_doc(list, 2);
    assert_int_equal(doc_count(doc), 2);
    assert_true(doc_to_number(doc_get(doc_at(doc, 1), "fresh"), 0) == 0.81);
    doc_free(doc);
}

static void importance_has_parameters_pairs_and_maps(void **state)
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
    const Doc *list = doc_get(doc, "parameters"), *shown = doc_at(doc_get(doc, "maps"), 0);
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
    assert_int_equal(doc_count(doc_get(doc, "maps")), 0);
    doc_free(doc);
}

static void an_ensemble_is_a_document(void **state)
{
    (void)state;
    const TrialRow trials[] = {{.number = 4, .params = "{\"rate\":0.1}", .n_params = 70}, {.number = 9}};
    const EnsembleMember members[] = {{&trials[0], 0.75, 0.9}, {&trials[1], 0.25, 0.8}};
    const SkippedTrial skipped[] = {{2, "is gone"}};
    const Ensemble ensemble = {
        .method = SELECT_WEIGHTED, .metric = METRIC_LOG_LOSS, .score = 0.25, .best_single = &trials[0],
        .best_single_score = 0.5, .reason = "why", .n_rows = 10, .n_considered = 3, .n_members = 2, .member = members,
        .disagreement = (double[]){0, 0.5, 0.5, 0}, .n_curve = 1, .curve = (double[]){0.3},
        .calibration = {.method = CALIBRATION_TEMPERATURE, .temperature = 1.25, .loss = {NAN, 0.25, NAN, NAN, NAN, NAN}},
        .decision = {.weight = (double[]){1, 3}, .asked = "f1_macro", .assured = true}, .rule = "decides",
        .best_single_decision = {.assured = true}, .n_classes = 2, .log_loss = {0.4, 0.25}, .ece = {0.1, 0.05}, .n_params = 140, .bytes = 1000, .path = "e.consort",
        .sha256 = "ab", .n_skipped = 1, .skipped = skipped};
    Text text = {0};
    Doc *doc = ensemble_doc(&ensemble);
    assert_true(doc_print(doc, 0, &text));
    assert_string_equal(text.bytes,
        "{\"schema\":1,\"method\":\"weighted\",\"metric\":\"log_loss\",\"score\":0.25,\"best_single\":{\"trial\":4,\"score\":0.5,"
        "\"decision\":null,\"cost\":null,\"asked\":null,\"assured\":true},"
        "\"gain\":0.25,\"reason\":\"why\",\"rows\":10,\"considered\":3,\"members\":[{\"trial\":4,\"weight\":0.75,"
        "\"score\":0.9,\"params\":{\"rate\":0.1},\"n_params\":70},{\"trial\":9,\"weight\":0.25,\"score\":0.8,"
        "\"params\":null,\"n_params\":0}],\"disagreement\":[[0,0.5],[0.5,0]],\"curve\":[0.3],\"temperature\":1.25,"
        "\"calibration\":{\"method\":\"temperature\",\"loss\":{\"temperature\":0.25},\"scale\":[0.8],\"bias\":null},"
        "\"decision\":[1,3],\"cost\":null,\"asked\":\"f1_macro\",\"assured\":true,\"rule\":\"decides\","
        "\"log_loss\":{\"before\":0.4,\"after\":0.25},\"ece\":{\"before\":0.1,\"after\":0.05},"
        "\"n_params\":140,\"bytes\":1000,\"path\":\"e.consort\",\"sha256\":\"ab\","
        "\"skipped\":[{\"trial\":2,\"why\":\"is gone\"}],\"validation\":null}");
    text_free(&text);
    doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_posterior_has_means),
        cmocka_unit_test(finalists_say_who_won),
        cmocka_unit_test(importance_has_parameters_pairs_and_maps),
        cmocka_unit_test(an_ensemble_is_a_document),
    };
    return cmocka_run_group_tests_name("reports/findings", tests, start, finish);
}
