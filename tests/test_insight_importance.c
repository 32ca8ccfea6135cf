#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arena_fixture.h"
#include "base/mat.h"
#include "base/rng.h"
#include "known_functions.h"
#include "tuner/insight/draws.h"
#include "tuner/insight/importance.h"
#include "tuner/insight/targets.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/samplers.h"

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

/* ---- against the truth ------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double rank_in(const double *sorted, int n, double value)
{
    int at = 0;
    for (int step = n; step > 0; step /= 2)
        while (at + step <= n && sorted[at + step - 1] < value) at += step;
    return (double)at / n;
}

/* The six functions are those of the golden numbers: total indices of the rank, by brute force. */
static void the_functions_are_known(void **state)
{
    (void)state;
    enum { N = 1 << 14 };
    double *value = arena_alloc(arena, 7 * N, sizeof *value), *sorted = ARENA_NEW(arena, double, N);
    for (int f = 0; f < N_KNOWN; f++) {
        const Space *space = space_of(known_functions[f].yaml);
        const int d = space->n_dims;
        Rng rng = rng_stream(3, (uint32_t)f, RNG_TEST);
        assert_int_equal(d, known_truth[f].d);
        for (int i = 0; i < N; i++) {
            double a[KNOWN_MOST], b[KNOWN_MOST], u[KNOWN_MOST];
            Value values[KNOWN_MOST];
            for (int k = 0; k < d; k++) a[k] = rng_uniform(&rng), b[k] = rng_uniform(&rng);
            for (int k = -1; k < d; k++) {
                memcpy(u, a, sizeof u);
                if (k >= 0) u[k] = b[k];
                space_decode(space, u, values);
                value[(k + 1) * N + i] = known_functions[f].score(values);
            }
        }
        memcpy(sorted, value, N * sizeof *sorted);
        qsort(sorted, N, sizeof *sorted, by_size);
        for (int k = 0; k < d; k++) {
            double sum = 0;
            for (int i = 0; i < N; i++) {
                double by = rank_in(sorted, N, value[i]) - rank_in(sorted, N, value[(k + 1) * N + i]);
                sum += by * by / N;
            }
            double total = sum / 2 * 12; /* ranks are even */
            if (fabs(total - known_truth[f].total[k]) > 0.03)
                fail_msg("%s, %d: %.3f, not %.3f", known_functions[f].name, k, total, known_truth[f].total[k]);
        }
    }
}

/* 40 trials of the search, most of them where it was good. bench/importance.c has ten seeds of all. */
static void an_adaptive_search_misleads_nobody(void **state)
{
    (void)state;
    enum { N = 40 };
    int held = 0, told = 0, ranked = 0;
    for (int f = 0; f < N_KNOWN; f++) {
        const Space *space = space_of(known_functions[f].yaml);
        AskTell *search;
        Error err = {0};
        Rng rng = rng_stream(5, 0, RNG_TEST);
        assert_true(ask_tell_create(space, sampler_find("bayes"), 5, &search, &err));
        for (int i = 0; i < N; i++) {
            Value values[KNOWN_MOST];
            Trace trace;
            AskResult result;
            int id;
            assert_true(ask_tell_ask(search, &id, values, &trace, &result, &err));
            scores[i] = known_functions[f].score(values) + known_functions[f].noise * rng_normal(&rng);
            assert_true(ask_tell_told(search, id, &(Told){.value = scores[i], .share = 1}, &err));
            assert_true(space_encode(space, values, points + i * space->n_dims));
        }
        ask_tell_destroy(search);
        ImportanceInput input = {.trials = {.space = space, .n = N, .u = points, .score = scores}, .seed = 5};
        Importance got = compute(&input);
        const double *truth = known_truth[f].total;
        assert_int_equal(got.n_params, space->n_dims);
        for (int k = 0; k < got.n_params; k++) {
            const ParamImportance *p = &got.param[k];
            told += p->told;
            held += p->told && truth[p->dim] >= p->low95 && truth[p->dim] <= p->high95;
            for (int later = k + 1; later < got.n_params; later++) /* who is called sure is right */
                assert_true(k >= got.n_sure || truth[p->dim] > truth[got.param[later].dim] - 0.02);
        }
        ranked += truth[got.param[0].dim] > 0.5;
    }
    assert_true(ranked == N_KNOWN && told > 20 && held >= 0.85 * told);
}

