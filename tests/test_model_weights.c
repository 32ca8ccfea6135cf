/* Weights of rows in evaluation, paired tests, calibration and decisions: a row of 2 is that row twice. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "base/rng.h"
#include "model/calibration_choose.h"
#include "model/evaluate.h"
#include "model/paired.h"
#include "model/temperature.h"

enum { N = 400, K = 3 };
static float once[N * K], other[N * K], twice[2 * N * K], other_twice[2 * N * K];
static int32_t labels[N], labels_twice[2 * N];
static double weight[N];
static int n_twice;
static const char *const classes[K] = {"a", "b", "c"};

static void softmax(float *p, double sure, int label, Rng *rng)
{
    double z[K], sum = 0;
    for (int c = 0; c < K; c++) sum += z[c] = exp(sure * (c == label) + 1.2 * rng_normal(rng));
    for (int c = 0; c < K; c++) p[c] = (float)(z[c] / sum);
}

static int make(void **state)
{
    Error err;
    Rng rng = rng_stream(8, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        labels[i] = (int32_t)rng_below(&rng, K);
        softmax(once + i * K, 1, labels[i], &rng);
        softmax(other + i * K, 1.3, labels[i], &rng);
        weight[i] = i % 3;
        if (i % 50 == 7) labels[i] = -1;
        for (int t = 0; t < i % 3; t++, n_twice++) {
            memcpy(twice + n_twice * K, once + i * K, K * sizeof *once);
            memcpy(other_twice + n_twice * K, other + i * K, K * sizeof *once);
            labels_twice[n_twice] = labels[i];
        }
    }
    *state = arena_create(0);
    return !*state || !mat_init(&err);
}

static double number(const Doc *doc, const char *name, const char *key)
{
    return doc_to_number(doc_get(doc_get(doc_get(doc, "metrics"), name), key), NAN);
}

static void evaluation_counts_them(void **state)
{
    Arena *arena = *state;
    Error err;
    Doc *a, *b, *plain;
    Judged weighed = {.n = N, .n_classes = K, .classes = classes, .proba = once, .labels = labels, .weight = weight,
                      .positive = -1, .bootstrap = 400, .seed = 1};
    Judged many = {.n = n_twice, .n_classes = K, .classes = classes, .proba = twice, .labels = labels_twice,
                   .positive = -1, .bootstrap = 400, .seed = 1};
    Judged unweighed = weighed;
    unweighed.weight = NULL;
    if (!evaluate_predictions(&weighed, arena, &a, &err)) fail_msg("%s", err.message);
    assert_true(evaluate_predictions(&many, arena, &b, &err) && evaluate_predictions(&unweighed, arena, &plain, &err));
    static const char *const names[] = {"accuracy", "f1_macro", "f1_weighted", "mcc", "log_loss", "brier", "roc_auc",
                                        "pr_auc", "balanced_accuracy"};
    for (size_t m = 0; m < sizeof names / sizeof *names; m++) {
        double value = number(a, names[m], "value"), low = number(a, names[m], "low95"), high = number(a, names[m], "high95");
        if (!(fabs(value - number(b, names[m], "value")) < 1e-9)) fail_msg("%s: %g", names[m], value);
        assert_true(low < value && value < high);
        /* Worth fewer rows than there are, so wider than if all were alike and as many. */
        assert_true(high - low > number(b, names[m], "high95") - number(b, names[m], "low95"));
        assert_true(fabs(value - number(plain, names[m], "value")) > 1e-6);
    }
    assert_true(fabs(number(a, "ece", "value") - number(b, "ece", "counted")) < 1e-9);
    for (int c = 0; c < K; c++) {
        const Doc *x = doc_at(doc_get(a, "per_class"), (size_t)c), *y = doc_at(doc_get(b, "per_class"), (size_t)c);
        const Doc *roc = doc_at(doc_get(a, "roc"), (size_t)c), *same = doc_at(doc_get(b, "roc"), (size_t)c);
        static const char *const keys[] = {"precision", "recall", "f1"};
        for (int k = 0; k < 3; k++)
            assert_true(fabs(doc_to_number(doc_get(x, keys[k]), NAN) - doc_to_number(doc_get(y, keys[k]), NAN)) < 1e-12);
        assert_true(fabs(doc_to_number(doc_get(roc, "auc"), NAN) - doc_to_number(doc_get(same, "auc"), NAN)) < 1e-12);
    }
    double sum = 0;
    for (int i = 0; i < N; i++) sum += labels[i] >= 0 ? weight[i] : 0;
    assert_true(doc_to_number(doc_get(a, "weight_sum"), NAN) == sum);
    doc_free(a), doc_free(b), doc_free(plain);
}

