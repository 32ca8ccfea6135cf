/* Predicted ends against a second implementation, and who goes on: properties of the rule. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tuner/search/ends.h"
#include "tuner/search/thaw.h"

enum { MOST = 600, EPOCHS = 9 };
typedef struct {
    Seen seen[MOST];
    double curve[MOST][EPOCHS];
    bool ready[MOST], out[MOST];
    int rows[MOST], n, n_on_the_way, first, n_limits;
    bool no_more;
    End end[MOST];
    Arena *arena;
} Case;

static void know(Case *c, int i, int n)
{
    Seen *seen = &c->seen[i];
    *seen = (Seen){.number = (uint32_t)i, .state = n == EPOCHS ? SEEN_DONE : SEEN_PRUNED, .score = INFINITY,
                   .share = (double)n / EPOCHS, .n_curve = n, .curve = c->curve[i]};
    for (int e = 0; e < n; e++) seen->score = fmin(seen->score, c->curve[i][e]);
    c->ready[i] = n < EPOCHS;
}

/* A run that starts at `first` and ends at `last`, straight; of which `n` epochs are known. */
static void add(Case *c, double first, double last, int n)
{
    int i = c->n++;
    for (int e = 0; e < EPOCHS; e++) c->curve[i][e] = first + (last - first) * e / (EPOCHS - 1);
    c->rows[i] = i;
    know(c, i, n);
}

static Case *fresh(void **state)
{
    Case *c = *state;
    Arena *arena = c->arena;
    memset(c, 0, sizeof *c);
    c->arena = arena;
    return c;
}

static void predict(Case *c)
{
    Error err;
    if (!ends_predict(c->seen, c->n, c->rows, c->arena, c->end, &err)) fail_msg("%s", err.message);
}

static int decide(Case *c)
{
    const Thaw question = {.n_seen = c->n, .seen = c->seen, .ready = c->ready, .n_begun = c->n,
                           .n_on_the_way = c->n_on_the_way, .first = c->first, .more = !c->no_more,
                           .n_limits = c->n_limits};
    Error err;
    int send;
    if (!thaw_decide(&question, c->arena, &send, c->out, &err)) fail_msg("%s", err.message);
    return send;
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want))) fail_msg("%.17g instead of %.17g", got, want);
}

/* Numbers by numpy's matrices. */
static void the_second_implementation_says_the_same(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 6; i++) add(c, 10 + i, 3 + 0.5 * i + i % 3, EPOCHS);
    add(c, 12, 5, 3);
    add(c, 10.5, 9, 3);
    predict(c);
    near(c->end[6].mean, 5.48787633291109);
    near(c->end[6].variance, 0.387155998673199);
    near(c->end[7].mean, 7.4067064012264);
    near(c->end[7].variance, 0.49340306514834);
    assert_true(isnan(c->end[0].mean)); /* it has ended */
    c = fresh(state);
    add(c, 12, 5, 3);
    add(c, 10.5, 9, 3);
    predict(c);
    near(c->end[0].mean, 9.66666666666667);
    near(c->end[0].variance, 0.167691311632095);
    near(c->end[1].mean, 10);
    near(c->end[1].variance, 0.00861145052098358);
}

/* The nearer the end, the surer; a run that still gains ends better than one that does not. */
static void what_is_known_makes_sure(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 8; i++) add(c, 10 + i, 5 + i, EPOCHS);
    add(c, 14, 9, 2);
    add(c, 14, 9, 8);
    add(c, 14, 9, 4);
    add(c, 14, 9, 4);
    for (int e = 0; e < 4; e++) c->curve[10][e] = c->curve[11][3];
    predict(c);
    assert_true(c->end[8].variance > c->end[11].variance && c->end[11].variance > c->end[9].variance);
    assert_true(fabs(c->end[11].mean - 9) < 1.5 * sqrt(c->end[11].variance));
    assert_true(c->end[10].mean > c->end[11].mean + 0.1);
}

/* Where those that fell last gained nothing more, one that did not fall is not expected to rise. */
static void nobody_ends_worse(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 6; i++) {
        add(c, 15 + i, 15 + i, EPOCHS);
        c->curve[i][0] = c->curve[i][1] = 20 + i;
    }
    add(c, 17, 17, 3);
    predict(c);
    assert_true(c->end[6].mean == 17 && c->end[6].variance > 0);
}

/* Infinities, runs that are all alike, one epoch: finite numbers, and nobody ends worse than he is. Of many that
 * ended those nearest are looked at. */
static void odd_ones(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 5; i++) add(c, 5, 5, i < 2 ? EPOCHS : 3);
    predict(c);
    assert_true(c->end[2].mean == 5 && c->end[2].variance == 0);
    assert_int_equal(decide(c), -1);
    c = fresh(state);
    add(c, NAN, NAN, 3);
    add(c, 7, 5, 3);
    c->curve[1][0] = NAN;
    know(c, 1, 3);
    add(c, 9, 8, 1);
    predict(c);
    assert_true(isnan(c->end[0].mean));
    for (int i = 1; i < 3; i++) assert_true(isfinite(c->end[i].mean) && isfinite(c->end[i].variance));
    c = fresh(state);
    Rng rng = rng_stream(4, 0, RNG_TEST);
    for (int i = 0; i < MOST; i++)
        add(c, 10 + 10 * rng_uniform(&rng), 10 * rng_uniform(&rng), i < MOST - 50 ? EPOCHS : 4);
    predict(c);
    for (int i = MOST - 50; i < MOST; i++)
        assert_true(c->end[i].mean <= c->seen[i].score && c->end[i].variance > 0);
}

