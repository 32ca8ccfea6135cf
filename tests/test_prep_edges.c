/* prep/edges: where the bins of piecewise-linear encoding end. Against NumPy and scikit-learn, by way of prep_fit;
 * by properties of random columns; and where there is nothing to go by. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "prep/edges.h"
#include "prep/prep.h"
#include "golden/edges.h"
#include "tests/arena_fixture.h"

static const Target target = {.name = "y", .scale = 1, .unit = 1};

/* The golden table, learned from for classes or for numbers; `what`: neither label nor target where 2. */
static Table golden_table(int what)
{
    Column *columns = ARENA_NEW(arena, Column, EDGE_COLUMNS);
    for (int j = 0; j < EDGE_COLUMNS; j++) {
        columns[j] = (Column){.name = edge_names[j], .kind = COLUMN_NUMERIC,
                              .number = ARENA_NEW(arena, double, EDGE_ROWS)};
        memcpy(columns[j].number, edge_raw[j], sizeof edge_raw[j]);
    }
    Table table = {.n_rows = EDGE_ROWS, .n_columns = EDGE_COLUMNS, .columns = columns};
    if (what == 0) {
        table.labels = ARENA_NEW(arena, int32_t, EDGE_ROWS);
        memcpy(table.labels, edge_label, sizeof edge_label);
        table.n_classes = 3;
    } else if (what == 1) {
        table.targets = ARENA_NEW(arena, double, EDGE_ROWS);
        memcpy(table.targets, edge_target, sizeof edge_target);
        table.task = (Task){.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    }
    return table;
}

static Prep *fit(const Table *table, int way, int bins)
{
    Error err = {0};
    Prep *prep = NULL;
    const PrepOptions options = {.numeric = NUMERIC_ROBUST, .numeric_embedding = NUMERIC_EMBED_PLE,
                                 .ple_bins = bins, .ple_edges = way};
    if (!prep_fit(&options, table, NULL, table->n_rows, arena, &prep, &err)) fail_msg("%s", err.message);
    return prep;
}

static void matches_scikit_learn_and_numpy(void **state)
{
    (void)state;
    for (size_t g = 0; g < sizeof golden_edges / sizeof *golden_edges; g++) {
        const Table table = golden_table(golden_edges[g].numbers);
        const int bins = golden_edges[g].bins, n = golden_edges[g].n, way = golden_edges[g].way;
        const PrepColumn *column = &fit(&table, way, bins)->columns[golden_edges[g].column];
        if (column->n_edges != n)
            fail_msg("%s, %s, %d bins: %d edges, wanted %d", column->name, ple_edges_names[way], bins,
                     column->n_edges, n);
        for (int e = 0; e < n; e++)
            if (fabs(column->edges[e] - golden_edges[g].edge[e]) > 1e-12)
                fail_msg("%s, %s, %d bins: edge %d is %.17g, wanted %.17g", column->name, ple_edges_names[way],
                         bins, e, column->edges[e], golden_edges[g].edge[e]);
        arena_reset(arena);
    }
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check(const char *what, int seed, int n, const double *sorted, int rows, int bins, const double *edges)
{
    if (n == 0) return;
    if (n < 3 || n > bins + 1) fail_msg("%s, seed %d: %d edges of %d bins", what, seed, n, bins);
    if (edges[0] != sorted[0] || edges[n - 1] != sorted[rows - 1])
        fail_msg("%s, seed %d: from %g to %g, not from %g to %g", what, seed, edges[0], edges[n - 1], sorted[0],
                 sorted[rows - 1]);
    for (int e = 1; e < n; e++)
        if (!(edges[e] > edges[e - 1])) fail_msg("%s, seed %d: edge %d does not increase", what, seed, e);
}

/* They increase, there are bins + 1 at most, and they reach from the least value to the largest; nothing is
 * written behind them. */
static void random_columns_get_what_was_promised(void **state)
{
    (void)state;
    enum { MOST = 200, BINS = 40 };
    for (int seed = 0; seed < 2000; seed++) {
        Rng rng = rng_stream((uint64_t)seed, 0, RNG_TEST);
        const int n = 1 + (int)rng_below(&rng, MOST), bins = 2 + (int)rng_below(&rng, BINS - 2);
        const int n_classes = 1 + (int)rng_below(&rng, 5);
        double value[MOST], number[MOST], edges[BINS + 2];
        int32_t label[MOST];
        for (int i = 0; i < n; i++) {
            const double z = rng_normal(&rng);
            value[i] = seed % 4 == 0 ? floor(2 * z) : seed % 4 == 1 ? exp(9 * z) : seed % 4 == 2 ? z * (DBL_MAX / 20)
                     : rng_below(&rng, 3) ? 0 : z;
            number[i] = rng_below(&rng, 5) == 0 ? NAN : seed % 7 ? rng_normal(&rng) + (z > 0) : 1e300 * z;
            label[i] = seed % 11 == 0 ? -1 : (int32_t)rng_below(&rng, (uint32_t)n_classes + 1) - 1;
        }
        qsort(value, (size_t)n, sizeof *value, by_size);
        for (int way = 0; way < 3; way++) {
            const char *const what[] = {"spread", "tree of classes", "tree of numbers"};
            const EdgeRows rows = {value, way == 1 ? label : NULL, way == 2 ? number : NULL, n, n_classes};
            edges[bins + 1] = 12345;
            const int got = way == 0 ? edges_spread(value, n, bins, edges) : edges_tree(&rows, bins, arena, edges);
            check(what[way], seed, got, value, n, bins, edges);
            assert_true(edges[bins + 1] == 12345);
        }
        arena_reset(arena);
    }
}

/* Every leaf of a tree has its least number of rows. */
static void no_leaf_is_smaller_than_promised(void **state)
{
    (void)state;
    enum { N = 400, BINS = 20 };
    double value[N], edges[BINS + 1];
    int32_t label[N];
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        value[i] = i;
        label[i] = (int32_t)rng_below(&rng, 2);
    }
    const int n = edges_tree(&(EdgeRows){value, label, NULL, N, 2}, BINS, arena, edges);
    assert_int_equal(n, BINS + 1);
    for (int e = 1; e < n; e++) assert_true(floor(edges[e]) - floor(edges[e - 1]) >= N / (4 * BINS));
}

/* One value, two values, one row: no edges, the number itself says all. */
static void too_few_values_have_no_edges(void **state)
{
    (void)state;
    double edges[9], value[20];
    int32_t label[20];
    for (int kinds = 1; kinds <= 2; kinds++) {
        for (int i = 0; i < 20; i++) {
            value[i] = i < 12 ? 1 : kinds;
            label[i] = i % 2;
        }
        assert_int_equal(edges_spread(value, 20, 8, edges), 0);
        if (kinds == 1) assert_int_equal(edges_tree(&(EdgeRows){value, label, NULL, 20, 2}, 8, arena, edges), 0);
        assert_int_equal(edges_spread(value, 1, 8, edges), 0);
        assert_int_equal(edges_tree(&(EdgeRows){value, label, NULL, 1, 2}, 8, arena, edges), 0);
    }
    for (int way = PLE_QUANTILE; way <= PLE_TREE; way++) {
        Column columns[2] = {{.name = "one", .kind = COLUMN_NUMERIC, .number = ARENA_NEW(arena, double, 20)},
                             {.name = "two", .kind = COLUMN_NUMERIC, .number = value}};
        const Table table = {.n_rows = 20, .n_columns = 2, .columns = columns, .labels = label, .n_classes = 2};
        const Prep *prep = fit(&table, way, 8);
        for (int j = 0; j < 2; j++) assert_int_equal(prep->columns[j].n_edges, 0);
    }
}

/* A tree without anything to learn from: quantiles where there is neither label nor target, no edges where none
 * of them is known. */
static void without_a_label_a_tree_has_nothing_to_go_by(void **state)
{
    (void)state;
    Table table = golden_table(2);
    const Prep *tree = fit(&table, PLE_TREE, 8), *quantile = fit(&table, PLE_QUANTILE, 8);
    for (int j = 0; j < EDGE_COLUMNS; j++) {
        assert_int_equal(tree->columns[j].n_edges, quantile->columns[j].n_edges);
        for (int e = 0; e < tree->columns[j].n_edges; e++)
            assert_true(tree->columns[j].edges[e] == quantile->columns[j].edges[e]);
    }
    table = golden_table(0);
    for (int i = 0; i < EDGE_ROWS; i++) table.labels[i] = -1;
    tree = fit(&table, PLE_TREE, 8);
    for (int j = 0; j < EDGE_COLUMNS; j++) assert_int_equal(tree->columns[j].n_edges, 0);
    table = golden_table(1);
    for (int i = 0; i < EDGE_ROWS; i++) table.targets[i] = NAN;
    tree = fit(&table, PLE_TREE, 8);
    for (int j = 0; j < EDGE_COLUMNS; j++) assert_int_equal(tree->columns[j].n_edges, 0);
}

/* A value that most rows share does not take the bins of the others. */
static void zeros_leave_bins_to_the_others(void **state)
{
    (void)state;
    enum { N = 1000, BINS = 10 };
    double value[N], edges[BINS + 1];
    for (int i = 0; i < N; i++) value[i] = i < 900 ? 0 : i - 899;
    assert_int_equal(edges_spread(value, N, BINS, edges), 6); /* half of the weight; plain quantiles: 0, 1, 100 */
    for (int e = 0; e < 6; e++) assert_true(edges[e] == 20 * e);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    for (int way = PLE_SPREAD; way <= PLE_TREE; way++) {
        const Table table = golden_table(way == PLE_SPREAD);
        const PrepOptions options = {.numeric_embedding = NUMERIC_EMBED_PLE, .ple_bins = 8, .ple_edges = way};
        bool done = false;
        for (long n = 0; !done; n++) {
            Error err = {0};
            Prep *prep;
            Arena *own = arena_create(0);
            arena_fail_after(own, n);
            done = prep_fit(&options, &table, NULL, EDGE_ROWS, own, &prep, &err);
            if (!done) assert_int_equal(err.code, ERR_MEMORY);
            arena_destroy(own);
        }
        double edges[9];
        Arena *own = arena_create(0);
        const EdgeRows rows = {edge_raw[2], edge_label, NULL, 20, 3};
        arena_fail_after(own, 1);
        assert_int_equal(edges_tree(&rows, 8, own, edges), -1);
        arena_destroy(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_scikit_learn_and_numpy),
        cmocka_unit_test(random_columns_get_what_was_promised),
        cmocka_unit_test(no_leaf_is_smaller_than_promised),
        cmocka_unit_test(too_few_values_have_no_edges),
        cmocka_unit_test(without_a_label_a_tree_has_nothing_to_go_by),
        cmocka_unit_test(zeros_leave_bins_to_the_others),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("prep/edges", tests, start, finish);
}
