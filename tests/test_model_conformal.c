#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "tests/model_maker.h"

static char folder[] = "/tmp/consort-conformal-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/a.consort", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* ---- by hand --------------------------------------------------------------------------------- */

static const Target target = {.name = "y", .unit = 1, .scale = 1, .log_offset = 1, .logs = true, .log_scale = 1};

static void check(const Conformal *c, const Task *task, const float *values, double low, double high)
{
    double a, b;
    conformal_interval(c, task, 0, 0, values, &a, &b);
    assert_true(fabs(a - low) < 1e-12 && fabs(b - high) < 1e-12);
}

static void intervals_by_hand(void **state)
{
    (void)state;
    const double quantiles[3] = {0.05, 0.5, 0.95}, level[1] = {0.9}, margin[1] = {2};
    const double at[3] = {0, 1, 3}, scale[3] = {1, 2, 6};
    Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    int method = CONFORMAL_PLAIN;
    Conformal c = {.n_levels = 1, .level = level, .n_parts = 1, .method = &method, .margin = margin, .n_knots = 3,
                   .at = at, .scale = scale};
    const float one[1] = {2}, far[1] = {9}, near[1] = {-4};
    check(&c, &task, one, 0, 4);
    method = CONFORMAL_SCALED; /* 4 at 2 */
    check(&c, &task, one, 2 - 8, 2 + 8);
    check(&c, &task, far, 9 - 12, 9 + 12);
    check(&c, &task, near, -4 - 2, -4 + 2);
    method = CONFORMAL_RATIO;
    check(&c, &task, one, 3 * exp(-2) - 1, 3 * exp(2) - 1);
    check(&c, &task, near, -1, -1);
    method = CONFORMAL_QUANTILES;
    task.n_quantiles = 3;
    task.quantiles = quantiles;
    const float three[3] = {1, 2, 4};
    check(&c, &task, three, -1, 6);
    const double narrower[1] = {-2};
    c.margin = narrower; /* they would cross */
    check(&c, &task, three, 2.5, 2.5);
}

static void sets_by_hand(void **state)
{
    (void)state;
    const double level[1] = {0.9};
    double margin[3] = {0.75, 0.5, 0.9};
    int method[3] = {CONFORMAL_LAC, CONFORMAL_LAC, CONFORMAL_LAC};
    Conformal c = {.n_levels = 1, .level = level, .n_parts = 1, .method = method, .margin = margin};
    const float p[3] = {0.25f, 0.5f, 0.25f};
    bool in[3];
    assert_int_equal(conformal_set(&c, 0, 3, p, in), 3);
    margin[0] = 0.4;
    assert_int_equal(conformal_set(&c, 0, 3, p, in), 0);
    method[0] = CONFORMAL_APS; /* before: 0.5, 0, 0.75 */
    assert_int_equal(conformal_set(&c, 0, 3, p, in), 1);
    assert_true(in[1]);
    margin[0] = 0.5;
    assert_int_equal(conformal_set(&c, 0, 3, p, in), 2);
    assert_true(in[0] && in[1]);
    margin[0] = 0;
    assert_int_equal(conformal_set(&c, 0, 3, p, in), 1);
    method[0] = method[1] = method[2] = CONFORMAL_BY_CLASS;
    c.n_parts = 3; /* 0.75 > 0; 0.5 <= 0.5; 0.75 <= 0.9 */
    assert_int_equal(conformal_set(&c, 0, 3, p, in), 2);
    assert_true(!in[0] && in[1] && in[2]);
}

/* ---- files ----------------------------------------------------------------------------------- */

enum { T = 3 };

/* The maker's model of three classes, said to be of three numbers. */
static Model *numbers(Table *table, Target targets[T], Arena *arena)
{
    static const char *const names[T] = {"a", "b", "c"};
    Model *model = make_model(table, 2, ACT_RELU, 11, arena, NULL);
    for (int t = 0; t < T; t++)
        targets[t] = (Target){.name = names[t], .unit = 1, .scale = 2 + t, .shift = t, .log_scale = 1};
    model->schema.task = (Task){.kind = TASK_NUMBERS, .n_targets = T, .targets = targets};
    model->schema.n_classes = 0;
    model->class_weight = model->decision = model->cost = NULL;
    model->calibration = NULL;
    model->temperature = 1;
    model->combine = COMBINE_AVERAGE;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            ((Mlp *)(uintptr_t)model->members[m].nets[k].mlp)->link = LINK_IDENTITY;
    return model;
}

static const double good_level[2] = {0.8, 0.9}, good_margin[2 * T] = {1, 2, 3, 4, 5, 6};
static const double good_at[2 * T] = {0, 1, 0, 1, 0, 1}, good_scale[2 * T] = {1, 2, 1, 2, 1, 2};
static const int good_method[T] = {CONFORMAL_PLAIN, CONFORMAL_SCALED, CONFORMAL_PLAIN};
static const Conformal good = {.n_levels = 2, .level = good_level, .n_parts = T, .method = good_method,
                               .margin = good_margin, .n_knots = 2, .at = good_at, .scale = good_scale, .n_rows = 77};

