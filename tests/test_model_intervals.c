/* Intervals of scores: against other implementations, and by how often they hold a truth that is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "engine/metrics.h"
#include "model/evaluate.h"
#include "model/interval.h"
#include "model/rescore.h"
#include "model/spread.h"
#include "tests/golden/intervals.h"

static void close_to(double got, double want, double share)
{
    if (!(fabs(got - want) <= share * fmax(1e-9, fabs(want)))) fail_msg("%.12g, expected %.12g", got, want);
}

static void shares_are_scipys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_share / sizeof *golden_share; i++) {
        Interval got = interval_share(golden_share[i].hits, golden_share[i].n);
        assert_true(fabs(got.low - golden_share[i].low) < 1e-9 && fabs(got.high - golden_share[i].high) < 1e-9);
    }
    assert_true(isnan(interval_share(0, 0).low));
    Interval f1 = interval_f1(50, 60, 70); /* 50 of the 80 rows of either: F1 is 2 x 5/8 / (1 + 5/8) */
    Interval of = interval_share(50, 80);
    close_to(f1.low, 2 * of.low / (1 + of.low), 1e-12);
    close_to(f1.high, 2 * of.high / (1 + of.high), 1e-12);
    assert_true(f1.low < 100.0 / 130 && 100.0 / 130 < f1.high);
}

static void rows_of_a_confusion_are_numerical_differences(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof golden_confusion / sizeof *golden_confusion; i++) {
        Metrics metrics;
        double rows[METRIC_COUNT] = {0};
        assert_true(metrics_create(golden_confusion[i].n_classes, arena, &metrics, NULL));
        metrics_from_predictions(golden_confusion[i].n, golden_confusion[i].predicted, golden_confusion[i].labels,
                                 &metrics);
        assert_true(spread_of_confusion(&metrics, arena, rows, NULL));
        for (int m = METRIC_F1_MACRO; m <= METRIC_MCC; m++)
            if (golden_confusion[i].rows[m] > 0) close_to(rows[m], golden_confusion[i].rows[m], 1e-5);
        assert_true(rows[METRIC_ACCURACY] == golden_confusion[i].n);
    }
    arena_destroy(arena);
}

static void rows_of_areas_are_delongs(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rescore r;
    double value[METRIC_COUNT] = {0}, rows[METRIC_COUNT] = {0};
    const RescoreInput in = {.n = AREA_N, .n_classes = AREA_K, .proba = area_proba, .labels = area_labels,
                             .positive = -1};
    assert_true(rescore_create(&in, 1u << METRIC_ROC_AUC | 1u << METRIC_PR_AUC, arena, &r, NULL));
    rescore(&r, NULL, value);
    close_to(value[METRIC_ROC_AUC], area_roc[0], 1e-9); /* both ways to walk a curve */
    close_to(value[METRIC_PR_AUC], area_pr[0], 1e-9);
    assert_true(spread_of_areas(&r, arena, value, rows, NULL));
    close_to(value[METRIC_ROC_AUC], area_roc[0], 1e-9);
    close_to(value[METRIC_PR_AUC], area_pr[0], 1e-9);
    close_to(rows[METRIC_ROC_AUC], area_roc[1], 1e-6);
    close_to(rows[METRIC_PR_AUC], area_pr[1], 1e-5);
    arena_destroy(arena);
}

static void distances_are_as_enumerated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_distance / sizeof *golden_distance; i++) {
        Distance got = distance_of(golden_distance[i].bin, golden_distance[i].n, golden_distance[i].spread);
        close_to(got.counted, golden_distance[i].counted, 1e-9);
        close_to(got.estimate, golden_distance[i].estimate, 0.01); /* many hits are taken for normal */
        close_to(got.interval.low, golden_distance[i].low, 0.01);
        close_to(got.interval.high, golden_distance[i].high, 0.01);
    }
    const CountBin right[] = {{100, 50, 50}};
    Distance got = distance_of(right, 1, 1); /* right by chance: what is not seen may be there */
    assert_true(got.counted == 0 && got.estimate == 0 && got.interval.low == 0);
    assert_true(isnan(distance_of(&(CountBin){10, NAN, 3}, 1, 1).interval.low));
}

/* ---- how often they hold -------------------------------------------------------------------------- */

