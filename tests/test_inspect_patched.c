/* A panel with one column changed answers as the whole model does with the whole table changed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "inspect/effect.h"

enum { N = 90, K = 3, CHANGES = 3, PREPS = 2, MEMBERS = 3 };
enum { PLAIN, WHOLE_PARTS, DATE, PAIR, MANY, ORDERED, WORDS, WILD, COLUMNS };

static void words(Arena *arena, Rng *rng, int n_levels, ColumnKind kind, const char *name, Column *out)
{
    int32_t *code = ARENA_NEW(arena, int32_t, N);
    const char **levels = ARENA_NEW(arena, const char *, n_levels);
    for (int l = 0; l < n_levels; l++) levels[l] = arena_print(arena, "w%d x%d", l % 7, l);
    for (int i = 0; i < N; i++) code[i] = (int32_t)rng_below(rng, (uint32_t)n_levels + 1) - 1;
    *out = (Column){.name = name, .kind = kind, .code = code, .n_levels = n_levels, .levels = levels};
}

static Table *random_table(uint64_t seed, Arena *arena)
{
    static const char *classes[] = {"a", "b", "c"};
    Rng rng = rng_stream(seed, 1, RNG_TEST);
    Table *table = ARENA_NEW(arena, Table, 1);
    Column *c = ARENA_NEW(arena, Column, COLUMNS);
    int32_t *labels = ARENA_NEW(arena, int32_t, N), *decimal = ARENA_NEW(arena, int32_t, N);
    double *plain = ARENA_NEW(arena, double, N), *date = ARENA_NEW(arena, double, N), *wild = ARENA_NEW(arena, double, N);
    for (int i = 0; i < N; i++) {
        labels[i] = (int32_t)rng_below(&rng, K);
        plain[i] = rng_below(&rng, 8) ? 10 * rng_uniform(&rng) : NAN;
        decimal[i] = (int32_t)rng_below(&rng, 50);
        date[i] = 1e9 + 1e8 * rng_uniform(&rng);
        wild[i] = rng_below(&rng, 4) ? rng_uniform(&rng) : 1e9 * rng_uniform(&rng);
    }
    c[PLAIN] = (Column){.name = "plain", .kind = COLUMN_NUMERIC, .number = plain};
    c[WHOLE_PARTS] = (Column){.name = "whole", .kind = COLUMN_NUMERIC, .decimal = decimal, .unit = 0.5};
    c[DATE] = (Column){.name = "date", .kind = COLUMN_DATE, .number = date, .format = "%Y-%m-%d"};
    c[WILD] = (Column){.name = "wild", .kind = COLUMN_NUMERIC, .number = wild};
    words(arena, &rng, 2, COLUMN_NOMINAL, "pair", &c[PAIR]);
    words(arena, &rng, 12, COLUMN_NOMINAL, "many", &c[MANY]);
    words(arena, &rng, 5, COLUMN_ORDERED, "ordered", &c[ORDERED]);
    words(arena, &rng, 30, COLUMN_FREE_TEXT, "words", &c[WORDS]);
    *table = (Table){.n_rows = N, .n_columns = COLUMNS, .columns = c, .labels = labels, .n_classes = K,
                     .classes = classes, .label_name = "y"};
    return table;
}

static Mlp *random_net(const Prep *prep, bool norm, bool residual, Rng *rng, Arena *arena)
{
    Mlp shape, *mlp;
    const int hidden[] = {16, 16};
    Error err;
    if (!mlp_shape(prep->n_features, hidden, 2, K, rng_below(rng, 2) ? ACT_MISH : ACT_RELU, &shape, &err))
        fail_msg("%s", err.message);
    shape.layer_norm = norm;
    shape.residual = residual;
    assert_true(mlp_measure(&shape, &err) && mlp_create_like(&shape, arena, &mlp, &err));
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        for (int j = 0; j < mlp->width[l + 1]; j++) {
            for (int i = 0; i < mlp->width[l]; i++)
                layer.w[i * layer.ld + j] = (float)(rng_uniform(rng) - 0.5);
            layer.b[j] = (float)(rng_uniform(rng) - 0.5);
            if (layer.gain) layer.gain[j] = 1;
        }
    }
    return mlp;
}

/* Members of two preprocessings: a fold each; the last member has networks that cannot be cut. */
static Model *random_model(const Table *table, uint64_t seed, Arena *arena)
{
    Error err;
    Rng rng = rng_stream(seed, 2, RNG_TEST);
    Model *model = ARENA_NEW(arena, Model, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, PREPS);
    ModelMember *members = ARENA_NEW(arena, ModelMember, MEMBERS);
    int32_t rows[N];
    int n = 0;
    for (int i = 0; i < N; i++)
        if (i % 3) rows[n++] = i;
    for (int p = 0; p < PREPS; p++) {
        Prep *prep;
        const PrepOptions options = {
            .numeric = p ? NUMERIC_NONE : NUMERIC_QUANTILE, .impute = IMPUTE_MEDIAN_FLAG, .ple_bins = 6,
            .numeric_embedding = p ? NUMERIC_EMBED_NONE : NUMERIC_EMBED_PLE, .ordered = p ? ORDERED_ONEHOT : ORDERED_THERMOMETER,
            .text_features = 64, .min_count = p ? 4 : 0};
        if (!prep_fit(&options, table, rows, n, arena, &prep, &err)) fail_msg("%s", err.message);
        preps[p] = prep;
    }
    for (int m = 0; m < MEMBERS; m++) {
        ModelNet *nets = ARENA_NEW(arena, ModelNet, PREPS);
        for (int p = 0; p < PREPS; p++)
            nets[p] = (ModelNet){random_net(preps[p], m == 2 && p == 0, m == 2 && p == 1, &rng, arena), p};
        members[m] = (ModelMember){.name = "trial", .weight = m + 1, .n_nets = PREPS, .nets = nets};
    }
    *model = (Model){.name = "m", .schema = table_schema(table), .n_preps = PREPS, .preps = preps, .n_members = MEMBERS,
                     .members = members, .combine = COMBINE_AVERAGE, .temperature = 1.3};
    return model;
}

