#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/contest.h"
#include "ensemble/weigh_pool.h"
#include "tests/golden/stack_classes.h"

enum { MOST = 32 };

/* ---- the regression -------------------------------------------------------------------------- */

static const double thirds[3] = {1.0 / 3, 1.0 / 3, 1.0 / 3};
static const int in_order[3] = {0, 1, 2};

static void close_to(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) fail_msg("%.9g, expected %.9g", got, want);
}

static void as_scikit_learn_has_it(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    /* Rows without a label and those that weigh nothing do not count. */
    enum { N = STACK_TWO_N + 2 };
    static float models[3][2 * N];
    int32_t labels[N];
    double weight[N];
    for (int m = 0; m < 3; m++) memcpy(models[m], stack_two_models[m], sizeof stack_two_models[m]);
    for (int m = 0; m < 3; m++)
        for (int i = 2 * STACK_TWO_N; i < 2 * N; i++) models[m][i] = i % 2 ? 0.9999f : 0.0001f;
    memcpy(labels, stack_two_labels, sizeof stack_two_labels);
    memcpy(weight, stack_two_weight, sizeof stack_two_weight);
    labels[N - 2] = -1, labels[N - 1] = 0;
    weight[N - 2] = 9, weight[N - 1] = 0;
    const float *const proba[3] = {models[0], models[1], models[2]};
    Library library = {.n_models = 3, .n_rows = N - 1, .n_classes = 2, .proba = proba, .labels = labels};
    const PoolAsk ask = {.library = &library, .member = in_order, .centre = thirds, .n = 3, .seed = 1};
    Pool pool;
    assert_true(pool_fit(&ask, 0, arena, &pool, NULL));
    for (int m = 0; m < 3; m++) close_to(pool.w[m] * pool.slope, stack_two_plain[m], 2e-3);
    library.n_rows = N;
    library.weight = weight;
    assert_true(pool_fit(&ask, 0, arena, &pool, NULL));
    for (int m = 0; m < 3; m++) close_to(pool.w[m] * pool.slope, stack_two_weighted[m], 2e-3);
    arena_destroy(arena);
}

static void as_scipy_has_it_with_a_ridge(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const double centre[3] = {0.5, 0.3, 0.2}, ridge[3] = {0, 0.02, 1};
    const double *const want[3] = {stack_three_0, stack_three_1, stack_three_2};
    const float *const proba[3] = {stack_three_models[0], stack_three_models[1], stack_three_models[2]};
    const Library library = {.n_models = 3, .n_rows = STACK_THREE_N, .n_classes = 3, .proba = proba,
                             .labels = stack_three_labels};
    const PoolAsk ask = {.library = &library, .member = in_order, .centre = centre, .n = 3, .seed = 1};
    for (int r = 0; r < 3; r++) {
        Pool pool;
        assert_true(pool_fit(&ask, ridge[r], arena, &pool, NULL));
        for (int m = 0; m < 3; m++) close_to(pool.w[m] * pool.slope, want[r][m], 1e-4);
        for (int c = 0; c < 3; c++) close_to(pool.shift[c], want[r][3 + c], 2e-3);
    }
    arena_destroy(arena);
}

/* ---- made-up libraries ----------------------------------------------------------------------- */

typedef struct {
    Library library;
    float **proba;
    int32_t *labels;
} Made;

/* Models that each see something of their own, and say what it means to them (`flat`: too sure, above 1); the last
 * `noise` of them see nothing. Their product is what can be known, not their mean. */
static Made make(int n_models, int noise, int n_rows, int n_classes, double seen, double flat, uint64_t seed,
                 Arena *arena)
{
    Rng rng = rng_stream(seed, 3, RNG_TEST);
    Made made = {.proba = ARENA_NEW(arena, float *, n_models), .labels = ARENA_NEW(arena, int32_t, n_rows)};
    for (int i = 0; i < n_rows; i++) made.labels[i] = (int32_t)rng_below(&rng, (uint32_t)n_classes);
    for (int m = 0; m < n_models; m++) {
        const double strength = m < n_models - noise ? seen : 0;
        made.proba[m] = ARENA_NEW(arena, float, n_rows * n_classes);
        for (int i = 0; i < n_rows; i++) {
            double sum = 0, p[MOST];
            for (int c = 0; c < n_classes; c++)
                sum += p[c] = exp(flat * seen * (strength * (c == made.labels[i]) + rng_normal(&rng)));
            for (int c = 0; c < n_classes; c++) made.proba[m][i * n_classes + c] = (float)(p[c] / sum);
        }
    }
    made.library = (Library){.n_models = n_models, .n_rows = n_rows, .n_classes = n_classes,
                             .proba = (const float *const *)made.proba, .labels = made.labels, .positive = -1};
    return made;
}

