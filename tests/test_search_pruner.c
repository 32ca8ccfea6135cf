#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tuner/search/pruner.h"

static Arena *arena;

static bool read_options(const char *yaml, PrunerOptions *options, Error *err)
{
    Conf *conf;
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, err)) return false;
    const ConfNode *node = conf_get(conf->root, "early_terminate");
    return field_defaults(&pruner_fields, options, arena, err) &&
           field_read(&pruner_fields, node, options, arena, err) && pruner_check(options, node, err);
}

static PrunerOptions options_of(const char *yaml)
{
    PrunerOptions options;
    Error err = {0};
    char text[300];
    snprintf(text, sizeof text, "early_terminate: {%s}\n", yaml);
    if (!read_options(text, &options, &err)) fail_msg("%s: %s", yaml, err.message);
    return options;
}

static void defaults(void **state)
{
    (void)state;
    PrunerOptions o = options_of("type: hyperband, min_iter: 3");
    assert_int_equal(o.type, PRUNER_HYPERBAND);
    assert_true(o.eta == 3 && o.strict && o.min_iter == 3 && o.max_iter == 0);
    o = options_of("type: hyperband"); /* judged when ranks mean something */
    const int epochs[] = {1, 3, 29, 31, 40, 200}, first[] = {3, 3, 3, 4, 4, 20};
    for (int i = 0; i < 6; i++) {
        PrunerOptions resolved = o;
        pruner_resolve(&resolved, epochs[i]);
        assert_true(resolved.min_iter == first[i]);
    }
    o = options_of("type: hyperband, max_iter: 27, s: 2");
    pruner_resolve(&o, 40);
    assert_true(o.min_iter == 0);
    o = options_of("type: median");
    assert_int_equal(o.type, PRUNER_MEDIAN);
    assert_true(o.warmup == 5 && o.min_trials == 5);
    Error err = {0};
    assert_true(read_options("name: x\n", &o, &err)); /* no section at all */
    assert_int_equal(o.type, PRUNER_NONE);
    assert_false(pruner_stops(&o, &(Curve){3, (double[]){9, 9, 9}}, 1, &(Curve){3, (double[]){1, 1, 1}}, NULL));
}

static const struct { const char *yaml, *message; } wrong[] = {
    {"min_iter: 3", "1:18: `early_terminate` needs `type: hyperband`, `type: median`"},
    {"type: median, max_iter: 9", "`max_iter` does not go with `type: median`"},
    {"type: halving, s: 9", "`s` does not go with `type: halving`"},
    {"type: halving, strict: false", "`strict` does not go with `type: halving`"},
    {"type: halving, bracket: 2", "`bracket` must be at least `eta`"},
    {"type: hyperband_sync, bracket: 9", "`bracket` does not go with `type: hyperband_sync`"},
    {"type: hyperband, bracket: 9", "`bracket` does not go with `type: hyperband`"},
    {"type: hyperband, max_iter: 27", "`max_iter` needs `s`"},
    {"type: hyperband, min_iter: 0.5", "at least 1"},
    {"type: hyperband, max_iter: 2, s: 1", "below one epoch"},
    {"type: hyperband, max_iter: 27, s: 0", "`s` must be at least 1"},
    {"type: hyperband, min_iter: 3, eta: 1", "eta"},
    {"type: hyperband, min_iter: 3, warmup: 2", "`warmup` does not go with `type: hyperband`"},
    {"type: median, eta: 2", "`eta` does not go with `type: median`"},
    {"type: none, folds: false", "`folds` does not go with `type: none`"},
    {"type: none, eta: 2", "`eta` does not go with `type: none`"},
    {"type: hyperbnd, min_iter: 3", "hyperband"},
    {"type: hyperband, min_itre: 3", "min_iter"},
};

