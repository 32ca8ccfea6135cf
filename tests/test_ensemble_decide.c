#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/decide.h"
#include "ensemble/shipped.h"
#include "model/decision.h"
#include "tests/golden/calibration.h"

static Error err;
static const char *two[] = {"good", "bad"}, *three[] = {"a", "b", "c"};

static ConfNode *yaml(const char *text, Arena *arena)
{
    ConfNode *node = NULL;
    if (!conf_read_value("f.yaml", text, arena, &node, &err)) fail_msg("%s", err.message);
    return node;
}

static Thresholds read_for(const char *text, int k, Arena *arena)
{
    Thresholds out;
    if (!thresholds_read(yaml(text, arena), k, k == 2 ? two : three, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

static void demands_are_read(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    assert_int_equal(read_for("none", 2, arena).kind, THRESHOLDS_NONE);
    assert_int_equal(read_for("~", 2, arena).kind, THRESHOLDS_NONE);
    Thresholds t = read_for("val_f1_macro", 2, arena);
    assert_true(t.kind == THRESHOLDS_METRIC && t.metric == METRIC_F1_MACRO);
    t = read_for("{recall: {bad: 0.8}}", 2, arena);
    assert_true(t.kind == THRESHOLDS_RECALL && t.label == 1 && t.at == 0.8);
    assert_string_equal(t.asked, "{recall: {bad: 0.8}}");
    t = read_for("{precision: {a: 0.7}}", 3, arena);
    assert_true(t.kind == THRESHOLDS_PRECISION && t.label == 0);
    t = read_for("{fixed: {good: 0.3}}", 2, arena);
    assert_true(t.kind == THRESHOLDS_FIXED && t.label == 0 && t.at == 0.3);
    t = read_for("{cost: {bad: {good: 5}}}", 2, arena);
    assert_memory_equal(t.cost, ((double[]){0, 1, 5, 0}), 4 * sizeof(double));
    assert_string_equal(t.asked, "{cost: {bad: {good: 5}}}");
    t = read_for("{cost: [[0, 1, 2], [3, -1, 4], {a: 9}]}", 3, arena);
    assert_memory_equal(t.cost, ((double[]){0, 1, 2, 3, -1, 4, 9, 1, 0}), 9 * sizeof(double));
    assert_true(thresholds_read(yaml("{recall: {who: 0.8}}", arena), 0, NULL, arena, &t, &err)); /* not known yet */
    arena_destroy(arena);
}

static void wrong_demands_say_the_cure(void **state)
{
    (void)state;
    static const struct { const char *text, *says; int k; } cases[] = {
        {"f1_marco", "did you mean `f1_macro`", 0},
        {"log_loss", "does not depend on which class is decided for", 0},
        {"0.3", "one of {cost: ...}, {recall: {CLASS: 0.8}}", 0},
        {"[f1_macro]", "one of {cost: ...}", 0},
        {"{recal: {bad: 0.8}}", "did you mean `recall`", 0},
        {"{}", "takes one of cost, recall, precision, fixed", 0},
        {"{recall: {bad: 0.8}, precision: {bad: 0.7}}", "takes one of cost, recall", 0},
        {"{recall: 0.8}", "one class and a number between 0 and 1, such as {recall: {bad: 0.8}}", 0},
        {"{recall: {bad: 0.8, good: 0.9}}", "one class and a number", 0},
        {"{recall: {bad: 1}}", "recall of `bad` must be a number between 0 and 1, both excluded", 0},
        {"{precision: {bad: x}}", "precision of `bad` must be a number", 0},
        {"{fixed: {bad: .nan}}", "fixed of `bad` must be a number", 0},
        {"{recall: {worse: 0.8}}", "there is no class `worse`; the classes are good, bad", 2},
        {"{fixed: {a: 0.3}}", "`fixed` is for two classes, and there are 3; use `cost`", 3},
        {"{cost: 5}", "`cost` is a map such as {bad: {good: 5}} or a list of rows", 0},
        {"{cost: {bad: 5}}", "a row of `cost` is a list, or a map", 0},
        {"{cost: {bad: {good: x}}}", "a cost is a number up to 1e9", 0},
        {"{cost: {bad: {good: 1e12}}}", "a cost is a number up to 1e9", 0},
        {"{cost: {bad: {worse: 1}}}", "there is no class `worse`", 2},
        {"{cost: {worse: {bad: 1}}}", "there is no class `worse`", 2},
        {"{cost: [[0, 1], [5, 0], [1, 1]]}", "`cost` has 3 rows, and there are 2 classes", 2},
        {"{cost: [[0, 1, 2], [5, 0]]}", "a row of `cost` has 3 numbers, and there are 2 classes", 2},
        {"{cost: [[0, 5], [0, 1]]}", "where `bad` is true, deciding `good` must cost more (0) than being right (1)", 2},
    };
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Thresholds out;
        const char *const *classes = cases[i].k == 0 ? NULL : cases[i].k == 2 ? two : three;
        if (thresholds_read(yaml(cases[i].text, arena), cases[i].k, classes, arena, &out, &err))
            fail_msg("%s was taken", cases[i].text);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.message, cases[i].says) || strchr(err.message, '\n'))
            fail_msg("%s: \"%s\" does not say %s", cases[i].text, err.message, cases[i].says);
    }
    arena_destroy(arena);
}

