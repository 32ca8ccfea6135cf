/* job/effort: how much is done about a table. More effort and more time are never less, low is one bag, plans of the
 * same table are the same, wide tables get fewer networks; and that the work a plan is made by is what an encoded
 * table's networks take (tuner/trial/cost.h). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "job/builtin.h"
#include "job/effort.h"
#include "tests/arena_fixture.h"
#include "tuner/trial/cost.h"

static Error err;

#define TRY(call) do { if (!(call)) fail_msg(#call ": %s", err.message); } while (0)

static Config *tabular(void)
{
    Config *config;
    const Builtin *built = builtin_find("table");
    TRY(config_read_text(built->file, built->text, "", arena, &config, &err));
    return config;
}

/* Numbers that differ in each row, two columns of words, a few cells missing. */
static Table *table_of(int n_rows, int n_columns)
{
    Rng rng = rng_stream(7, (uint32_t)n_columns, RNG_TEST);
    static const char *levels[] = {"red", "ink", "tan"};
    Table *table = ARENA_NEW(arena, Table, 1);
    Column *columns = ARENA_NEW(arena, Column, n_columns);
    table->n_rows = n_rows;
    table->n_columns = n_columns;
    table->columns = columns;
    table->n_classes = 3;
    table->labels = ARENA_NEW(arena, int32_t, n_rows);
    for (int i = 0; i < n_rows; i++) table->labels[i] = i % 3;
    for (int j = 0; j < n_columns; j++) {
        columns[j].name = arena_print(arena, "c%d", j);
        columns[j].kind = j < 2 ? COLUMN_NOMINAL : COLUMN_NUMERIC;
        if (j < 2) columns[j].code = ARENA_NEW(arena, int32_t, n_rows);
        else columns[j].number = ARENA_NEW(arena, double, n_rows);
        if (j < 2) columns[j].n_levels = 3, columns[j].levels = levels;
        for (int i = 0; i < n_rows; i++) {
            if (j < 2) columns[j].code[i] = (int32_t)rng_below(&rng, 3);
            else columns[j].number[i] = j == 2 && i % 9 == 0 ? (columns[j].n_missing++, NAN) : rng_normal(&rng);
        }
    }
    return table;
}

static EffortPlan plan(const Table *table, const char *effort, double time_s, int jobs)
{
    EffortPlan out;
    TRY(effort_plan(tabular(), table, &(EffortAsked){effort, time_s, jobs}, arena, &out, &err));
    assert_true(out.trials >= 1 && (out.folds == 1 || out.folds == 5) && out.seconds > 0 && out.remark);
    return out;
}

static const struct { int rows, columns; } sizes[] = {{100, 3}, {625, 5}, {2000, 20}, {20000, 15}, {400, 1000}};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void more_effort_is_more(void **state)
{
    (void)state;
    for (int s = 0; s < N_SIZES; s++) {
        const Table *table = table_of(sizes[s].rows, sizes[s].columns);
        const EffortPlan low = plan(table, "low", 0, 1), medium = plan(table, "medium", 0, 1),
                         high = plan(table, "high", 0, 1), none = plan(table, NULL, 0, 1);
        assert_int_equal(low.trials, 1);
        assert_int_equal(low.folds, 5);
        assert_true(medium.trials >= 2 && medium.trials <= 12);
        assert_true(high.trials >= 24 && high.trials <= 64);
        assert_true(high.trials >= medium.trials && high.seconds > low.seconds);
        assert_false(low.half || medium.half || high.half);
        assert_int_equal(none.trials, medium.trials);
        assert_true(none.folds == medium.folds && none.seconds == medium.seconds);
        assert_non_null(strstr(low.remark, "--effort low: 1 bag of five networks, about "));
        assert_non_null(strstr(none.remark, "(--effort high for more)"));
        assert_null(strstr(medium.remark, "for more"));
    }
}

/* By time: never fewer trials, folds or epochs of a longer one, up to what the most is. */
static void more_time_is_more(void **state)
{
    (void)state;
    static const double times[] = {0.1, 0.6, 1, 2, 5, 10, 30, 60, 300, 3600, 1e6};
    for (int s = 0; s < N_SIZES; s++) {
        const Table *table = table_of(sizes[s].rows, sizes[s].columns);
        EffortPlan before = {0};
        for (size_t t = 0; t < sizeof times / sizeof *times; t++) {
            const EffortPlan now = plan(table, NULL, times[t], 1);
            assert_true(now.folds >= before.folds);
            if (now.folds == before.folds) assert_true(now.trials >= before.trials && now.half <= before.half);
            assert_true(now.folds == 5 || now.trials == 1); /* one network where no bag fits */
            assert_true(now.seconds <= 2 * times[t] || now.folds == 1); /* as many as a fast machine may do */
            assert_true(now.cap_s > 0 && now.cap_s <= times[t]);
            assert_int_equal(strncmp(now.remark, "--time: ", 8), 0);
            if (times[t] > 1) { /* two cores have twice as much of it */
                const EffortPlan two = plan(table, NULL, times[t], 2);
                assert_true(two.trials >= now.trials && two.folds >= now.folds);
            }
            before = now;
        }
        assert_int_equal(before.trials, 64);
        assert_true(plan(table, NULL, 0.001, 1).half);
    }
}

