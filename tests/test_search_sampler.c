#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mat.h"
#include "tuner/search/sampler.h"
#include "tuner/search/samplers.h"
#include "tuner/search/sobol.h"

/* One contract, every sampler: a study in miniature asks, checks what it gets, and tells. */

static Arena *arena;                /* of the test */
enum { MAX_TRIALS = 400, MAX_DIMS = 16 };

static const char small_space[] = /* finite, conditional: (1 + 3) * 2 * 3 = 24 assignments */
    "parameters:\n"
    "  layers: {min: 1, max: 2}\n"
    "  width: {values: [8, 16, 32], when: 'layers == 2'}\n"
    "  act: {values: [relu, tanh]}\n"
    "  drop: {distribution: q_uniform, min: 0, max: 0.5, q: 0.25}\n"
    "  fixed: {value: 3}\n";
static const char large_space[] =
    "parameters:\n"
    "  lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1, steps: 5}\n"
    "  drop: {min: 0.0, max: 0.6, steps: 3}\n"
    "  layers: {min: 1, max: 3}\n"
    "  width: {distribution: q_log_uniform_values, min: 16, max: 512, q: 16, when: 'layers >= 2'}\n"
    "  opt: {values: [adamw, sgd, rmsprop]}\n"
    "  mom: {min: 0.5, max: 0.99, steps: 3, when: 'opt == sgd'}\n";

typedef struct {
    const Space *space;
    int n, n_refused;               /* points given out; refusals */
    double u[MAX_TRIALS][MAX_DIMS];
    char hash[MAX_TRIALS][65];
    Seen seen[MAX_TRIALS];
    bool (*rule)(const Space *space, const Value *values);
} Study;

static Study study; /* large: not on the stack */

static Space *space_of(const char *yaml)
{
    Conf *conf;
    Space *space;
    Error err = {0};
    if (!conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err) ||
        !space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err))
        fail_msg("%s", err.message);
    return space;
}

static void begin(const char *yaml)
{
    memset(&study, 0, sizeof study);
    study.space = space_of(yaml);
    assert_true(study.space->n_dims <= MAX_DIMS);
}

static bool accept(void *context, const double *u)
{
    Study *s = context;
    Value values[32];
    char hash[65];
    double snapped[MAX_DIMS];
    const size_t size = (size_t)s->space->n_dims * sizeof *u;
    if (size) memcpy(snapped, u, size);
    space_snap(s->space, snapped);
    if (size) assert_memory_equal(u, snapped, size); /* nothing else may be asked about */
    space_decode(s->space, u, values);
    space_hash(s->space, values, hash);
    bool ok = !s->rule || s->rule(s->space, values);
    for (int i = 0; i < s->n && ok; i++) ok = strcmp(hash, s->hash[i]) != 0;
    s->n_refused += !ok;
    return ok;
}

/* One ask, checked against the contract. */
static AskResult ask_next(const Sampler *sampler, uint64_t seed, double *u, Trace *trace)
{
    Ask ask = {.space = study.space, .seed = seed, .number = (uint32_t)study.n, .n_seen = study.n,
               .seen = study.seen, .accept = accept, .context = &study};
    Error err = {0};
    AskResult result = (AskResult)9;
    Arena *own = arena_create(0);
    for (int d = 0; d < MAX_DIMS; d++) u[d] = -1;
    if (!sampler->ask(&ask, own, u, trace, &result, &err)) fail_msg("%s: %s", sampler->name, err.message);
    arena_destroy(own);
    assert_true(result == ASK_POINT || result == ASK_EXHAUSTED);
    if (result == ASK_POINT) {
        double snapped[MAX_DIMS];
        memcpy(snapped, u, sizeof snapped);
        space_snap(study.space, snapped);
        assert_memory_equal(u, snapped, sizeof snapped);
        if (!accept(&study, u)) fail_msg("%s returned a point that is refused", sampler->name);
        assert_true(strlen(trace->kind) > 0);
    }
    return result;
}

static void record(const double *u, SeenState state, double score)
{
    int i = study.n++;
    Value values[32];
    memcpy(study.u[i], u, sizeof study.u[i]);
    space_decode(study.space, u, values);
    space_hash(study.space, values, study.hash[i]);
    study.seen[i] = (Seen){.number = (uint32_t)i, .state = state, .u = study.u[i], .score = score, .share = 1};
}

