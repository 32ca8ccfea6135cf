#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "model/decision.h"
#include "tests/model_maker.h"

enum { K = 3, N = 50 };
static const double bias[K] = {0, -0.7, 0.4}, scale[K * K] = {0.9, 0.1, 0, -0.2, 1.3, 0, 0, 0.05, 0.6};
static const int n_knots[K] = {2, 4, 3};
static const double at[9] = {0, 1, 0, 0.2, 0.5, 1, 0, 0.3, 1}, to[9] = {0, 1, 0, 0.05, 0.6, 1, 0, 0.5, 1};
static const double cost[K * K] = {0, 1, 4, 2, 0, 1, 9, 3, 0}, weight[K] = {0.5, 1, 3};
static char file[64], other[64];
static Error err;

static int set_up(void **state)
{
    (void)state;
    snprintf(file, sizeof file, "/tmp/consort-decision-%d.consort", (int)getpid());
    snprintf(other, sizeof other, "/tmp/consort-decision-%d.other", (int)getpid());
    return mat_init(NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(file);
    unlink(other);
    return 0;
}

/* The formulas of model/calibration.h once more. */
static void slow_calibration(const Calibration *c, const double *p, double *out)
{
    double z[K], sum = 0;
    for (int i = 0; i < K; i++) {
        z[i] = c->bias[i];
        for (int j = 0; j < K; j++) {
            double s = c->n_scale == K * K ? c->scale[i * K + j] : i != j ? 0 : c->n_scale == K ? c->scale[i] : c->scale[0];
            z[i] += s * log(fmax(p[j], 1e-12));
        }
    }
    for (int i = 0; i < K; i++) sum += exp(z[i]);
    for (int i = 0; i < K; i++) out[i] = exp(z[i]) / sum;
    if (!c->n_knots) return;
    sum = 0;
    for (int i = 0, from = 0; i < K; from += c->n_knots[i++]) {
        int k = from;
        while (out[i] > c->at[k + 1]) k++;
        out[i] = c->to[k] + (c->to[k + 1] - c->to[k]) * (out[i] - c->at[k]) / (c->at[k + 1] - c->at[k]);
        sum += out[i];
    }
    for (int i = 0; i < K; i++) out[i] /= sum;
}

static const Calibration forms[] = {
    {1, scale, bias, NULL, NULL, NULL}, {K, scale, bias, NULL, NULL, NULL}, {K * K, scale, bias, NULL, NULL, NULL},
    {1, scale, bias, n_knots, at, to},  {K * K, scale, bias, n_knots, at, to}};

static void every_form_travels_in_files(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, N, K, 3, arena);
    Model *model = make_model(table, 2, -1, 5, arena, NULL), *loaded = NULL;
    float raw[N * K], want[N * K], got[N * K];
    assert_true(model_predict(model, table, arena, raw, &err));
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        Bytes first, second;
        model->calibration = &forms[f];
        model->class_weight = weight;
        model->cost = f % 2 ? cost : NULL;
        model->decision = f % 2 ? NULL : weight;
        model->asked = "{recall: {bad: 0.8}}";
        model->interest = (int)f % (K + 1);
        assert_true(model_predict(model, table, arena, want, &err));
        for (int i = 0; i < N; i++) {
            double p[K], q[K];
            for (int c = 0; c < K; c++) p[c] = raw[i * K + c];
            slow_calibration(&forms[f], p, q);
            for (int c = 0; c < K; c++) assert_true(fabs(q[c] - want[i * K + c]) < 1e-5);
        }
        if (!model_save(model, file, &err) || !model_load(file, arena, &loaded, &err)) fail_msg("%s", err.message);
        assert_true(model_predict(loaded, table, arena, got, &err));
        assert_memory_equal(want, got, sizeof want);
        assert_true(loaded->temperature == 1 && loaded->interest == model->interest);
        assert_memory_equal(loaded->class_weight, weight, sizeof weight);
        assert_string_equal(loaded->asked, model->asked);
        assert_true((loaded->cost != NULL) == (f % 2 == 1) && (loaded->decision != NULL) == (f % 2 == 0));
        for (int i = 0; i < N; i++)
            assert_int_equal(model_decide(loaded, got + i * K), model_decide(model, want + i * K));
        assert_true(model_save(loaded, other, &err));
        assert_true(file_read(file, 0, &first, NULL) && file_read(other, 0, &second, NULL));
        assert_int_equal(first.n, second.n);
        assert_memory_equal(first.bytes, second.bytes, first.n);
        bytes_free(&first);
        bytes_free(&second);
        model->calibration = NULL;
    }
    /* Joined, the members' class weights are what they are together. */
    Model light = *loaded, *joined = NULL;
    const double half[2] = {0.5, 0.5};
    light.class_weight = NULL;
    assert_true(model_join((const Model *[]){loaded, &light}, half, 2, arena, &joined, &err));
    assert_true(fabs(joined->class_weight[2] - sqrt(3)) < 1e-12 && !joined->calibration && !joined->decision);
    assert_true(model_join((const Model *[]){&light, &light}, half, 2, arena, &joined, &err) && !joined->class_weight);
    arena_destroy(arena);
}

