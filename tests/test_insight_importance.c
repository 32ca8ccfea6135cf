#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "base/mat.h"
#include "base/rng.h"
#include "golden/importance.h"
#include "tuner/insight/importance.h"

static const Space *space_of(const char *yaml)
{
    Conf *conf;
    Space *space;
    Error err = {0};
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s", err.message);
    return space;
}

enum { MOST = 600 };
static double points[MOST * 8], scores[MOST];

/* n random points scored by `f` of the coordinates. */
static ImportanceInput sample(const Space *space, int n, uint64_t seed, double (*f)(const double *u))
{
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    for (int i = 0; i < n; i++) {
        double *u = points + i * space->n_dims;
        for (int d = 0; d < space->n_dims; d++) u[d] = rng_uniform(&rng);
        space_snap(space, u);
        scores[i] = f(u);
    }
    return (ImportanceInput){.trials = {.space = space, .n = n, .u = points, .score = scores}, .seed = seed};
}

static Importance compute(const ImportanceInput *input)
{
    Importance out;
    Error err = {0};
    if (!importance_compute(input, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

static const ParamImportance *of(const Importance *importance, int dim)
{
    for (int k = 0; k < importance->n_params; k++)
        if (importance->param[k].dim == dim) return &importance->param[k];
    fail_msg("coordinate %d is missing", dim);
    return NULL;
}

static const char three[] = "parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}, c: {min: 0.0, max: 1.0}}";

/* ---- against Optuna ---------------------------------------------------------------------------- */

static void divergences_are_optunas(void **state)
{
    (void)state;
    const Space *space = space_of("parameters:\n"
                                  "  x: {min: -1.0, max: 3.0}\n"
                                  "  rate: {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
                                  "  few: {min: 1, max: 8}\n"
                                  "  many: {min: 0, max: 200}\n"
                                  "  kind: {values: [a, b, c]}\n"
                                  "  part: {min: 0.0, max: 1.0, when: 'kind == b'}\n");
    static const char *const kinds[] = {"a", "b", "c"};
    for (int i = 0; i < GOLDEN_N; i++) {
        const double *p = golden_params[i];
        Value values[6] = {value_real(p[0]), value_real(p[1]), value_int((int)p[2]), value_int((int)p[3]),
                           value_text(kinds[(int)p[4]]), value_none()};
        if (p[5] >= 0) values[5] = value_real(p[5]);
        assert_true(space_encode(space, values, points + i * 6));
    }
    for (size_t g = 0; g < sizeof golden_importance / sizeof *golden_importance; g++) {
        ImportanceInput input = {.trials = {.space = space, .n = GOLDEN_N, .u = points, .score = golden_scores},
                                 .top_share = golden_importance[g].top_share};
        Importance got = compute(&input);
        double sum = 0;
        for (int d = 0; d < 6; d++) sum += golden_importance[g].weighted[d];
        for (int d = 0; d < 6; d++) {
            double want = golden_importance[g].weighted[d];
            const ParamImportance *p = of(&got, d);
            if (fabs(p->weighted - want) > 1e-9 * want + 1e-11)
                fail_msg("top %g, parameter %d: %.15g, not %.15g", input.top_share, d, p->weighted, want);
            assert_true(fabs(p->published - want / sum) < 1e-9);
        }
        assert_null(got.warning);
        assert_true(fabs(of(&got, 5)->active - 0.3) < 0.1 && of(&got, 0)->active == 1);
    }
}

/* ---- properties --------------------------------------------------------------------------------- */

static double one_matters(const double *u) { return (u[0] - 0.3) * (u[0] - 0.3); }

static void what_means_nothing_has_no_importance(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    double idle = 0, published = 0;
    int chance = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        ImportanceInput input = sample(space, 150, seed, one_matters);
        Importance got = compute(&input);
        double sum = 0;
        assert_int_equal(got.n_params, 3);
        assert_int_equal(got.param[0].dim, 0);
        assert_true(got.param[0].importance > 0.9 && got.param[0].p_chance < 0.01);
        for (int k = 0; k < 3; k++) {
            const ParamImportance *p = &got.param[k];
            sum += p->importance;
            assert_true(p->low95 >= 0 && p->low95 <= p->importance && p->importance <= p->high95);
            assert_true(p->high95 <= 1 && p->active == 1 && p->effect >= 0);
            if (p->dim == 0) continue;
            idle += p->importance / 12;
            published += p->published / 12;
            chance += p->p_chance < 0.05;
        }
        assert_true(fabs(sum - 1) < 1e-12);
        assert_true(got.param[0].effect > 0.95);
    }
    /* Measured: 0.002 a parameter; 0.007 without the subtraction. */
    assert_true(idle < 0.015 && idle < published && chance <= 3);
}

static double two_matter(const double *u) { return u[0] + 0.3 * u[1] * u[1]; }
static double twisted(const double *u) { return exp(5 * two_matter(u)) - 3; }

static void only_the_order_counts(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 80, 3, two_matter);
    Importance plain = compute(&input);
    input = sample(space, 80, 3, twisted);
    Importance other = compute(&input);
    for (int d = 0; d < 3; d++) {
        const ParamImportance *a = of(&plain, d), *b = of(&other, d);
        assert_true(a->importance == b->importance && a->low95 == b->low95 && a->high95 == b->high95
                    && a->p_chance == b->p_chance);
        assert_string_equal(a->favours, b->favours);
    }
    Importance again = compute(&input);
    assert_memory_equal(again.param[0].favours, other.param[0].favours, 4);
    assert_true(again.param[0].low95 == other.param[0].low95 && again.param[2].effect == other.param[2].effect);
}

static double product(const double *u) { return (u[0] - 0.5) * (u[1] - 0.5); }
static double tilted(const double *u) { return product(u) + 0.2 * u[0]; }
static double additive(const double *u) { return 2 * u[0] + u[1]; }

/* 2a + b: the variances are 4 to 1. (a - 1/2)(b - 1/2): neither does anything alone. */
static void the_model_tells_alone_from_together(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 120, 5, additive);
    Importance got = compute(&input);
    assert_true(fabs(of(&got, 0)->effect - 0.8) < 0.05 && fabs(of(&got, 0)->alone - 0.8) < 0.05);
    assert_true(fabs(of(&got, 1)->effect - 0.2) < 0.05 && of(&got, 2)->effect < 0.02);
    assert_true(got.n_pairs == 3 && got.pair[0].effect < 0.05);
    input = sample(space, 120, 5, product);
    got = compute(&input);
    assert_true(of(&got, 0)->effect > 0.9 && of(&got, 0)->alone < 0.1 && of(&got, 2)->effect < 0.05);
    assert_true(got.pair[0].effect > 0.85 && got.pair[0].a + got.pair[0].b == 1);
    assert_true(got.pair[1].effect < 0.1);
    assert_true(isfinite(got.param[0].length_scale));
    /* the map of the two: a saddle, tilted to tell one from the other */
    input = sample(space, 120, 5, tilted);
    got = compute(&input);
    const PairMap *map = got.map;
    assert_true(map && map->n_a == 12 && map->n_b == 12 && map->a + map->b == 1);
    for (int j = 0; j < 12; j++)
        for (int i = 0; i < 12; i++) {
            double a = (i + 0.5) / 12, b = (j + 0.5) / 12, u[2];
            u[map->a] = a;
            u[map->b] = b;
            assert_true(fabs(map->a_value[i].number - a) < 1e-6 && fabs(map->b_value[j].number - b) < 1e-6);
            if (!(fabs(map->mean[j][i] - tilted(u)) < 0.04))
                fail_msg("at %g, %g: %g, not %g", a, b, map->mean[j][i], tilted(u));
        }
    input.trials.maximize = true; /* the same scores, which were turned for the search */
    Importance turned = compute(&input);
    assert_true(turned.map->mean[0][0] == -map->mean[0][0]);
}