/* A bowl over the coordinates. */
static double bowl(const double *u)
{
    double sum = 0;
    for (int d = 0; d < study.space->n_dims; d++) sum += (u[d] - 0.3) * (u[d] - 0.3) / (1 + d);
    return sum;
}

/* Records with all states: some failed, some stopped, the last few pending. */
static void record_mixed(const double *u)
{
    static const SeenState states[7] = {SEEN_DONE, SEEN_DONE, SEEN_PRUNED, SEEN_DONE, SEEN_FAILED, SEEN_DONE,
                                        SEEN_PRUNED};
    SeenState state = states[study.n % 7];
    record(u, SEEN_PENDING, NAN);
    if (study.n <= 5) return;
    Seen *old = &study.seen[study.n - 6];
    state = states[(study.n - 6) % 7];
    old->state = state;
    old->score = state == SEEN_FAILED ? NAN : bowl(old->u) + (state == SEEN_PRUNED ? 0.1 : 0);
    old->share = state == SEEN_PRUNED ? 0.2 : 1;
}

static void finite_spaces_are_used_up(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            begin(small_space);
            double u[MAX_DIMS];
            Trace trace;
            while (ask_next(samplers[k], seed, u, &trace) == ASK_POINT) record_mixed(u);
            if (study.n != 24) fail_msg("%s: %d of 24 points", samplers[k]->name, study.n);
            for (int d = 0; d < MAX_DIMS; d++) assert_true(u[d] == -1); /* exhausted: untouched */
        }
}

static bool only_some(const Space *space, const Value *values)
{
    (void)space;
    return values[2].kind == VALUE_TEXT && strcmp(values[2].text, "relu") == 0 && values[3].number > 0;
}

static void constraints_are_kept(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++) {
        begin(small_space);
        study.rule = only_some;
        double u[MAX_DIMS];
        Trace trace;
        while (ask_next(samplers[k], 5, u, &trace) == ASK_POINT) record_mixed(u);
        if (study.n != 4 * 2) fail_msg("%s: %d of 8 points", samplers[k]->name, study.n);
    }
}

static void the_same_ask_gives_the_same_point(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++) {
        begin(large_space);
        int differs_by_seed = 0;
        for (int i = 0; i < 25; i++) {
            double u[MAX_DIMS], again[MAX_DIMS], other[MAX_DIMS];
            Trace trace, second;
            AskResult result = ask_next(samplers[k], 11, u, &trace);
            assert_int_equal(result, ASK_POINT);
            ask_next(samplers[k], 12, other, &second); /* something else in between */
            ask_next(samplers[k], 11, again, &second);
            assert_memory_equal(u, again, sizeof u);
            assert_string_equal(trace.kind, second.kind);
            differs_by_seed += memcmp(u, other, sizeof u) != 0;
            record_mixed(u);
        }
        if (samplers[k]->needs_grid) assert_int_equal(differs_by_seed, 0); /* it has no chance in it */
        else assert_true(differs_by_seed > 20);
    }
}

static bool nothing(const Space *space, const Value *values)
{
    (void)space, (void)values;
    return false;
}

static bool narrow(const Space *space, const Value *values)
{
    (void)space;
    return values[1].number > 0.3 && values[1].number < 0.33; /* a twentieth of the range */
}

static void gives_up_when_everything_is_refused(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++) {
        begin(large_space);
        double u[MAX_DIMS];
        Trace trace;
        if (!samplers[k]->needs_grid) {
            study.rule = narrow;
            for (int i = 0; i < 20; i++) {
                assert_int_equal(ask_next(samplers[k], 2, u, &trace), ASK_POINT);
                record_mixed(u);
            }
        }
        study.rule = nothing;
        study.n_refused = 0;
        assert_int_equal(ask_next(samplers[k], 2, u, &trace), ASK_EXHAUSTED);
        assert_true(study.n_refused > 100 && study.n_refused < 10000);
    }
}