/* Eight that ended between 5 and 12, one that leads and one that is far behind, both at the third epoch. */
static Case *race(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 8; i++) add(c, 10 + i, 5 + i, EPOCHS);
    add(c, 9, 4, 3);
    add(c, 30, 25, 3);
    return c;
}

static void who_may_become_the_best_goes_on(void **state)
{
    Case *c = race(state);
    assert_int_equal(decide(c), 8);
    c->ready[8] = false; /* it is on its way: nobody else is worth it */
    assert_int_equal(decide(c), -1);
    c->no_more = true;
    assert_int_equal(decide(c), -1);
    c->ready[8] = true;
    assert_int_equal(decide(c), 8);
}

/* Who breaks a limit is not who is to be beaten; while all do, whoever is nearest to the end goes on. */
static void who_breaks_a_limit_is_no_bar(void **state)
{
    static const double keeps = -1, breaks = 1;
    Case *c = race(state);
    c->n_limits = 1;
    for (int i = 0; i < 8; i++) c->seen[i].slack = &breaks;
    add(c, 40, 35, 4);
    assert_int_equal(decide(c), 10);
    c->seen[7].slack = &keeps; /* it ended at 12; the one that would come to 4 is better, those far behind not */
    assert_int_equal(decide(c), 8);
    c->ready[8] = false;
    assert_int_equal(decide(c), -1);
}

static void the_first_begin_together(void **state)
{
    Case *c = race(state);
    c->first = c->n + 1;
    assert_int_equal(decide(c), -1);
    c->no_more = true; /* and if there are no more, no one waits for them */
    assert_int_equal(decide(c), 8);
}

/* One that waits goes on when others that were where it is turned out well. */
static void a_prediction_is_revised(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 8; i++) add(c, 10 + 0.1 * i, 9 + 0.1 * i, EPOCHS);
    for (int i = 0; i < 3; i++) add(c, 20 + 0.1 * i, 19 + 0.1 * i, EPOCHS);
    add(c, 20, 19, 3);
    assert_int_equal(decide(c), -1);
    for (int i = 8; i < 11; i++) {
        for (int e = 3; e < EPOCHS; e++) c->curve[i][e] = 8.5;
        know(c, i, EPOCHS);
    }
    assert_int_equal(decide(c), 11);
}

/* However bad they look: a tenth of those that began comes to the end. */
static void some_come_to_the_end(void **state)
{
    Case *c = fresh(state);
    add(c, 5, 1, EPOCHS);
    for (int i = 0; i < 9; i++) add(c, 30 + i, 29 + i, 3);
    assert_int_equal(decide(c), -1);
    add(c, 39, 38, 3);
    const int sent = decide(c);
    assert_true(sent > 0);
    c->n_on_the_way = 1;
    assert_int_equal(decide(c), -1);
}

/* Those that hardly can become the best wait for as long as they are few. */
static void not_all_wait(void **state)
{
    Case *c = fresh(state);
    for (int i = 0; i < 8; i++) add(c, 10 + i, 5 + i, EPOCHS);
    add(c, 9, 4, 3);
    for (int i = 0; i < THAW_WAITING + 5; i++) add(c, 40 + i, 35 + i, 3);
    assert_int_equal(decide(c), 8);
    for (int i = 0; i < c->n; i++) assert_int_equal(c->out[i], i >= 9 + THAW_WAITING);
}

/* The unit of the score does not matter, nor where its zero is. */
static void units_do_not_matter(void **state)
{
    Rng rng = rng_stream(5, 0, RNG_TEST);
    int sent = 0;
    for (int k = 0; k < 50; k++) {
        Case *c = fresh(state);
        for (int i = 0; i < 30; i++)
            add(c, 10 + 10 * rng_uniform(&rng), 10 * rng_uniform(&rng), i < 8 ? EPOCHS : 2 + (int)rng_below(&rng, 5));
        const int send = decide(c);
        for (int i = 0; i < c->n; i++) {
            for (int e = 0; e < EPOCHS; e++) c->curve[i][e] = 1024 * c->curve[i][e] + 65536;
            know(c, i, c->seen[i].n_curve);
        }
        assert_int_equal(decide(c), send);
        sent += send >= 0;
    }
    assert_true(sent > 10);
}

static int set_up(void **state)
{
    Case *c = calloc(1, sizeof *c);
    if (!c || !(c->arena = arena_create(0))) return -1;
    *state = c;
    return 0;
}

static int tear_down(void **state)
{
    Case *c = *state;
    arena_destroy(c->arena);
    free(c);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_implementation_says_the_same),
        cmocka_unit_test(what_is_known_makes_sure),
        cmocka_unit_test(nobody_ends_worse),
        cmocka_unit_test(odd_ones),
        cmocka_unit_test(who_may_become_the_best_goes_on),
        cmocka_unit_test(who_breaks_a_limit_is_no_bar),
        cmocka_unit_test(the_first_begin_together),
        cmocka_unit_test(a_prediction_is_revised),
        cmocka_unit_test(some_come_to_the_end),
        cmocka_unit_test(not_all_wait),
        cmocka_unit_test(units_do_not_matter),
    };
    return cmocka_run_group_tests_name("tuner/thaw", tests, set_up, tear_down);
}
