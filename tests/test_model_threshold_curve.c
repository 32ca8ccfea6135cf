#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/evaluate.h"
#include "tests/golden/calibration.h"

static const char *three[] = {"a", "b", "c"}, *two[] = {"good", "bad"};
static Error err;

static Doc *evaluate(const Judged *judged, Arena *arena)
{
    Doc *doc = NULL;
    if (!evaluate_predictions(judged, arena, &doc, &err)) fail_msg("%s", err.message);
    return doc;
}

static double at(const Doc *curve, const char *key, int i)
{
    return doc_to_number(doc_at(doc_get(curve, key), (size_t)i), NAN);
}

static void counts_what_scikit_learn_counts(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Judged judged = {.n = CAL_N, .n_classes = CAL_K, .classes = three, .proba = cal_proba, .labels = cal_labels,
                     .positive = 2};
    Doc *doc = evaluate(&judged, arena);
    const Doc *curve = doc_get(doc, "threshold_curve"), *decision = doc_get(doc, "decision");
    static const char *const keys[] = {"precision", "recall", "f1", "flagged"};
    assert_string_equal(doc_to_text(doc_get(curve, "label"), ""), "c");
    assert_int_equal(doc_count(doc_get(curve, "at")), 99);
    assert_true(fabs(at(curve, "at", 19) - 0.2) < 1e-15);
    for (int k = 0; k < 4; k++) {
        assert_true(fabs(at(curve, keys[k], 19) - cal_at_20[k]) < 1e-12);
        assert_true(fabs(at(curve, keys[k], 54) - cal_at_55[k]) < 1e-12);
    }
    assert_int_equal(doc_kind(doc_get(curve, "cost")), DOC_NULL);
    assert_int_equal(doc_kind(doc_get(curve, "chosen")), DOC_NULL);
    assert_string_equal(doc_to_text(doc_get(decision, "rule"), ""), "decides the most probable class");
    assert_true(isnan(doc_to_number(doc_get(decision, "threshold"), 0)));
    doc_free(doc);
    judged.positive = -1; /* nobody asked for a class */
    judged.decision = (double[]){1, 2, 3};
    judged.asked = "f1_macro";
    doc = evaluate(&judged, arena);
    assert_int_equal(doc_kind(doc_get(doc, "threshold_curve")), DOC_NULL);
    assert_true(at(doc_get(doc, "decision"), "weights", 2) == 3);
    assert_string_equal(doc_to_text(doc_get(doc_get(doc, "decision"), "asked"), ""), "f1_macro");
    doc_free(doc);
    arena_destroy(arena);
}

static void the_chosen_point_is_on_the_curve(void **state)
{
    (void)state;
    enum { N = 8 };
    Arena *arena = arena_create(0);
    const float bad[N] = {0.05f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.8f, 0.9f};
    const int32_t labels[N] = {0, 0, 1, 0, 1, 0, 1, -1};
    const double cost[4] = {0, 1, 5, 0.5};
    float p[2 * N];
    for (int i = 0; i < N; i++) p[2 * i + 1] = bad[i], p[2 * i] = 1 - bad[i];
    Judged judged = {.n = N, .n_classes = 2, .classes = two, .proba = p, .labels = labels, .positive = -1, .cost = cost};
    Doc *doc = evaluate(&judged, arena);
    const Doc *curve = doc_get(doc, "threshold_curve");
    int chosen = (int)doc_to_number(doc_get(curve, "chosen"), -1);
    const double t = 1 / (1 + 4.5);
    assert_true(fabs(at(curve, "at", chosen) - t) < 1e-15 && fabs(doc_to_number(doc_get(doc_get(doc, "decision"),
                "threshold"), 0) - t) < 1e-15);
    assert_int_equal(doc_count(doc_get(curve, "at")), 100);
    for (int i = 1; i < 100; i++) assert_true(at(curve, "at", i) > at(curve, "at", i - 1));
    /* From 0.1818 on 0.2, 0.3, 0.4, 0.5 and 0.8 are bad, three of them rightly. */
    assert_true(fabs(at(curve, "precision", chosen) - 0.6) < 1e-12 && at(curve, "recall", chosen) == 1);
    assert_true(fabs(at(curve, "cost", chosen) - (3 * 0.5 + 2 * 1) / 7.0) < 1e-12);
    assert_true(fabs(at(curve, "cost", 98) - (3 * 5) / 7.0) < 1e-12 || at(curve, "flagged", 98) > 0);
    doc_free(doc);
    judged.cost = NULL; /* on the grid, it is there once */
    doc = evaluate(&judged, arena);
    curve = doc_get(doc, "threshold_curve");
    assert_int_equal(doc_count(doc_get(curve, "at")), 99);
    assert_true(at(curve, "at", (int)doc_to_number(doc_get(curve, "chosen"), -1)) == 0.5);
    assert_true(fabs(at(curve, "flagged", 49) - 2 / 7.0) < 1e-12 && at(curve, "precision", 49) == 0.5); /* itself, too */
    doc_free(doc);
    const double far[3] = {1e-9, 1e9, 0.5}; /* beyond both ends */
    for (int i = 0; i < 2; i++) {
        judged.decision = (double[]){1, far[i]};
        doc = evaluate(&judged, arena);
        curve = doc_get(doc, "threshold_curve");
        int end = (int)doc_to_number(doc_get(curve, "chosen"), -1);
        assert_int_equal(doc_count(doc_get(curve, "at")), 100);
        assert_int_equal(end, i == 0 ? 99 : 0);
        doc_free(doc);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_scikit_learn_counts),
        cmocka_unit_test(the_chosen_point_is_on_the_curve),
    };
    return cmocka_run_group_tests_name("model/threshold_curve", tests, NULL, NULL);
}