static void a_space_without_choices_has_one_trial(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++) {
        begin("parameters: {a: {value: 1}, b: {expr: 'a + 1'}}");
        double u[MAX_DIMS];
        Trace trace;
        assert_int_equal(ask_next(samplers[k], 2, u, &trace), ASK_POINT);
        record(u, SEEN_DONE, 1);
        assert_int_equal(ask_next(samplers[k], 2, u, &trace), ASK_EXHAUSTED);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++) {
        begin("parameters: {a: {min: 0.0, max: 1, steps: 9}, b: {min: 0.0, max: 1, steps: 9}}");
        double u[MAX_DIMS];
        Trace trace;
        for (int i = 0; i < 12; i++) {
            assert_int_equal(ask_next(samplers[k], 3, u, &trace), ASK_POINT);
            record_mixed(u);
        }
        Ask ask = {.space = study.space, .seed = 3, .number = 12, .n_seen = 12, .seen = study.seen,
                   .accept = accept, .context = &study};
        Arena *own = arena_create(0);
        bool ok = false;
        for (long n = 0; !ok; n++) {
            Error err = {0};
            AskResult result;
            for (int d = 0; d < MAX_DIMS; d++) u[d] = -1;
            arena_reset(own);
            arena_fail_after(own, n);
            ok = samplers[k]->ask(&ask, own, u, &trace, &result, &err);
            if (!ok) {
                assert_int_equal(err.code, ERR_MEMORY);
                for (int d = 0; d < MAX_DIMS; d++) assert_true(u[d] == -1);
            }
            assert_true(n < 200);
        }
        arena_destroy(own);
    }
}

static double any_cost(void *context, const double *u)
{
    ++*(int *)context;
    return u[0];
}

static bool any_point(void *context, const double *u)
{
    (void)context, (void)u;
    return true;
}

/* What the table says of each: who looks at scores, who at costs. */
static void they_can_what_they_say(void **state)
{
    (void)state;
    for (int k = 0; samplers[k]; k++) {
        begin("parameters: {a: {min: 0.0, max: 1, steps: 9}, b: {min: 0.0, max: 1, steps: 9}}");
        double u[MAX_DIMS], other[MAX_DIMS];
        Trace trace;
        for (int i = 0; i < 20; i++) {
            assert_int_equal(ask_next(samplers[k], 3, u, &trace), ASK_POINT);
            record(u, SEEN_DONE, bowl(u));
        }
        int n_costs = 0, n_moved = 0;
        for (uint32_t number = 20; number < 26; number++) {
            Ask ask = {.space = study.space, .seed = 3, .number = number, .n_seen = 20, .seen = study.seen,
                       .accept = any_point, .context = &n_costs, .log_cost = any_cost, .cost_weight = 1};
            Error err = {0};
            AskResult result;
            assert_true(samplers[k]->ask(&ask, arena, u, &trace, &result, &err));
            for (int i = 0; i < 20; i++) study.seen[i].score = 1 - study.seen[i].score;
            assert_true(samplers[k]->ask(&ask, arena, other, &trace, &result, &err));
            for (int i = 0; i < 20; i++) study.seen[i].score = 1 - study.seen[i].score;
            n_moved += memcmp(u, other, 2 * sizeof *u) != 0;
        }
        assert_int_equal(samplers[k]->learns, n_moved > 0);
        assert_int_equal(samplers[k]->weighs_costs, n_costs > 0);
    }
}

static void names(void **state)
{
    (void)state;
    int n = 0, n_aliases = 0, n_samplers = 0;
    while (samplers[n_samplers]) n_samplers++;
    for (; samplers[n]; n++) {
        assert_string_equal(samplers[n]->name, sampler_names[n]);
        assert_ptr_equal(sampler_find(samplers[n]->name), samplers[n]);
        assert_non_null(strstr(SAMPLER_METHODS, samplers[n]->name));
        if (!samplers[n]->alias) continue;
        assert_string_equal(samplers[n]->alias, sampler_names[n_samplers + n_aliases]);
        assert_ptr_equal(sampler_find(samplers[n]->alias), samplers[n]);
        n_aliases++;
    }
    assert_null(sampler_names[n + n_aliases]);
    assert_ptr_equal(sampler_find("gp"), &sampler_gp);
    assert_ptr_equal(sampler_find("qmc"), &sampler_qmc);
    assert_null(sampler_find("optuna"));
    assert_null(sampler_find(""));
}

/* ---- what is particular to one ---- */

static void the_grid_goes_in_order(void **state)
{
    (void)state;
    begin(large_space);
    int64_t size;
    Error err = {0};
    assert_true(space_grid_size(study.space, &size, &err));
    assert_int_equal(size, 5 * 3 * (1 + 2 * 32) * (2 + 3));
    double u[MAX_DIMS], given[MAX_DIMS] = {0};
    Trace trace;
    /* A point the user gave takes its place, whatever its number. */
    space_grid_point(study.space, 3, given);
    record(given, SEEN_PENDING, NAN);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(ask_next(&sampler_grid, 1, u, &trace), ASK_POINT);
        double want[MAX_DIMS];
        space_grid_point(study.space, i < 3 ? i : i + 1, want);
        assert_memory_equal(u, want, (size_t)study.space->n_dims * sizeof *u);
        record(u, SEEN_PENDING, NAN);
    }
}

