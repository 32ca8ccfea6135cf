/* A space that was edited: what its parts say, where old trials lie in it, and what samplers propose. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "tuner/search/gp.h"
#include "tuner/search/samplers.h"
#include "tuner/search/space_edit.h"
#include "tuner/search/space_only.h"

static Arena *arena;

static const ConfNode *node_of(const char *flow)
{
    ConfNode *node;
    Error err = {0};
    if (!conf_read_value("t.yaml", flow, arena, &node, &err)) fail_msg("%s: %s", flow, err.message);
    return node;
}

static Space *space_of(const ConfNode *node)
{
    Space *space = NULL;
    Error err = {0};
    if (!space_read(node, NULL, NULL, arena, &space, &err)) fail_msg("%s", err.message);
    return space;
}

static Space *read_ok(const char *flow) { return space_of(node_of(flow)); }

static bool unite(const Space *was, const char *now, const Value *before, ConfNode **out, Error *err)
{
    const ConfNode *node = node_of(now);
    const SpaceEdit edit = {was, space_of(node), node, before};
    return space_unite(&edit, arena, out, err);
}

/* The text of the space that comes of versions, one after the other. */
static const char *united(const char *const *versions, int n)
{
    static char line[2000];
    const Space *was = read_ok(versions[0]);
    ConfNode *node = NULL;
    for (int i = 1; i < n; i++) {
        Error err = {0};
        if (!unite(was, versions[i], NULL, &node, &err)) fail_msg("%s: %s", versions[i], err.message);
        was = space_of(node);
    }
    Text text = {0};
    conf_print_line(node, &text);
    snprintf(line, sizeof line, "%s", text.bytes);
    text_free(&text);
    return line;
}

/* ---- what comes of two versions -------------------------------------------------------------- */

static const struct { const char *was, *now, *both; } pairs[] = {
    {"{x: {min: 0.0, max: 1.0}}", "{x: {min: 0.0, max: 1.0}}", "{x: {min: 0.0, max: 1.0}}"},
    {"{x: {min: 0.0, max: 1.0}}", "{x: {min: 0.0, max: 2.5}}", "{x: {distribution: uniform, min: 0, max: 2.5}}"},
    {"{x: {min: 0.0, max: 1.0}}", "{x: {min: 0.25, max: 0.5}}",
     "{x: {distribution: uniform, min: 0, max: 1, only: {min: 0.25, max: 0.5}}}"},
    {"{x: {min: 1, max: 8}}", "{x: {min: 4, max: 16}}",
     "{x: {distribution: int_uniform, min: 1, max: 16, only: {min: 4, max: 16}}}"},
    {"{x: {min: 0.0, max: 1.0, zero_prob: 0.25}}", "{x: {min: 0.0, max: 1.0}}",
     "{x: {distribution: uniform, min: 0, max: 1, zero_prob: 0.25, only: {min: 0, max: 1, zero_prob: 0}}}"},
    {"{x: {distribution: log_uniform, min: -4.0, max: 0.0}}", "{x: {value: 0.5}}",
     "{x: {distribution: log_uniform, min: -4, max: 0, only: {value: 0.5}}}"},
    {"{x: {value: 4.0}}", "{x: {min: 0.0, max: 1.0}}",
     "{x: {distribution: uniform, min: 0, max: 4, only: {min: 0, max: 1}}}"},
    {"{x: {value: 1}}", "{x: {value: 1}}", "{x: {value: 1}}"},
    {"{x: {value: 1}}", "{x: {value: 2}}", "{x: {distribution: categorical, values: [2, 1], only: {value: 2}}}"},
    {"{x: {values: [a, b]}}", "{x: {values: [b, c]}}",
     "{x: {distribution: categorical, values: [b, c, a], only: {values: [b, c]}}}"},
    {"{x: {values: [a, b]}}", "{x: {values: [a, b, 'no']}}",
     "{x: {distribution: categorical, values: [a, b, \"no\"]}}"},
    {"{x: {values: [a, b, c]}}", "{x: {value: b}}",
     "{x: {distribution: categorical, values: [a, b, c], only: {value: b}}}"},
    {"{x: {values: [[16], [32, 16]]}}", "{x: {values: [[32, 16], [64]]}}",
     "{x: {distribution: categorical, values: [[32, 16], [64], [16]], only: {values: [[32, 16], [64]]}}}"},
    {"{x: {values: [a, b]}}", "{x: {values: [a, b], probabilities: [0.25, 0.75]}}",
     "{x: {distribution: categorical, values: [a, b], only: {values: [a, b], probabilities: [0.25, 0.75]}}}"},
    {"{x: {value: 1}}", "{x: {value: 1}, y: {min: 0.0, max: 1.0, before: 0.5}}",
     "{x: {value: 1}, y: {distribution: uniform, min: 0, max: 1, before: 0.5}}"},
    {"{x: {values: [a, b]}}", "{x: {values: [a, b]}, y: {min: 1, max: 3, when: x == a, before: 2}}",
     "{x: {values: [a, b]}, y: {distribution: int_uniform, min: 1, max: 3, when: \"x == a\", before: 2}}"},
    {"{g: {parameters: {x: {min: 0, max: 3}}}}", "{g: {parameters: {x: {min: 0, max: 4}}}}",
     "{g: {parameters: {x: {distribution: int_uniform, min: 0, max: 4}}}}"},
    {"{x: {min: 0.0, max: 1.0}}", "{x: {min: 0.0, max: 2.0, prior: {value: 0.5}}}",
     "{x: {distribution: uniform, min: 0, max: 2, prior: {value: 0.5}}}"},
    {"{x: {values: [a, b]}}", "{x: {values: [b, c], prior: {weights: [3, 1]}}}",
     "{x: {distribution: categorical, values: [b, c, a], only: {values: [b, c]}, prior: {weights: [3, 1, 0]}}}"},
    {"{x: {distribution: normal, mu: 0, sigma: 1}}", "{x: {distribution: normal, mu: 1, sigma: 2}}",
     "{x: {distribution: normal, mu: 1, sigma: 2}}"},
};

