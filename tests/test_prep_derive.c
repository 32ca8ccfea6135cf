/* prep/derive: against scikit-learn, out of fold, and which pairs are chosen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "golden/derive.h"
#include "prep/prep.h"

static Error err;

static Column words(Arena *arena, const char *name, int n, int n_levels)
{
    const char **levels = ARENA_NEW(arena, const char *, n_levels);
    for (int i = 0; i < n_levels; i++) levels[i] = arena_print(arena, "level %d", i);
    return (Column){.name = name, .kind = COLUMN_NOMINAL, .code = ARENA_NEW(arena, int32_t, n),
                    .n_levels = n_levels, .levels = levels};
}

static Column numbers(Arena *arena, const char *name, int n)
{
    return (Column){.name = name, .kind = COLUMN_NUMERIC, .number = ARENA_NEW(arena, double, n)};
}

/* ---- golden numbers ---- */

static Table golden_table(Arena *arena, const int *labels, int n_classes)
{
    static const char *classes[] = {"p", "q", "r"};
    Table table = {.n_rows = GOLDEN_ROWS, .n_columns = 3, .n_classes = n_classes, .classes = classes,
                   .columns = ARENA_NEW(arena, Column, 3), .labels = ARENA_NEW(arena, int32_t, GOLDEN_ROWS)};
    table.columns[0] = words(arena, "city", GOLDEN_ROWS, 7);
    table.columns[1] = words(arena, "job", GOLDEN_ROWS, 4);
    table.columns[2] = numbers(arena, "x", GOLDEN_ROWS);
    for (int i = 0; i < GOLDEN_ROWS; i++) {
        table.columns[0].code[i] = golden_city[i];
        table.columns[1].code[i] = golden_job[i];
        table.columns[2].number[i] = golden_x[i];
        table.labels[i] = labels ? labels[i] : -1;
    }
    if (labels) return table;
    static const Target target = {.name = "y", .unit = 1, .scale = 1};
    table.task = (Task){.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    table.targets = ARENA_NEW(arena, double, GOLDEN_ROWS);
    memcpy(table.targets, golden_y, sizeof golden_y);
    table.labels = NULL;
    return table;
}

static Prep *fit_raw(const DeriveOptions *derive, const Table *table, int n, Arena *arena)
{
    Prep *prep = NULL;
    const PrepOptions options = {.numeric = NUMERIC_NONE, .derive = *derive};
    if (!prep_fit(&options, table, NULL, n, arena, &prep, &err)) fail_msg("%s", err.message);
    return prep;
}

/* What derivation `d` says of the first n rows. */
static double *values(const Prep *prep, const Derivation *d, const Table *table, int n, bool training, Arena *arena)
{
    DeriveRows in;
    double *out = ARENA_NEW(arena, double, n);
    assert_true(prep_groups(prep->columns, table, NULL, n, arena, &in));
    if (training) assert_true(derive_training(d, &in, arena, out));
    else derive_values(d, &in, out);
    return out;
}

static void same(const double *found, const double *wanted, int n, const char *what)
{
    for (int i = 0; i < n; i++)
        if (!(fabs(found[i] - wanted[i]) <= 1e-12 * (1 + fabs(wanted[i]))))
            fail_msg("%s, row %d: %.17g, wanted %.17g", what, i, found[i], wanted[i]);
}

static void matches_scikit_learn(void **state)
{
    Arena *arena = *state;
    const DeriveOptions on = {.target_encoding = TARGET_OOF};
    Table two = golden_table(arena, golden_two, 2), three = golden_table(arena, golden_three, 3);
    Table number = golden_table(arena, NULL, 0);
    Prep *prep = fit_raw(&on, &two, GOLDEN_TRAIN, arena);
    assert_int_equal(prep->n_derived, 2);
    assert_string_equal(prep->columns[3].name, "target of city");
    same(values(prep, &prep->derived[0], &two, GOLDEN_ROWS, false, arena), golden_city_two, GOLDEN_ROWS, "two");
    same(values(prep, &prep->derived[0], &two, GOLDEN_TRAIN, true, arena), golden_training_two, GOLDEN_TRAIN,
         "two out of fold");
    const double *const of_three[] = {golden_city_three_0, golden_city_three_1, golden_city_three_2};
    Prep *wide = fit_raw(&on, &three, GOLDEN_TRAIN, arena);
    assert_int_equal(wide->n_derived, 6);
    assert_string_equal(wide->columns[5].name, "target of city (r)");
    for (int k = 0; k < 3; k++)
        same(values(wide, &wide->derived[k], &three, GOLDEN_ROWS, false, arena), of_three[k], GOLDEN_ROWS, "three");
    Prep *real = fit_raw(&on, &number, GOLDEN_TRAIN, arena);
    same(values(real, &real->derived[0], &number, GOLDEN_ROWS, false, arena), golden_city_y, GOLDEN_ROWS, "y");
    same(values(real, &real->derived[0], &number, GOLDEN_TRAIN, true, arena), golden_training_y, GOLDEN_TRAIN,
         "y out of fold");
}

static void pairs_and_means_match(void **state)
{
    Arena *arena = *state;
    Table table = golden_table(arena, golden_two, 2);
    Prep *prep = fit_raw(&(DeriveOptions){0}, &table, GOLDEN_TRAIN, arena);
    DeriveRows in;
    Derivation pair = {.kind = DERIVE_TARGET, .a = 0, .b = 1}, mean = {.kind = DERIVE_MEAN, .a = 2, .b = 0};
    Derivation away = {.kind = DERIVE_DEVIATION, .a = 2, .b = 0};
    double deviation[GOLDEN_ROWS];
    assert_int_equal(prep->n_derived, 0);
    assert_true(prep_groups(prep->columns, &table, NULL, GOLDEN_TRAIN, arena, &in));
    assert_true(derive_fit_cells(&pair, &in, arena) && derive_fit_cells(&mean, &in, arena) &&
                derive_fit_cells(&away, &in, arena));
    same(values(prep, &pair, &table, GOLDEN_ROWS, false, arena), golden_pair_two, GOLDEN_ROWS, "pair");
    same(values(prep, &mean, &table, GOLDEN_ROWS, false, arena), golden_mean, GOLDEN_ROWS, "mean");
    const double *found = values(prep, &away, &table, GOLDEN_ROWS, false, arena);
    for (int i = 0; i < GOLDEN_ROWS; i++) {
        deviation[i] = golden_x[i] - golden_mean[i];
        if (isnan(deviation[i])) assert_true(isnan(found[i]));
        else same(found + i, deviation + i, 1, "deviation");
    }
}

static void arithmetic_is_missing_where_a_part_is(void **state)
{
    Arena *arena = *state;
    static const double a[] = {6, NAN, 1, INFINITY, 1e300, 0}, b[] = {3, 1, 0, 2, 1e-300, 0};
    static const double want[4][6] = {{3, NAN, 1, NAN, 1e300, 0}, {2, NAN, NAN, NAN, NAN, NAN},
                                      {18, NAN, 0, NAN, 1, 0}, {9, NAN, 1, NAN, 1e300, 0}};
    Table table = {.n_rows = 6, .n_columns = 2, .columns = ARENA_NEW(arena, Column, 2)};
    table.columns[0] = (Column){.kind = COLUMN_NUMERIC, .number = (double *)a};
    table.columns[1] = (Column){.kind = COLUMN_NUMERIC, .number = (double *)b};
    const DeriveRows in = {.table = &table, .n = 6};
    for (int kind = DERIVE_DIFFERENCE; kind <= DERIVE_SUM; kind++) {
        double out[6];
        derive_values(&(Derivation){.kind = (DeriveKind)kind, .a = 0, .b = 1}, &in, out);
        for (int i = 0; i < 6; i++)
            if (isnan(want[kind][i]) ? !isnan(out[i]) : !(fabs(out[i] - want[kind][i]) <= 1e-12 * fabs(out[i])))
                fail_msg("%s, row %d: %g, wanted %g", derive_kind_names[kind], i, out[i], want[kind][i]);
    }
}

/* ---- what a training row is told ---- */

static double correlation(const double *x, const int32_t *y, int n)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < n; i++) sx += x[i], sy += y[i];
    for (int i = 0; i < n; i++) {
        double dx = x[i] - sx / n, dy = y[i] - sy / n;
        xx += dx * dx, yy += dy * dy, xy += dx * dy;
    }
    return xx > 0 ? xy / sqrt(xx * yy) : 0;
}