static void refuse(const Model *model, const char *words)
{
    Arena *arena = arena_create(0);
    Model *loaded = NULL;
    if (!model_save(model, file, &err)) fail_msg("%s", err.message);
    if (model_load(file, arena, &loaded, &err)) fail_msg("believed: %s", words);
    assert_int_equal(err.code, ERR_DATA);
    if (!strstr(err.message, words)) fail_msg("\"%s\" does not say %s", err.message, words);
    arena_destroy(arena);
}

static void unsound_numbers_are_refused(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, N, K, 3, arena);
    Model *model = make_model(table, 2, -1, 5, arena, NULL);
    double bent[9];
    int counts[K] = {2, 4, 3};
    Calibration c = {1, (double[]){1e10}, bias, NULL, NULL, NULL};
    model->calibration = &c;
    refuse(model, "a number of the calibration is out of range");
    c.scale = (double[]){NAN};
    refuse(model, "number 1 of calibration.scale is not finite");
    c.scale = scale;
    c.bias = (double[]){0, INFINITY, 0};
    refuse(model, "number 2 of calibration.bias is not finite");
    c = (Calibration){K * K, (double[]){0, 1, 2, 3, 4, 5, 6, 7, NAN}, bias, NULL, NULL, NULL};
    refuse(model, "number 9 of calibration.scale is out of range");
    c = forms[3];
    c.n_knots = counts;
    counts[0] = 1;
    refuse(model, "2 to 64 knots");
    counts[0] = 2;
    c.at = bent;
    for (int i = 0; i < 3; i++) {
        memcpy(bent, at, sizeof at);
        bent[i == 0 ? 2 : i == 1 ? 3 : 5] = i == 0 ? 0.1 : i == 1 ? 0.5 : 0.9;
        refuse(model, "the calibration of class 2 does not rise from 0 to 1");
    }
    model->calibration = NULL;
    model->class_weight = (double[]){1, 1, -1};
    refuse(model, "class weight 3 is not positive");
    model->class_weight = NULL;
    model->cost = (double[]){0, 1, 2, 3, 0, 1e12, 1, 1, 0};
    refuse(model, "number 6 of cost is out of range");
    model->cost = NULL;
    model->interest = K + 1;
    refuse(model, "`interest` is not a whole number from 0 to 3");
    arena_destroy(arena);
}

static void costs_decide(void **state)
{
    (void)state;
    const Model model = {.schema = {.n_classes = K}, .cost = cost};
    assert_int_equal(model_decide(&model, (float[]){0.6f, 0.2f, 0.2f}), 1);  /* 2.2, 1.2, 2.6 */
    assert_int_equal(model_decide(&model, (float[]){0.9f, 0.1f, 0}), 0);     /* 0.2, 0.9, 3.7 */
    assert_int_equal(model_decide(&model, (float[]){0, 0, 1}), 2);
    assert_int_equal(model_decide(&model, (float[]){NAN, NAN, NAN}), 0);
}

