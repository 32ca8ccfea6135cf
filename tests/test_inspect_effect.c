/* What columns do, against scikit-learn; rows answered by who did not see them; mistakes with their values. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "inspect/inside.h"
#include "tests/golden/inside.h"

enum { N = 120, D = 3, UNITS = 4 };

/* The table and the network of tests/golden/inside.py; numbers are taken as they are. */
static Model *golden_model(Arena *arena, Table **out)
{
    Table *table = ARENA_NEW(arena, Table, 1);
    const char **classes = ARENA_NEW(arena, const char *, 2);
    classes[0] = "no", classes[1] = "yes";
    *table = (Table){.n_rows = N, .n_columns = D, .n_classes = 2, .classes = classes, .label_name = "y",
                     .columns = ARENA_NEW(arena, Column, D), .labels = ARENA_NEW(arena, int32_t, N)};
    for (int j = 0; j < D; j++) {
        table->columns[j] = (Column){.name = arena_print(arena, "x%d", j), .number = ARENA_NEW(arena, double, N)};
        for (int i = 0; i < N; i++) table->columns[j].number[i] = golden_x[i * D + j];
    }
    for (int i = 0; i < N; i++) table->labels[i] = golden_y[i];
    int32_t *rows = ARENA_NEW(arena, int32_t, N);
    for (int i = 0; i < N; i++) rows[i] = i;
    Prep *prep;
    PrepOptions options = {.numeric = NUMERIC_NONE};
    assert_true(prep_fit(&options, table, rows, N, arena, &prep, NULL));
    Mlp *mlp;
    const int hidden[] = {UNITS};
    assert_true(mlp_create(D, hidden, 1, 2, ACT_TANH, arena, &mlp, NULL));
    MlpLayer one = mlp_layer(mlp, 0), two = mlp_layer(mlp, 1);
    for (int j = 0; j < UNITS; j++) {
        for (int i = 0; i < D; i++) one.w[i * one.ld + j] = golden_w1[i * UNITS + j];
        one.b[j] = golden_b1[j];
        for (int c = 0; c < 2; c++) two.w[j * two.ld + c] = golden_w2[j * 2 + c];
    }
    Model *model = ARENA_NEW(arena, Model, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, 1);
    ModelMember *member = ARENA_NEW(arena, ModelMember, 1);
    ModelNet *net = ARENA_NEW(arena, ModelNet, 1);
    preps[0] = prep;
    *net = (ModelNet){mlp, 0};
    *member = (ModelMember){.name = "trial 0", .weight = 1, .n_nets = 1, .nets = net};
    *model = (Model){.name = "golden", .schema = table_schema(table), .n_preps = 1, .preps = preps, .n_members = 1,
                     .members = member, .combine = COMBINE_AVERAGE, .temperature = 1};
    *out = table;
    return model;
}

static Panel golden_panel(const Model *model, const Table *table, int most, Arena *arena)
{
    Error err;
    Panel panel;
    int32_t *rows = ARENA_NEW(arena, int32_t, N);
    for (int i = 0; i < N; i++) rows[i] = i;
    PanelSource halves[2] = {{model, rows, N / 2}, {model, rows + N / 2, N / 2}};
    if (!panel_make(table, halves, 2, most, arena, &panel, &err)) fail_msg("%s", err.message);
    return panel;
}

static void importance_is_that_of_scikit_learn(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table;
    Model *model = golden_model(arena, &table);
    Panel panel = golden_panel(model, table, N, arena);
    assert_int_equal(panel.n, N);
    const MetricId metrics[2] = {METRIC_ACCURACY, METRIC_LOG_LOSS};
    const double *want[2] = {golden_accuracy_drop, golden_log_loss_drop};
    const double *sd[2] = {golden_accuracy_sd, golden_log_loss_sd};
    const int columns[D] = {0, 1, 2};
    Patched *patched;
    assert_true(patched_create(&panel, &patched, &err));
    for (int m = 0; m < 2; m++) {
        Importance got[D];
        EffectOptions options = {.metric = metrics[m], .positive = -1, .seed = 5, .repeats = 400, .resamples = 200};
        if (!effect_importance(&panel, patched, &options, columns, D, arena, got, &err)) fail_msg("%s", err.message);
        for (int j = 0; j < D; j++) {
            /* 400 shuffles here, 2000 there. */
            double error = sd[m][j] * sqrt(1.0 / 400 + 1.0 / 2000);
            if (fabs(got[j].drop - want[m][j]) > 4.5 * error + 1e-9)
                fail_msg("metric %d, column %d: %g, scikit-learn %g +- %g", m, j, got[j].drop, want[m][j], error);
            assert_true(got[j].low95 <= got[j].drop && got[j].drop <= got[j].high95);
        }
        assert_true(got[0].low95 > 0); /* the first column decides */
        assert_true(got[2].drop == 0 && got[2].low95 == 0 && got[2].high95 == 0); /* the third is not looked at */
    }
    patched_destroy(patched);
    arena_destroy(arena);
}

