#include "tests/test_engine.h"

#include "engine/cooling.h"
#include "tests/golden/metrics.h"
#include "tests/golden/metrics_weighted.h"

#include <stdlib.h>
#include <string.h>

/* SciPy finds the temperature less exactly. */
static bool fitted(int metric)
{
    return metric == METRIC_LOG_LOSS_CALIBRATED;
}

static void matches_scikit_learn(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof golden_metrics / sizeof *golden_metrics; i++) {
        const char *name = golden_metrics[i].name;
        int n = golden_metrics[i].n, k = golden_metrics[i].n_classes;
        Metrics m;
        assert_true(metrics_create(k, arena, &m, NULL));
        void *scratch = arena_alloc(arena, metrics_scratch_bytes(n), 1);
        metrics_compute(n, golden_metrics[i].proba, k, golden_metrics[i].labels, -1, METRICS_ALL,
                        scratch, &m);
        assert_int_equal(m.n_rows, n);
        for (int j = METRIC_ACCURACY; j < METRIC_RMSE; j++) {
            char what[100];
            snprintf(what, sizeof what, "%s: %s", name, metric_name((MetricId)j));
            check_close(what, m.value[j], golden_metrics[i].value[j], fitted(j) ? 1e-8 : 1e-9);
        }
        check_close("loss", m.value[METRIC_LOSS], m.value[METRIC_LOG_LOSS], 0);
        for (int c = 0; c < k; c++) {
            check_close(name, m.per_class[c].precision, golden_metrics[i].precision[c], 1e-12);
            check_close(name, m.per_class[c].recall, golden_metrics[i].recall[c], 1e-12);
            check_close(name, m.per_class[c].f1, golden_metrics[i].f1[c], 1e-12);
        }
    }
    arena_destroy(arena);
}

static void weights_are_as_scikit_learn_has_them(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof golden_weighted / sizeof *golden_weighted; i++) {
        const char *name = golden_weighted[i].name;
        int n = golden_weighted[i].n, k = golden_weighted[i].n_classes;
        Metrics m;
        ScoredRows rows = {.n = n, .n_classes = k, .values = golden_weighted[i].proba, .ld = k, .positive = -1,
                           .labels = golden_weighted[i].labels, .weight = golden_weighted[i].weight};
        assert_true(metrics_create(k, arena, &m, NULL));
        void *scratch = arena_alloc(arena, metrics_scratch_bytes(n), 1);
        metrics_score(&rows, METRICS_ALL, scratch, &m);
        for (int j = METRIC_ACCURACY; j < METRIC_RMSE; j++) {
            char what[100];
            snprintf(what, sizeof what, "%s: %s", name, metric_name((MetricId)j));
            check_close(what, m.value[j], golden_weighted[i].value[j], fitted(j) ? 1e-8 : 1e-9);
        }
        for (int c = 0; c < k; c++) {
            check_close(name, m.per_class[c].precision, golden_weighted[i].precision[c], 1e-12);
            check_close(name, m.per_class[c].recall, golden_weighted[i].recall[c], 1e-12);
            check_close(name, m.per_class[c].f1, golden_weighted[i].f1[c], 1e-12);
        }
    }
    arena_destroy(arena);
}

/* Equal weights are no weights; a row of 2 is that row twice (but for what holds a temperature, which counts
 * rows: engine/cooling.h); a row of 0 is not there. */
static void a_weight_is_so_many_rows(void **state)
{
    (void)state;
    enum { N = 60, K = 3 };
    Arena *arena = arena_create(0);
    int32_t labels[2 * N];
    double weight[N], same[N];
    int m = 0;
    Rng rng = rng_stream(3, 0, RNG_TEST);
    Metrics weighted, plain;
    assert_true(metrics_create(K, arena, &weighted, NULL) && metrics_create(K, arena, &plain, NULL));
    void *scratch = arena_alloc(arena, metrics_scratch_bytes(2 * N), 1);
    float once[N * K], twice[2 * N * K];
    int32_t of[N];
    for (int i = 0; i < N; i++) {
        float sum = 0;
        for (int c = 0; c < K; c++) sum += once[i * K + c] = (float)rng_uniform(&rng) + 0.01f;
        for (int c = 0; c < K; c++) once[i * K + c] /= sum;
        of[i] = (int32_t)rng_below(&rng, K) - (rng_below(&rng, 9) == 0 && i ? 1 : 0);
        weight[i] = i % 3;
        same[i] = 2.5;
        for (int t = 0; t < i % 3; t++, m++) {
            memcpy(twice + m * K, once + i * K, K * sizeof *once);
            labels[m] = of[i];
        }
    }
    ScoredRows rows = {.n = N, .n_classes = K, .values = once, .ld = K, .positive = -1, .labels = of, .weight = weight};
    metrics_score(&rows, METRICS_ALL, scratch, &weighted);
    metrics_compute(m, twice, K, labels, -1, METRICS_ALL, scratch, &plain);
    for (int j = 0; j < METRIC_RMSE; j++)
        check_close(metric_name((MetricId)j), weighted.value[j], plain.value[j], fitted(j) ? 0.01 : 1e-12);
    rows.weight = same;
    metrics_score(&rows, METRICS_ALL, scratch, &weighted);
    metrics_compute(N, once, K, of, -1, METRICS_ALL, scratch, &plain);
    for (int j = 0; j < METRIC_RMSE; j++) check_close(metric_name((MetricId)j), weighted.value[j], plain.value[j], 1e-12);
    for (int c = 0; c < K * K; c++) assert_int_equal(weighted.confusion[c], plain.confusion[c]);
    arena_destroy(arena);
}

