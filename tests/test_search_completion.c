/* What stopped trials would have come to: by the gains of those that went on from as good a place. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tuner/search/completion.h"

enum { MOST = 40, EPOCHS = 9 };
typedef struct {
    Seen seen[MOST];
    double curve[MOST][EPOCHS], y[MOST], extra[MOST];
    int rows[MOST], n;
    Arena *arena;
} Case;

/* A run that starts at `first` and ends at `last`, straight; of which `n` epochs are known. */
static void add(Case *c, double first, double last, int n)
{
    int i = c->n++;
    for (int e = 0; e < EPOCHS; e++) c->curve[i][e] = first + (last - first) * e / (EPOCHS - 1);
    c->seen[i] = (Seen){.number = (uint32_t)i, .state = n == EPOCHS ? SEEN_DONE : SEEN_PRUNED,
                        .score = c->curve[i][n - 1], .share = (double)n / EPOCHS, .n_curve = n,
                        .curve = c->curve[i]};
    c->rows[i] = i;
}

static void complete(Case *c)
{
    const Ask ask = {.n_seen = c->n, .seen = c->seen};
    Error err;
    for (int i = 0; i < c->n; i++) {
        c->y[i] = c->seen[i].score;
        c->extra[i] = 0;
    }
    if (!complete_stopped(&ask, c->n, c->rows, c->y, c->extra, c->arena, &err)) fail_msg("%s", err.message);
}

/* All gain 4 over 9 epochs: so would those that were stopped at the third. */
static void what_all_gain_is_given_to_the_stopped(void **state)
{
    (void)state;
    Case c = {.arena = arena_create(0)};
    for (int i = 0; i < 8; i++) add(&c, 10 + i, 6 + i, i % 2 ? EPOCHS : 3);
    complete(&c);
    for (int i = 0; i < 8; i++) {
        assert_true(fabs(c.y[i] - (6 + i)) < 1e-9);
        assert_true(i % 2 ? c.extra[i] == 0 : c.extra[i] > 0 && c.extra[i] < 0.2);
    }
    arena_destroy(c.arena);
}

/* Bad ones gain more than good ones; the neighbors at the same age tell. And a stopped run may be better
 * than all that ended: nothing lays it over the worse half of them. */
static void the_neighbors_tell(void **state)
{
    (void)state;
    Case c = {.arena = arena_create(0)};
    for (int i = 0; i < 5; i++) add(&c, 10 + 0.1 * i, 9 + 0.1 * i, EPOCHS);
    for (int i = 0; i < 5; i++) add(&c, 50 + 0.1 * i, 10 + 0.1 * i, EPOCHS);
    add(&c, 9.5, 0, 1);
    add(&c, 51, 0, 1);
    complete(&c);
    assert_true(fabs(c.y[10] - 8.5) < 0.1);
    assert_true(c.y[10] < 9);
    assert_true(fabs(c.y[11] - 11) < 0.5);
    arena_destroy(c.arena);
}

/* Nobody has ended: those at the first rung are taken to where the others came, at the second. */
static void before_the_first_end_the_oldest_are_the_mark(void **state)
{
    (void)state;
    Case c = {.arena = arena_create(0)};
    for (int i = 0; i < 3; i++) add(&c, 10 + i, 2 + i, 5);
    for (int i = 0; i < 6; i++) add(&c, 13 + i, 5 + i, 3);
    complete(&c);
    for (int i = 0; i < 3; i++) assert_true(fabs(c.y[i] - (6 + i)) < 1e-9);
    for (int i = 3; i < 9; i++) assert_true(fabs(c.y[i] - (10 + i - 4)) < 1e-9);
    /* All at one rung: as they are. */
    Case one = {.arena = c.arena};
    for (int i = 0; i < 6; i++) add(&one, 10 + i, 2 + i, 3);
    complete(&one);
    for (int i = 0; i < 6; i++) assert_true(fabs(one.y[i] - (8 + i)) < 1e-9);
    arena_destroy(c.arena);
}

/* Gains that scatter are noise; more where the run was young. */
static void scatter_is_noise(void **state)
{
    (void)state;
    Case c = {.arena = arena_create(0)};
    for (int i = 0; i < 20; i++) add(&c, 20 + i, 10 + i + (i * 7 % 20 - 9.5), EPOCHS);
    add(&c, 30, 20, 2);
    add(&c, 30, 20, 8);
    complete(&c);
    assert_true(c.extra[20] > 0.2 && c.extra[20] <= 1);
    assert_true(c.extra[21] < 0.1 && c.extra[21] > 0);
    arena_destroy(c.arena);
}

/* As `ask-tell` tells them: no curves; a stopped run is among the worse half, and no worse than it was. */
static void without_curves_ranks_decide(void **state)
{
    (void)state;
    Case c = {.arena = arena_create(0)};
    for (int i = 0; i < 5; i++) add(&c, 9, 1 + i, EPOCHS);
    add(&c, 9, 9, 3);
    add(&c, 2.5, 2.5, 3);
    for (int i = 0; i < c.n; i++) c.seen[i].n_curve = 0;
    complete(&c);
    assert_true(c.y[5] == 5);
    assert_true(c.y[6] == 2.5);
    assert_true(c.extra[5] > 0);
    arena_destroy(c.arena);
}

/* No score, no prediction; one value for all, no division by it. */
static void odd_ones(void **state)
{
    (void)state;
    Case c = {.arena = arena_create(0)};
    for (int i = 0; i < 4; i++) add(&c, 5, 5, i < 2 ? EPOCHS : 3);
    add(&c, NAN, NAN, 3);
    c.seen[4].score = NAN;
    c.seen[4].state = SEEN_FAILED;
    complete(&c);
    for (int i = 0; i < 4; i++) {
        assert_true(c.y[i] == 5);
        assert_true(isfinite(c.extra[i]));
    }
    assert_true(isnan(c.y[4]));
    arena_destroy(c.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_all_gain_is_given_to_the_stopped),
        cmocka_unit_test(the_neighbors_tell),
        cmocka_unit_test(before_the_first_end_the_oldest_are_the_mark),
        cmocka_unit_test(scatter_is_noise),
        cmocka_unit_test(without_curves_ranks_decide),
        cmocka_unit_test(odd_ones),
    };
    return cmocka_run_group_tests_name("tuner/completion", tests, NULL, NULL);
}