static void dependence_is_the_mean_over_rows(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table;
    Model *model = golden_model(arena, &table);
    Panel panel = golden_panel(model, table, N, arena);
    Patched *patched;
    assert_true(patched_create(&panel, &patched, &err));
    const double *at[2] = {golden_at_0, golden_at_1}, *mean[2] = {golden_mean_0, golden_mean_1};
    for (int j = 0; j < 2; j++) {
        Dependence d;
        if (!effect_dependence(&panel, patched, j, N, arena, &d, &err)) fail_msg("%s", err.message);
        assert_int_equal(d.n, EFFECT_POINTS);
        /* The ends are quantiles .01 and .99 in both. */
        assert_true(fabs(d.at[0] - at[j][0]) < 1e-6 && fabs(d.at[d.n - 1] - at[j][3]) < 1e-6);
        assert_true(fabs(d.mean[1] - mean[j][0]) < 1e-6);
        assert_true(fabs(d.mean[2 * (d.n - 1) + 1] - mean[j][3]) < 1e-6);
        for (int v = 0; v < d.n; v++) assert_true(fabs(d.mean[2 * v] + d.mean[2 * v + 1] - 1) < 1e-6);
    }
    /* A column of few values has a point each. */
    for (int i = 0; i < N; i++) table->columns[0].number[i] = i % 3;
    panel = golden_panel(model, table, N, arena);
    patched_destroy(patched);
    assert_true(patched_create(&panel, &patched, &err));
    Dependence d;
    assert_true(effect_dependence(&panel, patched, 0, N, arena, &d, &err));
    assert_int_equal(d.n, 3);
    for (int v = 0; v < 3; v++) assert_true(d.at[v] == v);
    patched_destroy(patched);
    arena_destroy(arena);
}

/* Of a column that is not looked at nothing comes; the others' parts are what changing them changes. */
static void contributions_are_differences(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table, *changed;
    Model *model = golden_model(arena, &table);
    Panel panel = golden_panel(model, table, N, arena);
    double part[D], mean = 0;
    const int32_t row = 7;
    assert_true(effect_contributions(&panel, table, row, 1, model, N, arena, part, &err));
    assert_true(fabs(part[2]) < 1e-6);
    int32_t same[N];
    for (int i = 0; i < N; i++) same[i] = row;
    assert_true(table_rows(table, same, N, arena, &changed, &err));
    for (int i = 0; i < N; i++) changed->columns[0].number[i] = table->columns[0].number[i];
    float proba[2 * N], own[2 * N];
    assert_true(model_predict(model, changed, arena, proba, &err) && model_predict(model, table, arena, own, &err));
    for (int i = 0; i < N; i++) mean += (double)proba[2 * i + 1] / N;
    assert_true(fabs(part[0] - ((double)own[2 * row + 1] - mean)) < 1e-6);
    arena_destroy(arena);
}

/* A unit of which nothing comes out whatever comes in is named, and so is one that goes nowhere. */
static void planted_units_are_named(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table;
    Model *model = golden_model(arena, &table);
    Mlp *mlp;
    const int hidden[] = {UNITS};
    assert_true(mlp_create(D, hidden, 1, 2, ACT_RELU, arena, &mlp, NULL));
    MlpLayer one = mlp_layer(mlp, 0), two = mlp_layer(mlp, 1);
    for (int j = 0; j < UNITS; j++) {
        for (int i = 0; i < D; i++) one.w[i * one.ld + j] = golden_w1[i * UNITS + j];
        for (int c = 0; c < 2; c++) two.w[j * two.ld + c] = j == 3 ? 0 : golden_w2[j * 2 + c];
    }
    one.b[1] = -1000; /* never opens */
    ModelNet net = {mlp, 0};
    ModelMember member = {.name = "trial 0", .weight = 1, .n_nets = 1, .nets = &net};
    model->members = &member;
    int32_t rows[N];
    for (int i = 0; i < N; i++) rows[i] = i;
    PanelSource all = {model, rows, N};
    InsideInput input = {.model = model, .own = -1, .row = -1, .where = "data given"};
    Doc *inside;
    for (int with = 0; with < 2; with++) {
        if (with) input.table = table, input.sources = &all, input.n_sources = 1;
        if (!inside_make(&input, arena, &inside, &err)) fail_msg("%s", err.message);
        const Doc *layer = doc_at(doc_get(inside, "layers"), 0), *dead = doc_get(layer, "dead");
        assert_int_equal(doc_count(dead), 1);
        assert_int_equal(doc_to_number(doc_at(dead, 0), 0), with ? 2 : 4); /* by rows; by weights */
        assert_int_equal(doc_to_number(doc_get(layer, "n_saturated"), -1), 0);
        doc_free(inside);
    }
    /* tanh with huge weights sits at its ends */
    mlp->activation = ACT_TANH;
    for (int i = 0; i < D; i++) one.w[i * one.ld] *= 10000;
    one.b[1] = 0;
    assert_true(inside_make(&input, arena, &inside, &err));
    const Doc *ends = doc_get(doc_at(doc_get(inside, "layers"), 0), "saturated");
    assert_int_equal(doc_count(ends), 1);
    assert_int_equal(doc_to_number(doc_at(ends, 0), 0), 1);
    doc_free(inside);
    arena_destroy(arena);
}