/* A name for every two rows and labels by chance: what a row's own label taught would be plain to see. */
static void names_do_not_leak_their_labels(void **state)
{
    enum { N = 2000, LEVELS = 1000 };
    Arena *arena = *state;
    Rng rng = rng_stream(4, 0, RNG_TEST);
    Column column = words(arena, "name", N, LEVELS);
    Table table = {.n_rows = N, .n_columns = 1, .columns = &column, .n_classes = 2,
                   .labels = ARENA_NEW(arena, int32_t, N)};
    for (int i = 0; i < N; i++) {
        column.code[i] = (int32_t)rng_below(&rng, LEVELS);
        table.labels[i] = (int32_t)rng_below(&rng, 2);
    }
    Prep *prep = fit_raw(&(DeriveOptions){.target_encoding = TARGET_OOF}, &table, N, arena);
    double seen = correlation(values(prep, &prep->derived[0], &table, N, false, arena), table.labels, N);
    double told = correlation(values(prep, &prep->derived[0], &table, N, true, arena), table.labels, N);
    if (!(seen > 0.5 && fabs(told) < 0.08)) fail_msg("correlation %.3f, out of fold %.3f", seen, told);
    /* With a group for each name nobody else knows it, and every row has the same. */
    table.key[ROW_GROUP] = &column;
    const double *grouped = values(prep, &prep->derived[0], &table, N, true, arena);
    for (int i = 1; i < N; i++) assert_true(grouped[i] == grouped[0]);
    Rows *training, *fresh;
    assert_true(prep_apply_training(prep, &table, NULL, N, arena, &training, &err));
    assert_true(prep_apply(prep, &table, NULL, N, arena, &fresh, &err));
    assert_true(training->n_plain == fresh->n_plain && training->x[0] == (float)grouped[0]);
    assert_true(memcmp(training->x, fresh->x, (size_t)N * (size_t)fresh->ld * sizeof(float)) != 0);
}

