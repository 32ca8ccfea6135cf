#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/select.h"
#include "tests/golden/ensemble.h"

/* ---- made-up libraries ----------------------------------------------------------------------- */

typedef struct {
    Library library;
    float **proba;
    int32_t *labels;
    int64_t *bytes;
} Made;

/* Models of differing strength: a softmax of noise and of `strength` at the true class. */
static Made make(int n_models, int n_rows, int n_classes, uint64_t seed, Arena *arena)
{
    Rng rng = rng_stream(seed, 3, RNG_TEST);
    Made made = {.proba = ARENA_NEW(arena, float *, n_models),
                 .labels = ARENA_NEW(arena, int32_t, n_rows),
                 .bytes = ARENA_NEW(arena, int64_t, n_models)};
    for (int i = 0; i < n_rows; i++) made.labels[i] = (int32_t)rng_below(&rng, (uint32_t)n_classes);
    for (int m = 0; m < n_models; m++) {
        double strength = 0.3 + 1.5 * rng_uniform(&rng), p[32];
        made.bytes[m] = 100 + 10 * m;
        made.proba[m] = ARENA_NEW(arena, float, n_rows * n_classes);
        for (int i = 0; i < n_rows; i++) {
            double sum = 0;
            for (int c = 0; c < n_classes; c++)
                sum += p[c] = exp(1.5 * rng_normal(&rng) + strength * 2 * (c == made.labels[i]));
            for (int c = 0; c < n_classes; c++)
                made.proba[m][i * n_classes + c] = (float)(p[c] / sum);
        }
    }
    made.library = (Library){.n_models = n_models, .n_rows = n_rows, .n_classes = n_classes,
                             .proba = (const float *const *)made.proba, .labels = made.labels,
                             .bytes = made.bytes, .positive = -1};
    return made;
}

static EnsembleOptions defaults(int method)
{
    return (EnsembleOptions){.method = method, .size = 12, .bags = 20, .library = 30};
}

/* The metric of a weighted combination, computed anew. */
static double score_of(const Library *l, const double *weight, bool vote, MetricId metric,
                       Arena *arena)
{
    Metrics metrics;
    float *p = ARENA_NEW(arena, float, l->n_rows * l->n_classes);
    double total = 0;
    for (int m = 0; m < l->n_models; m++) total += weight[m];
    for (int i = 0; i < l->n_rows; i++) {
        double row[32] = {0};
        for (int m = 0; m < l->n_models; m++) {
            const float *q = l->proba[m] + i * l->n_classes;
            int top = 0;
            for (int c = 1; c < l->n_classes; c++) top = q[c] > q[top] ? c : top;
            for (int c = 0; c < l->n_classes; c++) row[c] += weight[m] * (vote ? c == top : q[c]);
        }
        for (int c = 0; c < l->n_classes; c++) p[i * l->n_classes + c] = (float)(row[c] / total);
    }
    assert_true(metrics_create(l->n_classes, arena, &metrics, NULL));
    void *scratch = arena_alloc(arena, 1, metrics_scratch_bytes(l->n_rows));
    metrics_compute(l->n_rows, p, l->n_classes, l->labels, l->positive, METRICS_ALL, scratch, &metrics);
    return metrics.value[metric];
}

static double single_score(const Library *l, int model, MetricId metric, Arena *arena)
{
    double weight[64] = {0};
    weight[model] = 1;
    return score_of(l, weight, false, metric, arena);
}

static bool worse(MetricId metric, double a, double b)
{
    return metric_larger_is_better(metric) ? a < b : a > b;
}

/* ---- promises that hold for every library ----------------------------------------------------- */

static void check_promises(const Made *made, const EnsembleOptions *options, MetricId metric,
                           const Selection *s, Arena *arena)
{
    const Library *l = &made->library;
    double sum = 0, bytes = 0, best = NAN;
    int members = 0;
    for (int m = 0; m < l->n_models; m++) {
        assert_true(s->weight[m] >= 0);
        sum += s->weight[m];
        members += s->weight[m] > 0;
        bytes += s->weight[m] > 0 ? (double)made->bytes[m] : 0;
        if (options->max_bytes > 0 && (double)made->bytes[m] > options->max_bytes) continue;
        double alone = single_score(l, m, metric, arena);
        if (isnan(best) || worse(metric, best, alone)) best = alone;
    }
    assert_true(fabs(sum - 1) < 1e-12);
    assert_int_equal(members, s->n_members);
    assert_in_range(members, 1, options->size);
    if (options->max_bytes > 0) assert_true(bytes <= options->max_bytes);
    assert_true(s->weight[s->best_model] >= 0 && s->reason && *s->reason);
    assert_true(s->best_single == best);
    assert_true(s->score == score_of(l, s->weight, s->vote, metric, arena));
    if (worse(metric, s->score, s->best_single))
        fail_msg("%s: %.17g is worse than the best single model's %.17g", metric_name(metric),
                 s->score, s->best_single);
    assert_int_equal(s->vote, s->method == SELECT_VOTE);
}