/* ---- properties --------------------------------------------------------------------------------- */

static double one_matters(const double *u) { return (u[0] - 0.3) * (u[0] - 0.3); }

static void what_means_nothing_has_no_importance(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        ImportanceInput input = sample(space, 60, seed, one_matters);
        Importance got = compute(&input);
        assert_int_equal(got.n_params, 3);
        assert_int_equal(got.param[0].dim, 0);
        assert_true(got.param[0].importance > 0.95 && got.param[0].ahead > 0.99 && got.n_sure >= 1);
        assert_true(got.left_out > 0.95 && !got.warning && isnan(got.param[2].ahead));
        for (int k = 0; k < 3; k++) {
            const ParamImportance *p = &got.param[k];
            assert_true(p->low95 >= 0 && p->low95 <= p->importance && p->importance <= p->high95);
            assert_true(p->high95 <= 1 && p->active == 1 && p->told);
            if (p->dim != 0) assert_true(p->low95 == 0 && p->high95 < 0.1);
        }
    }
}

/* Nobody varied b: what it does is not known, and not called 0. */
static double both_matter(const double *u) { return (u[0] - 0.3) * (u[0] - 0.3) + 2 * (u[1] - 0.5) * (u[1] - 0.5); }

static void what_nobody_varied_is_not_told(void **state)
{
    (void)state;
    const Space *space = space_of("parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}}");
    ImportanceInput input = sample(space, 40, 2, both_matter);
    for (int i = 0; i < 40; i++) points[2 * i + 1] = 0.5 + 0.001 * (i % 5);
    for (int i = 0; i < 40; i++) scores[i] = both_matter(points + 2 * i);
    Importance got = compute(&input);
    const ParamImportance *b = of(&got, 1);
    assert_true(!b->told && b->low95 == 0 && b->high95 == 1 && got.n_sure == 0);
    assert_non_null(strstr(got.warning, "too few trials far from the best"));
}

/* The best of three values and another one were tried, the third never: it may be as bad as it likes. */
static double third_is_worse(const double *u) { return u[1] * u[1] + (u[0] < 0.3 ? 1 : u[0] < 0.6 ? 0.1 : 0); }

static void a_value_that_nobody_tried_is_not_told(void **state)
{
    (void)state;
    const Space *space = space_of("parameters: {layers: {min: 1, max: 3}, b: {min: 0.0, max: 1.0}}");
    ImportanceInput input = sample(space, 60, 2, third_is_worse);
    Importance got = compute(&input);
    assert_true(of(&got, 0)->told);
    for (int i = 0; i < 60; i++) {
        if (points[2 * i] < 0.3) points[2 * i] = 0.5;
        scores[i] = third_is_worse(points + 2 * i);
    }
    got = compute(&input);
    const ParamImportance *layers = of(&got, 0);
    assert_true(!layers->told && layers->low95 == 0 && layers->high95 == 1 && got.n_sure == 0);
}

/* Scores that no setting explains: no bar and no map. */
static double noise(const double *u) { return fmod(u[0] * 7919.31 + u[1] * 1543.77 + u[2] * 104729.13, 1); }

static void a_poor_model_says_nothing(void **state)
{
    (void)state;
    ImportanceInput input = sample(space_of(three), 60, 2, noise);
    Importance got = compute(&input);
    assert_true(got.n_params == 0 && !got.map && got.left_out < IMPORTANCE_TELLS);
    assert_non_null(strstr(got.warning, "too little to say"));
}

static double two_matter(const double *u) { return u[0] + 0.3 * u[1] * u[1]; }

