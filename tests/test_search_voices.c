#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mat.h"
#include "tuner/search/voices.h"

/* A strategy that begins among other people's trials, and whose turn it is. */

static Arena *arena;

static const char numbers[] = "parameters: {a: {min: 0.0, max: 1}, b: {min: 0.0, max: 1}, c: {min: 0.0, max: 1}}";
static const char mixed[] =
    "parameters:\n"
    "  a: {min: 0.0, max: 1}\n"
    "  kind: {values: [x, y, z]}\n"
    "  b: {min: 0.0, max: 1}\n"
    "  n: {min: 1, max: 8}\n"
    "  only_y: {min: 0.0, max: 1, when: 'kind == y'}\n";

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

static double bowl(int d, const double *u)
{
    double sum = 0;
    for (int k = 0; k < d; k++) sum += (k + 1) * (u[k] - 0.6) * (u[k] - 0.6);
    return sum;
}

/* ---- the strategy ---- */

static void it_begins_with_what_the_best_have_in_common(void **state)
{
    (void)state;
    const double at[4][3] = {{.2, .5, .3}, {.4, .5, .1}, {.3, .9, .2}, {.5, .7, .4}};
    EvolutionMember best[4];
    Evolution *e;
    Error err = {0};
    for (int i = 0; i < 4; i++) best[i] = (EvolutionMember){i, at[i]};
    assert_true(evolution_begin(space_of(numbers), 4, best, 0, arena, &e, &err));
    const Cma *cma = e->cma;
    double product = 1;
    for (int a = 0; a < 3; a++) {
        double mean = 0;
        for (int i = 0; i < 4; i++) mean += at[i][a] / 4;
        assert_true(fabs(cma->mean[a] - mean) < 1e-12);
        product *= cma->length[a];
        for (int b = 0; b < 3; b++) {
            double sum = a == b ? 0.01 : 0, other = 0;
            for (int i = 0; i < 4; i++) other += at[i][b] / 4;
            for (int i = 0; i < 4; i++) sum += (at[i][a] - mean) * (at[i][b] - other) / 4;
            assert_true(fabs(cma->sigma * cma->sigma * cma->c[a * 3 + b] - sum) < 1e-12);
        }
    }
    assert_true(fabs(product - 1) < 1e-9); /* size is in sigma, shape in C */
    for (int a = 0; a < 3; a++) { /* along an axis, a root of the eigenvalue is a unit */
        double x[3];
        for (int b = 0; b < 3; b++) x[b] = cma->mean[b] + 2 * cma->sigma * cma->length[a] * cma->axes[b * 3 + a];
        assert_true(fabs(cma_distance(cma, x) - 2) < 1e-9);
    }
}

static void categories_are_those_of_the_best(void **state)
{
    (void)state;
    const Space *space = space_of(mixed);
    double at[3][5] = {{.3, .9, .2, .4, .7}, {.4, .9, .3, .6, .6}, {.9, .1, .9, .9, .5}};
    EvolutionMember best[3];
    Evolution *e;
    Error err = {0};
    for (int kind = 0; kind < 2; kind++) { /* of kind z, of kind y: the last number is there as well */
        if (kind) at[0][1] = at[1][1] = 0.5;
        for (int i = 0; i < 3; i++) {
            space_snap(space, at[i]);
            best[i] = (EvolutionMember){i, at[i]};
        }
        assert_true(evolution_begin(space, 3, best, 0, arena, &e, &err));
        assert_int_equal(e->d, kind ? 4 : 3);
        assert_true(evolution_knows(e, at[1]) && !evolution_knows(e, at[2]));
        assert_true(fabs(e->cma->mean[0] - 0.35) < 1e-9); /* the third is left out */
        Rng rng = rng_stream(1, 0, RNG_TEST);
        for (int i = 0; i < 50; i++) {
            double u[5], snapped[5];
            evolution_draw(e, &rng, u);
            memcpy(snapped, u, sizeof u);
            space_snap(space, snapped);
            assert_memory_equal(u, snapped, sizeof u);
            assert_true(u[1] == at[0][1]);
        }
    }
    assert_true(evolution_begin(space_of("parameters: {a: {min: 0.0, max: 1}, k: {values: [x, y]}}"), 1, best, 0,
                                arena, &e, &err));
    assert_null(e); /* one number */
}

/* A point from far away moves the mean no farther than a draw could. */
static void a_find_from_afar_is_drawn_in(void **state)
{
    (void)state;
    double moved[2];
    for (int far = 0; far < 2; far++) {
        const double at[3] = {.1, .1, .1}, away[3] = {far ? .99 : .4, .1, .1};
        EvolutionMember best = {0, at};
        Evolution *e;
        Error err = {0};
        assert_true(evolution_begin(space_of(numbers), 1, &best, 0, arena, &e, &err));
        assert_true(evolution_add(e, 0, away));
        for (int i = 1; i < e->cma->lambda; i++) assert_true(evolution_add(e, 1, at));
        moved[far] = e->cma->mean[0] - .1;
    }
    assert_true(moved[0] > 0.05 && fabs(moved[1] - moved[0]) < 1e-9); /* both beyond sqrt(3) + 6/5 = 2.9 sigma */
}

static void it_converges_and_comes_to_an_end(void **state)
{
    (void)state;
    const double at[3] = {.1, .9, .2};
    EvolutionMember best = {0, at};
    Evolution *e;
    Error err = {0};
    Rng rng = rng_stream(2, 0, RNG_TEST);
    const Space *space = space_of(numbers);
    assert_true(evolution_begin(space, 1, &best, 0, arena, &e, &err));
    bool going = true;
    int n = 0;
    for (; going && n < 3000; n++) {
        double *u = ARENA_NEW(arena, double, 3);
        evolution_draw(e, &rng, u);
        going = evolution_add(e, bowl(3, u), u);
    }
    assert_true(!going && bowl(3, e->cma->mean) < 1e-6);
}