/* The objective is lowest at the temperature found; what does not count does not; nan stays nan. */
static void the_best_temperature(void **state)
{
    (void)state;
    enum { N = 30, K = 3 };
    float proba[(N + 2) * K];
    int32_t labels[N + 2];
    double weight[N + 2];
    Rng rng = rng_stream(8, 0, RNG_TEST);
    for (int i = 0; i < N + 2; i++) {
        float sum = 0;
        for (int c = 0; c < K; c++) sum += proba[i * K + c] = (float)exp(3 * rng_normal(&rng));
        for (int c = 0; c < K; c++) proba[i * K + c] /= sum;
        int top = 0;
        for (int c = 1; c < K; c++) top = proba[i * K + c] > proba[i * K + top] ? c : top;
        labels[i] = i == N ? -1 : i % 2 ? top : (int32_t)rng_below(&rng, K);
        weight[i] = i <= N ? 1 + i % 3 : 0;
    }
    for (int weighted = 0; weighted < 2; weighted++) {
        CoolingRows rows = {N, K, proba, K, labels, weighted ? weight : NULL, 0};
        const double t = cooling_fit(&rows), best = cooling_loss(&rows, t) + (1 / t - 1 + log(t)) / N;
        assert_true(t > 1.5 && t < COOLING_MOST);
        for (int side = -1; side <= 1; side += 2) {
            const double other = t * (1 + side * 1e-3);
            assert_true(cooling_loss(&rows, other) + (1 / other - 1 + log(other)) / N > best);
        }
        rows.n += weighted ? 2 : 1; /* without label; without weight */
        check_close("t", cooling_fit(&rows), t, 0);
        check_close("loss", cooling_loss(&rows, t), cooling_loss(&(CoolingRows){N, K, proba, K, labels, rows.weight, 0}, t), 0);
        rows.n = 0;
        assert_true(cooling_fit(&rows) == 1 && isnan(cooling_loss(&rows, 1)));
    }
    Metrics m;
    Arena *arena = arena_create(0);
    assert_true(metrics_create(K, arena, &m, NULL));
    proba[4] = NAN;
    metrics_compute(N, proba, K, labels, -1, 1u << METRIC_LOG_LOSS_CALIBRATED, NULL, &m);
    assert_true(isnan(m.value[METRIC_LOG_LOSS_CALIBRATED]));
    arena_destroy(arena);
}

/* Of many rows each so many-th says as much: the temperature of those alone, near that of all. */
static void a_temperature_of_each_so_many_th_row(void **state)
{
    (void)state;
    enum { N = 40000, K = 3 };
    Arena *arena = arena_create(0);
    float *proba = ARENA_NEW(arena, float, N * K);
    int32_t *labels = ARENA_NEW(arena, int32_t, N);
    double *weight = ARENA_NEW(arena, double, N);
    const int every = cooling_every(N, K);
    assert_int_equal(every, 6); /* some 20,000 probabilities */
    assert_int_equal(cooling_every(20000 / K, K), 1);
    assert_int_equal(cooling_every(0, K), 1);
    assert_int_equal(cooling_every(2000000000, 1000), 100000000);
    Rng rng = rng_stream(9, 0, RNG_TEST);
    for (int i = 0; i < N; i++) { /* labels as the probabilities before 1.6 of them was taken say */
        double p[K], q[K], sum = 0, sure = 0, u = rng_uniform(&rng);
        for (int c = 0; c < K; c++) sum += p[c] = exp(rng_normal(&rng));
        for (int c = 0; c < K; c++) sure += q[c] = pow(p[c] /= sum, 1.6);
        for (int c = 0; c < K; c++) proba[i * K + c] = (float)(q[c] / sure);
        labels[i] = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
        weight[i] = i % 2 ? 1 : 3;
    }
    for (int weighted = 0; weighted < 2; weighted++) {
        CoolingRows rows = {N, K, proba, K, labels, weighted ? weight : NULL, 0};
        const double all = cooling_fit(&rows), loss = cooling_loss(&rows, all);
        int32_t *own = ARENA_NEW(arena, int32_t, N);
        for (int i = 0; i < N; i++) own[i] = i % every ? -1 : labels[i];
        const CoolingRows alone = {N, K, proba, K, own, rows.weight, 0};
        rows.every = every;
        const double some = cooling_fit(&rows);
        assert_true(fabs(all / 1.6 - 1) < 0.05);
        assert_true(some != all && fabs(some / all - 1) < 0.1); /* a few standard errors of 6667 rows */
        assert_true(fabs(some / cooling_fit(&alone) - 1) < 1e-5);
        check_close("loss", cooling_loss(&rows, all), loss, 0); /* which is of all rows */
        assert_true(cooling_loss(&rows, some) - loss < 1e-3);
        rows.every = 1;
        assert_true(fabs(cooling_fit(&rows) / all - 1) < 1e-5);
    }
    CoolingRows unknown = {7, K, proba, K, (int32_t[]){-1, 1, 2, -1, 0, 1, -1}, NULL, 3};
    assert_true(cooling_fit(&unknown) == 1); /* none that is looked at counts */
    arena_destroy(arena);
}