static void the_same_twice(void **state)
{
    (void)state;
    ImportanceInput input = sample(space_of(three), 60, 3, two_matter);
    Importance got = compute(&input), again = compute(&input);
    for (int d = 0; d < 3; d++) {
        const ParamImportance *a = of(&got, d), *b = of(&again, d);
        assert_true(a->importance == b->importance && a->low95 == b->low95 && a->high95 == b->high95);
        assert_string_equal(a->favours, b->favours);
    }
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
    assert_true(fabs(of(&got, 0)->importance - 0.8) < 0.05 && fabs(of(&got, 0)->alone - 0.8) < 0.05);
    assert_true(fabs(of(&got, 1)->importance - 0.2) < 0.05 && of(&got, 2)->importance < 0.02);
    assert_true(got.n_pairs == 3 && got.pair[0].effect < 0.05);
    input = sample(space, 120, 5, product);
    got = compute(&input);
    assert_true(of(&got, 0)->importance > 0.9 && of(&got, 0)->alone < 0.1 && of(&got, 2)->importance < 0.05);
    assert_true(got.pair[0].effect > 0.8 && got.pair[0].a + got.pair[0].b == 1);
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
    assert_true(width->importance > 0.1 && idle->low95 == 0 && idle->importance < 0.02);
    assert_string_equal(idle->favours, ""); /* no top trial uses it */
    assert_string_equal(of(&got, 0)->favours, "2");
    double low, high;
    assert_int_equal(sscanf(width->favours, "%lf to %lf", &low, &high), 2);
    assert_true(low > 0.05 && high < 0.4);
}

static double cliff(const double *u) { return u[1] > 0.7 ? INFINITY : u[0]; }

static void failures_are_the_worst(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 100, 11, cliff);
    input.top_share = 0.5;
    Importance got = compute(&input);
    assert_int_equal(got.n_top, 50);
    assert_true(of(&got, 1)->importance > 0.3);
    for (int i = 0; i < 100; i++)
        if (i % 10) scores[i] = INFINITY;
    got = compute(&input);
    assert_true(got.n_scored < 11 && got.n_params == 0 && strstr(got.warning, "fewer than 20"));
}

/* A trial that was stopped has the score of its last moment. */
static void stopped_trials_count(void **state)
{
    (void)state;
    double stopped[60];
    ImportanceInput input = sample(space_of(three), 60, 4, two_matter);
    for (int i = 0; i < 60; i++) {
        stopped[i] = NAN;
        if (i % 4 != 1 || scores[i] < 0.5) continue;
        stopped[i] = scores[i];
        scores[i] = INFINITY;
    }
    input.trials.stopped = stopped;
    Importance got = compute(&input);
    assert_true(got.n_scored == 60 && of(&got, 0)->importance > 0.7 && of(&got, 2)->importance < 0.05);
    assert_true(!got.warning);
    for (int i = 0; i < 60; i++) /* of what has a high c nobody knows the end: it is left out, not called bad */
        if (points[3 * i + 2] > 0.6) stopped[i] = scores[i] = INFINITY;
    got = compute(&input);
    assert_true(of(&got, 0)->importance > 0.6 && of(&got, 2)->importance < 0.1);
    assert_non_null(strstr(got.warning, "were stopped early"));
}

static void small_studies_say_so(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 30, 2, two_matter);
    Importance got = compute(&input);
    assert_int_equal(got.n_params, 3);
    for (int n = 0; n < IMPORTANCE_FEW; n++) {
        input.trials.n = n;
        got = compute(&input);
        assert_true(got.n_params == 0 && strstr(got.warning, "fewer than 20 do not tell"));
    }
    input.trials.n = 30;
    for (int i = 0; i < 30; i++) scores[i] = 1;
    got = compute(&input);
    assert_true(got.n_params == 0 && strstr(got.warning, "same score"));
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
    assert_true(of(&got, 3)->importance + of(&got, 0)->importance > 0.7 && of(&got, 5)->importance < 0.05);
    assert_string_equal(of(&got, 3)->favours, "x");
    assert_true(got.n_pairs == 15 && got.map && got.map->n_a > 1 && got.map->n_b > 1);
}

/* ---- the parts ---------------------------------------------------------------------------------- */

