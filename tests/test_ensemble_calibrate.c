#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/calibrate.h"
#include "model/model.h"
#include "model/temperature.h"
#include "tests/golden/ensemble.h"

static double log_loss(int n, int n_classes, const float *p, const int32_t *labels)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum -= log(fmax(p[i * n_classes + labels[i]], 1e-15));
    return sum / n;
}

static void finds_scipys_temperature(void **state)
{
    (void)state;
    float p[GOLDEN_N * GOLDEN_K];
    memcpy(p, golden_models[2], sizeof p);
    double t = temperature_fit(GOLDEN_N, GOLDEN_K, p, golden_labels, NULL);
    assert_true(fabs(t / golden_temperature[0] - 1) < 1e-4);
    assert_true(fabs(log_loss(GOLDEN_N, GOLDEN_K, p, golden_labels) - golden_cooled_loss[1]) < 1e-6);
    temperature_apply(t, GOLDEN_N, GOLDEN_K, p);
    assert_true(fabs(log_loss(GOLDEN_N, GOLDEN_K, p, golden_labels) - golden_cooled_loss[0]) < 1e-6);
    for (int c = 0; c < GOLDEN_K; c++) assert_true(fabs(p[c] - golden_cooled_row[c]) < 1e-5);
}

static void leaves_good_probabilities_alone(void **state)
{
    (void)state;
    /* Rows whose classes come exactly as often as they say: T = 1 is the optimum. */
    float p[40], before[40];
    int32_t labels[20], unknown[20];
    for (int i = 0; i < 20; i++) {
        p[2 * i] = 0.75f, p[2 * i + 1] = 0.25f;
        labels[i] = i % 4 == 3;
        unknown[i] = -1;
    }
    memcpy(before, p, sizeof p);
    assert_true(temperature_fit(20, 2, p, labels, NULL) == 1);
    temperature_apply(1, 20, 2, p);
    assert_memory_equal(p, before, sizeof p);
    assert_true(temperature_fit(20, 2, p, unknown, NULL) == 1);
    assert_true(temperature_fit(0, 2, p, labels, NULL) == 1);
    /* All right: sharper, until about one mistake is expected, log p being log 3 ahead. */
    memset(labels, 0, sizeof labels);
    double b = 1 / temperature_fit(20, 2, p, labels, NULL), mistakes = 20 / (1 + pow(3, b));
    assert_true(b > 2 && fabs(mistakes * log(3) - (1 - 1 / b)) < 1e-5);
    /* What needs less than the old bound of 0.2 gets it: all but one of 200 are right, and said to be 0.55. */
    static float shy[400];
    static int32_t right[200] = {1};
    for (int i = 0; i < 200; i++) shy[2 * i] = 0.55f, shy[2 * i + 1] = 0.45f;
    b = 1 / temperature_fit(200, 2, shy, right, NULL);
    mistakes = 200 / (1 + pow(0.55f / 0.45f, b)); /* expected, one more than there are but for the pull */
    assert_true(b > 15 && b < 20);
    assert_true(fabs((mistakes - 1) * log(0.55f / 0.45f) - (1 - 1 / b)) < 1e-3);
    for (int i = 0; i < 200; i++) shy[2 * i] = 0.51f, shy[2 * i + 1] = 0.49f;
    assert_true(fabs(temperature_fit(200, 2, shy, right, NULL) - 0.05) < 1e-6); /* the bound */
    /* Surer than it says, but on so few rows that it may be luck: 18 of 20, said 0.75; of 200 not. */
    static float more[400];
    int32_t truth[200];
    for (int i = 0; i < 200; i++) more[2 * i] = 0.75f, more[2 * i + 1] = 0.25f, truth[i] = i % 10 == 9;
    assert_true(temperature_fit(20, 2, more, truth, NULL) == 1);
    double t = temperature_fit(200, 2, more, truth, NULL);
    assert_true(fabs(t - 0.5) < 0.03); /* log 3 / log 9, held towards 1 by the weight of a row of 200 */
    /* Certain and wrong half of the time, zeros included. */
    for (int i = 0; i < 20; i++) p[2 * i] = 1, p[2 * i + 1] = 0, labels[i] = i % 2;
    assert_true(fabs(temperature_fit(20, 2, p, labels, NULL) - 20) < 1e-4);
    labels[3] = -1; /* counts for nothing */
    assert_true(fabs(temperature_fit(20, 2, p, labels, NULL) - 20) < 1e-4);
}

/* ---- decisions -------------------------------------------------------------------------------- */

/* A rare class whose probability is seldom the largest. */
static void make_rare(int n, int n_classes, double share, double shy, uint64_t seed, float *proba,
                      int32_t *labels)
{
    Rng rng = rng_stream(seed, 1, RNG_TEST);
    for (int i = 0; i < n; i++) {
        double p[8], sum = 0;
        labels[i] = rng_uniform(&rng) < share ? n_classes - 1
                                            : (int32_t)rng_below(&rng, (uint32_t)n_classes - 1);
        for (int c = 0; c < n_classes; c++)
            sum += p[c] = exp(0.8 * rng_normal(&rng) + 1.4 * (c == labels[i]) -
                              shy * (c == n_classes - 1));
        for (int c = 0; c < n_classes; c++) proba[i * n_classes + c] = (float)(p[c] / sum);
    }
}

