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
#include "golden/pareto.h"
#include "tuner/search/pareto.h"
#include "tuner/search/sampler.h"
#include "tuner/search/samplers.h"

static double volume_of(int n, int m, const double *points, const double *reference)
{
    double out;
    Error err = {0};
    if (!pareto_hypervolume(n, m, points, reference, arena, &out, &err)) fail_msg("%s", err.message);
    return out;
}

static const double ones[] = {1, 1, 1, 1};
static int room[GOLDEN_N + 16];

static void fronts_and_volumes_are_right(void **state)
{
    (void)state;
    for (int c = 0; c < GOLDEN_CASES; c++) {
        int m = golden[c].m, count = 0;
        double points[GOLDEN_N * 4];
        bool front[GOLDEN_N];
        for (int i = 0; i < GOLDEN_N; i++) {
            memcpy(points + i * m, golden[c].points[i], (size_t)m * sizeof *points);
            count += golden[c].on_front[i];
        }
        assert_int_equal(pareto_front(GOLDEN_N, m, points, front, room), count);
        assert_memory_equal(front, golden[c].on_front, sizeof front);
        double volume = volume_of(GOLDEN_N, m, points, ones);
        if (fabs(volume - golden[c].volume) > 1e-12)
            fail_msg("case %d: volume %.17g, not %.17g", c, volume, golden[c].volume);
    }
}

/* Against counting: the share of random places that some point beats. */
static void volumes_agree_with_counting(void **state)
{
    (void)state;
    enum { N = 12, PLACES = 40000 };
    for (int m = 1; m <= 4; m++) {
        Rng rng = rng_stream(11, (uint32_t)m, RNG_TEST);
        double points[N * 4], place[4];
        int hit = 0;
        for (int i = 0; i < N * m; i++) points[i] = rng_uniform(&rng);
        for (int k = 0; k < PLACES; k++) {
            bool beaten = false;
            for (int j = 0; j < m; j++) place[j] = rng_uniform(&rng);
            for (int i = 0; i < N && !beaten; i++) beaten = pareto_dominates(m, points + i * m, place);
            hit += beaten;
        }
        double share = (double)hit / PLACES, volume = volume_of(N, m, points, ones);
        assert_true(fabs(share - volume) < 4 * sqrt(share * (1 - share) / PLACES) + 1e-9);
    }
}

static void properties(void **state)
{
    (void)state;
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (int round = 0; round < 200; round++) {
        enum { N = 15 };
        int m = 2 + round % 3;
        double points[N * 4], low[4], high[4];
        bool front[N], again[N];
        for (int i = 0; i < N * m; i++) points[i] = floor(rng_uniform(&rng) * 6) / 6;
        int n_front = pareto_front(N, m, points, front, room);
        assert_true(n_front >= 1);
        for (int i = 0; i < N; i++) {
            bool beaten = false, by_front = false;
            assert_false(pareto_dominates(m, points + i * m, points + i * m));
            for (int k = 0; k < N; k++) {
                bool a = pareto_dominates(m, points + k * m, points + i * m);
                assert_false(a && pareto_dominates(m, points + i * m, points + k * m));
                beaten |= a;
                by_front |= a && front[k];
            }
            assert_true(front[i] == !beaten && beaten == by_front);
        }
        /* What is not on the front adds nothing; each point more never takes away. */
        double only[N * 4], volume = volume_of(N, m, points, ones);
        int n = 0;
        for (int i = 0; i < N; i++)
            if (front[i]) memcpy(only + m * n++, points + i * m, (size_t)m * sizeof *only);
        assert_true(fabs(volume_of(n, m, only, ones) - volume) < 1e-12);
        assert_true(volume_of(N - 1, m, points, ones) <= volume + 1e-12);
        /* The knee is on the front, and stays when objectives are stretched. */
        int knee = pareto_knee(N, m, points, front);
        assert_true(knee >= 0 && front[knee] && pareto_range(N, m, points, front, low, high));
        for (int i = 0; i < N; i++)
            for (int j = 0; j < m; j++) points[i * m + j] = 1e3 * (j + 1) * points[i * m + j] - 7;
        assert_int_equal(pareto_knee(N, m, points, front), knee);
        pareto_front(N, m, points, again, room);
        assert_memory_equal(front, again, sizeof front);
    }
}