static EnsembleOptions defaults(int method)
{
    return (EnsembleOptions){.method = method, .size = 12, .bags = 5, .library = 30};
}

/* ---- properties ------------------------------------------------------------------------------ */

static void a_member_that_says_the_same_of_every_row_changes_nothing(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Made made = make(4, 0, 300, 3, 0.8, 1.3, 1, arena);
    for (int i = 0; i < 300; i++)
        for (int c = 0; c < 3; c++) made.proba[3][i * 3 + c] = c == 0 ? 0.7f : 0.15f;
    const int member[4] = {0, 1, 2, 3};
    const double centre[4] = {1.0 / 3, 1.0 / 3, 1.0 / 3, 0};
    Pool three, four;
    const double ridge[] = {0, 0.01, 1};
    for (int r = 0; r < 3; r++) {
        PoolAsk ask = {.library = &made.library, .member = member, .centre = centre, .n = 3, .seed = 1};
        assert_true(pool_fit(&ask, ridge[r], arena, &three, NULL));
        ask.n = 4;
        assert_true(pool_fit(&ask, ridge[r], arena, &four, NULL));
        assert_true(ridge[r] == 0 || four.w[3] < 1e-3);
        for (int m = 0; m < 3; m++) close_to(four.w[m] * four.slope, three.w[m] * three.slope, 2e-3);
    }
    arena_destroy(arena);
}

static void the_order_of_members_does_not_matter(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const Made made = make(5, 1, 250, 4, 0.7, 1, 2, arena);
    const int order[5] = {0, 1, 2, 3, 4}, other[5] = {3, 0, 4, 1, 2};
    const double centre[5] = {0.4, 0.3, 0.1, 0.2, 0};
    double moved[5];
    for (int m = 0; m < 5; m++) moved[m] = centre[other[m]];
    PoolAsk ask = {.library = &made.library, .member = order, .centre = centre, .n = 5, .seed = 1};
    Pool a, b;
    assert_true(pool_choose(&ask, arena, &a, NULL));
    ask.member = other, ask.centre = moved;
    assert_true(pool_choose(&ask, arena, &b, NULL));
    assert_true(a.ridge == b.ridge);
    close_to(a.slope, b.slope, 1e-4);
    for (int m = 0; m < 5; m++) close_to(b.w[m], a.w[other[m]], 1e-4);
    for (int i = 0; i < 250 * 4; i++) close_to((double)a.crossed[i], (double)b.crossed[i], 1e-3);
    arena_destroy(arena);
}

static double log_loss_of(const Made *made, const Selection *s)
{
    const Library *l = &made->library;
    double sum = 0;
    int n = 0;
    for (int i = 0; i < l->n_rows; i++) {
        double z[MOST] = {0}, total = 0;
        if (made->labels[i] < 0) continue;
        for (int c = 0; c < l->n_classes; c++) {
            for (int m = 0; m < l->n_models; m++) {
                const double q = made->proba[m][i * l->n_classes + c];
                z[c] += s->weight[m] * (s->method == SELECT_STACK ? s->slope * log(fmax(q, 1e-6)) : q);
            }
            total += s->method == SELECT_STACK ? exp(z[c]) : z[c];
        }
        const double own = z[made->labels[i]];
        sum += log(total) - (s->method == SELECT_STACK ? own : log(fmax(own, 1e-15)));
        n++;
    }
    return sum / n;
}

