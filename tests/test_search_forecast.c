/* Forecasts against a second implementation, the chance of joining a front, and who is stopped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "golden/forecast.h"
#include "tuner/search/forecast.h"

static const PrunerOptions options = {.type = PRUNER_FORECAST, .min_trials = 5, .least_chance = 0.05};

static void close_to(const char *what, int at, double got, double want, double by)
{
    if (!(fabs(got - want) <= by)) fail_msg("%s %d: %.12g, not %.12g", what, at, got, want);
}

static void agrees_with_a_second_implementation(void **state)
{
    (void)state;
    for (int c = 0; c < GOLDEN_CASES; c++) {
        ForecastRun runs[GOLDEN_N], run = {golden[c].age, 0, golden[c].first[GOLDEN_N], golden[c].more[GOLDEN_N], NULL,
                                              false};
        ForecastAsk ask = {.n_goals = 2, .n_runs = GOLDEN_N, .runs = runs};
        Forecast ends[2];
        double mean[2], sigma[2];
        for (int i = 0; i < GOLDEN_N; i++)
            runs[i] = (ForecastRun){GOLDEN_EPOCHS, 0, golden[c].first[i], golden[c].more[i], golden[c].end[i], false};
        assert_true(forecast_ends(&ask, &run, ends));
        for (int g = 0; g < 2; g++) {
            close_to("mean", c, mean[g] = ends[g].mean, golden[c].mean[g], 1e-9);
            close_to("sigma", c, sigma[g] = ends[g].sigma, golden[c].sigma[g], 1e-9);
        }
        const double chance = forecast_chance(2, mean, sigma, GOLDEN_N, golden[c].end[0]);
        close_to("chance", c, chance, golden[c].chance, 2e-5);
        /* A third goal in which all are alike but it is a little worse changes nothing; the draws are as good as that. */
        double points[GOLDEN_N * 3], third[3] = {mean[0], mean[1], 2}, apart[3] = {sigma[0], sigma[1], 0};
        for (int i = 0; i < GOLDEN_N; i++) {
            memcpy(points + 3 * i, golden[c].end[i], 2 * sizeof *points);
            points[3 * i + 2] = 1;
        }
        close_to("of three", c, forecast_chance(3, third, apart, GOLDEN_N, points), chance, 0.01);
        third[2] = 0.5; /* better than all: nothing beats it */
        assert_true(forecast_chance(3, third, apart, GOLDEN_N, points) == 1);
    }
}

static void chances_at_the_edges(void **state)
{
    (void)state;
    const double front[] = {1, 3, 2, 2, 3, 1, 3, 3};
    const double sure[] = {0, 0}, wide[] = {1, 1};
    const struct { double at[2]; int joins; } cases[] = {
        {{0.5, 9}, 1}, {{1, 2.5}, 1}, {{1, 3}, 0}, {{2.5, 1.5}, 1}, {{2.5, 2}, 0}, {{9, 0.5}, 1}, {{3, 1}, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(forecast_chance(2, cases[i].at, sure, 4, front) == cases[i].joins);
    assert_true(forecast_chance(2, (const double[]){9, 9}, wide, 0, NULL) == 1); /* nobody has finished */
    close_to("one goal", 0, forecast_chance(1, (const double[]){2}, wide, 4, front), 0.1869504831500294, 1e-12);
    double before = 2; /* worse in everything: less of a chance */
    for (double x = -3; x < 8; x += 0.25) {
        const double chance = forecast_chance(2, (const double[]){x, x}, wide, 4, front);
        assert_true(chance >= 0 && chance <= 1 && chance < before);
        before = chance;
    }
}

/* Thirty runs of power laws, (epochs, 2) with ends that follow from the curves. */
enum { N = 30, EPOCHS = 20 };
typedef struct {
    double first[N][EPOCHS], more[N][EPOCHS], end[N][2];
    ForecastRun runs[N];
} World;

static void make(World *w, uint64_t seed, double noise)
{
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        const double floor = rng_uniform(&rng), gain = 0.5 + rng_uniform(&rng), speed = 0.3 + rng_uniform(&rng);
        for (int e = 0; e < EPOCHS; e++) {
            w->first[i][e] = floor + gain * pow(e + 1, -speed) + noise * rng_normal(&rng);
            w->more[i][e] = 1 - floor + gain * pow(e + 1, -speed) + noise * rng_normal(&rng);
        }
        w->end[i][0] = w->first[i][EPOCHS - 1];
        w->end[i][1] = w->more[i][EPOCHS - 1];
        w->runs[i] = (ForecastRun){EPOCHS, EPOCHS, w->first[i], w->more[i], w->end[i], false};
    }
}

static void intervals_hold(void **state)
{
    (void)state;
    int n = 0, held = 0;
    World w;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        make(&w, seed, 0.02);
        for (int i = 8; i < N; i++)
            for (int age = 3; age < EPOCHS; age += 4) {
                ForecastRun run = w.runs[i];
                const ForecastAsk ask = {.n_goals = 2, .n_runs = i, .runs = w.runs};
                Forecast ends[2];
                run.n = age;
                assert_true(forecast_ends(&ask, &run, ends));
                for (int g = 0; g < 2; g++, n++)
                    held += fabs(w.end[i][g] - ends[g].mean) < 2.131847 * ends[g].sigma; /* 90 % of t with four */
            }
    }
    if (held < 0.87 * n || held > 0.99 * n) fail_msg("90 %% intervals held %d of %d", held, n);
}