static double value_at(int n, int n_classes, const float *proba, const int32_t *labels,
                       const double *w, MetricId metric, Arena *arena)
{
    Metrics metrics;
    Model model = {.schema = {.n_classes = n_classes}, .decision = w};
    int32_t *predicted = ARENA_NEW(arena, int32_t, n);
    for (int i = 0; i < n; i++) predicted[i] = model_decide(&model, proba + i * n_classes);
    assert_true(metrics_create(n_classes, arena, &metrics, NULL));
    metrics_from_predictions(n, predicted, labels, &metrics);
    return metrics.value[metric];
}

static void finds_the_best_cut_of_two_classes(void **state)
{
    (void)state;
    enum { N = 900 };
    static const MetricId metrics[] = {METRIC_F1_MACRO, METRIC_BALANCED_ACCURACY, METRIC_MCC,
                                       METRIC_ACCURACY};
    float proba[2 * N];
    int32_t labels[N];
    for (size_t k = 0; k < 4; k++) {
        Arena *arena = arena_create(0);
        double w[2], best = -1;
        bool kept = false;
        make_rare(N, 2, 0.12, 1.8, 3, proba, labels);
        assert_true(calibrate_decision(&(JudgedRows){N, 2, proba, labels, NULL}, metrics[k], 1, arena, w, &kept, NULL));
        for (int i = 0; i < N; i++) /* every cut, just above and just below each row's own */
            for (int side = 0; side < 2; side++) {
                double own = (double)proba[2 * i] / proba[2 * i + 1];
                double try[2] = {1, own * (side ? 1.0001 : 0.9999)};
                best = fmax(best, value_at(N, 2, proba, labels, try, metrics[k], arena));
            }
        double found = value_at(N, 2, proba, labels, w, metrics[k], arena);
        if (kept) assert_true(w[0] == 1 && w[1] != 1 && fabs(found - best) < 1e-12);
        else assert_true(w[0] == 1 && w[1] == 1);
        if (k < 2) assert_true(kept);
        arena_destroy(arena);
    }
}

/* With more rows than cuts are tried at first, the best one's neighbours are tried too. */
static void looks_around_the_best_cut_of_many(void **state)
{
    (void)state;
    enum { N = 4200 };
    static float proba[2 * N];
    static int32_t labels[N];
    Arena *arena = arena_create(0);
    double w[2], ratio[64];
    bool kept = false;
    int n = 0;
    make_rare(N, 2, 0.12, 1.8, 4, proba, labels);
    assert_true(calibrate_decision(&(JudgedRows){N, 2, proba, labels, NULL}, METRIC_MCC, 1, arena, w, &kept, NULL));
    assert_true(kept);
    double found = value_at(N, 2, proba, labels, w, METRIC_MCC, arena);
    for (int i = 0; i < N && n < 64; i++) {
        ratio[n] = (double)proba[2 * i] / proba[2 * i + 1];
        n += fabs(log(ratio[n] / w[1])) < 0.04;
    }
    assert_true(n > 8);
    for (int i = 0; i < n; i++)
        for (int side = 0; side < 2; side++) {
            double try[2] = {1, ratio[i] * (side ? 1.000001 : 0.999999)};
            assert_true(value_at(N, 2, proba, labels, try, METRIC_MCC, arena) <= found + 1e-12);
        }
    arena_destroy(arena);
}

static void climbs_for_more_classes(void **state)
{
    (void)state;
    enum { N = 900 };
    static float proba[4 * N];
    int32_t labels[N];
    Arena *arena = arena_create(0);
    const double ones[4] = {1, 1, 1, 1};
    double w[4], again[4];
    bool kept = false;
    make_rare(N, 4, 0.12, 1.8, 5, proba, labels);
    labels[7] = -1;
    assert_true(calibrate_decision(&(JudgedRows){N, 4, proba, labels, NULL}, METRIC_F1_MACRO, 1, arena, w, &kept, NULL));
    assert_true(kept && w[3] > 1.3);
    double before = value_at(N, 4, proba, labels, ones, METRIC_F1_MACRO, arena);
    double after = value_at(N, 4, proba, labels, w, METRIC_F1_MACRO, arena);
    assert_true(after > before + 0.01);
    /* It is a maximum along each axis of the grid. */
    for (int c = 0; c < 4; c++)
        for (int step = -20; step <= 20; step++) {
            double try[4];
            memcpy(try, w, sizeof try);
            try[c] = exp(0.1 * step);
            assert_true(value_at(N, 4, proba, labels, try, METRIC_F1_MACRO, arena) < after + 1e-4 * 4);
        }
    assert_true(calibrate_decision(&(JudgedRows){N, 4, proba, labels, NULL}, METRIC_F1_MACRO, 1, arena, again, &kept, NULL));
    assert_memory_equal(w, again, sizeof w);
    /* Balanced accuracy starts from 1 / prior too, and is not worse than that. */
    double prior[4] = {0};
    for (int i = 0; i < N; i++)
        if (labels[i] >= 0) prior[labels[i]]++;
    for (int c = 0; c < 4; c++) prior[c] = 1 / prior[c];
    assert_true(calibrate_decision(&(JudgedRows){N, 4, proba, labels, NULL}, METRIC_BALANCED_ACCURACY, 1, arena, w, &kept,
                                   NULL));
    assert_true(kept);
    assert_true(value_at(N, 4, proba, labels, w, METRIC_BALANCED_ACCURACY, arena) >=
                value_at(N, 4, proba, labels, prior, METRIC_BALANCED_ACCURACY, arena));
    arena_destroy(arena);
}

