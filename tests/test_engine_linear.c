/* Linear regression against scikit-learn's Ridge, rows that do not count, and where memory runs out. */
#include "tests/test_engine.h"

#include <string.h>

#include "base/mat.h"
#include "engine/linear.h"
#include "tests/golden/linear.h"

static Rows rows_of(size_t i, Task *task)
{
    *task = (Task){.kind = TASK_NUMBERS, .n_targets = golden_linear[i].t};
    return (Rows){.n_rows = golden_linear[i].n, .n_features = golden_linear[i].d, .task = task,
                  .targets = golden_linear[i].y, .x = golden_linear[i].x, .ld = golden_linear[i].d,
                  .weight = golden_linear[i].weighted ? golden_linear[i].weight : NULL};
}

static void is_scikit_learns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_linear / sizeof *golden_linear; i++) {
        const char *name = golden_linear[i].name;
        Arena *arena = arena_create(0);
        LinearMoments moments;
        Linear model;
        Task task;
        double said[128];
        Rows rows = rows_of(i, &task);
        assert_true(linear_moments(&rows, arena, &moments, NULL));
        assert_true(linear_create(rows.n_features, task.n_targets, arena, &model, NULL));
        assert_true(linear_solve(&moments, 0.7, &model)); /* another penalty before leaves nothing behind */
        assert_true(linear_solve(&moments, golden_linear[i].l2, &model));
        for (int j = 0; j < (rows.n_features + 1) * task.n_targets; j++)
            check_close(name, model.w[j], golden_linear[i].w[j],
                        1e-9 * (1 + fabs(golden_linear[i].w[j])));
        assert_true(linear_predict(&model, &rows, said, NULL));
        for (int j = 0; j < rows.n_rows * task.n_targets; j++)
            check_close(name, said[j], golden_linear[i].said[j],
                        1e-9 * (1 + fabs(golden_linear[i].said[j])));
        arena_destroy(arena);
    }
}

/* A row that is not known, or weighs nothing, is as good as none; of none there is no solution. */
static void rows_that_do_not_count(void **state)
{
    (void)state;
    enum { LEFT = 30 };
    Arena *arena = arena_create(0);
    Task task;
    double y[128];
    float weight[64];
    Rows rows = rows_of(0, &task), fewer = rows;
    LinearMoments of_all, of_fewer;
    memcpy(y, rows.targets, sizeof y);
    for (int i = 0; i < 64; i++) weight[i] = i % 2 || i < LEFT;
    for (int i = LEFT; i < rows.n_rows; i++)
        if (i % 2) y[i] = NAN;
    rows.targets = y, rows.weight = weight;
    fewer.n_rows = LEFT;
    assert_true(linear_moments(&rows, arena, &of_all, NULL) && linear_moments(&fewer, arena, &of_fewer, NULL));
    assert_true(of_all.n == LEFT && of_fewer.n == LEFT);
    for (int j = 0; j < rows.n_features; j++) {
        assert_true(of_all.x[j] == of_fewer.x[j] && of_all.xy[j] == of_fewer.xy[j]);
        for (int i = 0; i <= j; i++)
            assert_true(of_all.xx[j * rows.n_features + i] == of_fewer.xx[j * rows.n_features + i]);
    }
    for (int i = 0; i < rows.n_rows; i++) y[i] = NAN;
    assert_true(linear_moments(&rows, arena, &of_all, NULL));
    assert_true(of_all.n == 0);
    arena_destroy(arena);
}

static void says_when_memory_runs_out(void **state)
{
    (void)state;
    Error err;
    Task task;
    LinearMoments moments;
    Linear model;
    Rows rows = rows_of(0, &task);
    for (int n = 0;; n++) {
        Arena *arena = arena_create(0);
        arena_fail_after(arena, n);
        bool ok = linear_moments(&rows, arena, &moments, &err)
               && linear_create(rows.n_features, task.n_targets, arena, &model, &err);
        arena_destroy(arena);
        if (ok) {
            assert_in_range(n, 8, 40);
            break;
        }
        assert_int_equal(err.code, ERR_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_scikit_learns),
        cmocka_unit_test(rows_that_do_not_count),
        cmocka_unit_test(says_when_memory_runs_out),
    };
    Error err;
    if (!mat_init(&err)) return 1;
    return cmocka_run_group_tests_name("engine/linear", tests, NULL, NULL);
}
