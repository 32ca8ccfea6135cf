#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mat.h"
#include "plan/run.h"
#include "tests/model_maker.h"

/* A plan computed with the functions of exported C says what the model says. */

static Error err;
enum { ROWS = 120 };

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return 0;
}

/* How large a value is that may be off by 1e-5: of numbers how much they vary and themselves, of logarithms in their own unit. */
static double size_of(const Model *model, int value, double v)
{
    const Task *task = &model->schema.task;
    if (task->kind != TASK_NUMBERS) return 1;
    const Target *target = &task->targets[value / task_stride(task)];
    const bool logs = model->members[0].nets[0].mlp->link == LINK_LOG || model->members[0].nets[0].mlp->link == LINK_RATE;
    return target->scale / target->unit + (logs ? fabs(target->origin / target->unit + v) : fabs(v));
}

static void same(const Model *model, const Table *table, Arena *arena)
{
    const int k = model_values(model);
    float *want = ARENA_NEW(arena, float, table->n_rows * k), *got = ARENA_NEW(arena, float, table->n_rows * k);
    Plan *plan = NULL;
    if (!plan_make(model, arena, &plan, &err) || !plan_run(plan, table, arena, got, &err)
        || !model_predict(model, table, arena, want, &err))
        fail_msg("%s", err.message);
    for (int i = 0; i < table->n_rows * k; i++)
        if (!(fabs(got[i] - want[i]) < 1e-5 * size_of(model, i % k, want[i])))
            fail_msg("row %d, value %d: %.9g, the model says %.9g", i / k, i % k, got[i], want[i]);
}

static void fill(Mlp *mlp, Rng *rng)
{
    if (mlp->embed) embed_init(mlp->embed, 0.5, rng, mlp->params);
    for (int l = 0; l < mlp->n_layers; l++) {
        const MlpLayer layer = mlp_layer(mlp, l);
        const double size = 1.5 / sqrt(mlp->width[l]);
        for (int i = 0; i < mlp->width[l]; i++)
            for (int j = 0; j < mlp->width[l + 1]; j++)
                layer.w[(size_t)i * (size_t)layer.ld + (size_t)j] = (float)(size * rng_normal(rng));
        for (int j = 0; j < mlp->width[l + 1]; j++) {
            layer.b[j] = (float)(0.3 * rng_normal(rng));
            if (layer.gain) layer.gain[j] = (float)(1 + 0.2 * rng_normal(rng)), layer.shift[j] = (float)(0.2 * rng_normal(rng));
        }
    }
}

/* Puts other networks of the same outputs in place of a model's: `change` says how they differ. */
static void remake(Model *model, int n_outputs, int link, void (*change)(Mlp *, const Prep *, Arena *), Arena *arena)
{
    Rng rng = rng_stream(3, 3, RNG_TEST);
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++) {
            ModelNet *net = (ModelNet *)(uintptr_t)&model->members[m].nets[k];
            Mlp shape = *net->mlp, *made = NULL;
            shape.width[shape.n_layers] = n_outputs;
            shape.link = (Link)link;
            if (change) change(&shape, model->preps[net->prep], arena);
            if (!mlp_measure(&shape, &err) || !mlp_create_like(&shape, arena, &made, &err)) fail_msg("%s", err.message);
            fill(made, &rng);
            net->mlp = made;
        }
}

static void classes_of_every_kind(void **state)
{
    (void)state;
    static const double bias[4] = {0.2, -0.7, 0, 0.4}, scale[16] = {0.9, 0.1, 0, 0, -0.2, 1.3, 0, 0.1, 0, 0.05, 0.6, 0, 0, 0, 0, 1.1};
    static const int n_knots[4] = {2, 4, 3, 2};
    static const double at[11] = {0, 1, 0, 0.2, 0.5, 1, 0, 0.3, 1, 0, 1}, to[11] = {0, 1, 0, 0.05, 0.6, 1, 0, 0.5, 1, 0, 1};
    static const Calibration forms[] = {{1, scale, bias, NULL, NULL, NULL}, {4, scale, bias, NULL, NULL, NULL},
                                        {16, scale, bias, NULL, NULL, NULL}, {1, scale, bias, n_knots, at, to}};
    for (int kind = MAKE_COLOUR; kind <= MAKE_MIXED; kind++)
        for (int combine = COMBINE_AVERAGE; combine <= COMBINE_POOL; combine++) {
            Arena *arena = arena_create(0);
            Table *table = make_table((MakeKind)kind, ROWS, 4, 5, arena);
            Model *model = make_model(table, 8, -1, 2, arena, &err);
            if (!model) fail_msg("%s", err.message);
            model->combine = combine;
            same(model, table, arena);
            model->temperature = 0.7;
            same(model, table, arena);
            model->temperature = 1;
            for (int i = 0; i < 4; i++) {
                model->calibration = &forms[i];
                same(model, table, arena);
            }
            model->n_members = 1;
            model->calibration = NULL;
            same(model, table, arena);
            arena_destroy(arena);
        }
}

static void norms_and_skips(Mlp *shape, const Prep *prep, Arena *arena)
{
    (void)prep;
    (void)arena;
    shape->layer_norm = shape->n_layers % 2;
    shape->residual = true;
}

