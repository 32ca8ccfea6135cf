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
#include "golden/limits.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/limits.h"
#include "tuner/search/special.h"
#include "tuner/search/samplers.h"

static bool any(const char *name) { return name != NULL; }

static Space *space_with(const char *constraints)
{
    char text[400];
    Conf *conf;
    Space *space;
    Error err = {0};
    snprintf(text, sizeof text, "parameters: {x: {min: 0.0, max: 6.0}, y: {min: 0.0, max: 6.0}}\nconstraints: %s\n",
             constraints);
    if (!conf_read_text("t.yaml", text, strlen(text), arena, &conf, &err)
        || !space_read_limits(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"), NULL, any,
                              arena, &space, &err))
        fail_msg("%s", err.message);
    return space;
}

static void limits_are_told_from_expressions(void **state)
{
    (void)state;
    static const struct { const char *text; LimitRead read; const char *name; double bound; bool least, strict; }
    cases[] = {
        {"latency <= 10", LIMIT_READ, "latency", 10, false, false},
        {" val/loss<-1.5e-3 ", LIMIT_READ, "val/loss", -1.5e-3, false, true},
        {"a.b:c >= 0.25", LIMIT_READ, "a.b:c", 0.25, true, false},
        {"recall > .9", LIMIT_READ, "recall", .9, true, true},
        {"latency == 10", LIMIT_NONE, "", 0, false, false},
        {"latency <= inf", LIMIT_NONE, "", 0, false, false},
        {"latency <= 0x10", LIMIT_NONE, "", 0, false, false},
        {"latency <= 10 and x > 1", LIMIT_NONE, "", 0, false, false},
        {"latency * 2 <= 10", LIMIT_NONE, "", 0, false, false},
        {"10 >= latency", LIMIT_NONE, "", 0, false, false},
        {"latency <=", LIMIT_NONE, "", 0, false, false}, {"", LIMIT_NONE, "", 0, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Limit limit;
        if (limit_read(cases[i].text, arena, &limit) != cases[i].read) fail_msg("`%s`", cases[i].text);
        if (cases[i].read != LIMIT_READ) continue;
        assert_string_equal(limit.name, cases[i].name);
        assert_true(limit.bound == cases[i].bound && limit.at_least == cases[i].least
                    && limit.strict == cases[i].strict);
    }
    const Space *space = space_with("['x + y <= 9', 'latency < 10', 'x <= 5', 'q >= 1']");
    assert_int_equal(space->n_constraints, 2);
    assert_int_equal(space->n_limits, 2);
    assert_string_equal(space->limits[1].name, "q");
}

static void slacks_have_the_right_sign(void **state)
{
    (void)state;
    const Limit most = {.bound = 10}, below = {.bound = 10, .strict = true}, least = {.bound = 10, .at_least = true},
                above = {.bound = 10, .at_least = true, .strict = true};
    const double at[] = {9, 10, 11, NAN}, holds[4][4] = {{1, 1, 0, 0}, {1, 0, 0, 0}, {0, 1, 1, 0}, {0, 0, 1, 0}};
    const Limit *all[] = {&most, &below, &least, &above};
    for (int l = 0; l < 4; l++)
        for (int i = 0; i < 4; i++) {
            const double slack = limit_slack(all[l], at[i]);
            if (limits_hold(1, &slack) != (holds[l][i] > 0)) fail_msg("limit %d at %g: %g", l, at[i], slack);
        }
}

static void probabilities_are_right_far_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_normal / sizeof *golden_normal; i++) {
        double slope, value = normal_log_cdf(golden_normal[i].t, &slope);
        if (fabs(value - golden_normal[i].log) > 1e-12 * fmax(1, fabs(golden_normal[i].log))
            && fabs(value / golden_normal[i].log - 1) > 1e-12 && fabs(value - golden_normal[i].log) > 1e-15)
            fail_msg("log Phi(%g) = %.17g", golden_normal[i].t, value);
        if (fabs(slope / golden_normal[i].slope - 1) > 1e-10) fail_msg("slope at %g: %.17g", golden_normal[i].t, slope);
    }
}

enum { N = 14 };
typedef struct {
    Seen seen[N];
    double u[N][2], slack[N][2];
    int rows[N];
} Told14;

static double first_limit(const double *u) { return u[0] + 0.3 * u[1] - 0.6; }
static double second_limit(const double *u) { return 5 * (u[1] * u[1] - 0.5); }

static void fill(const Space *space, Told14 *t, double shift)
{
    Rng rng = rng_stream(3, 1, RNG_TEST);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 2; k++) t->u[i][k] = rng_uniform(&rng);
        space_snap(space, t->u[i]);
        t->slack[i][0] = first_limit(t->u[i]) + shift;
        t->slack[i][1] = second_limit(t->u[i]) + shift;
        t->seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_DONE, .u = t->u[i], .score = t->u[i][0] - t->u[i][1],
                            .share = 1, .slack = t->slack[i]};
        t->rows[i] = i;
    }
}