static void both_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(united((const char *const[]){pairs[i].was, pairs[i].now}, 2), pairs[i].both);
    assert_string_equal(united((const char *const[]){"{x: {min: 0.0, max: 1.0}}", "{x: {min: 0.5, max: 1.0}}",
                                                     "{x: {min: 0.0, max: 2.0}}"}, 3),
                        "{x: {distribution: uniform, min: 0, max: 2}}");
    assert_string_equal(united((const char *const[]){"{x: {value: 1}}",
                                                     "{x: {value: 1}, y: {min: 0.0, max: 1.0, before: 0.5}}",
                                                     "{x: {value: 1}, y: {value: 2.0}}"}, 3),
                        "{x: {value: 1}, y: {distribution: uniform, min: 0, max: 2, only: {value: 2.0},"
                        " before: 0.5}}");
}

static const struct { const char *was, *now, *why; } refused[] = {
    {"{x: {value: 1}, y: {value: 2}}", "{x: {value: 1}}", "`y` is gone: trials have it; fix it instead"},
    {"{x: {value: 1}}", "{x: {value: 1}, y: {min: 0, max: 1}}", "`y` is new: say what the trials so far had, `before: VALUE`"},
    {"{x: {min: 0, max: 8}}", "{x: {min: 0, max: 8.5}}", "`x` cannot become `uniform`, it is `int_uniform`"},
    {"{x: {min: 0, max: 8}}", "{x: {values: [0, 8]}}", "`x` cannot become `categorical`"},
    {"{x: {values: [a]}, y: {min: 0, max: 8}}", "{x: {values: [a]}, y: {min: 0, max: 8, when: x == a}}",
     "`when` of `y` cannot change"},
    {"{x: {value: 1}, y: {expr: x + 1}}", "{x: {value: 1}, y: {expr: x + 2}}", "`expr` of `y` cannot change"},
    {"{x: {distribution: q_uniform, min: 0, max: 8, q: 2}}", "{x: {distribution: q_uniform, min: 0, max: 8, q: 4}}",
     "`q` of `x` cannot change from 2 to 4"},
    {"{x: {value: 0}}", "{x: {distribution: log_uniform_values, min: 0.1, max: 1}}", "trials had 0 of `x`"},
    {"{x: {value: a}}", "{x: {min: 0.1, max: 1}}", "`x` is a range, and trials had another value"},
    {"{x: {value: 1}}", "{x: {min: 0.0, max: 2.0, only: {max: 1}}}", "`only` is what an edit makes"},
};

static void what_cannot_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        Error err = {0};
        ConfNode *node;
        assert_false(unite(read_ok(refused[i].was), refused[i].now, NULL, &node, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.message, refused[i].why)) fail_msg("%s, not %s", err.message, refused[i].why);
    }
}

static void keys_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{x: {value: 1, only: {value: 1}}}", "{x: {min: 0.0, max: 1.0, only: {max: 2.0}}}",
        "{x: {min: 0.0, max: 1.0, only: {values: [1]}}}", "{x: {min: 0.0, max: 1.0, only: 3}}",
        "{x: {values: [a, b], only: {values: [c]}}}", "{x: {values: [a, b], only: {value: c}}}",
        "{x: {min: 0.0, max: 1.0, before: 3}}", "{x: {min: 0.0, max: 1.0, before: a}}",
        "{x: {min: 0.0, max: 1.0, only: {value: 0.5, min: 0.1}}}", "{x: {min: 1, max: 9, only: {min: 3, max: 3}}}",
        "{x: {distribution: normal, only: {min: 0.0}}}", "{x: {min: 0.0, max: 1.0, only: {max: a}}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error err = {0};
        Space *space;
        if (space_read(node_of(bad[i]), NULL, NULL, arena, &space, &err)) fail_msg("%s is taken", bad[i]);
        assert_int_equal(err.code, ERR_CONFIG);
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