/* ---- whose turn ---- */

enum { N = 600 };
typedef struct { double u[N][3]; Seen seen[N]; int n, own[N]; } Study;
static Study study;

static bool accept(void *context, const double *u) { return (void)context, (void)u, true; }

static Evolution *turn(const Space *space, Arena *own)
{
    Ask ask = {.space = space, .seed = 5, .number = (uint32_t)study.n, .n_seen = study.n, .seen = study.seen,
               .accept = accept};
    Evolution *e = (Evolution *)1;
    Error err = {0};
    arena_reset(own);
    if (!voices_turn(&ask, own, &e, &err)) fail_msg("%s", err.message);
    return e;
}

/* Asks and tells `until` trials; who = 0 or 1: that voice's always come out better, 2: a bowl, 3: the same, and
 * every seventh trial stays pending. */
static void play(int until, int who)
{
    const Space *space = space_of(numbers);
    Arena *own = arena_create(0);
    Rng rng = rng_stream(9, 0, RNG_TEST);
    study = (Study){0};
    for (; study.n < until; study.n++) {
        const int i = study.n;
        Evolution *e = turn(space, own);
        double *u = study.u[i];
        study.own[i] = e != NULL;
        if (e) evolution_draw(e, &rng, u);
        else for (int k = 0; k < 3; k++) u[k] = rng_uniform(&rng);
        study.seen[i] = (Seen){.number = (uint32_t)i, .u = u, .share = 1,
                               .score = who >= 2 ? bowl(3, u) : study.own[i] == who ? -i : i};
        study.seen[i].state = who == 3 && i % 7 == 3 ? SEEN_PENDING : SEEN_DONE;
    }
    arena_destroy(own);
}

static int owned(int from, int to)
{
    int n = 0;
    for (int i = from; i < to; i++) n += study.own[i];
    return n;
}

static void the_share_follows_the_worth(void **state)
{
    (void)state;
    play(N, 0);
    assert_int_equal(owned(0, VOICES_FROM), 0);
    assert_true(owned(160, 176) >= 8); /* it begins with a large share */
    assert_int_equal(owned(528, 592), 4 * 4);
    play(N, 1);
    assert_int_equal(owned(528, 592), 4 * 13);
    for (int parity = 0; parity < 2; parity++) { /* the model keeps both its views */
        int left = 0;
        for (int i = 160 + parity; i < N; i += 2) left += !study.own[i];
        assert_true(left > 20);
    }
}

static void pending_trials_hold_up_nobody(void **state)
{
    (void)state;
    for (int who = 2; who < 4; who++) {
        play(N, who);
        double best[2] = {INFINITY, INFINITY};
        for (int i = VOICES_FROM; i < N; i++)
            if (study.seen[i].state == SEEN_DONE) best[study.own[i]] = fmin(best[study.own[i]], study.seen[i].score);
        if (!(best[1] < 1e-3 && best[1] < 0.1 * best[0])) fail_msg("%d: %g, %g", who, best[0], best[1]);
        assert_true(owned(400, N) > 100); /* it found more than random points */
    }
}

/* The same trials, the same answer; and fewer than are needed, none. */
static void it_is_a_function_of_the_trials(void **state)
{
    (void)state;
    play(300, 2);
    Arena *own = arena_create(0), *other = arena_create(0);
    const Space *space = space_of(numbers);
    int both = 0;
    for (; study.n < 330; study.n++) {
        study.seen[study.n] = study.seen[study.n - 150];
        study.seen[study.n].number = (uint32_t)study.n;
        Evolution *a = turn(space, own), *b = turn(space, other);
        assert_int_equal(a != NULL, b != NULL);
        if (!a) continue;
        both++;
        assert_true(a->cma->sigma == b->cma->sigma && a->n_members == b->n_members);
        assert_memory_equal(a->cma->mean, b->cma->mean, 3 * sizeof *a->cma->mean);
    }
    assert_true(both > 0);
    play(200, 2);
    for (int i = 40; i < 200; i++) study.seen[i].state = SEEN_PENDING;
    for (; study.n < 232; study.n++) {
        study.seen[study.n] = (Seen){.number = (uint32_t)study.n, .state = SEEN_FAILED, .u = study.u[0], .score = NAN};
        assert_null(turn(space, own));
    }
    arena_destroy(own);
    arena_destroy(other);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    play(200, 2);
    const Space *space = space_of(numbers);
    while (!study.own[study.n - 1]) study.n--;
    study.n--; /* the strategy's turn */
    Arena *own = arena_create(0);
    bool ok = false;
    for (long n = 0; !ok; n++) {
        Ask ask = {.space = space, .seed = 5, .number = (uint32_t)study.n, .n_seen = study.n, .seen = study.seen,
                   .accept = accept};
        Evolution *e = NULL;
        Error err = {0};
        arena_reset(own);
        arena_fail_after(own, n);
        ok = voices_turn(&ask, own, &e, &err);
        assert_true(ok ? e != NULL : err.code == ERR_MEMORY && e == NULL);
        assert_true(n < 60);
    }
    arena_destroy(own);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_with_what_the_best_have_in_common),
        cmocka_unit_test(categories_are_those_of_the_best),
        cmocka_unit_test(a_find_from_afar_is_drawn_in),
        cmocka_unit_test(it_converges_and_comes_to_an_end),
        cmocka_unit_test(the_share_follows_the_worth),
        cmocka_unit_test(pending_trials_hold_up_nobody),
        cmocka_unit_test(it_is_a_function_of_the_trials),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