static void nan_and_nothing(void **state)
{
    (void)state;
    double points[] = {0.5, NAN, 0.4, 0.6, NAN, NAN, 0.6, 0.4}, low[2], high[2];
    bool front[4];
    assert_int_equal(pareto_front(4, 2, points, front, room), 2);
    assert_true(!front[0] && front[1] && !front[2] && front[3]);
    assert_true(fabs(volume_of(4, 2, points, ones) - (0.6 * 0.4 + 0.2 * 0.4)) < 1e-15);
    assert_true(volume_of(0, 3, points, ones) == 0);
    assert_int_equal(pareto_front(0, 2, points, front, room), 0);
    assert_int_equal(pareto_knee(0, 2, points, front), -1);
    assert_false(pareto_range(0, 2, points, front, low, high));
    double knee[] = {0, 1, 0.1, 0.2, 0.5, 0.15, 1, 0};
    bool all[] = {true, true, true, true};
    assert_int_equal(pareto_knee(4, 2, knee, all), 1);
}

/* ---- one score ---------------------------------------------------------------------------------- */

static void weights_cover_the_simplex(void **state)
{
    (void)state;
    for (int m = 2; m <= 4; m++) {
        double mean[4] = {0}, w[4], other[4];
        int near_end = 0;
        for (uint32_t k = 0; k < 256; k++) {
            double sum = 0;
            pareto_weights(m, 9, k, w);
            pareto_weights(m, 9, k, other);
            assert_memory_equal(w, other, (size_t)m * sizeof *w);
            for (int j = 0; j < m; j++) {
                assert_true(w[j] >= 0);
                sum += w[j];
                mean[j] += w[j] / 256;
                near_end += w[j] > 0.9;
            }
            assert_true(fabs(sum - 1) < 1e-12);
        }
        for (int j = 0; j < m; j++) assert_true(fabs(mean[j] - 1.0 / m) < 0.02);
        assert_true(near_end > 0);
        pareto_weights(m, 10, 0, other);
        pareto_weights(m, 9, 0, w);
        assert_true(w[0] != other[0]);
    }
}

static void every_point_of_a_front_is_best_for_some_weights(void **state)
{
    (void)state;
    double points[12], scores[6]; /* a front that bends inward: no weighted sum finds its middle */
    bool known[6] = {true, true, true, true, true, true}, was_best[6] = {false};
    for (int i = 0; i < 5; i++) {
        points[2 * i] = i / 4.0;
        points[2 * i + 1] = sqrt(1 - points[2 * i] * points[2 * i]);
    }
    points[10] = 0.9, points[11] = 0.95; /* beaten */
    for (uint32_t k = 0; k < 200; k++) {
        double w[2];
        Error err;
        int best = 0;
        pareto_weights(2, 1, k, w);
        assert_true(pareto_scalarize(6, 2, points, known, w, arena, scores, &err));
        for (int i = 1; i < 6; i++)
            if (scores[i] < scores[best]) best = i;
        was_best[best] = true;
        /* who is beaten has the worse score, whatever the weights */
        assert_true(scores[5] > scores[3]);
    }
    for (int i = 0; i < 5; i++) assert_true(was_best[i]);
    assert_false(was_best[5]);
}

static void scales_come_from_what_is_known(void **state)
{
    (void)state;
    double points[] = {0, 10, 1, 0, 0.5, 2, NAN, 1}, half[] = {0.5, 0.5}, scores[4];
    bool known[] = {true, true, false, true};
    Error err;
    assert_true(pareto_scalarize(4, 2, points, known, half, arena, scores, &err));
    assert_true(fabs(scores[2] - (0.25 + 0.05 * 0.35)) < 1e-12 && isnan(scores[3]));
    bool one[] = {true, false, false, false}; /* a front of one, and nothing else: no scale at all */
    assert_true(pareto_scalarize(4, 2, points, one, half, arena, scores, &err));
    assert_true(scores[0] == 0 && scores[1] == 0);
}

/* ---- a search ----------------------------------------------------------------------------------- */