static const char *const narrowed[] = {
    "{x: {min: 0.0, max: 10.0, only: {min: 2.0, max: 3.0}}}",
    "{x: {min: 1, max: 64, only: {min: 60, max: 64}}}",
    "{x: {distribution: log_uniform_values, min: 0.0001, max: 1, only: {min: 0.01}}}",
    "{x: {distribution: inv_log_uniform_values, min: 0.01, max: 1, only: {min: 0.1, max: 0.5}}}",
    "{x: {min: 0.0, max: 1.0, zero_prob: 0.5, only: {zero_prob: 0}}}",
    "{x: {min: 0.1, max: 1.0, zero_prob: 0.5, only: {zero_prob: 0, min: 0.3}}}",
    "{x: {min: 0.0, max: 1.0, only: {value: 0.25}}}",
    "{x: {values: [a, b, c, d, e], only: {values: [b, d]}}}",
    "{x: {values: [a, b, c], only: {value: c}}}",
    "{x: {values: [4, 1, 3, 2], only: {values: [1, 4]}}}",
    "{x: {values: [a, b, c], only: {values: [a, b, c], probabilities: [0.5, 0.5, 0]}}}",
    "{x: {distribution: normal, mu: 1, sigma: 2, only: {value: 0.5}}}",
    "{x: {min: 0.0, max: 10.0, only: {min: 2.0, max: 3.0}}, y: {values: [a, b], when: x > 2.5, only: {value: a}}}",
};

/* Snapped points are offered, stay where they are, and what is offered is snapped to itself. */
static void snapping(void **state)
{
    (void)state;
    Rng rng = rng_stream(1, 0, RNG_TEST);
    for (size_t i = 0; i < sizeof narrowed / sizeof *narrowed; i++) {
        const Space *space = read_ok(narrowed[i]);
        assert_true(space_is_narrowed(space));
        for (int draw = 0; draw < 2000; draw++) {
            double u[2] = {rng_uniform(&rng), rng_uniform(&rng)}, once[2], cells[2];
            bool active[2];
            Value values[2];
            memcpy(cells, u, sizeof cells);
            space_snap(space, u);
            space_decode(space, u, values);
            if (!space_offers(space, values)) fail_msg("%s: %g is not offered", narrowed[i], values[0].number);
            memcpy(once, u, sizeof once);
            space_snap(space, u);
            assert_memory_equal(u, once, (size_t)space->n_dims * sizeof *u);
            space_snap_cells(space, cells, active);
            space_decode(space, cells, values);
            assert_true(space_offers(space, values));
        }
    }
}

/* Uniform draws stay uniform: chi-square of twenty cells of the part, 99.9 % of 19 degrees of freedom. */
static void draws_stay_even(void **state)
{
    (void)state;
    const Space *space = read_ok("{x: {min: 0.0, max: 10.0, only: {min: 2.0, max: 3.0}}}");
    Rng rng = rng_stream(2, 0, RNG_TEST);
    enum { DRAWS = 20000, CELLS = 20 };
    int count[CELLS] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double u = rng_uniform(&rng);
        Value value;
        space_snap(space, &u);
        space_decode(space, &u, &value);
        count[(int)fmin((value.number - 2) * CELLS, CELLS - 1)]++;
    }
    double chi = 0;
    for (int c = 0; c < CELLS; c++) chi += pow(count[c] - DRAWS / CELLS, 2) / (DRAWS / CELLS);
    assert_true(chi < 43.8);
}

/* Trials of before are where they were, whatever is offered, and have what they had of what is new. */
static void old_trials(void **state)
{
    (void)state;
    const Space *space = read_ok("{x: {min: 0.0, max: 10.0, only: {max: 5.0}}, o: {values: [a, b], only: {value: a}},"
                                 " m: {min: 0.0, max: 1.0, when: o == b, before: 0.25},"
                                 " k: {min: 0.0, max: 1.0, before: 0.5}}");
    Value values[4] = {value_real(7.5), value_text("b"), value_none(), value_none()}, back[4];
    double u[4];
    assert_true(space_encode(space, values, u));
    space_decode(space, u, back);
    assert_true(back[0].number == 7.5 && strcmp(back[1].text, "b") == 0);
    assert_true(back[2].number == 0.25 && back[3].number == 0.5);
    assert_false(space_offers(space, back));
    values[1] = value_text("a");
    assert_true(space_encode(space, values, u));
    space_decode(space, u, back);
    assert_int_equal(back[2].kind, VALUE_NONE);
}

