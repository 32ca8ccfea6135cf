#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mat.h"
#include "engine/metrics.h"
#include "model/evaluate.h"
#include "tests/golden/ensemble.h"
#include "tests/model_maker.h"

static const char *const classes[] = {"zero", "one", "two"};

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), NAN);
}

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) fail_msg("%.12g, expected %.12g", got, want);
}

static Doc *golden_evaluation(int bootstrap, uint64_t seed, Arena *arena)
{
    Doc *doc = NULL;
    Error err;
    const Judged judged = {.n = GOLDEN_N, .n_classes = GOLDEN_K, .classes = classes, .proba = golden_models[0],
                           .decision = golden_decision, .labels = golden_labels, .positive = -1, .bootstrap = bootstrap, .seed = seed};
    if (!evaluate_predictions(&judged, arena, &doc, &err))
        fail_msg("%s", err.message);
    return doc;
}

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *doc = golden_evaluation(0, 1, arena);
    const Doc *metrics = doc_get(doc, "metrics"), *per_class = doc_get(doc, "per_class");
    assert_true(number(doc, "rows") == GOLDEN_N);
    close_to(number(doc_get(metrics, "accuracy"), "value"), golden_accuracy[0], 1e-12);
    close_to(number(doc_get(metrics, "f1_macro"), "value"), golden_f1_macro[0], 1e-12);
    close_to(number(doc_get(metrics, "log_loss"), "value"), golden_log_loss[0], 1e-7);
    assert_true(isnan(number(doc_get(metrics, "accuracy"), "low95")));
    assert_null(doc_get(metrics, "loss"));
    double sums[3] = {0}, total = 0;
    for (size_t c = 0; c < GOLDEN_K; c++) {
        const Doc *one = doc_at(per_class, c);
        assert_string_equal(doc_to_text(doc_get(one, "label"), ""), classes[c]);
        close_to(number(one, "precision"), golden_precision[c], 1e-12);
        close_to(number(one, "recall"), golden_recall[c], 1e-12);
        close_to(number(one, "f1"), golden_f1[c], 1e-12);
        assert_true(number(one, "support") == golden_support[c]);
        sums[0] += golden_precision[c] * golden_support[c];
        sums[1] += golden_recall[c] * golden_support[c];
        sums[2] += golden_f1[c] * golden_support[c];
        for (size_t p = 0; p < GOLDEN_K; p++)
            close_to(doc_to_number(doc_at(doc_at(doc_get(doc, "confusion"), c), p), -1),
                     golden_confusion[GOLDEN_K * c + p], 0);
        close_to(number(doc_at(doc_get(doc, "roc"), c), "auc"), golden_auc[c], 1e-12);
        close_to(number(doc_at(doc_get(doc, "pr"), c), "ap"), golden_ap[c], 1e-12);
        total += golden_support[c];
    }
    const Doc *weighted = doc_get(doc_get(doc, "averages"), "weighted");
    close_to(number(weighted, "precision"), sums[0] / total, 1e-12);
    close_to(number(weighted, "recall"), sums[1] / total, 1e-12);
    close_to(number(weighted, "f1"), sums[2] / total, 1e-12);
    /* 11 of class one went to two, 6 of two to zero. */
    const Doc *first = doc_at(doc_get(doc, "confused"), 0);
    assert_string_equal(doc_to_text(doc_get(first, "truth"), ""), "one");
    assert_string_equal(doc_to_text(doc_get(first, "predicted"), ""), "two");
    assert_true(number(first, "n") == 11);
    assert_int_equal(doc_count(doc_get(doc, "confused")), 6);
    doc_free(doc);
    arena_destroy(arena);
}