static void random_follows_the_distributions(void **state)
{
    (void)state;
    begin("parameters: {c: {values: [a, b], probabilities: [0.8, 0.2]}, x: {distribution: normal}}");
    int n_a = 0;
    double sum = 0, square = 0;
    for (int i = 0; i < 400; i++) {
        double u[MAX_DIMS];
        Trace trace;
        Value v[2];
        assert_int_equal(ask_next(&sampler_random, 77, u, &trace), ASK_POINT);
        space_decode(study.space, u, v);
        n_a += v[0].text[0] == 'a';
        sum += v[1].number;
        square += v[1].number * v[1].number;
        record(u, SEEN_DONE, 0);
    }
    assert_in_range(n_a, 290, 350);
    assert_true(fabs(sum / 400) < 0.2 && square / 400 > 0.75 && square / 400 < 1.25);
}

static void qmc_gives_the_sobol_sequence(void **state)
{
    (void)state;
    begin("parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}}");
    for (int i = 0; i < 16; i++) {
        double u[MAX_DIMS], want[2];
        Trace trace;
        assert_int_equal(ask_next(&sampler_qmc, 9, u, &trace), ASK_POINT);
        sobol_point(2, 9, (uint32_t)i, want);
        assert_true(fabs(u[0] - want[0]) < 1e-6 && fabs(u[1] - want[1]) < 1e-6);
        record(u, SEEN_PENDING, NAN);
    }
}

/* Best of 25 on the bowl in 4 dimensions, mean over seeds. */
static double best_of_25(const Sampler *sampler, int n_pending)
{
    double mean = 0;
    for (uint64_t seed = 0; seed < 3; seed++) {
        begin("parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}, c: {min: 0.0, max: 1}, "
              "d: {min: 0.0, max: 1}}");
        double best = INFINITY;
        for (int i = 0; i < 25; i++) {
            double u[MAX_DIMS];
            Trace trace;
            assert_int_equal(ask_next(sampler, seed, u, &trace), ASK_POINT);
            best = fmin(best, bowl(u));
            record(u, SEEN_PENDING, NAN);
            for (int j = 0; j < study.n - n_pending; j++) {
                study.seen[j].state = SEEN_DONE;
                study.seen[j].score = bowl(study.u[j]);
            }
        }
        mean += best / 3;
    }
    return mean;
}

static void others_learn(void **state)
{
    (void)state;
    double plain = best_of_25(&sampler_random, 0);
    assert_true(best_of_25(&sampler_tpe, 0) < 0.7 * plain);
    assert_true(best_of_25(&sampler_tpe, 8) < 0.9 * plain);
    assert_true(best_of_25(&sampler_cmaes, 0) < 0.5 * plain);
    assert_true(best_of_25(&sampler_de, 0) < 0.9 * plain);
}

static void bayes_learns(void **state)
{
    (void)state;
    double plain = best_of_25(&sampler_random, 0), model = best_of_25(&sampler_bayes, 0),
           behind = best_of_25(&sampler_bayes, 8);
    assert_true(model < 0.1 * plain);
    assert_true(behind < 0.3 * plain); /* eight trials pending at all times */
}

/* A pending point is believed, so that the next worker goes elsewhere. */
static void bayes_keeps_away_from_pending_points(void **state)
{
    (void)state;
    begin("parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}}");
    double u[MAX_DIMS];
    Trace trace;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(ask_next(&sampler_bayes, 1, u, &trace), ASK_POINT);
        record(u, SEEN_DONE, bowl(u));
    }
    /* The same observations throughout: without belief each ask would promise as much as the first, give
     * or take the 0.1 of loosening. */
    double first = 0, last = 0;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask_next(&sampler_bayes, 1, u, &trace), ASK_POINT);
        if (i == 0) first = trace.acquisition;
        last = trace.acquisition;
        record(u, SEEN_PENDING, NAN);
    }
    if (!(last < first - 0.2)) fail_msg("log improvement %g, then %g", first, last);
}