static void comes_back_the_same_from_a_file(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Target targets[T];
    Table *table = make_table(MAKE_MIXED, 30, T, 9, arena);
    Model *model = numbers(table, targets, arena), *back;
    Error err;
    const double intercept[T] = {1, -2, 0.5};
    float *plain = ARENA_NEW(arena, float, 30 * T), *stacked = ARENA_NEW(arena, float, 30 * T);
    assert_true(model_predict(model, table, arena, plain, &err));
    model->conformal = &good;
    model->slope = 1.5;
    model->intercept = intercept;
    assert_true(model_save(model, path, &err) && model_load(path, arena, &back, &err));
    assert_non_null(back->conformal);
    assert_true(back->conformal->n_rows == 77 && back->conformal->n_knots == 2 && back->conformal->n_levels == 2);
    assert_memory_equal(back->conformal->method, good_method, sizeof good_method);
    assert_memory_equal(back->conformal->level, good_level, sizeof good_level);
    assert_memory_equal(back->conformal->margin, good_margin, sizeof good_margin);
    assert_memory_equal(back->conformal->at, good_at, sizeof good_at);
    assert_memory_equal(back->conformal->scale, good_scale, sizeof good_scale);
    assert_true(model_predict(back, table, arena, stacked, &err));
    for (int i = 0; i < 30 * T; i++)
        assert_true(fabs(stacked[i] - (intercept[i % T] + 1.5 * plain[i])) < 1e-5 * (1 + fabs(stacked[i])));
    /* and without them, as older files are */
    model->conformal = NULL;
    model->intercept = NULL;
    assert_true(model_save(model, path, &err) && model_load(path, arena, &back, &err));
    assert_true(!back->conformal && !back->intercept);
    arena_destroy(arena);
}

static void refused(const Model *model, const char *message)
{
    Arena *arena = arena_create(0);
    Model *back;
    Error err;
    assert_true(model_save(model, path, &err));
    assert_false(model_load(path, arena, &back, &err));
    assert_int_equal(err.code, ERR_DATA);
    if (!strstr(err.message, message)) fail_msg("\"%s\" does not say %s", err.message, message);
    arena_destroy(arena);
}

static void what_is_not_sound_is_refused(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Target targets[T];
    Table *table = make_table(MAKE_MIXED, 30, T, 9, arena);
    Model *model = numbers(table, targets, arena);
    const double falls[2] = {0.9, 0.8}, whole[2] = {0.5, 1}, same[2 * T] = {0, 0, 0, 1, 0, 1};
    const double huge[2 * T] = {1, 2, 3, 4, 5, 1e301}, zero[2 * T] = {1, 2, 0, 2, 1, 2};
    const int sets[T] = {CONFORMAL_LAC, CONFORMAL_LAC, CONFORMAL_LAC};
    const int no_quantiles[T] = {CONFORMAL_PLAIN, CONFORMAL_QUANTILES, CONFORMAL_PLAIN};
    const double intercept[T] = {1, 2, 3}, beyond[T] = {1, 2, INFINITY};
    Conformal c;
#define TRY(member, value, message) c = good, c.member = (value), model->conformal = &c, refused(model, message)
    TRY(level, falls, "levels rise");
    TRY(level, whole, "levels rise");
    TRY(margin, huge, "margin");
    TRY(at, same, "knots do not rise");
    TRY(scale, zero, "scale");
    TRY(method, sets, "`lac` does not fit");
    TRY(method, no_quantiles, "`quantiles` does not fit");
    TRY(n_knots, 0, "`scaled` does not fit");
    double many[33 * T] = {0};
    c = good, c.n_knots = 33, c.at = c.scale = many, model->conformal = &c;
    refused(model, "`knots`");
    TRY(n_parts, 2, "methods do not fit");
    TRY(n_rows, -1, "number of rows");
#undef TRY
    model->conformal = NULL;
    model->combine = COMBINE_POOL;
    refused(model, "only probabilities of classes are pooled");
    model->combine = COMBINE_AVERAGE;
    model->intercept = intercept;
    model->slope = 0;
    refused(model, "stack");
    model->slope = 1;
    model->intercept = beyond;
    refused(model, "stack");
    /* and of classes */
    model = make_model(table, 2, ACT_RELU, 11, arena, NULL);
    model->slope = 1;
    model->intercept = intercept;
    model->schema.task.n_targets = T;
    refused(model, "only numbers");
    model->schema.task.n_targets = 0;
    model->intercept = NULL;
    c = good;
    model->conformal = &c;
    refused(model, "does not fit");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_by_hand), cmocka_unit_test(sets_by_hand),
        cmocka_unit_test(comes_back_the_same_from_a_file), cmocka_unit_test(what_is_not_sound_is_refused),
    };
    return cmocka_run_group_tests_name("model/conformal", tests, set_up, tear_down);
}