/* ---- which pairs ---- */

enum { CHOICE_ROWS = 1500, CHOICE_COLUMNS = 8 };

/* The label is what `by` says; a, b, c, d are numbers, u, v, w words, of which w has a mean of d. */
static Table choice_table(Arena *arena, int by)
{
    static const char *const names[CHOICE_COLUMNS] = {"a", "u", "b", "v", "c", "w", "d", "constant"};
    static const char *classes[] = {"no", "yes"};
    Rng rng = rng_stream(11, 0, RNG_TEST);
    Table table = {.n_rows = CHOICE_ROWS, .n_columns = CHOICE_COLUMNS, .n_classes = 2, .classes = classes,
                   .columns = ARENA_NEW(arena, Column, CHOICE_COLUMNS),
                   .labels = ARENA_NEW(arena, int32_t, CHOICE_ROWS)};
    for (int j = 0; j < CHOICE_COLUMNS; j++)
        table.columns[j] = j % 2 && j < 7 ? words(arena, names[j], CHOICE_ROWS, 6) : numbers(arena, names[j], CHOICE_ROWS);
    for (int i = 0; i < CHOICE_ROWS; i++) {
        double *a = &table.columns[0].number[i], *b = &table.columns[2].number[i], *d = &table.columns[6].number[i];
        int32_t *u = &table.columns[1].code[i], *v = &table.columns[3].code[i], *w = &table.columns[5].code[i];
        *a = rng_normal(&rng), *b = rng_normal(&rng), table.columns[4].number[i] = rng_normal(&rng);
        *u = (int32_t)rng_below(&rng, 6), *v = (int32_t)rng_below(&rng, 6), *w = (int32_t)rng_below(&rng, 6);
        double z = rng_normal(&rng);
        *d = 10 * *w + z;
        table.labels[i] = by == 0 ? *a * *b > 0 : by == 1 ? (*u + *v) % 2 : by == 2 ? z > 0 : (int)rng_below(&rng, 2);
        if (rng_below(&rng, 10) == 0) table.labels[i] = 1 - table.labels[i];
        if (rng_below(&rng, 30) == 0) *a = NAN;
        if (rng_below(&rng, 30) == 0) *u = -1;
    }
    return table;
}

static const char *first_derived(int by, const DeriveOptions *options, int *n, Arena *arena)
{
    Table table = choice_table(arena, by);
    Prep *prep = fit_raw(options, &table, CHOICE_ROWS, arena);
    *n = prep->n_derived;
    return *n ? prep->columns[CHOICE_COLUMNS].name : "";
}