static void learns_where_limits_hold(void **state)
{
    (void)state;
    Error err = {0};
    Space *space = space_with("[a <= 0, b <= 0]");
    Told14 t;
    Limits *limits;
    fill(space, &t, 0);
    const Ask ask = {.space = space, .n_seen = N, .seen = t.seen};
    if (!limits_learn(&ask, N, t.rows, N, t.rows, arena, &limits, &err)) fail_msg("%s", err.message);
    Rng rng = rng_stream(4, 1, RNG_TEST);
    int right = 0, all = 0;
    for (int i = 0; i < 200; i++) {
        double u[2] = {rng_uniform(&rng), rng_uniform(&rng)}, value = 0.25, gradient[2] = {0.5, -0.5};
        const bool active[2] = {true, true};
        space_snap(space, u);
        const double log_p = limits_log_probability(limits, u);
        limits_weigh(limits, 1, u, active, &value);
        assert_true(fabs(value - 0.25 - log_p) < 1e-6 * (1 + fabs(log_p)));
        assert_true(fabs(limits_weigh_gradient(limits, u, active, 0.25, gradient) - value)
                    < 1e-6 * (1 + fabs(log_p)));
        for (int k = 0; k < 2; k++) {
            const double h = 1e-6;
            double low[2] = {u[0], u[1]}, high[2] = {u[0], u[1]};
            low[k] -= h, high[k] += h;
            const double slope = (limits_log_probability(limits, high) - limits_log_probability(limits, low)) / (2 * h);
            const double given = gradient[k] - (k ? -0.5 : 0.5);
            if (fabs(slope - given) > 1e-3 * fmax(1, fabs(slope))) fail_msg("slope %g, not %g", given, slope);
        }
        if (fabs(first_limit(u)) < 0.05 || fabs(second_limit(u)) < 0.3) continue;
        all++;
        right += (log_p > log(0.5)) == (first_limit(u) < 0 && second_limit(u) < 0);
    }
    if (right < 0.95 * all) fail_msg("%d of %d", right, all);
    /* Nobody keeps them: what a point promises does not count. */
    fill(space, &t, 9);
    if (!limits_learn(&ask, N, t.rows, N, t.rows, arena, &limits, &err)) fail_msg("%s", err.message);
    double value = 100;
    limits_weigh(limits, 1, t.u[0], (const bool[]){true, true}, &value);
    assert_true(value == limits_log_probability(limits, t.u[0]));
}

/* Those that keep all by score, then the others by how far they are off, then what is not known. */
static void ranks_feasible_trials_first(void **state)
{
    (void)state;
    Error err = {0};
    Space *space = space_with("[a <= 0]");
    double u[2] = {0.5, 0.5}, slack[5] = {-1, 8, 0, 2, NAN};
    const double score[5] = {7, -50, 3, -99, -70};
    const int order[5] = {2, 0, 3, 1, 4};
    Seen seen[6];
    for (int i = 0; i < 5; i++)
        seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_DONE, .u = u, .score = score[i], .slack = &slack[i]};
    seen[5] = (Seen){.number = 5, .state = SEEN_PRUNED, .u = u, .score = 1};
    const Ask ask = {.space = space, .n_seen = 6, .seen = seen};
    Ask ranked;
    assert_true(limits_rank(&ask, arena, &ranked, &err));
    for (int i = 0; i + 1 < 5; i++)
        assert_true(ranked.seen[order[i]].score < ranked.seen[order[i + 1]].score);
    assert_true(ranked.seen[2].score == 3 && ranked.seen[5].score == 1);
}

/* Gardner et al. 2014, their second problem: sin x + y where sin x sin y <= -0.95; the least is 0.2532. */
static double solve(const char *sampler, int n, uint64_t seed, bool told)
{
    Error err = {0};
    Space *space = space_with(told ? "[c <= -0.95]" : "[]");
    AskTell *search;
    double best = INFINITY;
    if (!ask_tell_create(space, sampler_find(sampler), seed, &search, &err)) fail_msg("%s", err.message);
    for (int i = 0; i < n; i++) {
        Value v[2];
        Trace trace;
        AskResult result;
        int id;
        if (!ask_tell_ask(search, &id, v, &trace, &result, &err)) fail_msg("%s", err.message);
        const double score = sin(v[0].number) + v[1].number, c = sin(v[0].number) * sin(v[1].number);
        assert_true(ask_tell_told(search, id, &(Told){.value = score, .share = 1, .reported = &c}, &err));
        if (c <= -0.95) best = fmin(best, score);
    }
    ask_tell_destroy(search);
    return best;
}

static void finds_the_best_within_its_limits(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const double best = solve("bayes", 35, seed, true);
        if (!(best < 0.30)) fail_msg("bayes, seed %d: %g", (int)seed, best);
    }
    static const char *const others[] = {"tpe", "cmaes", "de"};
    for (int i = 0; i < 3; i++)
        if (!(solve(others[i], 150, 1, true) < 1.5)) fail_msg("%s", others[i]);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    Error err = {0};
    Space *space = space_with("[a <= 0, b <= 0]");
    Told14 t;
    fill(space, &t, 0);
    const Ask ask = {.space = space, .n_seen = N, .seen = t.seen};
    bool done = false;
    for (int n = 0; !done; n++) {
        Arena *small = arena_create(0);
        Limits *limits;
        Ask ranked;
        arena_fail_after(small, n);
        done = limits_learn(&ask, N, t.rows, N, t.rows, small, &limits, &err) && limits_rank(&ask, small, &ranked, &err)
            && limits_believe(limits, 1, t.u[0], small, &err);
        assert_true(done || err.code == ERR_MEMORY);
        arena_destroy(small);
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
        cmocka_unit_test(limits_are_told_from_expressions),
        cmocka_unit_test(slacks_have_the_right_sign),
        cmocka_unit_test(probabilities_are_right_far_out),
        cmocka_unit_test(learns_where_limits_hold),
        cmocka_unit_test(ranks_feasible_trials_first),
        cmocka_unit_test(finds_the_best_within_its_limits),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/limits", tests, begin, finish);
}
