/* Who wins when leaders were run again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tuner/insight/finalists.h"
#include "tuner/trial/runner.h"

static Finalist *rank(Arena *arena, const RepeatRow *rows, int n_rows, bool maximize, int n)
{
    Error err = {0};
    Finalist *list;
    int found;
    if (!finalists_rank(rows, n_rows, maximize, arena, &list, &found, &err)) fail_msg("%s", err.message);
    assert_int_equal(found, n);
    return list;
}

#define ROW(trial, r, first_, value_) {.trial_id = (trial) + 1, .number = (trial), .run = (r), .first = (first_), \
                                       .value = (value_)}

static void the_best_mean_wins_over_the_luckiest(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const RepeatRow rows[] = {ROW(3, 1, 0.90, 0.80), ROW(3, 2, 0.90, 0.82), ROW(7, 1, 0.89, 0.88),
                              ROW(7, 2, 0.89, 0.90)};
    Finalist *list = rank(arena, rows, 4, true, 2);
    assert_int_equal(list[0].number, 7);
    assert_int_equal(list[0].n_runs, 3);
    assert_true(fabs(list[0].mean - 0.89) < 1e-12 && fabs(list[0].fresh - 0.89) < 1e-12);
    assert_true(fabs(list[0].sd - 0.01) < 1e-12);
    assert_true(fabs(list[1].mean - 0.84) < 1e-12 && fabs(list[1].fresh - 0.81) < 1e-12);
    assert_true(list[1].value == 0.90);
    assert_int_equal(rank(arena, rows, 4, false, 2)[0].number, 3); /* where smaller is better */
    arena_destroy(arena);
}

/* scipy.stats.t.ppf(.975, df) and the pooled spread by hand; then fresh studies whose truth is known. */
static void worth_has_an_interval_that_covers(void **state)
{
    (void)state;
    enum { STUDIES = 1000, TOP = 3, SEEDS = 4 };
    Arena *arena = arena_create(0);
    const RepeatRow rows[] = {ROW(3, 1, 0.90, 0.80), ROW(3, 2, 0.90, 0.82), ROW(7, 1, 0.89, 0.88),
                              ROW(7, 2, 0.89, 0.90), ROW(8, 1, 0.5, 0.5)};
    Finalist *list = rank(arena, rows, 5, true, 3);
    double half = 4.302652729749464 * sqrt(0.0004 / 2 / 2); /* two degrees of freedom, two runs */
    /* means 0.89, 0.81, 0.5: their variance 0.04243, of which 0.0001 is runs' */
    double mean = (0.89 + 0.81 + 0.5) / 3, worth = mean + (1 - 0.0001 / 0.0424333333) * (0.89 - mean);
    assert_true(fabs(list[0].low95 - (worth - half)) < 1e-5 && fabs(list[0].high95 - (worth + half)) < 1e-5);
    assert_true(fabs(list[2].high95 - list[2].low95 - 2 * half * sqrt(2)) < 1e-5); /* one run, others' spread */
    list = rank(arena, rows + 4, 1, true, 1);
    assert_true(isnan(list[0].low95) && isnan(list[0].high95)); /* one run of one says nothing of spread */
    int winners = 0, others = 0;
    for (uint32_t s = 0; s < STUDIES; s++) { /* three alike, the hardest case for the winner */
        RepeatRow drawn[TOP * SEEDS];
        Rng rng = rng_stream(21, s, RNG_TEST);
        for (int i = 0; i < TOP; i++) {
            double first = 0.8 + 0.02 + 0.01 * rng_normal(&rng); /* chosen for being high */
            for (int r = 0; r < SEEDS; r++)
                drawn[i * SEEDS + r] = (RepeatRow)ROW(i, r + 1, first, 0.8 + 0.01 * rng_normal(&rng));
        }
        arena_reset(arena);
        list = rank(arena, drawn, TOP * SEEDS, true, TOP);
        for (int i = 0; i < TOP; i++) {
            bool holds = list[i].low95 <= 0.8 && 0.8 <= list[i].high95;
            if (i == 0) winners += holds;
            else others += holds;
        }
    }
    assert_in_range(winners, 0.92 * STUDIES, 0.98 * STUDIES);
    assert_in_range(others, 0.93 * 2 * STUDIES, 0.99 * 2 * STUDIES);
    arena_destroy(arena);
}

static void failures_come_last_and_equals_in_order(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const RepeatRow rows[] = {ROW(1, 1, 0.99, 0.99), ROW(1, 2, 0.99, NAN), ROW(2, 1, 0.5, 0.5), ROW(2, 2, 0.5, 0.5),
                              ROW(4, 1, 0.5, 0.5), ROW(4, 2, 0.5, 0.5), ROW(5, 1, NAN, 1.0)};
    Finalist *list = rank(arena, rows, 7, true, 3); /* 5 may not be ranked any more */
    assert_int_equal(list[0].number, 2);
    assert_int_equal(list[1].number, 4);
    assert_int_equal(list[2].number, 1);
    assert_int_equal(list[2].n_failed, 1);
    assert_int_equal(list[2].n_runs, 2);
    const RepeatRow lost[] = {ROW(0, 1, 0.5, NAN)};
    list = rank(arena, lost, 1, true, 1);
    assert_true(isnan(list[0].fresh) && isnan(list[0].sd) && list[0].mean == 0.5);
    rank(arena, lost, 0, true, 0);
    arena_destroy(arena);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    const RepeatRow rows[] = {ROW(3, 1, 0.9, 0.8), ROW(7, 1, 0.8, 0.9)};
    bool done = false;
    for (int fail = 0; !done; fail++) {
        Arena *arena = arena_create(0);
        Finalist *list = NULL;
        int n = -1;
        Error err = {0};
        arena_fail_after(arena, fail);
        done = finalists_rank(rows, 2, true, arena, &list, &n, &err);
        if (!done) assert_true(err.code == ERR_MEMORY && !list && n == -1);
        arena_destroy(arena);
        assert_true(fail < 100);
    }
}

static void seeds_of_repeats_fit_the_configuration(void **state)
{
    (void)state;
    assert_true(repeat_seed(42, 0) == 42);
    for (int r = 1; r < 1000; r++) {
        assert_true(repeat_seed(42, r) <= 2147483647);
        assert_true(repeat_seed(42, r) != repeat_seed(42, r - 1) && repeat_seed(42, r) != repeat_seed(43, r));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_mean_wins_over_the_luckiest),
        cmocka_unit_test(worth_has_an_interval_that_covers),
        cmocka_unit_test(failures_come_last_and_equals_in_order),
        cmocka_unit_test(without_memory_it_says_so),
        cmocka_unit_test(seeds_of_repeats_fit_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
