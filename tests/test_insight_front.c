/* The knee of a front is a suggestion: no network that has learned nothing, however small, may make it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/store_fixture.h"
#include "tuner/insight/front.h"

typedef struct {
    double score, n_params;
} Point;

/* Trials of these scores and sizes as a study, and its front. */
static Front front_of(const Point *points, int n, Arena *arena)
{
    Error err = {0};
    Store *store = NULL;
    StudyStart start;
    StudyInfo study = fixture_study("front");
    TrialRow *rows;
    Goals goals, none = {0};
    Front front;
    int n_rows;
    bool ok = store_open(path, STORE_WRITE, &store, &err)
           && store_study_begin(store, &study, &fixture_space, &start, &err);
    for (int i = 0; ok && i < n; i++) {
        FixtureTrial t;
        TrialRow *row = fixture_trial(&t, i);
        ok = store_trial_begin(store, study.id, row, &err);
        fixture_end(row, points[i].score);
        MetricRow metrics[] = {{"val", -1, "f1_macro", points[i].score, NAN, NAN},
                               {"cost", -1, "n_params", points[i].n_params, NAN, NAN}};
        ok = ok && store_trial_end(store, row, metrics, 2, NULL, 0, NULL, 0, &err);
    }
    ok = ok && store_study_end(store, study.id, "DONE", &err) && store_close(store, &err)
      && store_open(path, STORE_READ, &store, &err);
    front_goals(&study, &none, &goals);
    ok = ok && store_trials(store, study.id, arena, &rows, &n_rows, &err)
      && front_read(store, &goals, rows, n_rows, arena, &front, &err);
    if (!ok) fail_msg("%s", err.message);
    store_close(store, NULL);
    folder_empty();
    return front;
}

static void ignores_what_has_learned_nothing(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    /* trial 5 is useless and tiny; with it the line's ends are so far apart that trial 4 lies farthest below */
    static const Point points[] = {
        {0.9410, 152650}, {0.9395, 70000}, {0.9300, 15000}, {0.9200, 12000}, {0.8856, 4000}, {0.6413, 3190},
        {0.9350, 150000}, {0.9310, 140000}, {0.9290, 90000}, {0.9000, 100000}};
    Front front = front_of(points, 10, arena);
    assert_int_equal(front.n_front, 6);
    assert_int_equal(pareto_knee(front.n, 2, front.point, front.on_front), 4);
    assert_int_equal(front.knee, 1);
    arena_destroy(arena);
}

static void has_none_without_three(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    static const Point points[] = {{0.94, 100000}, {0.93, 50000}, {0.60, 100}, {0.55, 90}, {0.50, 80}, {0.45, 70}};
    Front front = front_of(points, 6, arena);
    assert_int_equal(front.n_front, 6);
    assert_int_equal(front.knee, 1); /* three are as good as the median, which is 0.60 */
    static const Point two[] = {{0.94, 100000}, {0.93, 50000}, {0.92, 60000}, {0.91, 70000}};
    assert_int_equal(front_of(two, 4, arena).knee, -1);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ignores_what_has_learned_nothing),
        cmocka_unit_test(has_none_without_three),
    };
    return cmocka_run_group_tests_name("insight/front", tests, folder_make, folder_drop);
}