static double on_when_high(const double *u) { return u[0] < 0.5 ? 1 : (u[1] - 0.2) * (u[1] - 0.2); }

static void conditional_parameters_among_their_own(void **state)
{
    (void)state;
    const Space *space = space_of("parameters:\n"
                                  "  deep: {values: [1, 2]}\n"
                                  "  width: {min: 0.0, max: 1.0, when: 'deep == 2'}\n"
                                  "  idle: {min: 0.0, max: 1.0, when: 'deep == 1'}\n");
    ImportanceInput input = sample(space, 200, 9, on_when_high);
    Importance got = compute(&input);
    const ParamImportance *width = of(&got, 1), *idle = of(&got, 2);
    assert_true(fabs(width->active - 0.5) < 0.1 && fabs(width->active + idle->active - 1) < 1e-12);
    assert_true(width->importance > 0.5 && idle->importance == 0);
    assert_true(idle->divergence == 0); /* no top trial uses it */
    assert_string_equal(of(&got, 0)->favours, "2");
    double low, high;
    assert_int_equal(sscanf(width->favours, "%lf to %lf", &low, &high), 2);
    assert_true(low > 0.05 && high < 0.4);
}

static double cliff(const double *u) { return u[1] > 0.7 ? INFINITY : u[0]; }

static void trials_without_a_score_are_never_on_top(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 100, 11, cliff);
    input.top_share = 0.5;
    Importance got = compute(&input);
    assert_int_equal(got.n_top, 50);
    assert_true(of(&got, 1)->importance > 0.2); /* half of the reason to be there */
    for (int i = 0; i < 100; i++)
        if (i % 10) scores[i] = INFINITY;
    got = compute(&input);
    assert_true(got.n_scored < 11 && got.n_top == got.n_scored);
}

static void small_studies_say_so(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 30, 2, two_matter);
    Importance got = compute(&input);
    assert_non_null(strstr(got.warning, "only 30 trials"));
    assert_int_equal(got.n_params, 3);
    for (int n = 0; n < 4; n++) {
        input.trials.n = n;
        got = compute(&input);
        assert_true(got.n_params == 0 && strstr(got.warning, "fewer than four"));
    }
    input.trials.n = 30;
    for (int i = 0; i < 30; i++) scores[i] = 1;
    got = compute(&input);
    assert_true(got.n_params == 0 && strstr(got.warning, "same score"));
