/* Successive halving and Hyperband: the shapes of brackets, and who goes on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "tuner/search/rungs.h"

static Ladder ladder_of(int type, double eta, double min_iter, int full)
{
    const PrunerOptions o = {.type = type, .eta = eta, .min_iter = min_iter};
    Ladder ladder;
    ladder_make(&o, full, &ladder);
    return ladder;
}

static void brackets_are_those_of_the_paper(void **state)
{
    (void)state;
    /* Li et al. 2017, Algorithm 1 with R = 81, eta = 3: n = ceil(5 / (s + 1) 3^s), s = 4 .. 0 */
    Ladder l = ladder_of(PRUNER_HYPERBAND_SYNC, 3, 1, 81);
    const int epochs[] = {1, 3, 9, 27, 81}, sizes[] = {81, 34, 15, 8, 5};
    assert_int_equal(l.n, 5);
    assert_int_equal(l.n_kinds, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ladder_epoch(&l, i, 81), epochs[i]);
        assert_int_equal(l.size[i], sizes[i]);
        assert_int_equal(l.lowest[i], i);
    }
    int from = 0;
    for (int number = 0; number < 12; number++) { /* they take turns */
        Bracket b = ladder_bracket(&l, number, from);
        assert_int_equal(b.first, from);
        assert_int_equal(b.size, sizes[number % 5]);
        assert_int_equal(b.lowest, number % 5);
        from += b.size;
    }
    l = ladder_of(PRUNER_HALVING, 3, 1, 81);
    assert_int_equal(l.n_kinds, 1);
    assert_int_equal(l.size[0], 81);
}

static void rungs_fit_the_epochs(void **state)
{
    (void)state;
    static const struct {
        double eta, min_iter;
        int full, n, epochs[5], size;
    } cases[] = {
        {3, 0, 27, 3, {3, 9, 27}, 9},      /* 27 / 9 is the grace of 3 */
        {3, 0, 40, 3, {4, 13, 40}, 9},     /* 4.4 is not below 4 */
        {3, 0, 100, 3, {11, 33, 100}, 9},
        {2, 0, 40, 4, {5, 10, 20, 40}, 8},
        {3, 0, 10, 2, {3, 10}, 3},
        {3, 0, 52, 3, {6, 17, 52}, 9},     /* 5.8 is the sixth epoch */
        {3, 0, 7, 1, {7}, 1},              /* nothing to tell apart that early */
        {3, 2, 40, 4, {2, 6, 18, 40}, 27}, /* from below, as W&B counts */
        {3, 50, 40, 1, {40}, 1},
        {4, 1, 16, 3, {1, 4, 16}, 16},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Ladder l = ladder_of(PRUNER_HALVING, cases[i].eta, cases[i].min_iter, cases[i].full);
        assert_int_equal(l.n, cases[i].n);
        assert_true(l.share[l.n - 1] == 1);
        for (int k = 0; k < l.n; k++)
            assert_int_equal(ladder_epoch(&l, k, cases[i].full), cases[i].epochs[k]);
        assert_int_equal(l.size[0], cases[i].size);
    }
    /* A trial with other epochs than the rest has the same shares of them, and at least one epoch. */
    Ladder l = ladder_of(PRUNER_HALVING, 3, 0, 27);
    assert_int_equal(ladder_epoch(&l, 0, 54), 6);
    assert_int_equal(ladder_epoch(&l, 0, 2), 1);
    assert_int_equal(ladder_epoch(&l, 2, 2), 2);
    /* Nothing but halving has rungs. */
    assert_int_equal(ladder_of(PRUNER_HYPERBAND, 3, 3, 27).n, 1);
    assert_int_equal(ladder_of(PRUNER_NONE, 3, 0, 27).n, 1);
    ladder_make(NULL, 27, &l);
    assert_int_equal(l.n, 1);
}

static Promotion decide(const Ladder *l, int n, bool full, const Climber *c, bool *out)
{
    int order[64];
    memset(out, 0, 64);
    return ladder_decide(l, 0, n, full, c, out, order);
}

