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
#include "golden/settings.h"
#include "store_fixture.h"
#include "tuner/insight/curves.h"
#include "tuner/insight/importance.h"
#include "tuner/insight/levels.h"
#include "tuner/insight/stopping.h"

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

/* ---- means by level ---- */

static const char grid[] = "parameters: {dropout: {values: [0.0, 0.2, 0.5]}, l2: {values: [0.0, 0.0001, 0.01]},"
                           " seed: {min: 0.0, max: 1.0}}";

static Points grid_points(const Space *space, double *u, double *score, bool maximize)
{
    for (int i = 0; i < CELLS; i++) {
        Value values[3] = {space->params[0].choices[i / 3 % 3], space->params[1].choices[i % 3], value_real(i / 20.0)};
        assert_true(space_encode(space, values, u + 3 * i));
        score[i] = maximize ? -cell_score[i] : cell_score[i];
    }
    return (Points){.space = space, .n = CELLS, .u = u, .score = score, .maximize = maximize};
}

static void levels_are_those_of_numpy(void **state)
{
    (void)state;
    const Space *space = space_of(grid);
    double u[3 * CELLS], score[CELLS];
    LevelTable *tables;
    Error err = {0};
    int n;
    for (int way = 0; way < 2; way++) {
        Points points = grid_points(space, u, score, way == 1);
        assert_true(levels_compute(&points, arena, &tables, &n, &err));
        assert_int_equal(n, 2); /* seed has a value of its own in each trial */
        for (int t = 0; t < 2; t++) {
            assert_int_equal(tables[t].param, t);
            assert_int_equal(tables[t].n_levels, 3);
            for (int l = 0; l < 3; l++) {
                const Level *level = &tables[t].level[l];
                assert_true(value_equal(&level->value, &space->params[t].choices[l]) && level->n == 6);
                assert_true(fabs(level->mean - cell_mean[t][l]) < 1e-9);
                assert_true(fabs(level->high95 - level->mean - cell_half) < 2e-3 * cell_half);
                assert_true(fabs(level->mean - level->low95 - cell_half) < 2e-3 * cell_half);
            }
        }
    }
    Points points = grid_points(space, u, score, false);
    points.n = 3;
    assert_true(levels_compute(&points, arena, &tables, &n, &err) && n == 0);
    points.n = CELLS;
    for (long k = 0;; k++) {
        arena_fail_after(arena, k);
        bool ok = levels_compute(&points, arena, &tables, &n, &err);
        arena_fail_after(arena, -1);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
    }
}

/* ---- the order after some epochs ---- */

static void rank_correlations_are_scipys(void **state)
{
    (void)state;
    double scratch[4 * PAIRS], same[PAIRS] = {0};
    assert_true(fabs(stopping_rank_correlation(PAIRS, pair_x, pair_y, scratch) - pair_rho) < 1e-12);
    assert_true(fabs(stopping_rank_correlation(PAIRS, pair_x, pair_x, scratch) - 1) < 1e-12);
    assert_true(isnan(stopping_rank_correlation(PAIRS, pair_x, same, scratch)));
}

enum { TRIALS = 24, EPOCHS = 10 };

/* What trial k has at an epoch: noise until epoch 5, then on its way to k / TRIALS. Every fourth is stopped at 3. */
static double course(int k, int epoch, Rng *rng)
{
    double noise = rng_uniform(rng);
    return epoch < 5 ? 0.3 * noise : (double)k / TRIALS * epoch / EPOCHS + 0.5 * epoch / EPOCHS + 0.001 * noise;
}