/* As W&B's controller does; many files in the world have both forms at once. */
static void keys_of_the_other_form_are_ignored(void **state)
{
    (void)state;
    static const struct { const char *yaml, *ignored; double min_iter, max_iter; int s; } cases[] = {
        {"early_terminate: {type: hyperband, min_iter: 3, s: 2}", "s", 3, 0, 0},
        {"early_terminate: {type: hyperband, min_iter: 3, max_iter: 27, s: 2}", "min_iter", 0, 27, 2},
        {"early_terminate: {type: hyperband, max_iter: 27, s: 2}", NULL, 0, 27, 2},
        {"early_terminate: {type: hyperband, min_iter: 3}", NULL, 3, 0, 0},
        {"early_terminate: {type: hyperband, min_iter: 5, max_iter: 50}", "max_iter", 5, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        Conf *conf;
        const char *why;
        PrunerOptions o;
        assert_true(conf_read_text("s", cases[i].yaml, strlen(cases[i].yaml), arena, &conf, &err));
        const ConfNode *node = conf_get(conf->root, "early_terminate");
        assert_true(field_defaults(&pruner_fields, &o, arena, &err));
        assert_true(field_read(&pruner_fields, node, &o, arena, &err));
        const char *ignored = pruner_ignored(&o, node, &why);
        if (cases[i].ignored) assert_string_equal(ignored, cases[i].ignored);
        else assert_null(ignored);
        assert_true(pruner_check(&o, node, &err));
        assert_true(o.min_iter == cases[i].min_iter && o.max_iter == cases[i].max_iter && o.s == cases[i].s);
    }
}

static void mistakes_are_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[300];
        PrunerOptions options;
        Error err = {0};
        snprintf(text, sizeof text, "early_terminate: {%s}\n", wrong[i].yaml);
        if (read_options(text, &options, &err)) fail_msg("accepted: %s", wrong[i].yaml);
        if (err.code != ERR_CONFIG || !strstr(err.message, wrong[i].message) ||
            strncmp(err.message, "t.yaml:1:", 9) != 0)
            fail_msg("%s\n  said: %s\n  want: %s", wrong[i].yaml, err.message, wrong[i].message);
    }
}

/* Worked by hand. min_iter 2, eta 2: bands at epochs 2, 4, 8, ... */
static void hyperband_by_hand(void **state)
{
    (void)state;
    PrunerOptions o = options_of("type: hyperband, min_iter: 2, eta: 2");
    const Curve others[] = {
        {4, (double[]){0.9, 0.5, 0.4, 0.30}},
        {4, (double[]){0.8, 0.6, 0.5, 0.45}},
        {3, (double[]){0.9, 0.7, 0.6}},
    };
    double limit;
    /* Before the first band nobody is judged. */
    assert_false(pruner_stops(&o, &(Curve){1, (double[]){9}}, 3, others, &limit));
    assert_true(isnan(limit));
    /* Epoch 2: values .5 .6 .7 and its own; n = 4, element floor(4/2) = 2. Own .65: sorted .5 .6 .65 .7,
     * threshold .65, it goes on. Own .71: sorted .5 .6 .7 .71, threshold .7, it stops. */
    assert_false(pruner_stops(&o, &(Curve){2, (double[]){9, 0.65}}, 3, others, &limit));
    assert_true(limit == 0.65);
    assert_true(pruner_stops(&o, &(Curve){2, (double[]){9, 0.71}}, 3, others, &limit));
    assert_true(limit == 0.7);
    /* Epoch 3 is still judged at band 2, by its value there, however good it is now. */
    assert_true(pruner_stops(&o, &(Curve){3, (double[]){9, 0.71, 0.1}}, 3, others, &limit));
    /* Epoch 4: .30 .45 and its own; n = 3, element floor(3/2) = 1. */
    assert_false(pruner_stops(&o, &(Curve){4, (double[]){9, 9, 9, 0.44}}, 3, others, &limit));
    assert_true(limit == 0.44);
    assert_true(pruner_stops(&o, &(Curve){4, (double[]){9, 9, 9, 0.46}}, 3, others, &limit));
    assert_true(limit == 0.45);
    /* Epoch 8, where nobody else has been: its own value is the threshold. */
    assert_false(pruner_stops(&o, &(Curve){8, (double[]){9, 9, 9, 9, 9, 9, 9, 9}}, 3, others, &limit));
    /* eta 3: with two others, n = 3, element 1: the second best goes on. */
    o = options_of("type: hyperband, min_iter: 2");
    assert_false(pruner_stops(&o, &(Curve){2, (double[]){9, 0.55}}, 2, others, &limit));
    assert_true(pruner_stops(&o, &(Curve){2, (double[]){9, 0.61}}, 2, others, &limit));
    /* With one other, n = 2, element 0: only the better goes on. A tie does. */
    assert_true(pruner_stops(&o, &(Curve){2, (double[]){9, 0.51}}, 1, others, &limit));
    assert_false(pruner_stops(&o, &(Curve){2, (double[]){9, 0.50}}, 1, others, &limit));
    assert_false(pruner_stops(&o, &(Curve){2, (double[]){9, 9}}, 0, NULL, &limit));
}