/* Three rungs, eta 2, four trials: two go to rung 1, one to rung 2. */
static void decides_by_hand(void **state)
{
    (void)state;
    Ladder l = ladder_of(PRUNER_HALVING, 2, 1, 4);
    double s[4][3] = {{0.5, 0.4, 0.1}, {0.2, 0.3, 0.2}, {0.5, 0.1, 0.3}, {NAN, NAN, NAN}};
    Climber c[4] = {{0, 0, false, s[0]}, {0, 0, false, s[1]}, {0, 0, false, s[2]}, {0, -1, false, s[3]}};
    bool out[64];
    assert_int_equal(decide(&l, 4, true, c, out).promote, -1); /* trial 3 is not there yet */
    assert_false(out[0] || out[1] || out[2] || out[3]);
    c[3] = (Climber){0, 0, true, s[3]}; /* it failed */
    Promotion p = decide(&l, 4, true, c, out);
    assert_int_equal(p.promote, 0); /* .5 twice: the lower number, in number order */
    assert_int_equal(p.rung, 1);
    assert_true(out[2] && !out[0] && !out[1] && !out[3]); /* what is over is not out */
    c[0].sent = 1;
    p = decide(&l, 4, true, c, out);
    assert_int_equal(p.promote, 1);
    c[1].sent = 1;
    assert_int_equal(decide(&l, 4, true, c, out).promote, -1); /* both are running */
    c[0].reached = 1;
    assert_int_equal(decide(&l, 4, true, c, out).promote, -1);
    c[1].reached = 1;
    c[2].over = true;
    p = decide(&l, 4, true, c, out);
    assert_int_equal(p.promote, 1); /* .3 against .4 */
    assert_int_equal(p.rung, 2);
    assert_true(out[0] && !out[1] && !out[2]);
    c[0].over = true;
    c[1].sent = c[1].reached = 2;
    p = decide(&l, 4, true, c, out);
    assert_true(p.promote == -1 && p.settled);
    /* A bracket that more may join decides nothing; one cut short sends at least one on. */
    Climber two[2] = {{0, 0, false, s[0]}, {0, 0, false, s[1]}};
    assert_int_equal(decide(&l, 2, false, two, out).promote, -1);
    assert_int_equal(decide(&l, 2, true, two, out).promote, 1);
    assert_int_equal(decide(&l, 1, true, two, out).promote, 0);
    /* Without hope nobody goes on. */
    Climber lost[2] = {{0, 0, true, s[3]}, {0, 0, true, s[3]}};
    p = decide(&l, 2, true, lost, out);
    assert_true(p.promote == -1 && p.settled);
}

/* Whatever the order in which trials come to their rungs, the same ones climb, and they are the best. */
static void the_best_climb_in_any_order(void **state)
{
    (void)state;
    enum { N = 27 };
    for (uint32_t seed = 0; seed < 40; seed++) {
        Ladder l = ladder_of(PRUNER_HALVING, 3, 1, 27);
        double s[N][RUNGS_MAX];
        static int first[N];
        Rng rng = rng_stream(seed / 2, 0, RNG_TEST); /* each problem twice, in two orders */
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 4; k++)
                s[i][k] = rng_uniform(&rng) < 0.1 ? NAN : floor(20 * rng_uniform(&rng));
        Climber c[N];
        bool out[64];
        for (int i = 0; i < N; i++) c[i] = (Climber){0, -1, false, s[i]};
        Rng order = rng_stream(seed, 1, RNG_TEST);
        int per_rung[4] = {N, 0, 0, 0};
        for (int step = 0; step < 10000; step++) {
            Promotion p = decide(&l, N, true, c, out);
            for (int i = 0; i < N; i++) c[i].over = c[i].over || out[i];
            if (p.settled) break;
            if (p.promote >= 0) {
                Climber *up = &c[p.promote];
                assert_int_equal(p.rung, up->sent + 1);
                assert_false(up->over || isnan(s[p.promote][up->sent]));
                up->sent = p.rung;
                per_rung[p.rung]++;
            }
            int i = (int)(rng_uniform(&order) * N); /* somebody arrives */
            if (c[i].reached < c[i].sent) c[i].reached = c[i].sent;
        }
        assert_true(per_rung[1] == 9 && per_rung[2] <= 3 && per_rung[3] <= 1);
        for (int k = 0; k < 3; k++)
            for (int i = 0; i < N; i++)
                for (int j = 0; j < N; j++) /* i went further than k, j did not */
                    if (c[i].sent > k && c[j].sent == k && !isnan(s[j][k]))
                        assert_true(s[i][k] < s[j][k] || (s[i][k] == s[j][k] && i < j));
        for (int i = 0; i < N; i++) {
            if (seed % 2 == 0) first[i] = c[i].sent;
            else assert_int_equal(c[i].sent, first[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_are_those_of_the_paper),
        cmocka_unit_test(rungs_fit_the_epochs),
        cmocka_unit_test(decides_by_hand),
        cmocka_unit_test(the_best_climb_in_any_order),
    };
    return cmocka_run_group_tests_name("tuner/rungs", tests, NULL, NULL);
}