/* Drawn functions have the mean and the spread of the process under the hyperparameters of their turn. */
static void draws_are_of_the_posterior(void **state)
{
    (void)state;
    const Space *space = space_of("parameters:\n"
                                  "  a: {min: 0.0, max: 1.0}\n"
                                  "  k: {values: [p, q, r]}\n"
                                  "  of_q: {min: 0.0, max: 1.0, when: k == q}\n"
                                  "  of_r: {values: [x, y], when: k == r}\n"
                                  "  s: {values: [x, y], probabilities: [0.7, 0.3]}\n");
    enum { N = 30, M = 40 };
    double u[5 * (N + M)], y[N], off = 0, squares = 0, drawn[M * DRAWS_EACH];
    bool active[5 * M];
    Rng rng = rng_stream(6, 0, RNG_TEST);
    Error err = {0};
    Draws *draws;
    int n = 0;
    for (int i = 0; i < N + M; i++) {
        for (int k = 0; k < 5; k++) u[5 * i + k] = rng_uniform(&rng);
        space_snap_active(space, u + 5 * i, active + 5 * (i < N ? 0 : i - N));
        if (i < N) y[i] = rng_normal(&rng) + 2 * u[5 * i];
    }
    const GpData data = {.space = space, .n = N, .x = u, .y = y, .as_is = true};
    assert_true(draws_create(&data, 9, arena, &draws, &err));
    for (int turn = 0; turn < DRAWS_TURNS; turn++) {
        if (!draws_turn(draws)) continue;
        draws_at(draws, M, u + 5 * N, active, drawn);
        for (int i = 0; i < M; i++) {
            double mean, sigma;
            gp_predict_many(draws_gp(draws), 1, u + 5 * (N + i), active + 5 * i, &mean, &sigma);
            for (int s = 0; s < DRAWS_EACH; s++, n++) {
                double by = (drawn[i * DRAWS_EACH + s] - mean) / sigma;
                off += by;
                squares += by * by;
            }
        }
    }
    if (fabs(off / n) > 0.1 || fabs(squares / n - 1) > 0.15) fail_msg("mean %g, square %g", off / n, squares / n);
}

static void a_trial_speaks_for_what_is_nearest(void **state)
{
    (void)state;
    const Space *space = space_of("parameters: {a: {min: 0.0, max: 1.0}, k: {values: [p, q]}}");
    double u[20], share[10], z[10], sum = 0;
    double score[] = {5, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, NAN, 1e9};
    Error err = {0};
    for (int i = 0; i < 10; i++) {
        u[2 * i] = i == 0 ? 0.1 : i == 9 ? 0.6 : 0.9 + 0.001 * i; /* eight in a corner */
        u[2 * i + 1] = i == 9 ? 0.75 : 0.25;
    }
    assert_true(targets_shares(space, 10, u, 1, arena, share, &err));
    for (int i = 0; i < 10; i++) sum += share[i];
    assert_true(fabs(sum - 1) < 1e-9 && fabs(share[9] - 0.5) < 0.02 && fabs(share[0] - 0.25) < 0.02);
    assert_true(share[3] > 0 && share[3] < 0.02);
    assert_true(targets_level(10, score, share, arena, z, &err));
    for (int i = 1; i < 7; i++) assert_true(z[i] < z[i + 1]);
    assert_true(z[7] < z[0] && z[0] < z[9] && z[8] == z[9] && z[9] < 5);
    for (int i = 0; i < 10; i++) score[i] = 2;
    assert_true(targets_level(10, score, share, arena, z, &err) && z[0] == 0 && z[9] == 0);
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
    assert_true(isnan(got.stopped[0]) && got.stopped[1] == -0.9);
    assert_true(fabs(got.u[0] - 0.35) < 1e-12 && fabs(got.u[1] - 0.75) < 1e-12);
    double other[9] = {7, 0, 0, NAN, 0, 0, 0, 0, 0};
    assert_true(points_gather(space, rows, 9, other, false, arena, &got, &err));
    assert_true(got.score[0] == 7 && isinf(got.score[2]));
}

static void memory_may_run_out(void **state)
{
    (void)state;
    const Space *space = space_of(three);
    ImportanceInput input = sample(space, 24, 2, two_matter);
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
        cmocka_unit_test(the_functions_are_known),
        cmocka_unit_test(an_adaptive_search_misleads_nobody),
        cmocka_unit_test(what_means_nothing_has_no_importance),
        cmocka_unit_test(what_nobody_varied_is_not_told),
        cmocka_unit_test(a_value_that_nobody_tried_is_not_told),
        cmocka_unit_test(a_poor_model_says_nothing),
        cmocka_unit_test(the_same_twice),
        cmocka_unit_test(the_model_tells_alone_from_together),
        cmocka_unit_test(conditional_parameters_among_their_own),
        cmocka_unit_test(failures_are_the_worst),
        cmocka_unit_test(stopped_trials_count),
        cmocka_unit_test(small_studies_say_so),
        cmocka_unit_test(draws_are_of_the_posterior),
        cmocka_unit_test(a_trial_speaks_for_what_is_nearest),
        cmocka_unit_test(every_kind_of_parameter),
        cmocka_unit_test(rows_become_points),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("tuner/importance", tests, begin, finish);
}