static void never_worse_than_the_best_single_model(void **state)
{
    (void)state;
    int alone = 0, together = 0;
    for (uint64_t seed = 0; seed < 36; seed++) {
        Rng rng = rng_stream(seed, 1, RNG_TEST);
        int n_models = 1 + (int)rng_below(&rng, 12), n_classes = 2 + (int)rng_below(&rng, 3);
        Arena *arena = arena_create(0);
        Made made = make(n_models, 20 + (int)rng_below(&rng, 100), n_classes, seed, arena);
        for (int method = SELECT_GREEDY; method <= SELECT_VOTE; method++) {
            EnsembleOptions options = defaults(method);
            MetricId metric = (MetricId)(1 + rng_below(&rng, METRIC_RMSE - 1));
            options.size = 1 + (int)rng_below(&rng, 8);
            options.bags = rng_below(&rng, 2) ? 4 : 1;
            options.library = 1 + (int)rng_below(&rng, 12);
            options.max_bytes = rng_below(&rng, 2) ? 300 : 0;
            Selection one, two;
            Error err;
            if (!ensemble_select(&made.library, &options, metric, seed, arena, &one, &err))
                fail_msg("%s", err.message);
            check_promises(&made, &options, metric, &one, arena);
            assert_true(ensemble_select(&made.library, &options, metric, seed, arena, &two, &err));
            assert_memory_equal(one.weight, two.weight, (size_t)n_models * sizeof(double));
            alone += one.n_members == 1;
            together += one.n_members > 1;
        }
        arena_destroy(arena);
    }
    assert_true(alone > 10 && together > 30);
}

/* ---- greedy ----------------------------------------------------------------------------------- */

/* Caruana's algorithm as the paper states it, slowly: all averages from scratch. */
static void slow_greedy(const Library *l, MetricId metric, int rounds, int size, double *weight,
                        double *curve, Arena *arena)
{
    double best_cost = INFINITY, draws[64] = {0};
    int members = 0;
    for (int round = 0; round < rounds; round++) {
        int best = -1;
        double cost = INFINITY;
        for (int m = 0; m < l->n_models; m++) {
            if (draws[m] == 0 && members == size) continue;
            draws[m]++;
            double value = score_of(l, draws, false, metric, arena);
            double now = (metric_larger_is_better(metric) ? -value : value) +
                         1e-3 * score_of(l, draws, false, METRIC_LOG_LOSS, arena);
            if (now < cost) cost = now, best = m, curve[round] = value;
            draws[m]--;
        }
        members += draws[best] == 0;
        draws[best]++;
        if (cost < best_cost) {
            best_cost = cost;
            for (int m = 0; m < l->n_models; m++) weight[m] = draws[m] / (round + 1);
        }
    }
}

/* Models 0 and 1 each know half of the rows, the others mislead: only a selection finds out. */
static Made halves(int n_rows, Arena *arena)
{
    Made made = make(7, n_rows, 3, 5, arena);
    for (int m = 0; m < 7; m++)
        for (int i = 0; i < n_rows; i++)
            for (int c = 0; c < 3; c++) {
                float *p = &made.proba[m][i * 3 + c];
                bool knows = m < 2 && i % 2 == m;
                float mislead = (made.labels[i] + 1) % 3 == c ? 0.8f : 0.1f;
                if (knows) *p = c == made.labels[i] ? 0.9f : 0.05f;
                else if (m >= 2 && i % 7 < 3) *p = mislead;
                /* Eighths: ties between classes, and zeros. */
                if (i % 3 == 0) *p = roundf(*p * 8) / 8;
            }
    return made;
}

