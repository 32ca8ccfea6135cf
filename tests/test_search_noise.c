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
#include "golden/noise.h"
#include "tuner/search/gp.h"
#include "tuner/search/noise.h"
#include "tuner/search/special.h"

static bool near(double a, double b) { return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b)); }

static void variances_are_shrunk_as_limma_does(void **state)
{
    (void)state;
    for (int c = 0; c < GOLDEN_CASES; c++) {
        NoisePrior prior;
        double scratch[GOLDEN_N];
        assert_true(noise_prior(GOLDEN_N, golden_priors[c].variance, golden_priors[c].repeats, scratch, &prior));
        if (!near(prior.variance, golden_priors[c].s0) || !near(prior.freedom, golden_priors[c].d0))
            fail_msg("case %d: %.17g with %.17g", c, prior.variance, prior.freedom);
        for (int i = 0; i < GOLDEN_N; i++) {
            const double got = noise_shrunk(&prior, golden_priors[c].variance[i], golden_priors[c].repeats[i]);
            if (!near(got, golden_priors[c].shrunk[i])) fail_msg("case %d, %d: %.17g", c, i, got);
        }
    }
    const double zero[3] = {0, 0, NAN};
    const int repeats[3] = {3, 3, 1};
    double scratch[3];
    NoisePrior prior;
    assert_false(noise_prior(3, zero, repeats, scratch, &prior));
    assert_false(noise_prior(0, zero, repeats, scratch, &prior));
}

static void tails_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_student / sizeof *golden_student; i++) {
        const double got = student_above(golden_student[i].t, golden_student[i].freedom);
        if (!near(got, golden_student[i].p)) fail_msg("t %g: %.17g", golden_student[i].t, got);
    }
}

static void races_end_where_chance_does(void **state)
{
    (void)state;
    const Race race = {1, GOLDEN_RUNS};
    Curve finished[GOLDEN_M + 1];
    int stopped = 0;
    for (int i = 0; i < GOLDEN_M; i++) finished[i] = (Curve){GOLDEN_RUNS, golden_finished[i]};
    const double better[1] = {-99};
    finished[GOLDEN_M] = (Curve){1, better}; /* not all of its repeats: it is nobody to be held to */
    for (int i = 0; i < GOLDEN_RACES; i++) {
        const Curve own = {golden_races[i].k, golden_races[i].score};
        const bool stops = race_stops(&race, 1, &own, GOLDEN_M + 1, finished);
        if (stops != (golden_races[i].p < RACE_RISK)) fail_msg("race %d: %g", i, golden_races[i].p);
        stopped += stops;
        assert_false(race_stops(&race, 1, &own, RACE_NEED, finished)); /* one of them is the best */
        assert_false(race_stops(&(Race){GOLDEN_RUNS, GOLDEN_RUNS}, 1, &own, GOLDEN_M, finished));
        assert_false(race_stops(&(Race){own.n + 1, GOLDEN_RUNS}, 1, &own, GOLDEN_M, finished));
        assert_false(race_stops(&race, 2, &(Curve){1, own.value}, GOLDEN_M, finished)); /* half a repeat */
    }
    assert_true(stopped > 2 && stopped < GOLDEN_RACES - 2);
    /* Two folds a repeat, which are the same twice: nothing else comes out. */
    double twice[GOLDEN_M][2 * GOLDEN_RUNS], own[2 * GOLDEN_RUNS];
    for (int i = 0; i < GOLDEN_M; i++) {
        for (int r = 0; r < 2 * GOLDEN_RUNS; r++) twice[i][r] = golden_finished[i][r / 2];
        finished[i] = (Curve){2 * GOLDEN_RUNS, twice[i]};
    }
    for (int i = 0; i < GOLDEN_RACES; i++) {
        for (int r = 0; r < 2 * GOLDEN_RUNS; r++) own[r] = golden_races[i].score[r / 2];
        const bool stops = race_stops(&race, 2, &(Curve){2 * golden_races[i].k, own}, GOLDEN_M, finished);
        assert_true(stops == (golden_races[i].p < RACE_RISK));
    }
}

static void kind_seeds_are_taken_out(void **state)
{
    (void)state;
    const Race race = {1, GOLDEN_RUNS};
    Curve finished[GOLDEN_M];
    double effect[GOLDEN_RUNS], runs[GOLDEN_RUNS], score = 0, variance = 1;
    for (int i = 0; i < GOLDEN_M; i++) finished[i] = (Curve){GOLDEN_RUNS, golden_finished[i]};
    assert_int_equal(noise_effects(&race, 1, RACE_NEED - 1, finished, effect), 0);
    assert_true(effect[0] == 0);
    assert_int_equal(noise_effects(&race, 1, GOLDEN_M, finished, effect), GOLDEN_M);
    for (int r = 0; r < GOLDEN_RUNS; r++) {
        assert_true(fabs(effect[r] - golden_effect[r]) < 1e-12);
        runs[r] = 7 + effect[r];
        score += runs[r] / 2 * (r < 2);
    }
    noise_take_out(&race, 1, GOLDEN_M, effect, &(Curve){2, runs}, &score, &variance);
    assert_true(fabs(score - 7) < 1e-12 && variance < 1e-20);
    score = 3, variance = 1;
    noise_take_out(&race, 1, 0, effect, &(Curve){2, runs}, &score, &variance);
    assert_true(score == 3 && variance == 1);
}