static void bayes_starts_with_sobol_and_explains_itself(void **state)
{
    (void)state;
    begin("parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}}");
    for (int i = 0; i < 10; i++) {
        double u[MAX_DIMS];
        Trace trace;
        assert_int_equal(ask_next(&sampler_bayes, 1, u, &trace), ASK_POINT);
        assert_string_equal(trace.kind, i < 6 ? "sobol" : "gp");
        if (i < 6) {
            assert_true(isnan(trace.acquisition) && isnan(trace.mean) && trace.n_scales == 0);
        } else {
            assert_true(isfinite(trace.acquisition) && isfinite(trace.mean) && trace.sigma > 0);
            assert_true(trace.lambda >= -3 && trace.lambda <= 2.1);
            assert_true(trace.noise > 0 && trace.n_scales == 2 && trace.scales[1] > 0);
        }
        record(u, SEEN_DONE, bowl(u));
    }
}

/* The middle of all ranges first, where categories or conditions break the space into pieces; not where it is refused,
 * and not in spaces of numbers. */
static bool no_middle(const Space *space, const Value *values)
{
    (void)space;
    return values[2].number != 2; /* layers: 1 to 3 */
}

static void bayes_begins_in_the_middle_of_pieces(void **state)
{
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        begin(large_space);
        if (refused) study.rule = no_middle;
        for (int i = 0; i < 8; i++) {
            double u[MAX_DIMS], middle[MAX_DIMS];
            Trace trace;
            assert_int_equal(ask_next(&sampler_bayes, 1, u, &trace), ASK_POINT);
            assert_string_equal(trace.kind, i >= 6 ? "gp" : i == 0 && !refused ? "middle" : "sobol");
            for (int d = 0; d < study.space->n_dims; d++)
                middle[d] = space_dim_kind(study.space, d) == DIM_CATEGORY ? u[d] : 0.5;
            space_snap(study.space, middle);
            if (i == 0) assert_true((memcmp(u, middle, (size_t)study.space->n_dims * sizeof *u) == 0) == !refused);
            record(u, SEEN_DONE, u[0] + u[1]);
        }
    }
}

/* Thirty noisy scores at one place say nearly all that it has to say: the next points are elsewhere, in both views. */
static void bayes_leaves_what_noise_hides(void **state)
{
    (void)state;
    begin("parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}}");
    double u[MAX_DIMS], away = 0;
    Rng rng = rng_stream(3, 0, RNG_TEST);
    for (int i = 0; i < 40; i++) {
        sobol_point(2, 1, (uint32_t)i, u);
        for (int k = 0; k < 2 && i >= 10; k++) u[k] = 0.3 + 0.01 * u[k];
        record(u, SEEN_DONE, pow(u[0] - 0.3, 2) + pow(u[1] - 0.3, 2) + 0.02 * rng_normal(&rng));
    }
    for (int i = 0; i < 8; i++) {
        Trace trace;
        assert_int_equal(ask_next(&sampler_bayes, 1, u, &trace), ASK_POINT);
        away += hypot(u[0] - 0.3, u[1] - 0.3) / 8;
        record(u, SEEN_PENDING, NAN);
    }
    if (away < 0.3) fail_msg("%g from there on average", away); /* 0.22 by expected improvement alone */
}

/* Nothing to learn from: all scores equal, all failed, absurd numbers. */
static void bayes_survives_useless_scores(void **state)
{
    (void)state;
    const double scores[][4] = {{1, 1, 1, 1}, {NAN, NAN, NAN, NAN}, {1e300, -1e300, 1, 2},
                                {1e-300, 2e-300, 3e-300, 0}, {INFINITY, 1, 2, 3}, {5, 5, 5, 6}};
    for (int k = 0; k < 6; k++) {
        begin(large_space);
        for (int i = 0; i < 14; i++) {
            double u[MAX_DIMS];
            Trace trace;
            assert_int_equal(ask_next(&sampler_bayes, 4, u, &trace), ASK_POINT);
            if (k < 2 || i < 6) assert_string_equal(trace.kind, i == 0 ? "middle" : "sobol");
            double score = scores[k][i % 4];
            record(u, isnan(score) ? SEEN_FAILED : SEEN_DONE, score);
        }
    }
}