/* ---- samplers -------------------------------------------------------------------------------- */

typedef struct { const Space *space; int n; double (*u)[3]; } Tried;

static bool accept(void *context, const double *u)
{
    const Tried *tried = context;
    Value values[3];
    space_decode(tried->space, u, values);
    for (int i = 0; i < tried->n; i++)
        if (memcmp(tried->u[i], u, sizeof tried->u[i]) == 0) return false;
    return space_offers(tried->space, values);
}

/* Every sampler goes on after an edit, within what is offered; `bayes` finds the best of it with what it knew from
 * outside. The best of all lies where nothing is proposed any more. */
static void samplers_keep_to_it(void **state)
{
    (void)state;
    const Space *space = read_ok("{x: {min: 0.0, max: 1.0, only: {min: 0.5}}, y: {min: 0.0, max: 1.0},"
                                 " z: {values: [a, b, c], only: {values: [b, c]}}}");
    enum { OLD = 20, NEW = 25 };
    for (int s = 0; samplers[s]; s++) {
        if (samplers[s]->needs_grid) continue;
        static double u[OLD + NEW][3];
        static Seen seen[OLD + NEW];
        Tried tried = {space, 0, u};
        Rng rng = rng_stream(3, 0, RNG_TEST);
        double best = INFINITY;
        for (int i = 0; i < OLD + NEW; i++) {
            Value values[3];
            Error err = {0};
            if (i < OLD) {
                for (int k = 0; k < 3; k++) u[i][k] = rng_uniform(&rng);
                space_decode(space, u[i], values);
                space_encode(space, values, u[i]);
            } else {
                Ask ask = {.space = space, .seed = 5, .number = (uint32_t)i, .n_seen = i, .seen = seen,
                           .accept = accept, .context = &tried};
                AskResult result;
                Trace trace;
                Arena *room = arena_create(0);
                if (!samplers[s]->ask(&ask, room, u[i], &trace, &result, &err)) fail_msg("%s", err.message);
                arena_destroy(room);
                assert_int_equal(result, ASK_POINT);
            }
            space_decode(space, u[i], values);
            if (i >= OLD && !space_offers(space, values)) fail_msg("%s: trial %d", samplers[s]->name, i);
            const double level = strcmp(values[2].text, "a") == 0 ? 0 : strcmp(values[2].text, "b") == 0 ? 0.2 : 0.5;
            const double score = level + pow(values[0].number - 0.3, 2) + pow(values[1].number - 0.7, 2);
            seen[i] = (Seen){.number = (uint32_t)i, .state = SEEN_DONE, .u = u[i], .score = score, .share = 1};
            tried.n = i + 1;
            if (i >= OLD) best = fmin(best, score);
        }
        if (strcmp(samplers[s]->name, "bayes") == 0) assert_true(best < 0.2 + 0.04 + 0.001);
    }
}

/* The best of what is proposed comes first among the observed points, and the others after it, also where a
 * penalty orders them. */
static void improvement_is_on_what_is_offered(void **state)
{
    (void)state;
    enum { N = 12 };
    const Space *space = read_ok("{x: {min: 0.0, max: 1.0, only: {min: 0.5}}}");
    double x[N], y[N], penalty[N];
    for (int i = 0; i < N; i++) {
        x[i] = (i + 0.5) / N;
        y[i] = x[i];
        penalty[i] = i % 2;
        Value value;
        space_decode(space, &x[i], &value);
        space_encode(space, &value, &x[i]);
    }
    Gp *gp;
    Error err = {0};
    const GpData data = {.space = space, .n = N, .x = x, .y = y};
    if (!gp_fit(&data, GP_TREND, arena, &gp, &err)) fail_msg("%s", err.message);
    const double *points[N];
    assert_int_equal(gp_best_points(gp, N, points), N);
    assert_true(fabs(*points[0] - 6.5 / N) < 1e-6 && fabs(*points[6] - 0.5 / N) < 1e-6);
    gp_order(gp, penalty);
    gp_best_points(gp, N, points);
    assert_true(fabs(*points[0] - 6.5 / N) < 1e-6 && fabs(*points[3] - 7.5 / N) < 1e-6);
    assert_true(fabs(*points[6] - 0.5 / N) < 1e-6);
}

static int create(void **state)
{
    (void)state;
    arena = arena_create(0);
    return !arena;
}

static int destroy(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions), cmocka_unit_test(what_cannot_be), cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(snapping), cmocka_unit_test(draws_stay_even), cmocka_unit_test(old_trials),
        cmocka_unit_test(samplers_keep_to_it), cmocka_unit_test(improvement_is_on_what_is_offered),
    };
    return cmocka_run_group_tests(tests, create, destroy);
}