static bool stops(const World *w, const ForecastRun *run, int n, int goals, const double *priced)
{
    const ForecastAsk ask = {.n_goals = goals, .priced = priced, .n_runs = n, .runs = w->runs};
    return forecast_stops(&options, &ask, run);
}

static void who_is_stopped(void **state)
{
    (void)state;
    World w;
    make(&w, 5, 0);
    double bad[EPOCHS], good[EPOCHS];
    for (int e = 0; e < EPOCHS; e++) {
        bad[e] = 3 + pow(e + 1, -0.5);
        good[e] = -0.5 + pow(e + 1, -0.5);
    }
    const ForecastRun worst = {5, EPOCHS, bad, bad, NULL, false},
                      best = {5, EPOCHS, good, bad, NULL, false};
    assert_true(stops(&w, &worst, N, 2, NULL));
    assert_false(stops(&w, &best, N, 2, NULL)); /* in one goal */
    assert_true(stops(&w, &worst, N, 1, NULL));
    assert_false(stops(&w, &best, N, 1, NULL));
    assert_false(stops(&w, &worst, 4, 2, NULL)); /* of too few that came to their end */
    ForecastRun early = worst;
    early.n = 2; /* before the grace */
    assert_false(stops(&w, &early, N, 2, NULL));
    /* A cost that is known: smaller than all is on the front whatever it scores, larger is not. */
    assert_false(stops(&w, &worst, N, 2, (const double[]){NAN, -1}));
    assert_true(stops(&w, &worst, N, 2, (const double[]){NAN, 5}));
    /* Who breaks a limit is evidence, and beats nobody. */
    for (int i = 0; i < N; i++) w.runs[i].breaks = true;
    assert_false(stops(&w, &worst, N, 2, NULL));
    for (int i = 0; i < N; i++) w.runs[i].breaks = i > 20;
    assert_true(stops(&w, &worst, N, 2, NULL));
    /* Stopped runs are no evidence of ends. */
    for (int i = 5; i < N; i++) w.runs[i].end = NULL, w.runs[i].n = 5;
    assert_true(stops(&w, &worst, N, 2, NULL));
    for (int i = 0; i < N; i++) w.runs[i].end = NULL;
    assert_false(stops(&w, &worst, N, 2, NULL));
    PrunerOptions never = options;
    never.least_chance = 0;
    make(&w, 5, 0);
    assert_false(forecast_stops(&never, &(ForecastAsk){.n_goals = 2, .n_runs = N, .runs = w.runs}, &worst));
}

/* Ends that are known: (s, 1 - s) and a gain in both goals, beside a front of n points from (0, 1) to (1, 0). */
static bool known_stops(int n, double s, double gain)
{
    double first[5] = {0}, end[40][2], priced[2] = {s - gain, 1 - s - gain};
    ForecastRun runs[40], run = {.n = 5, .full = EPOCHS, .first = first, .more = first};
    for (int i = 0; i < n; i++) {
        end[i][0] = (double)i / (n - 1);
        end[i][1] = 1 - end[i][0];
        runs[i] = (ForecastRun){.n = 5, .full = EPOCHS, .first = first, .more = first, .end = end[i]};
    }
    /* Who is beaten does not count: neither for the width of the front nor for how many it has. */
    for (int i = n; i < 40; i++) {
        end[i][0] = end[i][1] = 1 + i;
        runs[i] = (ForecastRun){.n = 5, .full = EPOCHS, .first = first, .more = first, .end = end[i]};
    }
    const ForecastAsk ask = {.n_goals = 2, .priced = priced, .n_runs = 40, .runs = runs};
    return forecast_stops(&options, &ask, &run);
}