static void random_panel(const Table *table, const Model *model, Arena *arena, Panel *out)
{
    Error err;
    int32_t *rows = ARENA_NEW(arena, int32_t, N);
    for (int i = 0; i < N; i++) rows[i] = i;
    const PanelSource halves[2] = {{model, rows, N / 3}, {model, rows + N / 3, N - N / 3}};
    if (!panel_make(table, halves, 2, N, arena, out, &err)) fail_msg("%s", err.message);
}

/* The panel's table with the cells of change k. */
static Table *changed_table(const Panel *panel, const Change *change, int k, Arena *arena)
{
    Error err;
    Table *table;
    int32_t *rows = ARENA_NEW(arena, int32_t, N);
    for (int i = 0; i < N; i++) rows[i] = i;
    assert_true(table_rows(panel->table, rows, N, arena, &table, &err));
    Column *column = &table->columns[change->column];
    for (int i = 0; i < N; i++) {
        const int32_t from = change->from[k * N + i];
        if (column->code) column->code[i] = change->cells->code[from];
        else if (column->decimal) column->decimal[i] = change->cells->decimal[from];
        else column->number[i] = change->cells->number[from];
    }
    return table;
}

static void patched_is_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        Error err;
        Arena *arena = arena_create(0);
        Table *table = random_table(seed, arena);
        Model *model = random_model(table, seed, arena);
        Rng rng = rng_stream(seed, 3, RNG_TEST);
        Panel panel;
        Patched *patched;
        random_panel(table, model, arena, &panel);
        if (!patched_create(&panel, &patched, &err)) fail_msg("%s", err.message);
        for (int c = 0; c < COLUMNS; c++) {
            int32_t from[CHANGES * N];
            for (int i = 0; i < N; i++) from[i] = i; /* nothing changes; a shuffle; one cell everywhere */
            rng_shuffle(&rng, memcpy(from + N, from, N * sizeof *from), N);
            for (int i = 0; i < N; i++) from[2 * N + i] = (int32_t)seed;
            const Change change = {.column = c, .n_cells = N, .cells = &panel.table->columns[c],
                                   .n_changes = CHANGES, .from = from};
            float got[CHANGES * N * K], want[N * K];
            if (!patched_ask(patched, &change, got, &err)) fail_msg("%s", err.message);
            assert_memory_equal(got, panel.proba, sizeof want);
            for (int k = 1; k < CHANGES; k++) {
                if (!panel_predict(&panel, changed_table(&panel, &change, k, arena), arena, want, &err))
                    fail_msg("%s", err.message);
                for (int i = 0; i < N * K; i++)
                    if (!(fabsf(got[k * N * K + i] - want[i]) <= 2e-3F * (c == WILD ? 1e-3F : 1)))
                        fail_msg("seed %d, column %s, change %d, row %d: %g, whole %g", (int)seed,
                                 table->columns[c].name, k, i / K, (double)got[k * N * K + i], (double)want[i]);
            }
        }
        patched_destroy(patched);
        arena_destroy(arena);
    }
}