static void strict_or_best_so_far(void **state)
{
    (void)state;
    const Curve others[] = {{3, (double[]){0.9, 0.5, 0.4}}, {3, (double[]){0.9, 0.6, 0.4}}};
    const Curve early = {2, (double[]){0.45, 0.7}}, later = {3, (double[]){0.9, 0.7, 0.45}};
    PrunerOptions o = options_of("type: hyperband, min_iter: 2, eta: 3");
    assert_true(pruner_stops(&o, &early, 2, others, NULL));
    assert_true(pruner_stops(&o, &later, 2, others, NULL));
    o = options_of("type: hyperband, min_iter: 2, eta: 3, strict: false");
    assert_false(pruner_stops(&o, &early, 2, others, NULL));
    assert_false(pruner_stops(&o, &later, 2, others, NULL));
}

/* max_iter 27, s 2, eta 3: bands at 9 and 3, as W&B's documentation has it. */
static void bands_from_above(void **state)
{
    (void)state;
    PrunerOptions o = options_of("type: hyperband, max_iter: 27, s: 2, eta: 3");
    double good[30], bad[30];
    for (int i = 0; i < 30; i++) good[i] = 0.1, bad[i] = i == 2 || i == 8 ? 0.1 : 0.9;
    const Curve other = {30, good};
    assert_false(pruner_stops(&o, &(Curve){30, bad}, 1, &other, NULL)); /* judged at epoch 9 */
    bad[8] = 0.2;
    for (int n = 1; n <= 30; n++) assert_int_equal(pruner_stops(&o, &(Curve){n, bad}, 1, &other, NULL), n >= 9);
    bad[2] = 0.2;
    for (int n = 1; n <= 30; n++) assert_int_equal(pruner_stops(&o, &(Curve){n, bad}, 1, &other, NULL), n >= 3);
    /* Bands below one epoch do not exist, and fractions are cut: 10/2.5 = 4, 1.6 -> 1. */
    o = options_of("type: hyperband, max_iter: 10, s: 5, eta: 2.5");
    bad[0] = bad[1] = bad[2] = 0.1, bad[3] = 0.2;
    assert_false(pruner_stops(&o, &(Curve){3, bad}, 1, &other, NULL));
    assert_true(pruner_stops(&o, &(Curve){4, bad}, 1, &other, NULL));
    bad[0] = 0.2;
    assert_true(pruner_stops(&o, &(Curve){1, bad}, 1, &other, NULL));
}

static void nan_is_the_worst(void **state)
{
    (void)state;
    PrunerOptions o = options_of("type: hyperband, min_iter: 1, eta: 3");
    const Curve others[] = {{1, (double[]){0.5}}, {1, (double[]){NAN}}, {1, (double[]){0.4}}};
    assert_true(pruner_stops(&o, &(Curve){1, (double[]){NAN}}, 3, others, NULL));
    assert_false(pruner_stops(&o, &(Curve){1, (double[]){0.5}}, 3, others, NULL));
    o.strict = false;
    assert_true(pruner_stops(&o, &(Curve){1, (double[]){NAN}}, 3, others, NULL));
}