static void one_rule_for_the_undefined(void **state)
{
    (void)state;
    /* Class 1 is never predicted, class 2 has no rows, class 3 neither. */
    const int32_t labels[] = {0, 0, 1, 1, 0}, predicted[] = {0, 0, 0, 2, 0};
    Arena *arena = arena_create(0);
    Metrics m;
    assert_true(metrics_create(4, arena, &m, NULL));
    metrics_from_predictions(5, predicted, labels, &m);
    assert_true(isnan(m.per_class[1].precision) && isnan(m.per_class[1].f1));
    assert_true(m.per_class[1].recall == 0 && m.per_class[1].support == 2);
    assert_true(m.per_class[2].precision == 0 && isnan(m.per_class[2].recall));
    assert_true(isnan(m.per_class[3].precision) && isnan(m.per_class[3].recall));
    check_close("f1 of 0", m.per_class[0].f1, 6.0 / 7, 1e-15);
    check_close("macro over two classes", m.value[METRIC_F1_MACRO], 3.0 / 7, 1e-15);
    check_close("weighted", m.value[METRIC_F1_WEIGHTED], 6.0 / 7 * 3 / 5, 1e-15);
    check_close("macro precision", m.value[METRIC_PRECISION_MACRO], 3.0 / 8, 1e-15);
    assert_int_equal(m.confusion[1 * 4 + 2], 1);
    for (int j = METRIC_LOG_LOSS; j < METRIC_COUNT; j++) assert_true(isnan(m.value[j]));
    arena_destroy(arena);
}

static void unknown_labels_are_not_counted(void **state)
{
    (void)state;
    const float with[] = {.9f, .1f, 0, .5f, .5f, 9, .2f, .8f, 0, .6f, .4f, 0}; /* ld 3 */
    const int32_t labels[] = {0, -1, 1, 1};
    const float without[] = {.9f, .1f, .2f, .8f, .6f, .4f};
    const int32_t known[] = {0, 1, 1};
    Arena *arena = arena_create(0);
    Metrics a, b;
    assert_true(metrics_create(2, arena, &a, NULL) && metrics_create(2, arena, &b, NULL));
    void *scratch = arena_alloc(arena, metrics_scratch_bytes(4), 1);
    metrics_compute(4, with, 3, labels, -1, METRICS_ALL, scratch, &a);
    metrics_compute(3, without, 2, known, -1, METRICS_ALL, scratch, &b);
    assert_int_equal(a.n_rows, 3);
    assert_memory_equal(a.value, b.value, sizeof a.value);
    const int32_t none[] = {-1, -1, -1, -1};
    metrics_compute(4, with, 3, none, -1, METRICS_ALL, scratch, &a);
    for (int j = 0; j < METRIC_COUNT; j++) assert_true(isnan(a.value[j]));
    arena_destroy(arena);
}