static Store *store_of_curves(bool last_counts, StudyInfo *study)
{
    Error err = {0};
    Store *store = NULL;
    StudyStart begun;
    Rng rng = rng_stream(4, 0, RNG_TEST);
    *study = fixture_study("curves");
    bool ok = store_open(path, STORE_WRITE, &store, &err)
           && store_study_begin(store, study, &fixture_space, &begun, &err);
    for (int k = 0; ok && k < TRIALS; k++) {
        FixtureTrial t;
        TrialRow *row = fixture_trial(&t, k);
        double best = 0, last = 0;
        const bool stopped = k % 4 == 3;
        ok = store_trial_begin(store, study->id, row, &err);
        for (int e = 1; ok && e <= (stopped ? 3 : EPOCHS); e++) {
            EpochRow epoch = fixture_epoch(k, e);
            epoch.val_metric = last = course(k, e, &rng);
            if (last_counts && e == 2 && !stopped) epoch.val_metric = last = 2; /* a best that counts for nothing */
            if (!last_counts && e == EPOCHS && k % 2) epoch.val_metric = last = 0; /* a last that counts for nothing */
            best = fmax(best, last);
            ok = store_epoch(store, row->id, &epoch, &err);
        }
        fixture_end(row, last_counts ? last : best);
        if (stopped) row->state = TRIAL_PRUNED;
        ok = ok && store_trial_end(store, row, NULL, 0, NULL, 0, NULL, 0, &err);
    }
    if (!ok || !store_close(store, &err) || !store_open(path, STORE_READ, &store, &err)
        || !store_study_find(store, NULL, arena, study, &err))
        fail_msg("%s", err.message);
    return store;
}

static void the_order_settles(void **state)
{
    (void)state;
    for (int last = 0; last < 2; last++) {
        StudyInfo study;
        Store *store = store_of_curves(last, &study);
        TrialRow *rows;
        int n;
        Stopping got;
        Error err = {0};
        assert_true(store_trials(store, study.id, arena, &rows, &n, &err));
        assert_true(stopping_compute(store, rows, n, true, arena, &got, &err));
        assert_int_equal(got.n_trials, TRIALS * 3 / 4);
        assert_int_equal(got.n_stopped, TRIALS / 4);
        assert_true(got.n >= EPOCHS - 1 && got.point[got.n - 1].epoch == EPOCHS && got.safe >= 0);
        assert_int_equal(got.point[got.safe].epoch, 5);
        assert_true(got.point[2].rho < 0.7 && got.point[got.n - 1].rho > 0.999);
        for (int i = 0; i < got.n; i++)
            assert_true(got.point[i].low95 <= got.point[i].rho && got.point[i].rho <= got.point[i].high95);
        assert_true(stopping_compute(store, rows, 7, true, arena, &got, &err) && got.n == 0); /* too few */
        for (long k = 0;; k++) {
            arena_fail_after(arena, k);
            bool ok = stopping_compute(store, rows, n, true, arena, &got, &err);
            arena_fail_after(arena, -1);
            if (ok) break;
            assert_int_equal(err.code, ERR_MEMORY);
        }
        store_close(store, NULL);
        folder_empty();
    }
}

static void stopped_trials_are_completed(void **state)
{
    (void)state;
    StudyInfo study;
    Store *store = store_of_curves(false, &study);
    const Space *space = space_of("parameters: {learning_rate: {min: 0.0, max: 1.0}}");
    TrialRow *rows;
    int n;
    Points points;
    Error err = {0};
    assert_true(store_trials(store, study.id, arena, &rows, &n, &err));
    for (int i = 0; i < n; i++) rows[i].params = arena_print(arena, "{\"learning_rate\":%.3f}", 0.001 * (i + 1));
    assert_true(points_gather(space, rows, n, NULL, true, arena, &points, &err));
    assert_int_equal(points.n, TRIALS);
    assert_true(curves_complete(store, rows, n, &points, arena, &err));
    for (int i = 0; i < TRIALS; i++) {
        if (i % 4 != 3) {
            assert_true(isnan(points.stopped[i]) && isfinite(points.score[i]));
            continue;
        }
        /* from 0.3 at most it would have come to at least 0.4, and that is a guess */
        assert_true(points.stopped[i] < -0.4 && points.stopped[i] > -1.5 && isinf(points.score[i]));
        assert_true(fabs(points.extra[i] - 0.7) < 1e-9);
    }
    store_close(store, NULL);
    folder_empty();
}

/* ---- the way from one configuration to another ---- */

