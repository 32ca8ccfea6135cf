#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/forest.h"
#include "tuner/search/samplers.h"

enum { N = 200, D = 4 };

/* What is scored: steps in x, a set of levels, and momentum where it applies. */
static const char yaml[] = "parameters: {x: {min: 0.0, max: 1}, kind: {values: [a, b, c, d, e]}, "
                           "rare: {values: [u, v, w], probabilities: [0.6, 0.2, 0.2]}, "
                           "momentum: {min: 0.0, max: 1, when: \"kind == 'a'\"}}";

static Arena *arena;
static Space *space;
static double points[N][D], scores[N];
static bool active[N][D];

static double score_of(const double *u)
{
    Value values[D];
    space_decode(space, u, values);
    const char kind = values[1].text[0];
    return floor(3 * values[0].number) + (kind == 'b' || kind == 'e' ? 5 : 0) + (values[2].text[0] == 'v' ? 20 : 0)
         + (values[3].kind == VALUE_REAL && values[3].number > 0.5 ? 40 : 0);
}

static void draw(Rng *rng, double *u, bool *on)
{
    for (int k = 0; k < D; k++) u[k] = rng_uniform(rng);
    space_snap_active(space, u, on);
}

static Forest *grown(int n, uint64_t seed)
{
    Error err = {0};
    Forest *forest = NULL;
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    assert_true(forest_grow(space, n, points[0], scores, &rng, arena, &forest, &err));
    return forest;
}

/* Steps, sets of levels whose cells are not alike, and what applies only sometimes are all found. */
static void a_forest_learns_steps_and_sets(void **state)
{
    (void)state;
    const Forest *forest = grown(N, 1);
    Rng rng = rng_stream(9, 1, RNG_TEST);
    double wrong = 0, spread = 0, middle = 0;
    for (int i = 0; i < N; i++) middle += scores[i] / N;
    for (int i = 0; i < 200; i++) {
        double u[D], mean, sigma;
        bool on[D];
        draw(&rng, u, on);
        forest_predict(forest, 1, u, on, &mean, &sigma);
        wrong += fabs(mean - score_of(u));
        spread += fabs(score_of(u) - middle);
    }
    assert_true(wrong < 0.15 * spread);
}

/* At the points that it was grown on it is surer, and nearer to what they came to, than elsewhere. */
static void trees_agree_where_points_are(void **state)
{
    (void)state;
    const Forest *forest = grown(N / 2, 2);
    double mean[N], sigma[N], spread[2] = {0}, wrong[2] = {0};
    forest_predict(forest, N, points[0], active[0], mean, sigma);
    for (int i = 0; i < N; i++) {
        spread[i >= N / 2] += sigma[i];
        wrong[i >= N / 2] += fabs(mean[i] - scores[i]);
        assert_true(sigma[i] > 0);
    }
    assert_true(spread[0] < spread[1] && wrong[0] < wrong[1]);
}

/* Coordinates that do not apply change nothing; the same numbers grow the same forest, others another. */
static void what_a_forest_depends_on(void **state)
{
    (void)state;
    const Forest *one = grown(N, 3), *same = grown(N, 3), *other = grown(N, 4);
    double mean[3][N], sigma[3][N];
    forest_predict(one, N, points[0], active[0], mean[0], sigma[0]);
    forest_predict(same, N, points[0], active[0], mean[1], sigma[1]);
    forest_predict(other, N, points[0], active[0], mean[2], sigma[2]);
    assert_memory_equal(mean[0], mean[1], sizeof mean[0]);
    assert_memory_equal(sigma[0], sigma[1], sizeof sigma[0]);
    assert_memory_not_equal(mean[0], mean[2], sizeof mean[0]);
    for (int i = 0; i < N; i++) {
        double u[D], m, s;
        memcpy(u, points[i], sizeof u);
        if (active[i][3]) continue;
        u[3] = 0.99;
        forest_predict(one, 1, u, active[i], &m, &s);
        assert_true(m == mean[0][i] && s == sigma[0][i]);
    }
}

/* One point, and scores that are all alike: no split, and the one answer everywhere. */
static void nothing_to_split(void **state)
{
    (void)state;
    Error err = {0};
    const double alike[3] = {7, 7, 7};
    for (int n = 1; n <= 3; n++) {
        Forest *forest;
        double mean, sigma;
        Rng rng = rng_stream(5, 0, RNG_TEST);
        assert_true(forest_grow(space, n, points[0], alike, &rng, arena, &forest, &err));
        forest_predict(forest, 1, points[9], active[9], &mean, &sigma);
        assert_true(fabs(mean - 7) < 1e-12 && sigma < 0.01);
    }
}

/* The proposal after TRIALS told ones, whose number is a turn of the Gaussian process alone; the last score is
 * that of the best one before it and so much. */
static void proposed(double so_much, Value *v)
{
    enum { TRIALS = 20 };
    AskTell *search;
    Error err = {0};
    Trace trace;
    AskResult result;
    int id;
    double best = INFINITY;
    assert_true(ask_tell_create(space, sampler_find("bayes"), 3, &search, &err));
    for (int i = 0; i < TRIALS; i++) {
        space_decode(space, points[i], v);
        const double score = i < TRIALS - 1 ? scores[i] + 0.01 * i + points[i][0] : best + so_much;
        best = fmin(best, score);
        assert_true(ask_tell_other(search, v, &(Told){.value = score, .share = 1}, &id, &err));
    }
    assert_true(ask_tell_ask(search, &id, v, &trace, &result, &err) && id % 8 / 2 == 2);
    ask_tell_destroy(search);
}

static bool alike(const Value *v, const Value *w)
{
    for (int k = 0; k < D; k++)
        if (v[k].kind != w[k].kind || (v[k].kind == VALUE_TEXT ? strcmp(v[k].text, w[k].text) != 0
                                                               : fabs(v[k].number - w[k].number) > 1e-3))
            return false;
    return true;
}

/* A score that was there before is answered by the forest; one next to it is not. */
static void an_echo_is_answered(void **state)
{
    (void)state;
    Value echo[D], near[D], next[D];
    proposed(0, echo);
    proposed(1e-9, near);
    proposed(2e-9, next);
    assert_true(alike(near, next) && !alike(near, echo));
}

static int set_up(void **state)
{
    (void)state;
    Conf *conf;
    Error err = {0};
    arena = arena_create(0);
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        return -1;
    Rng rng = rng_stream(7, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        draw(&rng, points[i], active[i]);
        scores[i] = score_of(points[i]);
    }
    return 0;
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
        cmocka_unit_test(a_forest_learns_steps_and_sets),
        cmocka_unit_test(trees_agree_where_points_are),
        cmocka_unit_test(what_a_forest_depends_on),
        cmocka_unit_test(nothing_to_split),
        cmocka_unit_test(an_echo_is_answered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