static void median_by_hand(void **state)
{
    (void)state;
    PrunerOptions o = options_of("type: median, warmup: 1, min_trials: 2");
    /* Running means at epoch 2: 0.7, 0.6, 0.8. */
    const Curve others[] = {
        {3, (double[]){0.9, 0.5, 0.1}}, {2, (double[]){0.7, 0.5}}, {2, (double[]){0.8, 0.8}}};
    double limit;
    assert_false(pruner_stops(&o, &(Curve){1, (double[]){9}}, 3, others, &limit)); /* warm-up */
    assert_true(pruner_stops(&o, &(Curve){2, (double[]){9, 0.71}}, 3, others, &limit));
    assert_true(fabs(limit - 0.7) < 1e-15);
    assert_false(pruner_stops(&o, &(Curve){2, (double[]){0.69, 9}}, 3, others, &limit)); /* its best counts */
    assert_true(pruner_stops(&o, &(Curve){2, (double[]){9, 0.66}}, 2, others, &limit)); /* (.6 + .7) / 2 */
    assert_true(fabs(limit - 0.65) < 1e-15);
    /* Only one run has come to epoch 3. */
    assert_false(pruner_stops(&o, &(Curve){3, (double[]){9, 9, 9}}, 3, others, &limit));
    o.min_trials = 1;
    assert_true(pruner_stops(&o, &(Curve){3, (double[]){9, 9, 9}}, 3, others, &limit));
}

/* The order of the others does not matter, and they are not touched. */
static void order_does_not_matter(void **state)
{
    (void)state;
    const char *const rules[] = {"type: hyperband, min_iter: 2, eta: 2", "type: median, warmup: 1, min_trials: 1"};
    const double values[4][2] = {{0.4, 0.3}, {0.2, 0.9}, {0.5, 0.5}, {0.1, 0.7}};
    const int orders[3][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    for (int r = 0; r < 2; r++) {
        PrunerOptions o = options_of(rules[r]);
        double first = 0;
        for (int k = 0; k < 3; k++) {
            Curve others[4];
            double limit;
            for (int i = 0; i < 4; i++) others[i] = (Curve){2, values[orders[k][i]]};
            pruner_stops(&o, &(Curve){2, (double[]){0.6, 0.6}}, 4, others, &limit);
            if (k == 0) first = limit;
            assert_true(limit == first);
        }
    }
}

/* Five finished trials of three networks; their means over the first two are .2 .3 .4 .5 .6. */
static void between_folds_by_hand(void **state)
{
    (void)state;
    PrunerOptions o = options_of("type: halving");
    const Curve finished[] = {
        {3, (double[]){0.1, 0.3, 0.9}}, {3, (double[]){0.2, 0.4, 0.9}}, {3, (double[]){0.5, 0.3, 0.9}},
        {3, (double[]){0.4, 0.6, 0.1}}, {3, (double[]){0.6, 0.6, 0.1}}};
    double limit;
    assert_false(pruner_stops_between(&o, &(Curve){2, (double[]){0.9, 0.9}}, 4, finished, &limit)); /* too few */
    assert_true(isnan(limit));
    assert_false(pruner_stops_between(&o, &(Curve){2, (double[]){0.5, 0.3}}, 5, finished, &limit));
    assert_true(fabs(limit - 0.4) < 1e-15);
    assert_true(pruner_stops_between(&o, &(Curve){2, (double[]){0.5, 0.31}}, 5, finished, &limit));
    assert_true(pruner_stops_between(&o, &(Curve){1, (double[]){0.41}}, 5, finished, &limit)); /* .1 .2 .4 .5 .6 */
    assert_true(pruner_stops_between(&o, &(Curve){1, (double[]){NAN}}, 5, finished, &limit));
    assert_false(pruner_stops_between(&o, &(Curve){3, (double[]){9, 9, 9}}, 5, finished, &limit)); /* it is done */
    o = options_of("type: hyperband, folds: false");
    assert_false(pruner_stops_between(&o, &(Curve){2, (double[]){9, 9}}, 5, finished, &limit));
    o = options_of("type: none");
    assert_false(pruner_stops_between(&o, &(Curve){2, (double[]){9, 9}}, 5, finished, &limit));
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(keys_of_the_other_form_are_ignored), cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test(hyperband_by_hand),
        cmocka_unit_test(strict_or_best_so_far),
        cmocka_unit_test(bands_from_above),
        cmocka_unit_test(nan_is_the_worst),
        cmocka_unit_test(median_by_hand),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(between_folds_by_hand),
    };
    return cmocka_run_group_tests_name("tuner/pruner", tests, set_up, tear_down);
}