/* The transform of one score moved a little, among so many that the others hardly notice. */
static void slopes_are_those_of_the_transform(void **state)
{
    (void)state;
    enum { N = 400 };
    static double y[N], z[N], moved[N], slope[N], scratch[2 * N];
    Rng rng = rng_stream(2, 1, RNG_TEST);
    for (int i = 0; i < N; i++) y[i] = exp(0.7 * rng_normal(&rng)) + 3;
    y[7] = NAN, y[8] = 500;
    const double lambda = gp_transform(N, y, z, scratch);
    gp_transform_slopes(N, y, lambda, slope, scratch);
    assert_true(slope[7] == 0 && slope[8] == 0);
    double off = 0, sum = 0;
    for (int i = 10; i < 200; i++) {
        const double h = 1e-4, was = y[i];
        y[i] = was + h;
        gp_transform(N, y, moved, scratch);
        y[i] = was;
        off += fabs((moved[i] - z[i]) / h - slope[i]);
        sum += slope[i];
    }
    if (off > 0.03 * sum) fail_msg("off by %g of %g", off, sum);
}

/* A point whose noise is told is followed less. */
static void the_process_follows_sure_points(void **state)
{
    (void)state;
    enum { N = 12 };
    Conf *conf;
    Space *space;
    Error err = {0};
    static const char text[] = "parameters: {x: {min: 0.0, max: 1.0}}\n";
    assert_true(conf_read_text("t", text, strlen(text), arena, &conf, &err)
                && space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err));
    double x[N], y[N], noise[N] = {0}, before, after, sigma, surer;
    for (int i = 0; i < N; i++) {
        x[i] = (i + 0.5) / N;
        space_snap(space, &x[i]);
        y[i] = 2 * x[i] + (i == 6 ? 1 : 0);
    }
    GpData data = {.space = space, .n = N, .x = x, .y = y};
    double *theta = ARENA_NEW(arena, double, gp_n_hyper(space));
    Gp *gp;
    assert_true(gp_learn(&data, 0, arena, theta, &err));
    theta[1 + 1] = -9; /* the learned noise */
    assert_true(gp_given(&data, theta, arena, &gp, &err));
    gp_predict(gp, &x[6], &before, &surer);
    noise[6] = 1;
    data.noise = noise;
    assert_true(gp_given(&data, theta, arena, &gp, &err));
    gp_predict(gp, &x[6], &after, &sigma);
    assert_true(after < before - 0.2 && sigma > surer);
}

static void nothing_told_is_nothing(void **state)
{
    (void)state;
    Error err = {0};
    double u = 0.5, *noise;
    const int rows[3] = {0, 1, 2};
    Seen seen[3] = {{.state = SEEN_DONE, .u = &u}, {.state = SEEN_DONE, .u = &u}, {.state = SEEN_PRUNED, .u = &u}};
    const Ask ask = {.n_seen = 3, .seen = seen};
    assert_true(noise_told(&ask, 3, rows, arena, &noise, &err) && !noise);
    seen[0].n_repeats = 4, seen[0].variance = 2;
    seen[2].n_repeats = 2, seen[2].variance = 2;
    assert_true(noise_told(&ask, 3, rows, arena, &noise, &err) && noise);
    assert_true(noise[0] == 0 && noise[1] == 0 && noise[2] == 0); /* as sure as any */
    seen[1].n_repeats = 1, seen[1].variance = NAN;
    assert_true(noise_told(&ask, 3, rows, arena, &noise, &err) && noise[1] == 1.5 && noise[0] == 0);
}

static int begin(void **state)
{
    mat_init(NULL);
    return start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variances_are_shrunk_as_limma_does),
        cmocka_unit_test(tails_are_right),
        cmocka_unit_test(races_end_where_chance_does),
        cmocka_unit_test(kind_seeds_are_taken_out),
        cmocka_unit_test(slopes_are_those_of_the_transform),
        cmocka_unit_test(the_process_follows_sure_points),
        cmocka_unit_test(nothing_told_is_nothing),
    };
    return cmocka_run_group_tests_name("tuner/noise", tests, begin, finish);
}