static void greedy_is_caruanas_algorithm(void **state)
{
    (void)state;
    static const struct { MetricId metric; int size; } cases[] = {
        {METRIC_ACCURACY, 12}, {METRIC_F1_MACRO, 12}, {METRIC_LOG_LOSS, 12}, {METRIC_BRIER, 12},
        {METRIC_MCC, 2}, {METRIC_ECE, 3}, {METRIC_LOG_LOSS, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena *arena = arena_create(0);
        Made made = halves(1000, arena); /* enough rows to start from nothing */
        EnsembleOptions options = defaults(SELECT_GREEDY);
        double weight[7] = {0}, curve[50] = {0};
        const MetricId metric = cases[i].metric;
        Selection s;
        options.bags = 1;
        options.size = cases[i].size;
        assert_true(ensemble_select(&made.library, &options, metric, 1, arena, &s, NULL));
        slow_greedy(&made.library, metric, 50, options.size, weight, curve, arena);
        assert_int_equal(s.n_curve, 50);
        for (int round = 0; round < 50; round++)
            if (fabs(s.curve[round] - curve[round]) > 1e-6)
                fail_msg("%s, draw %d: %.9f, expected %.9f", metric_name(metric), round + 1,
                         s.curve[round], curve[round]);
        if (s.method == SELECT_GREEDY)
            for (int m = 0; m < 7; m++) assert_true(fabs(s.weight[m] - weight[m]) < 1e-12);
        if (i == 0) assert_int_equal(s.method, SELECT_GREEDY);
        check_promises(&made, &options, metric, &s, arena);
        arena_destroy(arena);
    }
}

/* Two models, four rows, worked by hand: A is right on rows 0 1 2, B on 0 1 3; their average is
 * right everywhere; C is never right. */
static void a_case_by_hand(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const float a[8] = {0.9f, 0.1f, 0.9f, 0.1f, 0.3f, 0.7f, 0.6f, 0.4f};
    const float b[8] = {0.8f, 0.2f, 0.8f, 0.2f, 0.6f, 0.4f, 0.2f, 0.8f};
    const float c[8] = {0.1f, 0.9f, 0.1f, 0.9f, 0.9f, 0.1f, 0.9f, 0.1f};
    const int32_t labels[4] = {0, 0, 1, 1};
    const Library library = {.n_models = 3, .n_rows = 4, .n_classes = 2,
                             .proba = (const float *const[]){c, a, b}, .labels = labels, .positive = 1};
    const EnsembleOptions options = {.size = 3, .bags = 1, .library = 3};
    Selection s;
    assert_true(ensemble_select(&library, &options, METRIC_ACCURACY, 1, arena, &s, NULL));
    assert_int_equal(s.n_members, 2);
    assert_true(s.score == 1.0 && s.best_single == 0.75);
    assert_int_equal(s.best_model, 1); /* log loss 0.33 against b's 0.39 */
    /* A, then A B; more of one or the other never beats it in log loss by enough to be drawn first. */
    assert_true(s.weight[0] == 0 && s.weight[1] > 0.3 && s.weight[2] > 0.3);
    assert_true(s.curve[0] == 0.75 && s.curve[1] == 1.0);
    arena_destroy(arena);
}

/* Equal models and few rows: whatever greedy finds is luck, and the plain average must win. */
static void guards_against_luck(void **state)
{
    (void)state;
    int plain = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        Arena *arena = arena_create(0);
        Rng rng = rng_stream(seed, 9, RNG_TEST);
        Made made = make(20, 60, 3, seed, arena);
        for (int m = 0; m < 20; m++)
            for (int i = 0; i < 60; i++) {
                double p[3], sum = 0;
                for (int c = 0; c < 3; c++)
                    sum += p[c] = exp(rng_normal(&rng) + 1.5 * (c == made.labels[i]));
                for (int c = 0; c < 3; c++) made.proba[m][i * 3 + c] = (float)(p[c] / sum);
            }
        EnsembleOptions options = defaults(SELECT_GREEDY);
        Selection s;
        assert_true(ensemble_select(&made.library, &options, METRIC_LOG_LOSS, seed, arena, &s, NULL));
        check_promises(&made, &options, METRIC_LOG_LOSS, &s, arena);
        if (s.n_members == 1) {
            assert_non_null(strstr(s.reason, "no ensemble scored better"));
        } else if (s.method == SELECT_AVERAGE) {
            plain++;
            assert_in_range(s.n_members, 2, 5);
            assert_non_null(strstr(s.reason, "half a standard error"));
        } else {
            /* Not a lucky pair, unless the best model alone was so lucky that no average helps. */
            assert_true(s.n_members > 5 || strstr(s.reason, "no better than the best model alone"));
        }
        arena_destroy(arena);
    }
    assert_in_range(plain, 5, 10);
}