/* More trials than the model takes: a subset stands for them. */
static void bayes_bounds_its_model(void **state)
{
    (void)state;
    enum { N = 700 };
    static double points[N][2];
    static Seen seen[N];
    begin("parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}}");
    Rng rng = rng_stream(1, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        for (int d = 0; d < 2; d++) points[i][d] = rng_uniform(&rng);
        seen[i] = (Seen){.number = (uint32_t)i, .state = i > N - 8 ? SEEN_PENDING : SEEN_DONE, .u = points[i],
                         .score = bowl(points[i]), .share = 1};
    }
    Ask ask = {.space = study.space, .seed = 1, .number = N, .n_seen = N, .seen = seen, .accept = accept,
               .context = &study};
    Arena *own = arena_create(0);
    double u[2];
    Trace trace;
    AskResult result;
    Error err = {0};
    assert_true(sampler_bayes.ask(&ask, own, u, &trace, &result, &err));
    assert_string_equal(trace.kind, "gp");
    assert_true(arena_used(own) < 40e6);
    assert_true(bowl(u) < 0.01);
    arena_destroy(own);
}

/* Away from the best a plateau: its corners tempt the view without a trend, which may follow in one of four asks. */
static void bayes_stays_near_the_best_in_the_end(void **state)
{
    (void)state;
    Trace trace;
    double u[MAX_DIMS], lowest = INFINITY;
    int best = 0, near = 0;
    begin("parameters:\n  a: {min: 0.0, max: 1.0}\n  b: {min: 0.0, max: 1.0}\n  c: {min: 0.0, max: 1.0}\n"
          "  d: {min: 0.0, max: 1.0}\n  e: {min: 0.0, max: 1.0}\n  f: {min: 0.0, max: 1.0}\n");
    for (int i = 0; i < 64; i++) {
        assert_int_equal(ask_next(&sampler_bayes, 1, u, &trace), ASK_POINT);
        double square = 0, away = 0;
        for (int k = 0; k < 6; k++) {
            square += (u[k] - 0.4) * (u[k] - 0.4);
            away = fmax(away, fabs(u[k] - study.u[best][k]));
        }
        near += i >= 48 && i % 2 == 0 && i % 8 < 6 && away < 0.45;
        record(u, SEEN_DONE, 1 - exp(-8 * square));
        if (study.seen[i].score < lowest) lowest = study.seen[i].score, best = i;
    }
    assert_int_equal(near, 6);
}

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    arena = arena_create(0);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

enum { N_WAIT = 30 };

/* A bracket that waits at its first rung is evidence: the model need not wait for one that ends. And it goes
 * where the waiting ones are good, as if they had ended. */
static void bayes_learns_from_those_that_wait(void **state)
{
    (void)state;
    static double curve[N_WAIT][3];
    double u[MAX_DIMS], distance = 0;
    Trace trace;
    begin(large_space);
    for (int i = 0; i < N_WAIT; i++) {
        assert_int_equal(ask_next(&sampler_bayes, 4, u, &trace), ASK_POINT);
        record(u, SEEN_PRUNED, bowl(u) + 1);
        Seen *seen = &study.seen[i];
        for (int e = 0; e < 3; e++) curve[i][e] = seen->score + 2 - e;
        seen->share = 3. / 27;
        seen->n_curve = 3;
        seen->curve = curve[i];
        if (i == N_WAIT / 2) assert_string_equal(trace.kind, "gp");
        if (i >= N_WAIT - 6) distance += bowl(u) / 6;
    }
    double sobol = 0;
    for (int i = 0; i < 6; i++) sobol += bowl(study.u[i]) / 6;
    assert_true(distance < 0.5 * sobol);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_spaces_are_used_up),
        cmocka_unit_test(constraints_are_kept),
        cmocka_unit_test(the_same_ask_gives_the_same_point),
        cmocka_unit_test(gives_up_when_everything_is_refused),
        cmocka_unit_test(a_space_without_choices_has_one_trial),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(they_can_what_they_say),
        cmocka_unit_test(names),
        cmocka_unit_test(the_grid_goes_in_order),
        cmocka_unit_test(random_follows_the_distributions),
        cmocka_unit_test(qmc_gives_the_sobol_sequence),
        cmocka_unit_test(others_learn),
        cmocka_unit_test(bayes_learns),
        cmocka_unit_test(bayes_keeps_away_from_pending_points),
        cmocka_unit_test(bayes_starts_with_sobol_and_explains_itself),
        cmocka_unit_test(bayes_begins_in_the_middle_of_pieces),
        cmocka_unit_test(bayes_leaves_what_noise_hides),
        cmocka_unit_test(bayes_survives_useless_scores),
        cmocka_unit_test(bayes_stays_near_the_best_in_the_end),
        cmocka_unit_test(bayes_bounds_its_model),
        cmocka_unit_test(bayes_learns_from_those_that_wait),
    };
    return cmocka_run_group_tests_name("tuner/sampler", tests, set_up, tear_down);
}