static void intervals_are_sane_and_repeat(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *doc = golden_evaluation(1000, 1, arena), *again = golden_evaluation(1000, 1, arena);
    Doc *other = golden_evaluation(1000, 2, arena);
    const Doc *accuracy = doc_get(doc_get(doc, "metrics"), "accuracy");
    const Doc *f1 = doc_get(doc_get(doc, "metrics"), "f1_macro");
    /* numpy's bootstrap, with other random numbers and more of them */
    close_to(number(accuracy, "low95"), golden_accuracy[1], 0.025);
    close_to(number(accuracy, "high95"), golden_accuracy[2], 0.025);
    close_to(number(f1, "low95"), golden_f1_macro[1], 0.025);
    close_to(number(f1, "high95"), golden_f1_macro[2], 0.025);
    for (size_t m = 0; m < METRIC_COUNT; m++) {
        const Doc *entry = doc_get(doc_get(doc, "metrics"), metric_names[m]);
        double low = number(entry, "low95");
        if (isnan(low)) continue;
        assert_true(low <= number(entry, "value") && number(entry, "value") <= number(entry, "high95"));
    }
    const Doc *auc = doc_get(doc_get(doc, "metrics"), "roc_auc");
    assert_true(number(auc, "low95") < number(auc, "value") && number(auc, "value") < number(auc, "high95"));
    const Doc *one = doc_at(doc_get(doc, "per_class"), 1);
    assert_true(number(one, "low95") < number(one, "f1") && number(one, "f1") < number(one, "high95"));
    Text a = {0}, b = {0}, c = {0};
    assert_true(doc_print(doc, 0, &a) && doc_print(again, 0, &b) && doc_print(other, 0, &c));
    assert_string_equal(a.bytes, b.bytes);
    assert_string_not_equal(a.bytes, c.bytes);
    text_free(&a), text_free(&b), text_free(&c);
    doc_free(doc), doc_free(again), doc_free(other);
    arena_destroy(arena);
}

static void curves_are_short_and_rise(void **state)
{
    (void)state;
    enum { N = 5000 };
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(1, 1, RNG_TEST);
    float *p = ARENA_NEW(arena, float, 2 * N);
    int32_t *labels = ARENA_NEW(arena, int32_t, N);
    Doc *doc = NULL;
    for (int i = 0; i < N; i++) {
        labels[i] = rng_uniform(&rng) < 0.3;
        p[2 * i + 1] = (float)(1 / (1 + exp(-rng_normal(&rng) - labels[i])));
        p[2 * i + 1] = roundf(p[2 * i + 1] * 1000) / 1000; /* ties */
        p[2 * i] = 1 - p[2 * i + 1];
    }
    const Judged judged = {.n = N, .n_classes = 2, .classes = classes, .proba = p, .labels = labels, .positive = 1,
                           .bootstrap = 20, .seed = 1};
    assert_true(evaluate_predictions(&judged, arena, &doc, NULL));
    static const char *const list[2] = {"roc", "pr"}, *const keys[2][2] = {{"fpr", "tpr"},
                                                                           {"recall", "precision"}};
    for (int k = 0; k < 2; k++) {
        assert_int_equal(doc_count(doc_get(doc, list[k])), 1); /* the positive class */
        const Doc *curve = doc_at(doc_get(doc, list[k]), 0), *x = doc_get(curve, keys[k][0]);
        const Doc *y = doc_get(curve, keys[k][1]);
        size_t n = doc_count(x);
        assert_string_equal(doc_to_text(doc_get(curve, "label"), ""), "one");
        assert_in_range(n, 80, 100);
        assert_int_equal(doc_count(y), n);
        for (size_t i = 1; i < n; i++) {
            assert_true(doc_to_number(doc_at(x, i), -1) >= doc_to_number(doc_at(x, i - 1), 2));
            if (k == 0)
                assert_true(doc_to_number(doc_at(y, i), -1) >= doc_to_number(doc_at(y, i - 1), 2));
        }
        assert_true(doc_to_number(doc_at(x, n - 1), 0) == 1);
        double area = 0; /* the thinned curve still tells the area */
        for (size_t i = 1; i < n && k == 0; i++)
            area += (doc_to_number(doc_at(x, i), 0) - doc_to_number(doc_at(x, i - 1), 0)) *
                    (doc_to_number(doc_at(y, i), 0) + doc_to_number(doc_at(y, i - 1), 0)) / 2;
        if (k == 0) close_to(area, number(curve, "auc"), 1e-3);
        if (k == 0)
            close_to(number(curve, "auc"), number(doc_get(doc_get(doc, "metrics"), "roc_auc"), "value"),
                     1e-12);
    }
    double in_bins = 0;
    for (size_t b = 0; b < 15; b++) in_bins += number(doc_at(doc_get(doc, "reliability"), b), "n");
    assert_true(in_bins == N);
    assert_true(isnan(number(doc_at(doc_get(doc, "reliability"), 0), "accuracy")));
    const Doc *mistakes = doc_get(doc, "mistakes");
    assert_int_equal(doc_count(mistakes), 24);
    for (size_t i = 1; i < 24; i++)
        assert_true(number(doc_at(mistakes, i), "p") <= number(doc_at(mistakes, i - 1), "p"));
    doc_free(doc);
    arena_destroy(arena);
}