static void the_same_table_has_the_same_plan(void **state)
{
    (void)state;
    const EffortPlan one = plan(table_of(2000, 20), "medium", 0, 1), two = plan(table_of(2000, 20), "medium", 0, 8);
    assert_int_equal(one.trials, two.trials);
    assert_int_equal(one.folds, two.folds);
    assert_true(one.seconds == two.seconds); /* whatever the number of cores */
    assert_string_equal(one.remark, two.remark);
}

/* A thousand columns: two networks, or two bags where they are not much dearer than medium is. */
static void wide_tables_get_fewer_networks(void **state)
{
    (void)state;
    const EffortPlan wide = plan(table_of(400, 1000), "medium", 0, 1), narrow = plan(table_of(400, 5), "medium", 0, 1);
    assert_true(wide.trials * wide.folds < narrow.trials * narrow.folds);
    assert_int_equal(wide.trials, 2);
    assert_int_equal(wide.folds, 1);
    assert_non_null(strstr(wide.remark, ": 2 networks, about "));
}

static void another_word_is_refused(void **state)
{
    (void)state;
    EffortPlan out;
    static const char *const words[] = {"huge", "", "Low", "lo"};
    for (int w = 0; w < 4; w++) {
        assert_false(effort_plan(tabular(), table_of(100, 3), &(EffortAsked){words[w], 0, 1}, arena, &out, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        assert_string_equal(err.message, arena_print(arena, "--effort `%s`: it is low, medium or high", words[w]));
    }
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    const Config *config = tabular();
    const Table *table = table_of(100, 4);
    bool done = false;
    for (long n = 0; !done; n++) {
        EffortPlan out;
        Arena *own = arena_create(0);
        arena_fail_after(own, n);
        done = effort_plan(config, table, &(EffortAsked){"high", 0, 1}, own, &out, &err);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 10000);
        arena_destroy(own);
    }
}

/* Before any row is encoded the work is that of the encoded rows, where these have all the features that the table
 * can give; else more, never less. */
static void the_work_is_that_of_encoded_rows(void **state)
{
    (void)state;
    const Config *config = tabular();
    const Table *table = table_of(600, 8);
    const SplitOptions options = {.type = SPLIT_KFOLD, .folds = 5, .stratify = true, .seed = 1};
    Split *split;
    Objective *objective;
    TRY(split_make(&options, table->labels, table->n_rows, table->n_classes, arena, &split, &err));
    const ObjectiveOptions o = {.table = table, .split = split, .settings = &config->settings,
                                .presets = config->presets, .space = config->space, .metric = config->metric,
                                .positive = -1};
    TRY(objective_create(&o, &objective, &err));
    assert_int_equal(config->n_enqueued, 5);
    for (int t = 0; t < 5; t++) {
        Settings settings;
        double before;
        TRY(objective_settings(objective, config->enqueued[t], arena, &settings, &err));
        TRY(cost_of_settings(&settings, table, 480, arena, &before, &err));
        const double after = objective_work(objective, config->enqueued[t]);
        assert_true(after > 0);
        if (fabs(before - after) > 1e-9 * after) fail_msg("%s: %g before, %g encoded", preset_names[settings.preset],
                                                        before, after);
    }
    for (int i = 0; i < table->n_rows; i++) table->columns[3].number[i] = i % 6; /* few values: few bins */
    encoded_destroy(objective->encoded);
    objective->encoded = encoded_create(table, split, 1 << 20);
    Settings settings;
    double before;
    TRY(objective_settings(objective, config->enqueued[0], arena, &settings, &err));
    TRY(cost_of_settings(&settings, table, 480, arena, &before, &err));
    const double after = objective_work(objective, config->enqueued[0]);
    assert_true(after > 0 && before > after);
    objective_destroy(objective);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_effort_is_more),
        cmocka_unit_test(more_time_is_more),
        cmocka_unit_test(the_same_table_has_the_same_plan),
        cmocka_unit_test(wide_tables_get_fewer_networks),
        cmocka_unit_test(another_word_is_refused),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(the_work_is_that_of_encoded_rows),
    };
    return cmocka_run_group_tests_name("job/effort", tests, start, finish);
}