static void pairs_count_them(void **state)
{
    static const MetricId metrics[] = {METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_LOG_LOSS, METRIC_ROC_AUC};
    PairedDelta a[4], b[4];
    float x[N * K], y[N * K];
    int32_t known[N];
    double w[N];
    int n = 0;
    for (int i = 0; i < N; i++) {
        if (labels[i] < 0) continue;
        memcpy(x + n * K, once + i * K, K * sizeof *x);
        memcpy(y + n * K, other + i * K, K * sizeof *y);
        w[n] = weight[i];
        known[n++] = labels[i];
    }
    float tx[2 * N * K], ty[2 * N * K];
    int32_t tl[2 * N];
    int m = 0;
    for (int i = 0; i < n_twice; i++) {
        if (labels_twice[i] < 0) continue;
        memcpy(tx + m * K, twice + i * K, K * sizeof *x);
        memcpy(ty + m * K, other_twice + i * K, K * sizeof *y);
        tl[m++] = labels_twice[i];
    }
    const Pair weighed = {.n = n, .n_classes = K, .a = x, .b = y, .labels = known, .weight = w, .draws = 300, .positive = -1};
    const Pair many = {.n = m, .n_classes = K, .a = tx, .b = ty, .labels = tl, .draws = 300, .positive = -1};
    assert_true(paired_differences(&weighed, metrics, 4, *state, a, NULL));
    assert_true(paired_differences(&many, metrics, 4, *state, b, NULL));
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(a[i].delta - b[i].delta) < 1e-9 && fabs(a[i].a - b[i].a) < 1e-9);
        assert_true(a[i].low95 < a[i].delta && a[i].delta < a[i].high95);
        assert_string_equal(a[i].test, "bootstrap");
    }
}

static void calibration_counts_them(void **state)
{
    Arena *arena = *state;
    const KnownRows weighed = {N, K, once, labels, weight}, many = {n_twice, K, twice, labels_twice, NULL};
    double t = temperature_fit(N, K, once, labels, weight), same = temperature_fit(n_twice, K, twice, labels_twice, NULL);
    assert_true(t != 1 && fabs(t - same) < 0.1); /* what holds it counts rows */
    Calibration *a, *b;
    for (int m = CALIBRATION_BIAS; m <= CALIBRATION_VECTOR; m++) {
        assert_true(calibration_fit(&weighed, NULL, (CalibrationMethod)m, 5, arena, &a, NULL));
        assert_true(calibration_fit(&many, NULL, (CalibrationMethod)m, 5, arena, &b, NULL));
        for (int c = 0; c < K; c++) /* the penalty counts rows */
            if (!(fabs(a->bias[c] - b->bias[c]) < 0.1)) fail_msg("%d: bias %g, not %g", m, a->bias[c], b->bias[c]);
        for (int s = 0; s < a->n_scale; s++) assert_true(fabs(a->scale[s] - b->scale[s]) < 0.1);
    }
    const CalibrationAsk ask = {CALIBRATION_ALL, 5, NULL, 3};
    CalibrationChoice choice;
    assert_true(calibration_choose(&weighed, &ask, arena, &choice, NULL));
    /* A weight that is the same for all is none. */
    double alike[N];
    for (int i = 0; i < N; i++) alike[i] = 4;
    const KnownRows flat = {N, K, once, labels, alike}, plain = {N, K, once, labels, NULL};
    CalibrationChoice x, y;
    assert_true(calibration_choose(&flat, &ask, arena, &x, NULL) && calibration_choose(&plain, &ask, arena, &y, NULL));
    assert_true(x.method == y.method && fabs(x.temperature - y.temperature) < 1e-9);
}

static int done(void **state)
{
    arena_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluation_counts_them),
        cmocka_unit_test(pairs_count_them),
        cmocka_unit_test(calibration_counts_them),
    };
    return cmocka_run_group_tests(tests, make, done);
}