static void rows_and_classes_that_are_missing(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const float p[15] = {1, 0, 0, 0, 1, 0, 0.2f, 0.5f, 0.3f, 0, 0, 1, 0.6f, 0.3f, 0.1f};
    const int32_t labels[5] = {0, 1, 0, -1, 0}, unknown[5] = {-1, -1, -1, -1, -1};
    Doc *doc = NULL;
    Error err;
    assert_true(evaluate_predictions(&(Judged){.n = 5, .n_classes = 3, .classes = classes, .proba = p, .labels = labels, .positive = -1,
                                                .bootstrap = 200, .seed = 1}, arena, &doc, &err));
    assert_true(number(doc, "rows") == 4);
    const Doc *two = doc_at(doc_get(doc, "per_class"), 2);
    assert_true(isnan(number(two, "precision")));
    assert_true(isnan(number(two, "f1")));
    assert_true(isnan(number(two, "low95")));
    assert_int_equal(doc_count(doc_get(doc, "roc")), 2);
    assert_int_equal(doc_count(doc_get(doc, "mistakes")), 1);
    assert_true(number(doc_at(doc_get(doc, "mistakes"), 0), "row") == 2);
    doc_free(doc);
    assert_false(evaluate_predictions(&(Judged){.n = 5, .n_classes = 3, .classes = classes, .proba = p, .labels = unknown, .positive = -1,
                                                 .bootstrap = 10, .seed = 1}, arena, &doc, &err));
    assert_int_equal(err.code, ERR_DATA);
    arena_destroy(arena);
}

static void evaluates_a_model_and_its_members(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 200, 3, 1, arena);
    Model *model = make_model(table, 3, -1, 2, arena, NULL);
    float proba[600];
    Doc *doc = NULL, *same = NULL;
    Error err;
    model->decision = golden_decision;
    assert_true(evaluate_model(model, table, -1, 50, 1, arena, &doc, &err));
    assert_true(model_predict(model, table, arena, proba, NULL));
    Judged judged = {.n = 200, .n_classes = 3, .classes = table->classes, .proba = proba, .decision = golden_decision,
                     .labels = table->labels, .positive = -1, .bootstrap = 50, .seed = 1};
    assert_true(evaluate_predictions(&judged, arena, &same, NULL));
    Text a = {0}, b = {0};
    assert_true(doc_print(doc_get(doc, "metrics"), 0, &a) && doc_print(doc_get(same, "metrics"), 0, &b));
    assert_string_equal(a.bytes, b.bytes);
    assert_int_equal(doc_count(doc_get(doc, "members")), 3);
    const Doc *second = doc_at(doc_get(doc, "members"), 1);
    assert_string_equal(doc_to_text(doc_get(second, "name"), ""), "trial 1");
    close_to(number(second, "weight"), 1.5 / 4.5, 1e-12);
    assert_true(number(second, "log_loss") > 0 && number(doc, "microseconds_per_row") > 0);
    text_free(&a), text_free(&b);
    doc_free(doc), doc_free(same);
    table->labels = NULL;
    assert_false(evaluate_model(model, table, -1, 50, 1, arena, &doc, &err));
    assert_int_equal(err.code, ERR_DATA);
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    long n = 0;
    for (;; n++) {
        Doc *doc = NULL;
        Error err = {0};
        arena_fail_after(arena, n);
        Judged judged = {.n = GOLDEN_N, .n_classes = GOLDEN_K, .classes = classes, .proba = golden_models[0],
                         .labels = golden_labels, .positive = -1, .bootstrap = 10, .seed = 1};
        bool ok = evaluate_predictions(&judged, arena, &doc, &err);
        arena_fail_after(arena, -1);
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
        if (!ok) assert_null(doc);
        doc_free(doc);
        if (ok) break;
    }
    assert_true(n > 5);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(intervals_are_sane_and_repeat),
        cmocka_unit_test(curves_are_short_and_rise),
        cmocka_unit_test(rows_and_classes_that_are_missing),
        cmocka_unit_test(evaluates_a_model_and_its_members),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    mat_init(NULL);
    return cmocka_run_group_tests_name("ensemble/evaluate", tests, NULL, NULL);
}