static void what_is_seen_apart_is_stacked(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2; seed++) {
        Arena *arena = arena_create(0);
        Made made = make(6, 1, 400, 3, 1, 1, seed, arena);
        made.labels[7] = made.labels[70] = -1; /* labels may be missing */
        double *weight = ARENA_NEW(arena, double, 400);
        for (int i = 0; i < 400; i++) weight[i] = 1;
        for (int weighted = 0; weighted < 2; weighted++) {
            Selection s;
            made.library.weight = weighted ? weight : NULL;
            const EnsembleOptions o = defaults(SELECT_AUTO), g = defaults(SELECT_GREEDY);
            assert_true(contest_select(&made.library, &o, METRIC_LOG_LOSS, 5, arena, &s, NULL));
            assert_true(s.nested.tried && s.nested.gain > s.nested.error);
            assert_int_equal(s.method, SELECT_STACK);
            assert_true(s.nested.stack < s.nested.greedy);
            close_to(s.nested.greedy - s.nested.stack, s.nested.gain, 1e-9);
            assert_true(s.slope > 2); /* the evidence of five adds up */
            assert_true(s.score < s.best_single && s.score < s.nested.stack + 0.02);
            close_to(s.score, log_loss_of(&made, &s), 1e-5);
            double sum = 0;
            for (int m = 0; m < 6; m++) sum += s.weight[m];
            close_to(sum, 1, 1e-12);
            assert_non_null(strstr(s.reason, "the stack is taken"));
            /* `stack` is the same without the contest, `greedy` without the stack. */
            Selection asked, greedy;
            const EnsembleOptions all = defaults(SELECT_STACK);
            assert_true(contest_select(&made.library, &all, METRIC_LOG_LOSS, 5, arena, &asked, NULL));
            assert_memory_equal(asked.weight, s.weight, 6 * sizeof *s.weight);
            assert_false(asked.nested.tried);
            assert_true(contest_select(&made.library, &g, METRIC_LOG_LOSS, 5, arena, &greedy, NULL));
            assert_true(greedy.method != SELECT_STACK && greedy.score > s.score);
        }
        arena_destroy(arena);
    }
}

/* Weights of noise always look good on the rows they were fitted to; nested validation does not see those. */
static void noise_does_not_fool_the_contest(void **state)
{
    (void)state;
    int stacked[2] = {0, 0}, tried = 0;
    double right[2] = {0, 0};
    for (uint64_t seed = 0; seed < 12; seed++)
        for (int some = 0; some < 2; some++) {
            Arena *arena = arena_create(0);
            const Made made = make(10 + some, 10, 150, 3, 1.2, 1, 100 + seed, arena);
            const EnsembleOptions o = defaults(SELECT_AUTO);
            Selection s;
            assert_true(contest_select(&made.library, &o, METRIC_ACCURACY, seed, arena, &s, NULL));
            stacked[some] += s.method == SELECT_STACK;
            if (s.nested.tried && !some) {
                right[0] += s.nested.greedy;
                right[1] += s.nested.stack;
                tried++;
            }
            if (s.nested.tried && s.method != SELECT_STACK) {
                assert_true(!(s.nested.gain > s.nested.error));
                assert_non_null(strstr(s.reason, "greedy is kept"));
            }
            arena_destroy(arena);
        }
    /* On rows that were seen the best of ten such models is right far more often than a third of the time. */
    assert_true(tried >= 6);
    for (int w = 0; w < 2; w++)
        if (!(right[w] / tried < 0.36)) fail_msg("right in %.3f of the rows, by chance in a third", right[w] / tried);
    assert_in_range(stacked[0], 0, 2);
    assert_in_range(stacked[1], 0, 2);
}

static void few_rows_and_other_tasks_have_no_contest(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const Made made = make(5, 0, 40, 2, 1, 1, 3, arena);
    const EnsembleOptions o = defaults(SELECT_AUTO);
    Selection s;
    assert_true(contest_select(&made.library, &o, METRIC_LOG_LOSS, 1, arena, &s, NULL));
    assert_true(!s.nested.tried && s.method != SELECT_STACK);
    /* One model alone is no stack. */
    const Made one = make(1, 0, 200, 2, 1, 1, 3, arena);
    assert_true(contest_select(&one.library, &o, METRIC_LOG_LOSS, 1, arena, &s, NULL));
    assert_true(!s.nested.tried && s.n_members == 1);
    arena_destroy(arena);
}

/* ---- budgets --------------------------------------------------------------------------------- */