static void rules_are_sentences(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const char *two[] = {"good", "bad"}, *three[] = {"a", "b", "c"};
    Model model = {.schema = {.n_classes = 2, .classes = two}};
    assert_string_equal(decision_rule(&model, -1, arena), "decides bad when p(bad) >= 0.5, else good");
    assert_string_equal(decision_rule(&model, 0, arena), "decides good when p(good) >= 0.5, else bad");
    model.interest = 1;
    assert_int_equal(decision_interest(&model, -1), 0);
    assert_int_equal(decision_interest(&model, 1), 1);
    model.interest = 2;
    model.decision = (double[]){1, 2};
    assert_true(fabs(decision_threshold(&model, 1) - 1.0 / 3) < 1e-12);
    assert_string_equal(decision_rule(&model, -1, arena), "decides bad when p(bad) >= 0.333, else good");
    model.cost = (double[]){0, 1, 5, 0}; /* bad called good costs 5 */
    assert_string_equal(decision_rule(&model, -1, arena), "decides bad when p(bad) >= 0.167, else good");
    model = (Model){.schema = {.n_classes = 3, .classes = three}};
    assert_string_equal(decision_rule(&model, -1, arena), "decides the most probable class");
    model.decision = weight;
    assert_string_equal(decision_rule(&model, -1, arena), "decides the class with the largest p x weight (a 0.5, b 1, c 3)");
    model.cost = cost;
    assert_string_equal(decision_rule(&model, -1, arena), "decides the class of least expected cost");
    assert_true(isnan(decision_threshold(&model, 1)));
    arena_destroy(arena);
}

static void thresholds_are_read(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const char *two[] = {"good", "bad=1"}, *three[] = {"a", "b", "c"};
    Model model = {.schema = {.n_classes = 2, .classes = two}, .cost = cost};
    assert_true(decision_read_threshold(&model, "0.3", arena, &err));
    assert_true(!model.cost && fabs(decision_threshold(&model, 1) - 0.3) < 1e-12);
    assert_int_equal(model_decide(&model, (float[]){0.69f, 0.31f}), 1);
    assert_int_equal(model_decide(&model, (float[]){0.71f, 0.29f}), 0);
    assert_true(decision_read_threshold(&model, "bad=1=0.2", arena, &err));
    assert_true(fabs(decision_threshold(&model, 1) - 0.2) < 1e-12);
    assert_true(decision_read_threshold(&model, "good=0.9", arena, &err));
    assert_true(fabs(decision_threshold(&model, 0) - 0.9) < 1e-12);
    static const char *const wrong[] = {"", "x", "bad=0.3", "good=", "good=1.2", "0", "1", "nan", "good=0.3x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (decision_read_threshold(&model, wrong[i], arena, &err)) fail_msg("%s was taken", wrong[i]);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_non_null(strstr(err.message, "CLASS=NUMBER with good or bad=1"));
    }
    model.schema = (Schema){.n_classes = 3, .classes = three};
    assert_false(decision_read_threshold(&model, "0.3", arena, &err));
    assert_non_null(strstr(err.message, "two classes, and this one has 3"));
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Table *table = make_table(MAKE_MIXED, N, K, 3, arena);
    Model *model = make_model(table, 1, -1, 5, arena, NULL), *loaded = NULL;
    model->calibration = &forms[4];
    model->cost = cost;
    model->asked = "x";
    model->class_weight = weight;
    assert_true(model_save(model, file, &err));
    for (long n = 0;; n++) {
        arena_reset(poor);
        arena_fail_after(poor, n);
        bool ok = model_load(file, poor, &loaded, &err);
        arena_fail_after(poor, -1);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_travels_in_files),
        cmocka_unit_test(unsound_numbers_are_refused),
        cmocka_unit_test(costs_decide),
        cmocka_unit_test(rules_are_sentences),
        cmocka_unit_test(thresholds_are_read),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("model/decision", tests, set_up, tear_down);
}