static void embedded(Mlp *shape, const Prep *prep, Arena *arena)
{
    static const EmbedOptions options = {5, 3, 4, 0.5};
    static const int kinds[] = {FEATURE_PLAIN, FEATURE_PLAIN, FEATURE_PBLD, FEATURE_PERIODIC};
    int *feature = ARENA_NEW(arena, int, prep->n_features);
    for (int c = 0; c < prep->n_columns; c++) /* a word's features are whole numbers, which codes are */
        for (int k = 0, j = prep->columns[c].out; k < prep->columns[c].n_out; k++, j++)
            feature[j] = prep->columns[c].kind == COLUMN_NOMINAL && k % 2 ? 3 : kinds[j % 4];
    Embed *embed = NULL;
    int n_codes = 0;
    for (int j = 0; j < prep->n_features; j++) n_codes += feature[j] > 0;
    assert_true(n_codes > 0);
    assert_true(embed_make(&options, feature, prep->n_features, arena, &embed, &err));
    shape->embed = embed;
    shape->width[0] = embed->n_inputs;
}

static void layers_of_every_kind(void **state)
{
    (void)state;
    static void (*const changes[])(Mlp *, const Prep *, Arena *) = {norms_and_skips, embedded};
    for (int i = 0; i < 2; i++) {
        Arena *arena = arena_create(0);
        Table *table = make_table(MAKE_MIXED, ROWS, 4, 5, arena);
        Model *model = make_model(table, 8, -1, 2, arena, &err);
        remake(model, 4, LINK_SOFTMAX, changes[i], arena);
        same(model, table, arena);
        arena_destroy(arena);
    }
}

static void tasks_of_every_kind(void **state)
{
    (void)state;
    static const double quantiles[3] = {0.1, 0.4, 0.9}, intercept[2] = {0.3, -1};
    static Target targets[2] = {{.name = "a", .unit = 1, .shift = 30, .scale = 5, .logs = true, .log_offset = 1, .log_shift = 3,
                                 .log_scale = 0.4, .log_mean = 3.1},
                                {.name = "b", .origin = 1e6, .unit = 2, .shift = 1e6 + 3, .scale = 4, .logs = true, .log_offset = 0,
                                 .log_shift = 13.8, .log_scale = 0.1, .log_mean = 13}};
    static const struct { TaskKind kind; Link link; int n_quantiles, n_outputs; } cases[] = {
        {TASK_NUMBERS, LINK_IDENTITY, 0, 2}, {TASK_NUMBERS, LINK_LOG, 0, 2}, {TASK_NUMBERS, LINK_RATE, 0, 2},
        {TASK_NUMBERS, LINK_QUANTILES, 3, 6}, {TASK_LABELS, LINK_SIGMOID, 0, 2}, {TASK_ORDERED, LINK_CUMULATIVE, 0, 3},
        {TASK_ORDERED, LINK_SOFTMAX, 0, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena *arena = arena_create(0);
        Table *table = make_table(MAKE_MIXED, ROWS, 4, 5, arena);
        Model *model = make_model(table, 5, -1, 2, arena, &err);
        model->schema.task = (Task){cases[i].kind, cases[i].kind == TASK_ORDERED ? 0 : 2, targets, cases[i].n_quantiles, quantiles};
        remake(model, cases[i].n_outputs, (int)cases[i].link, NULL, arena);
        same(model, table, arena);
        if (cases[i].kind == TASK_NUMBERS) {
            model->slope = 1.2;
            model->intercept = intercept;
            same(model, table, arena);
        }
        arena_destroy(arena);
    }
}

typedef struct {
    const Plan *plan;
    int seen[200], rows;
    float result;
} Seen;

static void look(void *context, int row, int vector, const float *v)
{
    Seen *seen = context;
    assert_int_equal(row, seen->rows);
    seen->seen[vector]++;
    if (vector != seen->plan->result) return;
    seen->rows++;
    seen->result = v[0];
}

/* Each vector of each row once, the result last. */
static void each_vector_is_seen(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, ROWS, 4, 5, arena);
    Model *model = make_model(table, 4, -1, 2, arena, &err);
    remake(model, 4, LINK_SOFTMAX, norms_and_skips, arena);
    Plan *plan = NULL;
    float *values = ARENA_NEW(arena, float, ROWS * 4);
    assert_true(plan_make(model, arena, &plan, &err));
    Seen seen = {.plan = plan};
    assert_true(plan_run_look(plan, table, look, &seen, arena, values, &err));
    assert_int_equal(seen.rows, ROWS);
    for (int v = 0; v < plan->n_vectors; v++) assert_int_equal(seen.seen[v], ROWS);
    assert_true(seen.result == values[(ROWS - 1) * 4]);
    arena_destroy(arena);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 20, 4, 5, arena), *other = make_table(MAKE_IMAGE, 20, 4, 5, arena);
    Model *model = make_model(table, 2, -1, 2, arena, &err);
    Plan *plan = NULL;
    float values[80];
    assert_true(plan_make(model, arena, &plan, &err));
    assert_false(plan_run(plan, other, arena, values, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "the model expects a table, the data are images"));
    bool ok = false;
    for (long n = 0; !ok; n++) {
        arena_reset(poor);
        arena_fail_after(poor, n);
        ok = plan_run(plan, table, poor, values, &err);
        if (!ok) assert_int_equal(err.code, ERR_MEMORY);
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_every_kind),
        cmocka_unit_test(layers_of_every_kind),
        cmocka_unit_test(tasks_of_every_kind),
        cmocka_unit_test(each_vector_is_seen),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