static double score_of(const double *u)
{
    return 4 * (u[0] - 0.8) * (u[0] - 0.8) + (u[1] - 0.2) * (u[1] - 0.2);
}

static void the_way_goes_by_what_brings_most(void **state)
{
    (void)state;
    enum { N = 60 };
    const Space *space = space_of("parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0},"
                                  " c: {min: 0.0, max: 1.0}}");
    double u[3 * N], score[N];
    Rng rng = rng_stream(8, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++) u[3 * i + k] = i == 0 ? 0.5 : i == 1 ? (const double[]){0.8, 0.2, 0.9}[k] : rng_uniform(&rng);
        space_snap(space, u + 3 * i);
        score[i] = score_of(u + 3 * i);
    }
    for (int way = 0; way < 2; way++) {
        ImportanceInput input = {.trials = {.space = space, .n = N, .u = u, .score = score, .maximize = way == 1},
                                 .from = 0, .to = 1, .seed = 2};
        const double sign = way == 1 ? -1 : 1;
        Importance got;
        Error err = {0};
        assert_true(importance_compute(&input, arena, &got, &err));
        assert_int_equal(got.way.n, 3);
        const AblationStep *s = got.way.step;
        assert_true(s[0].dim == 0 && s[1].dim == 1 && s[2].dim == 2);
        assert_true(fabs(s[0].before.number - 0.5) < 1e-6 && fabs(s[0].after.number - 0.8) < 1e-6);
        assert_true(fabs(got.way.start.middle - sign * score[0]) < 0.02);
        assert_true(fabs(s[0].gain.middle - 0.36) < 0.03 && s[0].gain.low95 > 0.25 && s[0].gain.high95 < 0.5);
        assert_true(fabs(s[1].gain.middle - 0.09) < 0.03 && fabs(s[2].gain.middle) < 0.02);
        assert_true(fabs(s[2].score.middle - sign * score[1]) < 0.02);
        assert_true(s[0].score.low95 <= s[0].score.middle && s[0].score.middle <= s[0].score.high95);
    }
}

/* What a change brings into play comes with its last value; what it takes out of play is no change. */
static void conditions_go_along(void **state)
{
    (void)state;
    enum { N = 60 };
    const Space *space = space_of("parameters: {k: {values: [p, q]}, of_p: {min: 0.0, max: 1.0, when: k == p},"
                                  " of_q: {min: 0.0, max: 1.0, when: k == q}}");
    double u[3 * N], score[N];
    Rng rng = rng_stream(8, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++) u[3 * i + k] = rng_uniform(&rng);
        if (i < 2) u[3 * i] = i == 0 ? 0.25 : 0.75;
        space_snap(space, u + 3 * i);
        score[i] = u[3 * i] < 0.5 ? 1 + u[3 * i + 1] : 0.2 + (u[3 * i + 2] - 0.5) * (u[3 * i + 2] - 0.5);
    }
    ImportanceInput input = {.trials = {.space = space, .n = N, .u = u, .score = score}, .from = 0, .to = 1, .seed = 2};
    Importance got;
    Error err = {0};
    assert_true(importance_compute(&input, arena, &got, &err));
    assert_int_equal(got.way.n, 1);
    assert_true(got.way.step[0].dim == 0 && fabs(got.way.step[0].score.middle - score[1]) < 0.1);
    input.to = 0;
    assert_true(importance_compute(&input, arena, &got, &err) && got.way.n == 0);
}

static int begin(void **state)
{
    mat_init(NULL);
    return start(state) || folder_make(state);
}

static int end(void **state)
{
    return finish(state) || folder_drop(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_those_of_numpy),      cmocka_unit_test(rank_correlations_are_scipys),
        cmocka_unit_test(the_order_settles),              cmocka_unit_test(stopped_trials_are_completed),
        cmocka_unit_test(the_way_goes_by_what_brings_most), cmocka_unit_test(conditions_go_along),
    };
    return cmocka_run_group_tests_name("tuner/settings", tests, begin, end);
}