static void the_telling_pair_comes_first(void **state)
{
    int n;
    static const DeriveOptions arithmetic = {.arithmetic = 1}, crosses = {.crosses = 1}, groups = {.aggregates = 1};
    const char *name = first_derived(0, &arithmetic, &n, *state);
    if (strcmp(name, "a / b") != 0 && strcmp(name, "a * b") != 0 && strcmp(name, "b / a") != 0) fail_msg("%s", name);
    assert_int_equal(n, 1);
    assert_string_equal(first_derived(1, &crosses, &n, *state), "target of u & v");
    assert_int_equal(n, 1);
    assert_string_equal(first_derived(2, &groups, &n, *state), "d minus mean by w");
    assert_int_equal(n, 2);
    /* Labels by chance: nothing is beyond it, or hardly anything. */
    first_derived(3, &(DeriveOptions){.crosses = 9, .arithmetic = 9, .aggregates = 9}, &n, *state);
    if (n > 4) fail_msg("%d columns of nothing", n);
}

static void other_rows_change_nothing(void **state)
{
    Arena *arena = *state;
    const DeriveOptions all = {.target_encoding = TARGET_OOF, .crosses = 4, .arithmetic = 6, .aggregates = 3};
    for (int by = 0; by < 4; by++) {
        Table table = choice_table(arena, by);
        const int n = CHOICE_ROWS * 2 / 3;
        Prep *before = fit_raw(&all, &table, n, arena);
        for (int i = n; i < CHOICE_ROWS; i++) {
            table.labels[i] = i % 2;
            table.columns[0].number[i] = table.columns[2].number[i] = 1e6 * i;
            table.columns[1].code[i] = 0;
        }
        Prep *after = fit_raw(&all, &table, n, arena);
        assert_int_equal(before->n_derived, after->n_derived);
        for (int k = 0; k < before->n_derived; k++) {
            const Derivation *a = &before->derived[k], *b = &after->derived[k];
            assert_true(a->kind == b->kind && a->a == b->a && a->b == b->b && a->n_cells == b->n_cells);
            for (int c = 0; c < a->n_cells; c++) assert_true(a->cells[c] == b->cells[c]);
        }
    }
}

static void no_more_than_was_said(void **state)
{
    Arena *arena = *state;
    for (int by = 0; by < 4; by++)
        for (int way = 0; way < 4; way++) {
            const PrepOptions options = {.numeric_embedding = way, .ple_bins = 7,
                                         .derive = {way % 2, 3 * way, 5 * way, 60 * (way == 3)}};
            Table table = choice_table(arena, by);
            table.columns[0].n_missing = table.columns[1].n_missing = 1;
            Prep *prep, *most;
            Rows *rows;
            assert_true(prep_most(&options, &table, arena, &most, &err));
            assert_true(prep_fit(&options, &table, NULL, CHOICE_ROWS, arena, &prep, &err));
            assert_true(prep->n_columns <= most->n_columns && prep->n_features <= most->n_features);
            assert_true(prep_apply(prep, &table, NULL, CHOICE_ROWS, arena, &rows, &err));
            assert_int_equal(rows->n_features, prep->n_features);
            assert_int_equal(prep_table_columns(prep), CHOICE_COLUMNS);
        }
    Table many = choice_table(arena, 0);
    many.n_classes = 9; /* too many for a column each */
    assert_int_equal(fit_raw(&(DeriveOptions){.target_encoding = TARGET_OOF, .crosses = 5}, &many, CHOICE_ROWS,
                             arena)->n_derived, 0);
}

static void survives_every_failed_allocation(void **state)
{
    Arena *arena = *state;
    Table table = choice_table(arena, 1);
    table.n_rows = 200;
    const PrepOptions options = {.derive = {TARGET_OOF, 2, 2, 2}};
    for (long k = 0;; k++) {
        Prep *prep = NULL;
        Rows *rows = NULL;
        Arena *small = arena_create(0);
        arena_fail_after(small, k);
        bool ok = prep_fit(&options, &table, NULL, 200, small, &prep, &err) &&
                  prep_apply_training(prep, &table, NULL, 200, small, &rows, &err);
        assert_int_equal(ok, rows != NULL);
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
        arena_destroy(small);
        if (ok) break;
        assert_true(k < 300);
    }
}

static int set_up(void **state)
{
    return (*state = arena_create(0)) ? 0 : -1;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(matches_scikit_learn),
        TEST(pairs_and_means_match),
        TEST(arithmetic_is_missing_where_a_part_is),
        TEST(names_do_not_leak_their_labels),
        TEST(the_telling_pair_comes_first),
        TEST(other_rows_change_nothing),
        TEST(no_more_than_was_said),
        TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests_name("prep/derive", tests, NULL, NULL);
}