/* A class so rare that weights near 1 are not enough: balanced accuracy begins at 1 / prior too. */
static void begins_at_the_priors(void **state)
{
    (void)state;
    enum { N = 5000 };
    static float proba[4 * N];
    static int32_t labels[N];
    Arena *arena = arena_create(0);
    double w[4], prior[4] = {0};
    bool kept = false;
    make_rare(N, 4, 0.003, 7, 6, proba, labels);
    for (int i = 0; i < N; i++) prior[labels[i]]++;
    for (int c = 0; c < 4; c++) prior[c] = N / 4.0 / prior[c];
    assert_true(calibrate_decision(&(JudgedRows){N, 4, proba, labels, NULL}, METRIC_BALANCED_ACCURACY, 1, arena, w, &kept,
                                   NULL));
    assert_true(kept && prior[3] > 60 && w[3] > 60);
    assert_true(value_at(N, 4, proba, labels, w, METRIC_BALANCED_ACCURACY, arena) >=
                value_at(N, 4, proba, labels, prior, METRIC_BALANCED_ACCURACY, arena));
    arena_destroy(arena);
}

static void keeps_nothing_that_is_luck(void **state)
{
    (void)state;
    enum { N = 60 };
    float proba[3 * N];
    int32_t labels[N];
    int n_kept = 0;
    Arena *arena = arena_create(0);
    for (uint64_t seed = 0; seed < 20; seed++) {
        Rng rng = rng_stream(seed, 2, RNG_TEST);
        double w[3];
        bool kept = true;
        for (int i = 0; i < N; i++) { /* balanced and calibrated: nothing to gain */
            double p[3], sum = 0;
            labels[i] = i % 3;
            for (int c = 0; c < 3; c++) sum += p[c] = exp(rng_normal(&rng) + (c == labels[i]));
            for (int c = 0; c < 3; c++) proba[3 * i + c] = (float)(p[c] / sum);
        }
        assert_true(calibrate_decision(&(JudgedRows){N, 3, proba, labels, NULL}, METRIC_ACCURACY, seed, arena, w, &kept, NULL));
        n_kept += kept;
        if (!kept) assert_true(w[0] == 1 && w[1] == 1 && w[2] == 1);
    }
    assert_true(n_kept <= 2);
    arena_destroy(arena);
}

static void knows_which_metrics_decide(void **state)
{
    (void)state;
    assert_true(calibrate_can_decide(METRIC_F1_MACRO) && calibrate_can_decide(METRIC_MCC));
    assert_false(calibrate_can_decide(METRIC_LOG_LOSS) || calibrate_can_decide(METRIC_ROC_AUC) ||
                 calibrate_can_decide(METRIC_BRIER) || calibrate_can_decide(METRIC_ECE));
}

static void odd_tables_and_no_memory(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    float sure[8] = {1, 0, 0, 1, 1, 0, 0, 1};
    int32_t labels[4] = {0, 1, 1, 0}, unknown[4] = {-1, -1, -1, -1};
    double w[2] = {9, 9};
    bool kept = true;
    Error err;
    assert_true(calibrate_decision(&(JudgedRows){4, 2, sure, labels, NULL}, METRIC_F1_MACRO, 1, arena, w, &kept, NULL));
    assert_true(!kept && w[0] == 1 && w[1] == 1);
    assert_true(calibrate_decision(&(JudgedRows){4, 2, sure, unknown, NULL}, METRIC_F1_MACRO, 1, arena, w, &kept, NULL));
    assert_false(kept);
    for (long n = 0;; n++) {
        w[0] = 9;
        arena_fail_after(arena, n);
        bool ok = calibrate_decision(&(JudgedRows){4, 2, sure, labels, NULL}, METRIC_F1_MACRO, 1, arena, w, &kept, &err);
        arena_fail_after(arena, -1);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(w[0] == 9);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_scipys_temperature),
        cmocka_unit_test(leaves_good_probabilities_alone),
        cmocka_unit_test(finds_the_best_cut_of_two_classes),
        cmocka_unit_test(looks_around_the_best_cut_of_many),
        cmocka_unit_test(climbs_for_more_classes),
        cmocka_unit_test(begins_at_the_priors),
        cmocka_unit_test(keeps_nothing_that_is_luck),
        cmocka_unit_test(knows_which_metrics_decide),
        cmocka_unit_test(odd_tables_and_no_memory),
    };
    return cmocka_run_group_tests_name("ensemble/calibrate", tests, NULL, NULL);
}