;
    input.trials.space = space_of("parameters: {a: {value: 1}}");
    got = compute(&input);
    assert_true(got.n_params == 0 && strstr(got.warning, "nothing is searched"));
}

/* Every kind of list and lattice, with zeros apart and probabilities, finds its cells. */
static double any_score(const double *u) { return u[0] + u[3]; }

static void every_kind_of_parameter(void **state)
{
    (void)state;
    const Space *space = space_of("parameters:\n"
                                  "  q: {distribution: q_log_uniform_values, min: 16, max: 512, q: 16}\n"
                                  "  z: {distribution: log_uniform_values, min: 0.0001, max: 0.1, zero_prob: 0.3}\n"
                                  "  qz: {distribution: q_uniform, min: 2, max: 8, q: 2, zero_prob: 0.2}\n"
                                  "  p: {values: [x, y, z], probabilities: [0.5, 0, 0.5]}\n"
                                  "  g: {distribution: normal, mu: 1, sigma: 2}\n"
                                  "  list: {values: [[8], [16, 8]]}\n");
    ImportanceInput input = sample(space, 120, 4, any_score);
    Importance got = compute(&input);
    double sum = 0;
    for (int k = 0; k < got.n_params; k++) sum += got.param[k].importance;
    assert_true(fabs(sum - 1) < 1e-12);
    assert_true(of(&got, 3)->importance + of(&got, 0)->importance > 0.7);
    assert_string_equal(of(&got, 3)->favours, "x");
    assert_true(got.n_pairs == 6 && got.map && got.map->n_a > 1 && got.map->n_b > 1);
}

/* ---- from the database's rows ------------------------------------------------------------------- */

static void rows_become_points(void **state)
{
    (void)state;
    const Space *space = space_of("parameters: {a: {min: 0, max: 9}, b: {values: [p, q]}}");
    TrialRow rows[] = {
        {.number = 0, .state = TRIAL_COMPLETE, .value = 0.5, .params = "{\"a\":3,\"b\":\"q\"}"},
        {.number = 1, .state = TRIAL_INFEASIBLE, .value = NAN, .params = "{\"a\":4,\"b\":\"q\"}"},
        {.number = 2, .state = TRIAL_PRUNED, .value = 0.9, .params = "{\"a\":5,\"b\":\"p\"}"},
        {.number = 3, .state = TRIAL_COMPLETE, .value = NAN, .params = "{\"a\":6,\"b\":\"p\"}"},
        {.number = 4, .state = TRIAL_COMPLETE, .value = 0.7, .params = "{\"other\":6}"},
        {.number = 5, .state = TRIAL_RUNNING, .value = NAN, .params = "{\"a\":7,\"b\":\"p\"}"},
        {.number = 6, .state = TRIAL_FAILED, .value = NAN, .params = "{\"a\":8,\"b\":\"p\"}"},
        {.number = 7, .state = TRIAL_EXCLUDED, .value = 0.7, .params = "{\"a\":8,\"b\":\"q\"}"},
        {.number = 8, .state = TRIAL_COMPLETE, .value = 0.7, .params = "not json"},
    };
    Points got;
    Error err = {0};
    assert_true(points_gather(space, rows, 9, NULL, true, arena, &got, &err));
    assert_int_equal(got.n, 4);
    assert_true(got.score[0] == -0.5 && isinf(got.score[1]) && isinf(got.score[2])
                && isinf(got.score[3]));
    assert_true(fabs(got.u[0] - 0.35) < 1e-12 && fabs(got.u[1] - 0.75) < 1e-12);
    double other[9] = {7, 0, 0, NAN, 0, 0, 0, 0, 0};
    assert_true(points_gather(space, rows, 9, other, false, arena, &got, &err));
    assert_true(got.score[0] == 7 && isinf(got.score[2]));
}

static void memory_may_run_out(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 20, 2, two_matter);
    for (long n = 0;; n++) {
        Importance out;
        Error err = {0};
        arena_fail_after(arena, n);
        bool ok = importance_compute(&input, arena, &out, &err);
        arena_fail_after(arena, -1);
        if (ok) {
            assert_true(n > 20);
            break;
        }
        assert_int_equal(err.code, ERR_MEMORY);
    }
}

static int begin(void **state)
{
    mat_init(NULL);
    return start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divergences_are_optunas),
        cmocka_unit_test(what_means_nothing_has_no_importance),
        cmocka_unit_test(only_the_order_counts),
        cmocka_unit_test(the_model_tells_alone_from_together),
        cmocka_unit_test(conditional_parameters_among_their_own),
        cmocka_unit_test(trials_without_a_score_are_never_on_top),
        cmocka_unit_test(small_studies_say_so),
        cmocka_unit_test(every_kind_of_parameter),
        cmocka_unit_test(rows_become_points),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/importance", tests, begin, finish);
}