static void refuses_what_is_not_there(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table;
    Doc *inside;
    Model *model = golden_model(arena, &table);
    InsideInput input = {.model = model, .member = 1, .own = -1, .row = -1};
    assert_false(inside_make(&input, arena, &inside, &err));
    assert_non_null(strstr(err.message, "no member 2; it has 1 to 1"));
    input.member = 0, input.net = 4;
    assert_false(inside_make(&input, arena, &inside, &err));
    assert_non_null(strstr(err.message, "trial 0 has no network 5; it has 1 to 1"));
    arena_destroy(arena);
}

/* Every allocation fails in turn: an error of memory each time, until all is well. */
static void starves_cleanly(void **state)
{
    (void)state;
    Arena *keep = arena_create(0);
    Table *table;
    Model *model = golden_model(keep, &table);
    int32_t rows[N];
    for (int i = 0; i < N; i++) rows[i] = i;
    PanelSource all = {model, rows, N};
    InsideInput input = {.model = model, .own = -1, .row = 3, .where = "data given", .table = table, .sources = &all,
                         .n_sources = 1, .effects = true,
                         .effect = {.metric = METRIC_ACCURACY, .positive = -1, .repeats = 2, .resamples = 4, .work = 1e9}};
    bool done = false;
    for (long n = 0; !done; n++) {
        Error err = {0};
        Doc *inside;
        Arena *arena = arena_create(0);
        arena_fail_after(arena, n);
        done = inside_make(&input, arena, &inside, &err);
        if (done) doc_free(inside);
        else assert_int_equal(err.code, ERR_MEMORY);
        arena_destroy(arena);
        assert_true(n < 2000);
    }
    arena_destroy(keep);
}

static void mistakes_say_what_they_are(void **state)
{
    (void)state;
    Error err;
    Arena *arena = arena_create(0);
    Table *table, *part;
    golden_model(arena, &table);
    const int32_t some[3] = {50, 9, 77};
    table->columns[1].number[9] = NAN;
    assert_true(table_rows(table, some, 3, arena, &part, &err));
    const char json[] = "{\"mistakes\":[{\"row\":1,\"p\":0.9},{\"row\":2},{\"row\":99}]}";
    Doc *evaluation = doc_parse(json, strlen(json), &err);
    const int order[2] = {1, 0};
    assert_true(inside_mistakes(part, order, 2, evaluation, arena, &err));
    const Doc *mistakes = doc_get(evaluation, "mistakes"), *first = doc_at(mistakes, 0);
    assert_int_equal(doc_to_number(doc_get(first, "source_row"), 0), 10);
    assert_true(doc_to_number(doc_get(first, "p"), 0) == 0.9);
    assert_string_equal(doc_to_text(doc_get(doc_get(first, "values"), "x1"), "?"), "");
    assert_non_null(doc_get(doc_get(first, "values"), "x0"));
    assert_null(doc_get(doc_get(first, "values"), "x2"));
    assert_int_equal(doc_to_number(doc_get(doc_at(mistakes, 1), "source_row"), 0), 78);
    assert_null(doc_get(doc_at(mistakes, 2), "source_row")); /* a row that is not there */
    doc_free(evaluation);
    arena_destroy(arena);
}

static int setup(void **state)
{
    (void)state;
    return mat_init(NULL) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(importance_is_that_of_scikit_learn),
        cmocka_unit_test(dependence_is_the_mean_over_rows),
        cmocka_unit_test(contributions_are_differences),
        cmocka_unit_test(planted_units_are_named),
        cmocka_unit_test(refuses_what_is_not_there),
        cmocka_unit_test(starves_cleanly),
        cmocka_unit_test(mistakes_say_what_they_are),
    };
    return cmocka_run_group_tests_name("inspect/effect", tests, setup, NULL);
}