/* ---- the other methods ------------------------------------------------------------------------ */

static void weights_minimize_log_loss(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const Library library = {.n_models = GOLDEN_M, .n_rows = GOLDEN_N, .n_classes = GOLDEN_K,
                             .proba = (const float *const[]){golden_models[0], golden_models[1],
                                                             golden_models[2]},
                             .labels = golden_labels, .positive = -1};
    EnsembleOptions options = defaults(SELECT_WEIGHTED);
    Selection s;
    assert_true(ensemble_select(&library, &options, METRIC_LOG_LOSS, 1, arena, &s, NULL));
    assert_true(fabs(s.score - golden_mixture_loss[0]) < 1e-7);
    for (int m = 0; m < GOLDEN_M; m++) assert_true(fabs(s.weight[m] - golden_weights[m]) < 2e-3);
    /* A model that only harms gets no weight and costs no bytes. */
    float harm[GOLDEN_N * GOLDEN_K];
    for (int i = 0; i < GOLDEN_N * GOLDEN_K; i++)
        harm[i] = i % GOLDEN_K == golden_labels[i / GOLDEN_K] ? 0.01f : 0.495f;
    const Library more = {.n_models = 3, .n_rows = GOLDEN_N, .n_classes = GOLDEN_K,
                          .proba = (const float *const[]){golden_models[0], harm, golden_models[1]},
                          .labels = golden_labels, .positive = -1};
    assert_true(ensemble_select(&more, &options, METRIC_LOG_LOSS, 1, arena, &s, NULL));
    assert_true(s.weight[1] == 0 && s.n_members == 2);
    arena_destroy(arena);
}

static void votes_and_averages_take_the_best(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    /* Each of three models is wrong on a third of the rows: the majority is right on all. */
    Made made = make(5, 30, 3, 1, arena);
    for (int m = 0; m < 5; m++)
        for (int i = 0; i < 30; i++)
            for (int c = 0; c < 3; c++) {
                int guess = m < 3 && i % 3 != m ? made.labels[i] : (made.labels[i] + 1) % 3;
                made.proba[m][i * 3 + c] = c == guess ? 0.98f : 0.01f;
            }
    EnsembleOptions options = defaults(SELECT_VOTE);
    Selection s;
    options.size = 3;
    assert_true(ensemble_select(&made.library, &options, METRIC_ACCURACY, 1, arena, &s, NULL));
    assert_true(s.vote && s.score == 1.0 && s.n_members == 3);
    for (int m = 0; m < 3; m++) assert_true(fabs(s.weight[m] - 1.0 / 3) < 1e-15);

    made = make(9, 400, 3, 1, arena);
    options = defaults(SELECT_SOFT);
    options.size = 4;
    assert_true(ensemble_select(&made.library, &options, METRIC_F1_MACRO, 1, arena, &s, NULL));
    assert_int_equal(s.method, SELECT_AVERAGE);
    assert_int_equal(s.n_members, 4);
    for (int m = 0; m < 9; m++) {
        assert_true(s.weight[m] == 0 || s.weight[m] == 0.25);
        for (int other = 0; other < 9; other++) /* no one left out is better than one taken */
            if (s.weight[m] > 0 && s.weight[other] == 0)
                assert_false(single_score(&made.library, m, METRIC_F1_MACRO, arena) <
                             single_score(&made.library, other, METRIC_F1_MACRO, arena));
    }
    arena_destroy(arena);
}

/* ---- limits and errors ------------------------------------------------------------------------ */