/* Three classes of normal rows, the probabilities too sure of themselves. */
static void draw(Rng *rng, int n, float *proba, int32_t *labels)
{
    for (int i = 0; i < n; i++) {
        double u = rng_uniform(rng), z[3], sum = 0;
        labels[i] = u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
        for (int c = 0; c < 3; c++) z[c] = exp(1.8 * (rng_normal(rng) + 1.3 * (c == labels[i]))), sum += z[c];
        for (int c = 0; c < 3; c++) proba[3 * i + c] = (float)(z[c] / sum);
    }
}

static const char *const names[3] = {"a", "b", "c"};

static Doc *evaluation(int n, const float *proba, const int32_t *labels, int draws, Arena *arena)
{
    Doc *doc = NULL;
    Error err;
    const Judged judged = {.n = n, .n_classes = 3, .classes = names, .proba = proba, .labels = labels,
                           .positive = -1, .bootstrap = draws, .seed = 3};
    if (!evaluate_predictions(&judged, arena, &doc, &err)) fail_msg("%s", err.message);
    return doc;
}

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), NAN);
}

static void all_intervals_hold_the_truth(void **state)
{
    (void)state;
    enum { SETS = 1000, ROWS = 300, WORLD = 200000 };
    Arena *arena = arena_create(0), *own = arena_create(0);
    Rng rng = rng_stream(5, 0, RNG_TEST);
    float *proba = ARENA_NEW(arena, float, 3 * WORLD), few[3 * ROWS];
    int32_t *labels = ARENA_NEW(arena, int32_t, WORLD), of_few[ROWS];
    int held[METRIC_COUNT] = {0};
    draw(&rng, WORLD, proba, labels);
    Doc *world = evaluation(WORLD, proba, labels, 0, arena);
    for (uint32_t s = 0; s < SETS; s++) {
        rng = rng_stream(6, s, RNG_TEST);
        draw(&rng, ROWS, few, of_few);
        arena_reset(own);
        Doc *doc = evaluation(ROWS, few, of_few, 200, own);
        for (int m = METRIC_ACCURACY; m < METRIC_RMSE; m++) {
            const char *name = metric_name((MetricId)m);
            if (m == METRIC_LOG_LOSS_CALIBRATED) continue; /* of trials, not of models */
            const Doc *entry = doc_get(doc_get(doc, "metrics"), name);
            const Doc *truth = doc_get(doc_get(world, "metrics"), name);
            double low = number(entry, "low95"), high = number(entry, "high95"), value = number(entry, "value");
            if (!(low <= value && value <= high)) fail_msg("%s: %g not in %g to %g", name, value, low, high);
            double true_value = number(truth, doc_get(truth, "counted") ? "counted" : "value");
            held[m] += low <= true_value && true_value <= high;
        }
        doc_free(doc);
    }
    for (int m = METRIC_ACCURACY; m < METRIC_RMSE; m++) /* two standard errors of so few sets around 95 % */
        if (m != METRIC_LOG_LOSS_CALIBRATED && (held[m] < 0.92 * SETS || held[m] > 0.985 * SETS))
            fail_msg("%s: %d of %d", metric_name((MetricId)m), held[m], SETS);
    doc_free(world);
    arena_destroy(arena), arena_destroy(own);
}

/* What no interval can be made to cover has none. */
static void few_rows_of_a_class_have_none_for_averages(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    enum { ROWS = 100 };
    float proba[3 * ROWS];
    int32_t labels[ROWS];
    Rng rng = rng_stream(9, 0, RNG_TEST);
    draw(&rng, ROWS, proba, labels);
    for (int i = 0, third = 0; i < ROWS; i++) /* nine rows of the third class stay */
        if (labels[i] == 2 && third++ >= 9) labels[i] = 0;
    Doc *doc = evaluation(ROWS, proba, labels, 100, arena);
    const Doc *metrics = doc_get(doc, "metrics");
    static const char *const none[] = {"f1_macro", "precision_macro", "recall_macro", "balanced_accuracy", "roc_auc",
                                       "pr_auc"};
    for (int i = 0; i < 6; i++) {
        assert_true(isnan(number(doc_get(metrics, none[i]), "low95")));
        assert_false(isnan(number(doc_get(metrics, none[i]), "value")));
    }
    assert_true(number(doc_get(metrics, "accuracy"), "low95") > 0);
    assert_true(number(doc_get(metrics, "mcc"), "low95") > 0);
    const Doc *third = doc_at(doc_get(doc, "per_class"), 2);
    assert_true(number(third, "recall_low95") < number(third, "recall"));
    assert_true(number(third, "precision_high95") > number(third, "precision"));
    doc_free(doc);
    arena_destroy(arena);
}