/* The areas by their definitions: pairs of rows, and a precision at each threshold. */
static void areas_match_their_definition(void **state)
{
    (void)state;
    enum { N = 300 };
    static float proba[2 * N];
    static int32_t labels[N];
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        labels[i] = rng_uniform(&rng) < 0.3;
        float p = (float)(floor((rng_uniform(&rng) + 0.4 * labels[i]) * 30) / 45); /* with ties */
        proba[2 * i] = 1 - p;
        proba[2 * i + 1] = p;
    }
    double wins = 0, pairs = 0, recall = 0, pr = 0, positives = 0;
    for (int i = 0; i < N; i++) {
        positives += labels[i];
        for (int j = 0; j < N; j++) {
            if (labels[i] != 1 || labels[j] != 0) continue;
            pairs++;
            wins += proba[2 * i + 1] > proba[2 * j + 1] ? 1 : proba[2 * i + 1] == proba[2 * j + 1] ? .5 : 0;
        }
    }
    for (int level = 100; level >= 0; level--) { /* every score is a multiple of 1/45 */
        double tp = 0, all = 0;
        for (int i = 0; i < N; i++) {
            bool above = (int)lround(45.0 * (double)proba[2 * i + 1]) >= level;
            all += above;
            tp += above && labels[i];
        }
        if (all > 0) pr += (tp / positives - recall) * tp / all;
        recall = tp / positives;
    }
    Arena *arena = arena_create(0);
    Metrics m;
    assert_true(metrics_create(2, arena, &m, NULL));
    void *scratch = arena_alloc(arena, metrics_scratch_bytes(N), 1);
    metrics_compute(N, proba, 2, labels, -1, METRICS_ALL, scratch, &m);
    check_close("ROC", m.value[METRIC_ROC_AUC], wins / pairs, 1e-12);
    check_close("PR", m.value[METRIC_PR_AUC], pr, 1e-12);
    metrics_compute(N, proba, 2, labels, 0, METRICS_ALL, scratch, &m);
    check_close("ROC of the other class", m.value[METRIC_ROC_AUC], wins / pairs, 1e-12);
    /* 0 and -0 are one score. */
    const float zeros[] = {1, 0.0f, 1, -0.0f, 1, 0.0f, 1, -0.0f};
    const int32_t mixed[] = {1, 0, 1, 0};
    metrics_compute(4, zeros, 2, mixed, -1, METRICS_ALL, scratch, &m);
    check_close("all tied", m.value[METRIC_ROC_AUC], 0.5, 0);
    proba[7] = NAN;
    metrics_compute(N, proba, 2, labels, -1, METRICS_ALL, scratch, &m);
    assert_true(isnan(m.value[METRIC_ROC_AUC]) && isnan(m.value[METRIC_BRIER]));
    arena_destroy(arena);
}

static void only_what_is_asked_for(void **state)
{
    (void)state;
    const float proba[] = {.9f, .1f, .3f, .7f};
    const int32_t labels[] = {0, 1};
    Arena *arena = arena_create(0);
    Metrics m;
    assert_true(metrics_create(2, arena, &m, NULL));
    metrics_compute(2, proba, 2, labels, -1, 1u << METRIC_BRIER, NULL, &m);
    check_close("Brier", m.value[METRIC_BRIER], (.01 + .09) / 2, 1e-7);
    assert_true(isnan(m.value[METRIC_ROC_AUC]) && isnan(m.value[METRIC_LOG_LOSS]));
    check_close("accuracy", m.value[METRIC_ACCURACY], 1, 0);
    arena_destroy(arena);
}

static void names_and_memory(void **state)
{
    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++) {
        char name[60];
        snprintf(name, sizeof name, "val_%s", metric_name((MetricId)i));
        assert_int_equal(metric_find(name), i);
        assert_int_equal(metric_find(name + 4), i);
        assert_string_equal(metric_names[i], metric_name((MetricId)i));
    }
    assert_null(metric_names[METRIC_COUNT]);
    assert_int_equal(metric_find("val_"), METRIC_COUNT);
    assert_int_equal(metric_find("f1"), METRIC_COUNT);
    assert_false(metric_larger_is_better(METRIC_LOG_LOSS));
    assert_true(metric_larger_is_better(METRIC_MCC));
    assert_string_equal(metric_label(METRIC_F1_MACRO), "macro F1");
    Arena *arena = arena_create(0);
    for (long n = 0;; n++) {
        Metrics m;
        Error err = {ERR_NONE, ""};
        arena_fail_after(arena, n);
        if (metrics_create(3, arena, &m, &err)) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 10);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_scikit_learn),
        cmocka_unit_test(weights_are_as_scikit_learn_has_them),
        cmocka_unit_test(a_weight_is_so_many_rows),
        cmocka_unit_test(the_best_temperature),
        cmocka_unit_test(a_temperature_of_each_so_many_th_row),
        cmocka_unit_test(one_rule_for_the_undefined),
        cmocka_unit_test(unknown_labels_are_not_counted),
        cmocka_unit_test(areas_match_their_definition),
        cmocka_unit_test(only_what_is_asked_for),
        cmocka_unit_test(names_and_memory),
    };
    return cmocka_run_group_tests_name("engine/metrics", tests, NULL, NULL);
}