static void who_adds_little(void **state)
{
    (void)state;
    for (int k = 0; k < 6; k++) { /* a twentieth of the width */
        assert_true(known_stops(6, k / 5., 0.049));
        assert_false(known_stops(6, k / 5., 0.051));
    }
    for (int k = 0; k < 26; k++) { /* half of what 26 points are apart */
        assert_true(known_stops(26, k / 25., 0.019));
        assert_false(known_stops(26, k / 25., 0.020));
    }
    assert_false(known_stops(6, 0.1, 0)); /* between two points it is better than both by half a step */
    assert_false(known_stops(2, 0.5, -0.4));
    /* One goal: any gain is one. */
    double flat[5] = {0}, one = 0;
    ForecastRun runs[5], run = {.n = 5, .full = EPOCHS, .first = flat};
    for (int i = 0; i < 5; i++) runs[i] = (ForecastRun){.n = 5, .full = EPOCHS, .first = flat, .end = &one};
    ForecastAsk ask = {.n_goals = 1, .priced = (const double[]){-1e-6}, .n_runs = 5, .runs = runs};
    assert_false(forecast_stops(&options, &ask, &run));
    ask.priced = (const double[]){1e-6};
    assert_true(forecast_stops(&options, &ask, &run));
}

static void without_curves(void **state)
{
    (void)state;
    World w;
    Forecast ends[2];
    make(&w, 7, 0.01);
    /* A goal that is told at the end alone: as all ended. */
    for (int i = 0; i < N; i++) w.runs[i].more = NULL;
    ForecastRun run = w.runs[3];
    run.n = 6;
    const ForecastAsk ask = {.n_goals = 2, .n_runs = N, .runs = w.runs};
    assert_true(forecast_ends(&ask, &run, ends));
    double sum = 0, square = 0;
    for (int i = 0; i < N; i++) sum += w.end[i][1] / N;
    for (int i = 0; i < N; i++) square += (w.end[i][1] - sum) * (w.end[i][1] - sum) / (N - 1);
    close_to("mean of ends", 0, ends[1].mean, sum, 1e-12);
    close_to("sigma of ends", 0, ends[1].sigma, sqrt(square * (N + 1) / N), 1e-12);
    /* Not a number among the values: the same. */
    double holes[EPOCHS];
    for (int e = 0; e < EPOCHS; e++) holes[e] = NAN;
    run.first = holes;
    assert_true(forecast_ends(&ask, &run, ends));
    assert_true(isfinite(ends[0].mean) && ends[0].sigma > 0);
    /* A value that never changes has no error. */
    for (int i = 0; i < N; i++)
        for (int e = 0; e < EPOCHS; e++) w.first[i][e] = w.end[i][0] = i;
    run.first = w.first[4];
    assert_true(forecast_ends(&ask, &run, ends));
    close_to("constant", 0, ends[0].mean, 4, 1e-9);
    close_to("constant", 1, ends[0].sigma, 0, 1e-9);
}

/* Runs of other lengths are compared at the same share; those that ended before stay where they were. */
static void ages(void **state)
{
    (void)state;
    World w;
    Forecast whole[2], halved[2];
    make(&w, 9, 0);
    ForecastRun run = w.runs[0];
    run.n = 10;
    ForecastAsk ask = {.n_goals = 1, .n_runs = N - 1, .runs = w.runs + 1};
    assert_true(forecast_ends(&ask, &run, whole));
    double twice[N][2 * EPOCHS];
    for (int i = 0; i < N; i++) {
        for (int e = 0; e < 2 * EPOCHS; e++) twice[i][e] = w.first[i][e / 2];
        w.runs[i].first = twice[i];
        w.runs[i].n = w.runs[i].full = 2 * EPOCHS;
    }
    assert_true(forecast_ends(&ask, &run, halved));
    assert_true(fabs(whole[0].mean - halved[0].mean) < 0.05);
    for (int i = 0; i < N; i++) { /* patience, say; what is behind is nobody's */
        w.runs[i].n = 4;
        twice[i][19] = 1e9;
    }
    assert_true(forecast_ends(&ask, &run, halved));
    assert_true(fabs(halved[0].mean) < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_second_implementation), cmocka_unit_test(chances_at_the_edges),
        cmocka_unit_test(intervals_hold), cmocka_unit_test(who_is_stopped), cmocka_unit_test(who_adds_little),
        cmocka_unit_test(without_curves), cmocka_unit_test(ages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