/* ---- what comes of them ---------------------------------------------------------------------- */

/* Rows whose classes come as their probabilities say; class k - 1 is rare. */
static void draw(int n, int k, uint64_t seed, float *proba, int32_t *labels)
{
    Rng rng = rng_stream(seed, 6, RNG_TEST);
    for (int i = 0; i < n; i++) {
        float *p = proba + i * k;
        double sum = 0, u = rng_uniform(&rng);
        for (int c = 0; c < k; c++) sum += p[c] = (float)exp(1.6 * rng_normal(&rng) - (c == k - 1));
        for (int c = 0; c < k; c++) p[c] = (float)(p[c] / sum);
        labels[i] = 0;
        while (labels[i] < k - 1 && u >= p[labels[i]]) u -= p[labels[i]++];
    }
}

enum { MOST = 20000 };
static float proba[MOST * 3];
static int32_t labels[MOST];

static Decision decide(const char *text, int n, int k, const double *class_weight, Arena *arena)
{
    Decision out;
    const Thresholds asked = read_for(text, k, arena);
    const JudgedRows rows = {n, k, proba, labels, NULL};
    if (!decide_fit(&rows, &asked, class_weight, 1, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

/* Recall and precision of the last class, of rows that are drawn anew. */
static void of_new_rows(const Decision *decision, int k, uint64_t seed, double *recall, double *precision)
{
    const Model model = {.schema = {.n_classes = k}, .decision = decision->weight, .cost = decision->cost};
    double hits = 0, named = 0, of_class = 0;
    draw(MOST, k, seed, proba, labels);
    for (int i = 0; i < MOST; i++) {
        bool says = model_decide(&model, proba + i * k) == k - 1, is = labels[i] == k - 1;
        hits += says && is;
        named += says;
        of_class += is;
    }
    *recall = hits / of_class;
    *precision = hits / named;
}

static void promises_are_kept_on_new_rows(void **state)
{
    (void)state;
    enum { TIMES = 100, ROWS = 600 };
    for (int k = 2; k <= 3; k++) {
        int kept[2] = {0}, assured[2] = {0};
        double mean[2] = {0};
        for (uint64_t t = 0; t < TIMES; t++) {
            Arena *arena = arena_create(0);
            double recall, precision;
            for (int which = 0; which < 2; which++) {
                draw(ROWS, k, 2 * t, proba, labels);
                Decision d = decide(which ? k == 2 ? "{precision: {bad: 0.6}}" : "{precision: {c: 0.6}}"
                                          : k == 2 ? "{recall: {bad: 0.8}}" : "{recall: {c: 0.8}}", ROWS, k, NULL, arena);
                if (!d.assured) continue; /* of 600 rows there may be too few of the class */
                assured[which]++;
                of_new_rows(&d, k, 2 * t + 1, &recall, &precision);
                kept[which] += which ? precision >= 0.6 : recall >= 0.8;
                mean[which] += which ? precision : recall;
            }
            arena_destroy(arena);
        }
        for (int which = 0; which < 2; which++) { /* 90 of 100 are promised: 3 standard errors are 9 */
            if (assured[which] < 50 || kept[which] < 0.81 * assured[which])
                fail_msg("%d classes, %d: %d of %d", k, which, kept[which], assured[which]);
            double given = mean[which] / assured[which]; /* and not by giving everything away */
            if (given > (which ? 0.78 : 0.9)) fail_msg("%d classes, %d: %g", k, which, given);
        }
    }
}

static void as_many_rows_as_it_takes(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof cal_recall / sizeof *cal_recall; i++) {
        char text[64];
        const int n = cal_recall[i].n;
        for (int r = 0; r < n; r++) { /* all of the class, surer and surer of it */
            proba[2 * r + 1] = (float)(1 - (r + 1.0) / (n + 2));
            proba[2 * r] = 1 - proba[2 * r + 1];
            labels[r] = 1;
        }
        snprintf(text, sizeof text, "{recall: {bad: %g}}", cal_recall[i].q);
        Decision d = decide(text, n, 2, NULL, arena);
        const Model model = {.schema = {.n_classes = 2}, .decision = d.weight};
        int named = 0;
        for (int r = 0; r < n; r++) named += model_decide(&model, proba + 2 * r) == 1;
        assert_int_equal(d.assured, cal_recall[i].k > 0);
        assert_int_equal(named, cal_recall[i].k ? cal_recall[i].k : n);
    }
    arena_destroy(arena);
}

static void costs_and_fixed_thresholds(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Model model = {.schema = {.n_classes = 2, .classes = two}};
    model.cost = decide("{cost: {bad: {good: 5}}}", 0, 2, NULL, arena).cost;
    assert_true(fabs(decision_threshold(&model, 1) - 1.0 / 6) < 1e-12);
    model.cost = NULL;
    model.decision = decide("{fixed: {bad: 0.3}}", 0, 2, (double[]){1, 9}, arena).weight;
    assert_true(fabs(decision_threshold(&model, 1) - 0.3) < 1e-12);
    model.decision = decide("{fixed: {good: 0.3}}", 0, 2, NULL, arena).weight;
    assert_true(fabs(decision_threshold(&model, 0) - 0.3) < 1e-12);

    /* Of three classes, no weights of a wide grid are cheaper on the rows than the costs themselves. */
    enum { N = 4000 };
    draw(N, 3, 77, proba, labels);
    Decision d = decide("{cost: [[0, 1, 4], [2, 0, 1], [9, 3, 0]]}", N, 3, NULL, arena);
    assert_true(!d.weight && d.cost);
    double least = INFINITY, of_costs = 0, plain = 0;
    for (int a = -8; a <= 8; a++)
        for (int b = -8; b <= 8; b++) {
            double w[3] = {1, exp(a / 4.0), exp(b / 4.0)}, sum = 0;
            const Model by_weight = {.schema = {.n_classes = 3}, .decision = w};
            for (int i = 0; i < N; i++) sum += d.cost[3 * labels[i] + model_decide(&by_weight, proba + 3 * i)];
            least = fmin(least, sum);
            if (a == 0 && b == 0) plain = sum;
        }
    const Model by_cost = {.schema = {.n_classes = 3}, .cost = d.cost};
    for (int i = 0; i < N; i++) of_costs += d.cost[3 * labels[i] + model_decide(&by_cost, proba + 3 * i)];
    assert_true(of_costs < 0.9 * plain && of_costs < 1.02 * least);
    arena_destroy(arena);
}

static void class_weights_are_the_decision(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const double weight[2] = {0.5, 3};
    draw(2000, 2, 5, proba, labels);
    Decision d = decide("none", 2000, 2, weight, arena);
    assert_true(d.weight == weight);
    assert_string_equal(d.asked, "class_weight");
    d = decide("none", 2000, 2, NULL, arena);
    assert_true(!d.weight && !d.cost && !d.asked && d.assured);
    /* For a metric: the same decisions, whichever weights they begin from. */
    Decision plain = decide("f1_macro", 2000, 2, NULL, arena), weighed = decide("f1_macro", 2000, 2, weight, arena);
    double ratio = plain.weight ? plain.weight[1] / plain.weight[0] : 1;
    assert_true(fabs(log(weighed.weight[1] / weighed.weight[0] / ratio)) < 0.3);
    arena_destroy(arena);
}

static void without_rows_there_is_no_promise(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    assert_false(decide("{recall: {bad: 0.8}}", 0, 2, NULL, arena).assured);
    assert_false(decide("{precision: {bad: 0.8}}", 0, 2, NULL, arena).assured);
    draw(10, 2, 5, proba, labels);
    proba[1] = 0, proba[0] = 1, labels[0] = 1; /* cannot be found */
    for (int i = 0; i < 10; i++) labels[i] = i < 2;
    Decision d = decide("{recall: {bad: 0.99}}", 10, 2, NULL, arena);
    assert_true(!d.assured && isfinite(d.weight[1]) && d.weight[1] > 0);
    arena_destroy(arena);
}

/* ---- bags ------------------------------------------------------------------------------------- */

/* Networks with noise of their own around a truth: how flat the mean of many wants to be. */
static void a_bag_is_flatter_than_its_networks(void **state)
{
    (void)state;
    enum { N = 4000, M = 4, FOLDS = 5 };
    static float member[M][N * 2], average[N * 2], bag[N * 2];
    static int32_t truth[N];
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(9, 6, RNG_TEST);
    for (int i = 0; i < N; i++) {
        double z = 1.5 * rng_normal(&rng), mean = 0, all = 0;
        truth[i] = rng_uniform(&rng) < 1 / (1 + exp(-z));
        for (int m = 0; m < M * FOLDS; m++) {
            double p = 1 / (1 + exp(-2.2 * (z + 0.8 * rng_normal(&rng)))); /* too sure, and noisy */
            if (m < M) member[m][2 * i + 1] = (float)p, member[m][2 * i] = (float)(1 - p), mean += p / M;
            all += p / (M * FOLDS);
        }
        average[2 * i + 1] = (float)mean, average[2 * i] = (float)(1 - mean);
        bag[2 * i + 1] = (float)all, bag[2 * i] = (float)(1 - all);
    }
    const float *members[M] = {member[0], member[1], member[2], member[3]};
    const double weight[M] = {0.25, 0.25, 0.25, 0.25}, alone[1] = {1};
    ShippedInput in = {.rows = {N, 2, average, truth}, .n_members = M, .n_folds = FOLDS, .member = members,
                       .weight = weight, .method = 1 + CALIBRATION_TEMPERATURE, .seed = 1};
    const CalibrationAsk free_of_bounds = {CALIBRATION_SET(CALIBRATION_TEMPERATURE), 5, NULL, 1};
    CalibrationChoice got, best, naive;
    assert_true(shipped_calibrate(&in, arena, &got, &err));
    assert_true(calibration_choose(&(KnownRows){N, 2, bag, truth, NULL}, &free_of_bounds, arena, &best, &err));
    assert_true(calibration_choose(&in.rows, &free_of_bounds, arena, &naive, &err));
    /* Between 1 and what the bag wants, which is less than what its rows seem to want. */
    if (!(got.temperature > 1.05 && got.temperature < best.temperature + 0.05 && best.temperature < naive.temperature))
        fail_msg("%g, best %g, naive %g", got.temperature, best.temperature, naive.temperature);
    in.n_members = 1;
    in.weight = alone;
    in.rows.proba = member[0];
    assert_true(shipped_calibrate(&in, arena, &got, &err));
    assert_true(got.temperature == 1 && !got.calibration); /* no evidence */
    in.n_folds = 1;
    assert_true(shipped_calibrate(&in, arena, &got, &err) && got.temperature > 1.5);
    in.vote = true;
    in.class_weight = (double[]){1, 2};
    assert_true(shipped_calibrate(&in, arena, &got, &err) && got.temperature == 1 && !got.calibration);
    arena_destroy(arena);
}

/* The same of networks pooled by their logarithms, each in the end the mean of a bag. */
static void a_pool_of_bags_is_flatter_than_one_of_networks(void **state)
{
    (void)state;
    enum { N = 4000, M = 4, FOLDS = 5 };
    static float member[M][N * 2], pool[N * 2], bags[N * 2];
    static int32_t truth[N];
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(10, 6, RNG_TEST);
    for (int i = 0; i < N; i++) {
        double z = 1.5 * rng_normal(&rng), one = 0, all = 0;
        truth[i] = rng_uniform(&rng) < 1 / (1 + exp(-z));
        for (int m = 0; m < M; m++) {
            double mean = 0;
            for (int k = 0; k < FOLDS; k++) {
                double p = 1 / (1 + exp(-2.2 * (z + 0.8 * rng_normal(&rng))));
                if (k == 0) member[m][2 * i + 1] = (float)p, member[m][2 * i] = (float)(1 - p), one += log(p / (1 - p)) / M;
                mean += p / FOLDS;
            }
            all += log(mean / (1 - mean)) / M;
        }
        pool[2 * i + 1] = (float)(1 / (1 + exp(-one))), pool[2 * i] = (float)(1 / (1 + exp(one)));
        bags[2 * i + 1] = (float)(1 / (1 + exp(-all))), bags[2 * i] = (float)(1 / (1 + exp(all)));
    }
    const float *members[M] = {member[0], member[1], member[2], member[3]};
    const double weight[M] = {0.25, 0.25, 0.25, 0.25};
    const ShippedInput in = {.rows = {N, 2, pool, truth}, .n_members = M, .n_folds = FOLDS, .member = members,
                             .weight = weight, .pooled = true, .method = 1 + CALIBRATION_TEMPERATURE, .seed = 1};
    const CalibrationAsk free_of_bounds = {CALIBRATION_SET(CALIBRATION_TEMPERATURE), 5, NULL, 1};
    CalibrationChoice got, best, naive;
    assert_true(shipped_calibrate(&in, arena, &got, &err));
    assert_true(calibration_choose(&(KnownRows){N, 2, bags, truth, NULL}, &free_of_bounds, arena, &best, &err));
    assert_true(calibration_choose(&in.rows, &free_of_bounds, arena, &naive, &err));
    if (!(got.temperature > 1.05 && got.temperature < best.temperature + 0.05 && best.temperature < naive.temperature - 0.1))
        fail_msg("%g, best %g, naive %g", got.temperature, best.temperature, naive.temperature);
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    static const char *const texts[] = {"f1_macro", "{cost: {a: {b: 5}}}", "{recall: {c: 0.8}}", "{precision: {c: 0.7}}"};
    Arena *arena = arena_create(0), *poor = arena_create(0);
    draw(200, 3, 5, proba, labels);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const ConfNode *node = yaml(texts[i], arena);
        bool fine = false;
        for (long n = 0; !fine; n++) {
            Thresholds asked;
            Decision out;
            arena_reset(poor);
            arena_fail_after(poor, n);
            fine = thresholds_read(node, 3, three, poor, &asked, &err)
                && decide_fit(&(JudgedRows){200, 3, proba, labels, NULL}, &asked, (double[]){1, 2, 3}, 1, poor, &out, &err);
            arena_fail_after(poor, -1);
            if (!fine) assert_int_equal(err.code, ERR_MEMORY);
        }
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demands_are_read),
        cmocka_unit_test(wrong_demands_say_the_cure),
        cmocka_unit_test(promises_are_kept_on_new_rows),
        cmocka_unit_test(as_many_rows_as_it_takes),
        cmocka_unit_test(costs_and_fixed_thresholds),
        cmocka_unit_test(class_weights_are_the_decision),
        cmocka_unit_test(without_rows_there_is_no_promise),
        cmocka_unit_test(a_bag_is_flatter_than_its_networks),
        cmocka_unit_test(a_pool_of_bags_is_flatter_than_one_of_networks),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("ensemble/decide", tests, NULL, NULL);
}