/* Those that are asked are answered, others left alone. */
static void some_rows_are_asked(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table = random_table(1, arena);
    Model *model = random_model(table, 1, arena);
    Panel panel;
    Patched *patched;
    random_panel(table, model, arena, &panel);
    assert_true(patched_create(&panel, &patched, &err));
    int32_t from[N];
    float got[N * K];
    const int asked[2] = {4, 0};
    for (int i = 0; i < N; i++) from[i] = i;
    for (int i = 0; i < N * K; i++) got[i] = -1;
    const Change change = {.column = MANY, .n_cells = N, .cells = &panel.table->columns[MANY], .n_changes = 1,
                           .from = from, .asked = asked};
    assert_true(patched_ask(patched, &change, got, &err));
    assert_memory_equal(got, panel.proba, 4 * K * sizeof *got);
    for (int i = 4 * K; i < N * K; i++) assert_true(got[i] == -1);
    patched_destroy(patched);
    arena_destroy(arena);
}

/* Shuffles go before rows, rows before columns, and the work is never passed by more than twice. */
static void work_is_limited(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = random_table(2, arena);
    Model *model = random_model(table, 2, arena);
    const PanelSource source = {.model = model, .n = 5000};
    const PatchedCost cost = patched_cost(model);
    double nets = 0;
    for (int m = 0; m < MEMBERS; m++)
        for (int p = 0; p < PREPS; p++) nets += (double)model->members[m].nets[p].mlp->n_params;
    assert_true(cost.change + cost.cells >= nets);
    const double row = COLUMNS * cost.change;
    int columns = COLUMNS, rows = 1000, repeats = 5;
    for (double work = 1e12; work > 1e3; work /= 3) {
        EffectOptions o = {.repeats = 5, .work = work};
        EffectPlan plan = effect_plan(&o, &source, 1);
        assert_true(plan.columns <= columns && plan.rows <= rows && plan.rows >= 200 && plan.repeats >= 1);
        assert_true(plan.repeats <= repeats || plan.repeats == 2); /* one shuffle, then again two rows more */
        if (plan.rows < 1000) assert_true(plan.repeats <= 2);
        if (plan.columns < COLUMNS) assert_true(plan.repeats == 1 && plan.rows == 200);
        if (plan.columns > 1)
            assert_true(plan.rows * plan.repeats * row * plan.columns / COLUMNS <= 2 * work);
        assert_true(plan.dependence_rows >= 50 && plan.dependence_rows <= 200);
        columns = plan.columns, rows = plan.rows, repeats = plan.repeats;
    }
    assert_int_equal(columns, 1);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patched_is_whole),
        cmocka_unit_test(some_rows_are_asked),
        cmocka_unit_test(work_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