static void unknown_labels_do_not_count(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Made all = make(8, 1500, 3, 4, arena), some = make(8, 1500, 3, 4, arena);
    for (int i = 0; i < 1500; i += 3) { /* rows that would mislead, if they counted */
        some.labels[i] = -1;
        for (int m = 0; m < 8; m++)
            for (int c = 0; c < 3; c++) some.proba[m][i * 3 + c] = c == m % 3;
    }
    int n = 0;
    for (int i = 0; i < 1500; i++) {
        if (i % 3 == 0) continue;
        all.labels[n] = all.labels[i];
        for (int m = 0; m < 8; m++)
            memmove(all.proba[m] + n * 3, all.proba[m] + i * 3, 3 * sizeof(float));
        n++;
    }
    all.library.n_rows = n;
    EnsembleOptions options = defaults(SELECT_GREEDY);
    Selection a, b;
    assert_true(ensemble_select(&all.library, &options, METRIC_ACCURACY, 1, arena, &a, NULL));
    assert_true(ensemble_select(&some.library, &options, METRIC_ACCURACY, 1, arena, &b, NULL));
    assert_memory_equal(a.weight, b.weight, 8 * sizeof(double));
    assert_true(a.score == b.score);
    arena_destroy(arena);
}

static void says_what_cannot_be(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Made made = make(4, 50, 3, 1, arena);
    EnsembleOptions options = defaults(SELECT_GREEDY);
    Selection s;
    Error err;
    options.max_bytes = 99;
    assert_false(ensemble_select(&made.library, &options, METRIC_ACCURACY, 1, arena, &s, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.message, "max_bytes"));
    options.max_bytes = 100;
    assert_true(ensemble_select(&made.library, &options, METRIC_ACCURACY, 1, arena, &s, &err));
    assert_true(s.weight[0] == 1);
    options.max_bytes = 0;
    made.proba[2][7] = NAN; /* costs that model, not the ensemble */
    made.labels[2] = 1;
    made.proba[2][2 * 3 + 1] = NAN;
    assert_true(ensemble_select(&made.library, &options, METRIC_LOG_LOSS, 1, arena, &s, &err));
    assert_true(s.weight[2] == 0);
    for (int i = 0; i < 50; i++) made.labels[i] = -1;
    assert_false(ensemble_select(&made.library, &options, METRIC_ACCURACY, 1, arena, &s, &err));
    assert_int_equal(err.code, ERR_DATA);
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Made made = make(5, 40, 3, 1, arena);
    for (int method = SELECT_GREEDY; method <= SELECT_VOTE; method++) {
        EnsembleOptions options = defaults(method);
        bool ok = false;
        long n = 0;
        for (; !ok; n++) {
            Error err = {0};
            Selection s = {.n_members = -7};
            arena_reset(poor);
            arena_fail_after(poor, n);
            ok = ensemble_select(&made.library, &options, METRIC_ROC_AUC, 1, poor, &s, &err);
            arena_fail_after(poor, -1);
            if (!ok) assert_int_equal(err.code, ERR_MEMORY);
            if (!ok) assert_int_equal(s.n_members, -7);
        }
        assert_true(n > 5);
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

static void options_have_the_defaults_of_the_manual(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    EnsembleOptions o;
    Error err;
    if (!field_defaults(&ensemble_fields, &o, arena, &err)) fail_msg("%s", err.message);
    assert_int_equal(o.method, SELECT_GREEDY);
    assert_int_equal(o.size, 12);
    assert_int_equal(o.bags, 20);
    assert_int_equal(o.calibrate, CALIBRATE_AUTO);
    assert_string_equal(o.thresholds->text, "none");
    assert_null(o.metric);
    assert_true(o.max_bytes == 0);
    Value soft = value_text("soft"), bytes = value_text("2MB");
    assert_true(field_assign(&ensemble_fields, "method", &soft, &o, arena, &err));
    assert_int_equal(o.method, SELECT_SOFT);
    assert_true(field_assign(&ensemble_fields, "max_bytes", &bytes, &o, arena, &err));
    assert_true(o.max_bytes == 2e6);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_worse_than_the_best_single_model),
        cmocka_unit_test(greedy_is_caruanas_algorithm),
        cmocka_unit_test(a_case_by_hand),
        cmocka_unit_test(guards_against_luck),
        cmocka_unit_test(weights_minimize_log_loss),
        cmocka_unit_test(votes_and_averages_take_the_best),
        cmocka_unit_test(unknown_labels_do_not_count),
        cmocka_unit_test(says_what_cannot_be),
        cmocka_unit_test(failed_allocations_are_errors),
        cmocka_unit_test(options_have_the_defaults_of_the_manual),
    };
    return cmocka_run_group_tests_name("ensemble/select", tests, NULL, NULL);
}