/* ZDT1 of three coordinates: the front is f2 = 1 - sqrt(f1), where the others are 0. */
static void zdt1(const double *u, double *f)
{
    double g = 1 + 4.5 * (u[1] + u[2]);
    f[0] = u[0];
    f[1] = g * (1 - sqrt(u[0] / g));
}

typedef struct {
    int n;
    double u[80][3], f[160], score[80];
    bool known[80];
    Seen seen[80];
} Search;
static Search search;

static bool accept_all(void *context, const double *u)
{
    (void)context;
    (void)u;
    return true;
}

static double run_search(const Space *space, const Sampler *sampler, uint64_t seed, int n)
{
    static const double reference[] = {1.1, 1.1};
    search = (Search){0};
    for (int k = 0; k < n; k++) {
        Error err = {0};
        Trace trace;
        AskResult result;
        double w[2];
        Arena *own = arena_create(0);
        pareto_weights(2, seed, (uint32_t)k, w);
        assert_true(pareto_scalarize(k, 2, search.f, search.known, w, own, search.score, &err));
        for (int i = 0; i < k; i++)
            search.seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_DONE, .u = search.u[i],
                                    .score = search.score[i], .share = 1};
        Ask ask = {.space = space, .seed = seed, .number = (uint32_t)k, .n_seen = k, .seen = search.seen,
                   .accept = accept_all};
        if (!sampler->ask(&ask, own, search.u[k], &trace, &result, &err)) fail_msg("%s", err.message);
        zdt1(search.u[k], search.f + 2 * k);
        search.known[k] = true;
        arena_destroy(own);
    }
    return volume_of(n, 2, search.f, reference);
}

static void finds_a_front_better_than_chance(void **state)
{
    (void)state;
    Conf *conf;
    Space *space;
    Error err = {0};
    static const char yaml[] = "p: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}, c: {min: 0.0, max: 1.0}}";
    assert_true(conf_read_text("t", yaml, strlen(yaml), arena, &conf, &err)
                && space_read(conf_get(conf->root, "p"), NULL, NULL, arena, &space, &err));
    double bayes = 0, random = 0, best = 1.1 * 1.1 - 1.0 / 3; /* of the whole front: less the area below it */
    for (uint64_t seed = 1; seed <= 3; seed++) {
        bayes += run_search(space, sampler_find("bayes"), seed, 40) / 3;
        double again = search.u[39][0];
        if (seed == 1) {
            run_search(space, sampler_find("bayes"), seed, 40);
            assert_true(again == search.u[39][0]);
        }
        random += run_search(space, sampler_find("random"), seed, 40) / 3;
    }
    print_message("hypervolume of ZDT1 after 40: bayes %.4f, random %.4f, at most %.4f\n", bayes, random, best);
    assert_true(bayes > 0.9 * best && random < 0.5 * best);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    double points[GOLDEN_N * 4], out, w[3] = {.2, .3, .5}, scores[GOLDEN_N];
    bool known[GOLDEN_N] = {true};
    for (int i = 0; i < GOLDEN_N; i++) memcpy(points + i * 3, golden[2].points[i], 3 * sizeof *points);
    for (long n = 0; n < 2; n++) {
        Error err = {0};
        arena_fail_after(arena, n);
        assert_false(pareto_hypervolume(GOLDEN_N, 3, points, ones, arena, &out, &err));
        assert_int_equal(err.code, ERR_MEMORY);
        arena_fail_after(arena, n);
        err = (Error){0};
        assert_false(pareto_scalarize(GOLDEN_N, 3, points, known, w, arena, scores, &err));
        assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_fail_after(arena, -1);
}

static int begin(void **state)
{
    mat_init(NULL);
    return start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fronts_and_volumes_are_right),
        cmocka_unit_test(volumes_agree_with_counting),
        cmocka_unit_test(properties),
        cmocka_unit_test(nan_and_nothing),
        cmocka_unit_test(weights_cover_the_simplex),
        cmocka_unit_test(every_point_of_a_front_is_best_for_some_weights),
        cmocka_unit_test(scales_come_from_what_is_known),
        cmocka_unit_test(finds_a_front_better_than_chance),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/pareto", tests, begin, finish);
}