static void budgets_hold(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Made made = make(8, 2, 200, 3, 0.8, 1, 4, arena);
    double us[8], networks[8];
    int64_t bytes[8];
    for (int m = 0; m < 8; m++) us[m] = 2 + m, networks[m] = 5, bytes[m] = 1000 + 100 * m;
    made.library.us = us, made.library.networks = networks, made.library.bytes = bytes;
    const int methods[] = {SELECT_GREEDY, SELECT_AVERAGE, SELECT_WEIGHTED, SELECT_VOTE, SELECT_STACK, SELECT_AUTO};
    for (int i = 0; i < 6; i++)
        for (int which = 0; which < 7; which++) {
            EnsembleOptions o = defaults(methods[i]);
            Selection s;
            double spent[3] = {0, 0, 0};
            if (which % 3 == 0 || which == 6) o.max_us = 9;
            if (which % 3 == 1 || which == 6) o.max_networks = 12;
            if (which % 3 == 2 || which == 6) o.max_bytes = 2500;
            assert_true(contest_select(&made.library, &o, METRIC_LOG_LOSS, 1, arena, &s, NULL));
            for (int m = 0; m < 8; m++)
                if (s.weight[m] > 0) spent[0] += us[m], spent[1] += networks[m], spent[2] += (double)bytes[m];
            assert_true(!(o.max_us > 0) || spent[0] <= 9);
            assert_true(!(o.max_networks > 0) || spent[1] <= 12);
            assert_true(!(o.max_bytes > 0) || spent[2] <= 2500);
            assert_true(s.n_members > 0);
        }
    const struct {
        double bytes, us;
        int networks;
        const char *says;
    } bad[] = {{900, 0, 0, "ensemble.max_bytes is 900, and the smallest model has 1000"},
               {0, 1.5, 0, "ensemble.max_us is 1.5, and the quickest model takes 2 us"},
               {0, 0, 4, "ensemble.max_networks is 4, and each model has at least 5"},
               {1000, 2.5, 5, NULL},
               {1050, 2, 4, "ensemble.max_networks is 4"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EnsembleOptions o = defaults(SELECT_AUTO);
        Selection s;
        Error err = {0};
        o.max_bytes = bad[i].bytes, o.max_us = bad[i].us, o.max_networks = bad[i].networks;
        assert_true(contest_select(&made.library, &o, METRIC_LOG_LOSS, 1, arena, &s, &err) == !bad[i].says);
        if (!bad[i].says) continue;
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.message, bad[i].says)) fail_msg("%s", err.message);
    }
    bytes[0] = 3000; /* the quick one is large, the small ones are slow */
    EnsembleOptions o = defaults(SELECT_GREEDY);
    Selection s;
    Error err;
    o.max_bytes = 2000, o.max_us = 2.5;
    assert_false(contest_select(&made.library, &o, METRIC_LOG_LOSS, 1, arena, &s, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.message, "no model fits all of"));
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    const Made made = make(4, 1, 60, 2, 1, 1, 1, arena);
    const int methods[] = {SELECT_STACK, SELECT_AUTO};
    for (int i = 0; i < 2; i++) {
        EnsembleOptions o = defaults(methods[i]);
        bool ok = false;
        long n = 0;
        for (; !ok; n++) {
            Error err = {0};
            Selection s = {.n_members = -7};
            arena_reset(poor);
            arena_fail_after(poor, n);
            ok = contest_select(&made.library, &o, METRIC_LOG_LOSS, 1, poor, &s, &err);
            arena_fail_after(poor, -1);
            if (!ok) assert_int_equal(err.code, ERR_MEMORY);
            if (!ok) assert_int_equal(s.n_members, -7);
        }
        assert_true(n > 20);
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_scikit_learn_has_it),
        cmocka_unit_test(as_scipy_has_it_with_a_ridge),
        cmocka_unit_test(a_member_that_says_the_same_of_every_row_changes_nothing),
        cmocka_unit_test(the_order_of_members_does_not_matter),
        cmocka_unit_test(what_is_seen_apart_is_stacked),
        cmocka_unit_test(noise_does_not_fool_the_contest),
        cmocka_unit_test(few_rows_and_other_tasks_have_no_contest),
        cmocka_unit_test(budgets_hold),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("ensemble/stack", tests, NULL, NULL);
}