/* ---- reliability ----------------------------------------------------------------------------------- */

static Doc *two_classes(double shift, int n, int positive, Arena *arena)
{
    float *proba = ARENA_NEW(arena, float, 2 * (size_t)n);
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    Rng rng = rng_stream(4, 0, RNG_TEST);
    Doc *doc = NULL;
    for (int i = 0; i < n; i++) {
        double z = rng_normal(&rng) * 1.5 - 1;
        labels[i] = rng_uniform(&rng) < 1 / (1 + exp(-z));
        proba[2 * i + 1] = (float)(1 / (1 + exp(-z - shift)));
        proba[2 * i] = 1 - proba[2 * i + 1];
    }
    const Judged judged = {.n = n, .n_classes = 2, .classes = names, .proba = proba, .labels = labels,
                           .positive = positive, .bootstrap = 50};
    assert_true(evaluate_predictions(&judged, arena, &doc, NULL));
    return doc;
}

static void reliability_is_of_each_class_and_warns(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Doc *right = two_classes(0, 2000, 1, arena), *wrong = two_classes(0.8, 2000, 1, arena);
    Doc *turned = two_classes(0.8, 2000, 0, arena);
    assert_int_equal(doc_count(doc_get(right, "warnings")), 0);
    assert_int_equal(doc_count(doc_get(wrong, "warnings")), 1);
    const char *text = doc_to_text(doc_at(doc_get(wrong, "warnings"), 0), "");
    assert_non_null(strstr(text, "b has a mean probability of 0."));
    assert_non_null(strstr(text, "more than 2 standard errors"));
    const Doc *list = doc_get(wrong, "class_reliability"), *first = doc_at(list, 0);
    assert_int_equal(doc_count(list), 2);
    assert_string_equal(doc_to_text(doc_get(first, "label"), ""), "b"); /* the positive class */
    assert_string_equal(doc_to_text(doc_get(doc_at(doc_get(turned, "class_reliability"), 0), "label"), ""), "a");
    assert_true(number(first, "mean_p") > number(first, "high95"));
    close_to(number(first, "ece"), number(doc_get(doc_get(wrong, "metrics"), "ece_classwise"), "counted"), 1e-9);
    double n = 0, hits = 0;
    for (size_t b = 0; b < doc_count(doc_get(first, "bins")); b++) {
        const Doc *bin = doc_at(doc_get(first, "bins"), b);
        double rows = number(bin, "n"), share = number(bin, "share");
        if (rows == 0) {
            assert_true(isnan(share) && isnan(number(bin, "low95")));
            continue;
        }
        assert_true(number(bin, "low") - 1e-6 <= number(bin, "mean_p") && number(bin, "mean_p") <= number(bin, "high") + 1e-6);
        assert_true(number(bin, "low95") <= share && share <= number(bin, "high95"));
        n += rows, hits += rows * share;
    }
    assert_true(n == 2000 && fabs(hits - number(first, "n")) < 1e-6);
    doc_free(right), doc_free(wrong), doc_free(turned);
    arena_destroy(arena);
}

/* Words taken many at a time are those taken one by one, also where some are rejected. */
static void draws_are_single_ones(void **state)
{
    (void)state;
    static int32_t got[3000], want[3000];
    static const int sizes[] = {0, 1, 2, 7, 1023, 1024, 1025, 3000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int n = sizes[s];
        Rng rng = rng_stream(9, 4, RNG_BOOTSTRAP);
        memset(want, 0, sizeof want);
        for (int i = 0; i < n; i++) want[rng_below(&rng, (uint32_t)n)]++;
        rescore_draw(n, 9, 4, got);
        assert_memory_equal(got, want, (size_t)n * sizeof *got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_scipys),
        cmocka_unit_test(rows_of_a_confusion_are_numerical_differences),
        cmocka_unit_test(rows_of_areas_are_delongs),
        cmocka_unit_test(distances_are_as_enumerated),
        cmocka_unit_test(all_intervals_hold_the_truth),
        cmocka_unit_test(few_rows_of_a_class_have_none_for_averages),
        cmocka_unit_test(draws_are_single_ones),
        cmocka_unit_test(reliability_is_of_each_class_and_warns),
    };
    return cmocka_run_group_tests_name("model/intervals", tests, NULL, NULL);
}
